/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages of the synthetic video device (SynthVid 3): pure functions between bytes and values.
 * They travel in pipe packets.
 */
#ifndef HVHOST_DEVICES_VIDEO_MESSAGE_H
#define HVHOST_DEVICES_VIDEO_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

enum video_message_type {
	VIDEO_VERSION_REQUEST = 1,
	VIDEO_VERSION_RESPONSE = 2,
	VIDEO_VRAM_LOCATION = 3,
	VIDEO_VRAM_LOCATION_ACK = 4,
	VIDEO_SITUATION = 5,
	VIDEO_SITUATION_ACK = 6,
	VIDEO_POINTER_POSITION = 7,
	VIDEO_POINTER_SHAPE = 8,
	VIDEO_FEATURE_CHANGE = 9,
	VIDEO_DIRT = 10,
	VIDEO_BIOS_REQUEST = 11,
	VIDEO_BIOS_RESPONSE = 12,
	VIDEO_RESOLUTIONS_REQUEST = 13,
	VIDEO_RESOLUTIONS_RESPONSE = 14,
	VIDEO_CAPABILITY_REQUEST = 15,
	VIDEO_CAPABILITY_RESPONSE = 16,
};

/* Versions have the major number in the low half. */
#define VIDEO_VERSION(major, minor) ((uint32_t)(minor) << 16 | (major))
#define VIDEO_VERSION_MAJOR(v)	    ((v)&0xffff)
#define VIDEO_VERSION_MINOR(v)	    ((v) >> 16)

#define VIDEO_MESSAGE_MAX 512

struct video_situation {
	bool active;
	uint8_t depth; /* bits of a pixel */
	uint32_t offset; /* of the first pixel in video memory */
	uint32_t width, height; /* pixels */
	uint32_t pitch; /* bytes from one line to the next */
};

struct video_request {
	uint32_t type; /* one of those a guest sends */
	uint32_t version; /* asked for */
	uint64_t context; /* to be returned: location, situation */
	bool located; /* @gpa is valid */
	uint64_t gpa; /* of the video memory */
	struct video_situation situation;
	uint8_t rectangles; /* of a dirt message */
	uint8_t resolutions; /* the most the guest takes */
};

/* Return: 0 with @request filled; -EPROTO with @why set. */
int video_request_parse(const uint8_t *bytes, uint32_t len, struct video_request *request,
			const char **why);
/* Whether so much video memory holds what the guest wants shown. */
bool video_situation_fits(const struct video_situation *situation, uint64_t size);

/* Return: bytes of the message. */
uint32_t video_version_build(uint8_t out[VIDEO_MESSAGE_MAX], uint32_t version, bool accepted);
/* @type: VIDEO_VRAM_LOCATION_ACK or VIDEO_SITUATION_ACK */
uint32_t video_ack_build(uint8_t out[VIDEO_MESSAGE_MAX], uint32_t type, uint64_t context);
/* Ask for all there is: dirt, pointer and situation. */
uint32_t video_feature_build(uint8_t out[VIDEO_MESSAGE_MAX]);
uint32_t video_bios_build(uint8_t out[VIDEO_MESSAGE_MAX]);
/* @max: the most resolutions the guest takes */
uint32_t video_resolutions_build(uint8_t out[VIDEO_MESSAGE_MAX], uint8_t max);
uint32_t video_capability_build(uint8_t out[VIDEO_MESSAGE_MAX]);

#endif
