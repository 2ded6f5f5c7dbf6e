// SPDX-License-Identifier: GPL-2.0
/*
 * The synthetic video device: video memory where the guest wants to see it, and what it says is
 * shown. Knows pixels only as bytes.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "../hyperv/util.h"
#include "pipe.h"
#include "types.h"
#include "video_message.h"

#define VIDEO_NAME     "video"
#define VIDEO_MIB      8
#define VIDEO_BYTES    ((uint64_t)VIDEO_MIB << 20)
#define VIDEO_VERSIONS "3.0 3.2 3.3 3.4 3.5"

enum video_state { VIDEO_CLOSED, VIDEO_OPEN, VIDEO_NEGOTIATED, VIDEO_READY };

struct video {
	uint32_t max_version; /* 0: no video device */
	struct vmbus_server *server;
	struct vmbus_chan *chan;
	enum video_state state;
	uint32_t version;
	uint8_t *memory; /* VIDEO_BYTES; NULL: not allocated */
	bool located;
	uint64_t gpa; /* where the guest sees its video memory */
	struct video_situation situation;
	uint64_t dirt, pointers, situations;
};

/* The guest's video memory: the device's own, or a piece of RAM that the guest uses instead. */
static const uint8_t *video_pixels(const struct video *video)
{
	if (!video->located)
		return NULL;
	if (guest_mem_ptr(vmbus_server_mem(video->server), video->gpa, VIDEO_BYTES))
		return guest_mem_ptr(vmbus_server_mem(video->server), video->gpa, VIDEO_BYTES);
	return video->memory;
}

static void video_send(struct video *video, const uint8_t *message, uint32_t len)
{
	if (pipe_send(video->chan, message, len))
		hv_log("%s: the guest has no room for an answer", VIDEO_NAME);
}

static void video_locate(struct video *video, const struct video_request *request)
{
	uint8_t message[VIDEO_MESSAGE_MAX];
	int ret = 0;

	if (request->located &&
	    !guest_mem_ptr(vmbus_server_mem(video->server), request->gpa, VIDEO_BYTES))
		ret = vmbus_server_map(video->server, request->gpa, VIDEO_BYTES, video->memory);
	else
		vmbus_server_map(video->server, 0, 0, NULL);
	if (ret) {
		hv_violation(video->server, "video-memory", "video memory at %#llx: %s",
			     (unsigned long long)request->gpa, strerror(-ret));
		return;
	}
	video->located = request->located;
	video->gpa = request->gpa;
	video_send(video, message,
		   video_ack_build(message, VIDEO_VRAM_LOCATION_ACK, request->context));
}

static void video_show(struct video *video, const struct video_request *request)
{
	uint8_t message[VIDEO_MESSAGE_MAX];

	if (!video->located || !video_situation_fits(&request->situation, VIDEO_BYTES)) {
		hv_violation(video->server, "video-situation",
			     "%ux%u, %u bits, %u bytes a line at %u", request->situation.width,
			     request->situation.height, request->situation.depth,
			     request->situation.pitch, request->situation.offset);
		return;
	}
	video->situation = request->situation;
	video->situations++;
	video_send(video, message, video_ack_build(message, VIDEO_SITUATION_ACK, request->context));
	if (video->state == VIDEO_READY)
		return;
	video->state = VIDEO_READY;
	video_send(video, message, video_feature_build(message));
}

static void video_negotiate(struct video *video, const struct video_request *request)
{
	uint32_t asked = request->version;
	bool accepted = VIDEO_VERSION_MAJOR(asked) == VIDEO_VERSION_MAJOR(video->max_version) &&
			VIDEO_VERSION_MINOR(asked) <= VIDEO_VERSION_MINOR(video->max_version);
	uint8_t message[VIDEO_MESSAGE_MAX];

	if (accepted) {
		video->version = asked;
		video->state = VIDEO_NEGOTIATED;
	}
	video_send(video, message, video_version_build(message, asked, accepted));
}

