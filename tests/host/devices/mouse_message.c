// SPDX-License-Identifier: GPL-2.0
/*
 * Messages of the synthetic pointer, and what kind of HID device it is: an absolute pointer with
 * five buttons and a wheel. HID 1.11, report descriptor.
 */
#include <errno.h>
#include <string.h>

#include "bytes.h"
#include "mouse_message.h"

#define MOUSE_HEADER_BYTES     8
#define MOUSE_ATTRIBUTES_BYTES 32
#define MOUSE_DESCRIPTOR_BYTES 9
#define MOUSE_HID_VERSION      0x0101u
#define MOUSE_HID_TYPE	       0x21
#define MOUSE_HID_REPORT_TYPE  0x22

/* clang-format off */
static const uint8_t mouse_descriptor[] = {
	0x05, 0x01,		/* usage page: generic desktop */
	0x09, 0x02,		/* usage: mouse */
	0xa1, 0x01,		/* application collection */
	0x09, 0x01,		/*  usage: pointer */
	0xa1, 0x00,		/*  physical collection */
	0x05, 0x09,		/*   usage page: buttons */
	0x19, 0x01, 0x29, 0x05,	/*   1 to 5 */
	0x15, 0x00, 0x25, 0x01,	/*   off or on */
	0x75, 0x01, 0x95, 0x05,	/*   one bit each */
	0x81, 0x02,		/*   input: variable */
	0x75, 0x03, 0x95, 0x01,
	0x81, 0x03,		/*   three bits of padding */
	0x05, 0x01,
	0x09, 0x30, 0x09, 0x31,	/*   x, y */
	0x15, 0x00, 0x26, 0xff, 0x7f,
	0x75, 0x10, 0x95, 0x02,	/*   16 bits each */
	0x81, 0x02,		/*   input: variable, absolute */
	0x09, 0x38,		/*   wheel */
	0x15, 0x81, 0x25, 0x7f,
	0x75, 0x08, 0x95, 0x01,
	0x81, 0x06,		/*   input: variable, relative */
	0xc0,
	0xc0,
};
/* clang-format on */

static int mouse_bad(const char **why, const char *text)
{
	*why = text;
	return -EPROTO;
}

int mouse_request_parse(const uint8_t *bytes, uint32_t len, struct mouse_request *request,
			const char **why)
{
	memset(request, 0, sizeof(*request));
	if (len < MOUSE_HEADER_BYTES)
		return mouse_bad(why, "too short for a message header");
	request->type = get_le32(bytes);
	if (get_le32(bytes + 4) > len - MOUSE_HEADER_BYTES)
		return mouse_bad(why, "message longer than its packet");
	switch (request->type) {
	case MOUSE_VERSION_REQUEST:
		if (get_le32(bytes + 4) < 4)
			return mouse_bad(why, "version request without a version");
		request->version = get_le32(bytes + MOUSE_HEADER_BYTES);
		return 0;
	case MOUSE_DEVICE_INFO_ACK:
		return 0;
	}
	return mouse_bad(why, "message of a type no guest sends");
}

static uint32_t mouse_finish(uint8_t *out, uint32_t type, uint32_t bytes)
{
	put_le32(out, type);
	put_le32(out + 4, bytes);
	return MOUSE_HEADER_BYTES + bytes;
}

uint32_t mouse_response_build(uint8_t out[MOUSE_MESSAGE_MAX], uint32_t version, bool accepted)
{
	put_le32(out + 8, version);
	out[12] = accepted;
	return mouse_finish(out, MOUSE_VERSION_RESPONSE, 5);
}

uint32_t mouse_info_build(uint8_t out[MOUSE_MESSAGE_MAX])
{
	uint8_t *attributes = out + MOUSE_HEADER_BYTES;
	uint8_t *descriptor = attributes + MOUSE_ATTRIBUTES_BYTES;

	memset(attributes, 0, MOUSE_ATTRIBUTES_BYTES + MOUSE_DESCRIPTOR_BYTES);
	put_le32(attributes, MOUSE_ATTRIBUTES_BYTES);
	put_le16(attributes + 4, 0x045e); /* vendor, product and version of Hyper-V's pointer */
	put_le16(attributes + 6, 0x0621);
	put_le16(attributes + 8, 1);
	descriptor[0] = MOUSE_DESCRIPTOR_BYTES;
	descriptor[1] = MOUSE_HID_TYPE;
	put_le16(descriptor + 2, MOUSE_HID_VERSION);
	descriptor[5] = 1; /* one descriptor below this one */
	descriptor[6] = MOUSE_HID_REPORT_TYPE;
	put_le16(descriptor + 7, sizeof(mouse_descriptor));
	memcpy(descriptor + MOUSE_DESCRIPTOR_BYTES, mouse_descriptor, sizeof(mouse_descriptor));
	return mouse_finish(out, MOUSE_DEVICE_INFO,
			    MOUSE_ATTRIBUTES_BYTES + MOUSE_DESCRIPTOR_BYTES +
				    sizeof(mouse_descriptor));
}

uint32_t mouse_report_build(uint8_t out[MOUSE_MESSAGE_MAX], const struct mouse_report *report)
{
	out[8] = report->buttons;
	put_le16(out + 9, report->x);
	put_le16(out + 11, report->y);
	out[13] = (uint8_t)report->wheel;
	return mouse_finish(out, MOUSE_REPORT, 6);
}
