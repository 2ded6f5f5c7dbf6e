// SPDX-License-Identifier: GPL-2.0
/* Messages of the synthetic video device: checked on the way in, laid out on the way out. */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "../hyperv/util.h"
#include "bytes.h"
#include "video_message.h"

#define VIDEO_HEADER_BYTES    8
#define VIDEO_EDID_BYTES      128
#define VIDEO_RECTANGLE_BYTES 16
/* Accepted, and the answer carries the version. */
#define VIDEO_ACCEPTED 2

static const struct {
	uint16_t width, height;
} video_resolutions[] = { { 1024, 768 }, { 1280, 1024 } };

static int video_bad(const char **why, const char *text)
{
	*why = text;
	return -EPROTO;
}

/* Least bytes behind the header, by type; 0: none, -1: not from a guest. */
static int video_body_min(uint32_t type)
{
	switch (type) {
	case VIDEO_VERSION_REQUEST:
		return 4;
	case VIDEO_VRAM_LOCATION:
		return 17;
	case VIDEO_SITUATION:
		return 27;
	case VIDEO_POINTER_POSITION:
		return 10;
	case VIDEO_POINTER_SHAPE:
		return 18;
	case VIDEO_DIRT:
		return 2;
	case VIDEO_RESOLUTIONS_REQUEST:
		return 1;
	case VIDEO_BIOS_REQUEST:
	case VIDEO_CAPABILITY_REQUEST:
		return 0;
	}
	return -1;
}

static void video_situation_parse(const uint8_t *body, struct video_situation *situation)
{
	situation->active = body[0];
	situation->offset = get_le32(body + 1);
	situation->depth = body[5];
	situation->width = get_le32(body + 6);
	situation->height = get_le32(body + 10);
	situation->pitch = get_le32(body + 14);
}

int video_request_parse(const uint8_t *bytes, uint32_t len, struct video_request *request,
			const char **why)
{
	const uint8_t *body = bytes + VIDEO_HEADER_BYTES;
	int min;

	memset(request, 0, sizeof(*request));
	if (len < VIDEO_HEADER_BYTES)
		return video_bad(why, "too short for a message header");
	/* Guests count the header as part of the message or do not. */
	if (get_le32(bytes + 4) > len)
		return video_bad(why, "message longer than its packet");
	len -= VIDEO_HEADER_BYTES;
	request->type = get_le32(bytes);
	min = video_body_min(request->type);
	if (min < 0)
		return video_bad(why, "message of a type no guest sends");
	if (len < (uint32_t)min)
		return video_bad(why, "message too short for its type");
	switch (request->type) {
	case VIDEO_VERSION_REQUEST:
		request->version = get_le32(body);
		break;
	case VIDEO_VRAM_LOCATION:
		request->context = get_le64(body);
		request->located = body[8];
		request->gpa = get_le64(body + 9);
		break;
	case VIDEO_SITUATION:
		if (body[8] != 1)
			return video_bad(why, "situation of other than one output");
		request->context = get_le64(body);
		video_situation_parse(body + 9, &request->situation);
		break;
	case VIDEO_DIRT:
		request->rectangles = body[1];
		if (len - 2 < (uint32_t)request->rectangles * VIDEO_RECTANGLE_BYTES)
			return video_bad(why, "dirt message too short for its rectangles");
		break;
	case VIDEO_RESOLUTIONS_REQUEST:
		request->resolutions = body[0];
		break;
	}
	return 0;
}

bool video_situation_fits(const struct video_situation *situation, uint64_t size)
{
	uint64_t line = (uint64_t)situation->width * ((situation->depth + 7u) / 8);
	uint64_t last;

	if (!situation->active)
		return true;
	if (!situation->width || !situation->height || !situation->depth || situation->depth > 32 ||
	    line > situation->pitch)
		return false;
	last = (uint64_t)situation->pitch * (situation->height - 1) + line;
	return situation->offset <= size && last <= size - situation->offset;
}

static uint32_t video_finish(uint8_t *out, uint32_t type, uint32_t bytes)
{
	put_le32(out, type);
	put_le32(out + 4, bytes);
	return VIDEO_HEADER_BYTES + bytes;
}

uint32_t video_version_build(uint8_t out[VIDEO_MESSAGE_MAX], uint32_t version, bool accepted)
{
	put_le32(out + 8, version);
	out[12] = accepted ? VIDEO_ACCEPTED : 0;
	out[13] = 1; /* outputs */
	return video_finish(out, VIDEO_VERSION_RESPONSE, 6);
}

uint32_t video_ack_build(uint8_t out[VIDEO_MESSAGE_MAX], uint32_t type, uint64_t context)
{
	put_le64(out + 8, context);
	return video_finish(out, type, 8);
}

uint32_t video_feature_build(uint8_t out[VIDEO_MESSAGE_MAX])
{
	memset(out + 8, 1, 4);
	return video_finish(out, VIDEO_FEATURE_CHANGE, 4);
}

uint32_t video_bios_build(uint8_t out[VIDEO_MESSAGE_MAX])
{
	memset(out + 8, 0, 16);
	put_le32(out + 8, 1); /* generation 2 */
	return video_finish(out, VIDEO_BIOS_RESPONSE, 16);
}

/* A monitor that likes 1024x768 best. EDID 1.4. */
static void video_edid(uint8_t edid[VIDEO_EDID_BYTES])
{
	static const uint8_t head[] = { 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00, 0x22,
					0xc8, 0x01, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x20,
					0x01, 0x04, 0x80, 0x00, 0x00, 0x78, 0x02 };
	static const uint8_t timing[] = { 0x64, 0x19, 0x00, 0x40, 0x41, 0x00, 0x26, 0x30, 0x18,
					  0x88, 0x36, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x18 };
	uint8_t sum = 0;

	memset(edid, 0, VIDEO_EDID_BYTES);
	memcpy(edid, head, sizeof(head));
	memset(edid + 38, 0x01, 16); /* no standard timings */
	memcpy(edid + 54, timing, sizeof(timing));
	edid[54 + 18 + 3] = edid[54 + 36 + 3] = edid[54 + 54 + 3] = 0x10; /* empty descriptors */
	for (int i = 0; i < VIDEO_EDID_BYTES - 1; i++)
		sum += edid[i];
	edid[VIDEO_EDID_BYTES - 1] = -sum;
}

uint32_t video_resolutions_build(uint8_t out[VIDEO_MESSAGE_MAX], uint8_t max)
{
	uint8_t count = max < ARRAY_SIZE(video_resolutions) ? 0 : ARRAY_SIZE(video_resolutions);
	uint8_t *at = out + VIDEO_HEADER_BYTES + VIDEO_EDID_BYTES;

	video_edid(out + VIDEO_HEADER_BYTES);
	*at++ = count;
	*at++ = 0; /* the default is the first */
	*at++ = 0; /* not the standard list */
	for (uint8_t i = 0; i < count; i++, at += 4) {
		put_le16(at, video_resolutions[i].width);
		put_le16(at + 2, video_resolutions[i].height);
	}
	return video_finish(out, VIDEO_RESOLUTIONS_RESPONSE, at - out - VIDEO_HEADER_BYTES);
}

uint32_t video_capability_build(uint8_t out[VIDEO_MESSAGE_MAX])
{
	memset(out + 8, 0, 64);
	return video_finish(out, VIDEO_CAPABILITY_RESPONSE, 64);
}