static void video_request(struct video *video, const struct video_request *request)
{
	uint8_t message[VIDEO_MESSAGE_MAX];

	if (request->type == VIDEO_VERSION_REQUEST) {
		video_negotiate(video, request);
		return;
	}
	if (video->state < VIDEO_NEGOTIATED) {
		hv_violation(video->server, "video-state",
			     "message %u before a version is agreed on", request->type);
		return;
	}
	switch (request->type) {
	case VIDEO_VRAM_LOCATION:
		video_locate(video, request);
		break;
	case VIDEO_SITUATION:
		video_show(video, request);
		break;
	case VIDEO_POINTER_POSITION:
	case VIDEO_POINTER_SHAPE:
		video->pointers++;
		break;
	case VIDEO_DIRT:
		video->dirt += request->rectangles;
		break;
	case VIDEO_BIOS_REQUEST:
		video_send(video, message, video_bios_build(message));
		break;
	case VIDEO_RESOLUTIONS_REQUEST:
		video_send(video, message, video_resolutions_build(message, request->resolutions));
		break;
	case VIDEO_CAPABILITY_REQUEST:
		video_send(video, message, video_capability_build(message));
		break;
	}
}

static uint32_t video_open(struct vmbus_chan *chan, void *dev, const uint8_t user[120])
{
	struct video *video = dev;

	(void)user;
	video->chan = chan;
	video->state = VIDEO_OPEN;
	return HV_STATUS_OK;
}

/* The video memory stays where it is: what was drawn last remains visible. */
static void video_close(struct vmbus_chan *chan, void *dev)
{
	struct video *video = dev;

	(void)chan;
	video->chan = NULL;
	video->state = VIDEO_CLOSED;
	video->version = 0;
}

static void video_work(struct vmbus_chan *chan, void *dev)
{
	struct vmbus_pkt pkt;

	while (vmbus_recv(chan, &pkt) == 1) {
		const char *why = "packet is not in-band";
		struct video_request request;
		struct pipe_data data;

		if (pkt.type == VMBUS_PACKET_COMPLETION)
			continue;
		if (pkt.type != VMBUS_PACKET_INBAND ||
		    pipe_parse(pkt.payload, pkt.len, &data, &why) ||
		    video_request_parse(data.bytes, data.len, &request, &why)) {
			hv_violation(vmbus_chan_server(chan), "video-message", "%s", why);
			continue;
		}
		video_request(dev, &request);
	}
}

static const struct vmbus_dev_ops video_ops = {
	.open = video_open,
	.close = video_close,
	.work = video_work,
};

static void video_reset(void *config)
{
	struct video *video = config;

	if (!video->memory)
		return;
	memset(video->memory, 0, VIDEO_BYTES);
	video->located = false;
	memset(&video->situation, 0, sizeof(video->situation));
	vmbus_server_map(video->server, VMBUS_FIRMWARE_FRAMEBUFFER_GPA, VIDEO_BYTES, video->memory);
}

