// SPDX-License-Identifier: GPL-2.0
/* Messages of the synthetic keyboard: checked on the way in, laid out on the way out. */
#include <errno.h>
#include <string.h>

#include "bytes.h"
#include "keyboard_message.h"

static int keyboard_bad(const char **why, const char *text)
{
	*why = text;
	return -EPROTO;
}

int keyboard_request_parse(const uint8_t *bytes, uint32_t len, struct keyboard_request *request,
			   const char **why)
{
	memset(request, 0, sizeof(*request));
	if (len < 4)
		return keyboard_bad(why, "too short for a message type");
	request->type = get_le32(bytes);
	switch (request->type) {
	case KEYBOARD_VERSION_REQUEST:
		if (len < 8)
			return keyboard_bad(why, "version request without a version");
		request->version = get_le32(bytes + 4);
		return 0;
	case KEYBOARD_LEDS:
		if (len < 6)
			return keyboard_bad(why, "LED message without LEDs");
		request->leds = get_le16(bytes + 4);
		return 0;
	}
	return keyboard_bad(why, "message of a type no guest sends");
}

void keyboard_response_build(uint8_t out[KEYBOARD_RESPONSE_BYTES], bool accepted)
{
	put_le32(out, KEYBOARD_VERSION_RESPONSE);
	put_le32(out + 4, accepted);
}

void keyboard_event_build(uint8_t out[KEYBOARD_EVENT_BYTES], uint16_t code, uint32_t flags)
{
	put_le32(out, KEYBOARD_EVENT);
	put_le16(out + 4, code);
	put_le16(out + 6, 0);
	put_le32(out + 8, flags);
}