static int video_start(void *config, struct vmbus_server *server, char err[HV_ERR_MAX])
{
	struct video *video = config;
	const struct vmbus_offer_params params = {
		.name = VIDEO_NAME,
		.class_guid = HYPERV_GUID_INIT(0xda0a7802, 0xe377, 0x4aac, 0x8e, 0x77, 0x05, 0x58,
					       0xeb, 0x10, 0x73, 0xf8),
		.instance_guid = HYPERV_GUID_INIT(0x5620e0c7, 0x8062, 0x4dce, 0xae, 0xb7, 0x52,
						  0x0c, 0x7e, 0xf7, 0x61, 0x71),
		.flags = VMBUS_OFFER_PIPE_MODE,
		.mmio_mb = VIDEO_MIB,
		.user = { VMBUS_OFFER_PIPE_MESSAGE },
	};
	const struct hv_counter counters[] = {
		{ "dirt", &video->dirt },
		{ "pointers", &video->pointers },
		{ "situations", &video->situations },
	};

	if (!video->max_version)
		return 0;
	video->server = server;
	video->memory =
		mmap(NULL, VIDEO_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (video->memory == MAP_FAILED) {
		video->memory = NULL;
		snprintf(err, HV_ERR_MAX, "%s: %s", VIDEO_NAME, strerror(errno));
		return -1;
	}
	video_reset(video);
	if (!vmbus_offer(server, &params, &video_ops, video)) {
		snprintf(err, HV_ERR_MAX, "%s: cannot be offered", VIDEO_NAME);
		return -1;
	}
	hv_counters_add(server, VIDEO_NAME "-device", counters, ARRAY_SIZE(counters));
	return 0;
}

static void video_stop(void *config)
{
	struct video *video = config;

	if (!video->memory)
		return;
	vmbus_server_map(video->server, 0, 0, NULL);
	munmap(video->memory, VIDEO_BYTES);
}

/* The pixels shown, line by line. Return: 0, or -1 with one line in @err. */
static int video_dump(struct video *video, const char *path, char err[HV_ERR_MAX])
{
	const struct video_situation *shown = &video->situation;
	size_t line = (size_t)shown->width * ((shown->depth + 7u) / 8);
	const uint8_t *pixels = video_pixels(video);
	FILE *file;

	if (!pixels || !shown->active || !video_situation_fits(shown, VIDEO_BYTES)) {
		snprintf(err, HV_ERR_MAX, "the guest shows nothing");
		return -1;
	}
	file = fopen(path, "wbe");
	if (!file) {
		snprintf(err, HV_ERR_MAX, "%.160s: %s", path, strerror(errno));
		return -1;
	}
	for (uint32_t y = 0; y < shown->height; y++)
		fwrite(pixels + shown->offset + (size_t)y * shown->pitch, 1, line, file);
	if (ferror(file) | fclose(file)) {
		snprintf(err, HV_ERR_MAX, "%.160s: cannot be written", path);
		return -1;
	}
	return 0;
}

static int video_control(void *config, const char *cmd, const cJSON *request, cJSON *reply,
			 char err[HV_ERR_MAX])
{
	const cJSON *file = cJSON_GetObjectItemCaseSensitive(request, "file");

	(void)reply;
	if (strcmp(cmd, "video-dump"))
		return 0;
	if (!cJSON_IsString(file)) {
		snprintf(err, HV_ERR_MAX, "\"file\" is missing");
		return -1;
	}
	return video_dump(config, file->valuestring, err) ? -1 : 1;
}

static void video_query(void *config, cJSON *reply)
{
	static const char *const names[] = {
		[VIDEO_CLOSED] = "closed",
		[VIDEO_OPEN] = "open",
		[VIDEO_NEGOTIATED] = "negotiated",
		[VIDEO_READY] = "ready",
	};
	struct video *video = config;
	char text[32];
	cJSON *state;

	if (!video->max_version)
		return;
	state = cJSON_AddObjectToObject(reply, VIDEO_NAME);
	cJSON_AddStringToObject(state, "state", names[video->state]);
	snprintf(text, sizeof(text), "%u.%u", VIDEO_VERSION_MAJOR(video->version),
		 VIDEO_VERSION_MINOR(video->version));
	cJSON_AddStringToObject(state, "version", text);
	snprintf(text, sizeof(text), "%#llx", (unsigned long long)video->gpa);
	cJSON_AddStringToObject(state, "memory", video->located ? text : "none");
	cJSON_AddNumberToObject(state, "width", video->situation.width);
	cJSON_AddNumberToObject(state, "height", video->situation.height);
	cJSON_AddNumberToObject(state, "depth", video->situation.depth);
	cJSON_AddNumberToObject(state, "pitch", video->situation.pitch);
	cJSON_AddBoolToObject(state, "active", video->situation.active);
}

static int video_parse_version(void *config, const char *arg, char err[HV_ERR_MAX])
{
	struct video *video = config;
	unsigned int major, minor;
	char rest;

	if (sscanf(arg, "%u.%u%c", &major, &minor, &rest) != 2 || major != 3 || minor > 5 ||
	    minor == 1) {
		snprintf(err, HV_ERR_MAX, "--video: \"%.32s\" is none of " VIDEO_VERSIONS, arg);
		return -1;
	}
	video->max_version = VIDEO_VERSION(major, minor);
	return 0;
}

static const struct device_option video_options[] = {
	{ "video", "VERSION",
	  "offer a synthetic video device with 8 MiB, speaking at most this version of its\n"
	  "protocol (" VIDEO_VERSIONS
	  "). The machine then starts like one of generation 2: EFI, and\n"
	  "a framebuffer set up by the firmware.\nExample: --video 3.5",
	  video_parse_version },
	{ NULL, NULL, NULL, NULL },
};

const struct device_type video_type = {
	.name = VIDEO_NAME,
	.config_size = sizeof(struct video),
	.options = video_options,
	.start = video_start,
	.commands = "video-dump file=FILE      write the pixels shown, line by line",
	.control = video_control,
	.query = video_query,
	.reset = video_reset,
	.stop = video_stop,
};
