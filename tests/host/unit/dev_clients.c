// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the small devices: keyboard, pointer, video, dynamic memory, sockets, echo. Each
 * conversation once as guests hold it, then messages of every length and with every byte spoiled.
 */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "../devices/bytes.h"
#include "../devices/dynmem_message.h"
#include "../devices/hvsock_address.h"
#include "../devices/keyboard_message.h"
#include "../devices/mouse_message.h"
#include "../devices/pipe.h"
#include "../devices/types.h"
#include "../devices/video_message.h"
#include "../hyperv/util.h"
#include "dev_unit.h"
#include "fake_vmbus.h"

static void *device_start(const struct device_type *type, const char *arg)
{
	void *config = xcalloc(1, type->config_size);
	char err[HV_ERR_MAX] = "";

	CHECK_EQ(type->options->parse(config, arg, err), 0);
	CHECK_EQ(type->start(config, fake_server(), err), 0);
	fake_forget_violations();
	return config;
}

static void device_stop(const struct device_type *type, void *config, const char *chan)
{
	fake_close(fake_chan(chan));
	if (type->stop)
		type->stop(config);
	fake_release(fake_chan(chan));
	free(config);
}

static int device_control(const struct device_type *type, void *config, const char *cmd,
			  const char *text)
{
	cJSON *request = cJSON_Parse(text), *reply = cJSON_CreateObject();
	char err[HV_ERR_MAX] = "";
	int ret = type->control(config, cmd, request, reply, err);

	CHECK((ret < 0) == (err[0] != '\0'));
	cJSON_Delete(request);
	cJSON_Delete(reply);
	return ret;
}

static void push(struct vmbus_chan *chan, const void *bytes, size_t len)
{
	fake_push(chan, VMBUS_PACKET_INBAND, false, 0, bytes, len, NULL, 0);
	fake_run(chan);
}

static void push_pipe(struct vmbus_chan *chan, const void *bytes, size_t len)
{
	uint8_t *packet = xcalloc(1, len + 8);

	put_le32(packet, VMBUS_PIPE_DATA);
	put_le32(packet + 4, (uint32_t)len);
	if (len)
		memcpy(packet + 8, bytes, len);
	push(chan, packet, len + 8);
	free(packet);
}

/* The next packet the device sent, and that it is a pipe packet with this data. */
static bool took_pipe(struct vmbus_chan *chan, struct pipe_data *data)
{
	struct fake_sent sent;
	const char *why;

	return fake_take(chan, &sent) && sent.type == VMBUS_PACKET_INBAND &&
	       !pipe_parse(sent.payload, (uint32_t)sent.len, data, &why);
}

static unsigned int took_all(struct vmbus_chan *chan)
{
	struct fake_sent sent;
	unsigned int n = 0;

	while (fake_take(chan, &sent))
		n++;
	return n;
}

/* Sends every beginning of a message, and the message with each byte set to each of some values. */
static void spoil(struct vmbus_chan *chan, const uint8_t *message, size_t len)
{
	static const uint8_t values[] = { 0, 1, 0x7f, 0x80, 0xff };
	uint8_t *copy = xcalloc(1, len);

	for (size_t n = 0; n <= len; n++)
		push(chan, message, n);
	for (size_t i = 0; i < len; i++) {
		for (size_t v = 0; v < ARRAY_SIZE(values); v++) {
			memcpy(copy, message, len);
			copy[i] = values[v];
			push(chan, copy, len);
		}
		took_all(chan);
	}
	free(copy);
	fake_forget_violations();
}

/* ---------------------------------------------------------------- pipe */

static const struct {
	const char *name;
	uint8_t bytes[16];
	uint32_t len;
	int ret;
	uint32_t data;
} pipe_cases[] = {
	{ "data", { 1, 0, 0, 0, 8 }, 16, 0, 8 },
	{ "padding behind", { 1, 0, 0, 0, 3 }, 16, 0, 3 },
	{ "an end", { 1 }, 8, 0, 0 },
	{ "nothing", { 1 }, 0, -EPROTO, 0 },
	{ "half a header", { 1 }, 7, -EPROTO, 0 },
	{ "partial", { 2, 0, 0, 0, 8 }, 16, -EPROTO, 0 },
	{ "too long", { 1, 0, 0, 0, 9 }, 16, -EPROTO, 0 },
	{ "far too long", { 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff }, 16, -EPROTO, 0 },
};

static void pipe_packets_are_checked(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(pipe_cases); i++) {
		uint8_t *copy = xcalloc(1, pipe_cases[i].len + !pipe_cases[i].len);
		struct pipe_data data = { 0 };
		const char *why = NULL;

		memcpy(copy, pipe_cases[i].bytes, pipe_cases[i].len);
		if (pipe_parse(copy, pipe_cases[i].len, &data, &why) != pipe_cases[i].ret ||
		    data.len != pipe_cases[i].data || (pipe_cases[i].ret && !why)) {
			printf("# %s\n", pipe_cases[i].name);
			unit_failures++;
		}
		free(copy);
	}
}

/* ---------------------------------------------------------------- keyboard and pointer */

static void keys_are_pressed(void)
{
	static const uint8_t contact[] = { 1, 0, 0, 0, 0, 0, 1, 0 },
			     other[] = { 1, 0, 0, 0, 1, 0, 1 };
	static const uint8_t accepted[] = { 2, 0, 0, 0, 1, 0, 0, 0 };
	static const uint8_t pressed[] = { 3, 0, 0, 0, 0x1e, 0, 0, 0, 0, 0, 0, 0 };
	static const uint8_t released[] = { 3, 0, 0, 0, 0x1e, 0, 0, 0, 6, 0, 0, 0 };
	static const uint8_t leds[] = { 4, 0, 0, 0, 5, 0 };
	void *config = device_start(&keyboard_type, NULL);
	struct vmbus_chan *chan = fake_chan("keyboard");
	struct fake_sent sent;

	CHECK_EQ(device_control(&keyboard_type, config, "key", "{\"code\":30}"), -1);
	fake_open(chan);
	push(chan, other, sizeof(other));
	CHECK(fake_take(chan, &sent) && sent.payload[0] == 2 && !sent.payload[4]);
	CHECK_EQ(device_control(&keyboard_type, config, "key", "{\"code\":30}"), -1);
	push(chan, contact, sizeof(contact));
	CHECK(fake_take(chan, &sent) && sent.len == 8 && !memcmp(sent.payload, accepted, 8));
	CHECK_EQ(device_control(&keyboard_type, config, "key", "{\"code\":30}"), 1);
	CHECK(fake_take(chan, &sent) && sent.len == 12 && !memcmp(sent.payload, pressed, 12));
	CHECK_EQ(device_control(&keyboard_type, config, "key",
				"{\"code\":30,\"release\":true,\"e0\":true}"),
		 1);
	CHECK(fake_take(chan, &sent) && sent.len == 12 && !memcmp(sent.payload, released, 12));
	CHECK_EQ(device_control(&keyboard_type, config, "key", "{\"code\":0}"), -1);
	CHECK_EQ(device_control(&keyboard_type, config, "key", "{}"), -1);
	CHECK_EQ(device_control(&keyboard_type, config, "other", "{}"), 0);
	push(chan, leds, sizeof(leds));
	CHECK_EQ(fake_counter("keyboard-device", "keys"), 2);
	CHECK_EQ(fake_counter("keyboard-device", "leds_set"), 1);
	CHECK_EQ(fake_violations(NULL), 0);
	push(chan, leds, 0);
	CHECK_EQ(fake_violations("keyboard-message"), 1);
	spoil(chan, contact, sizeof(contact));
	spoil(chan, leds, sizeof(leds));
	device_stop(&keyboard_type, config, "keyboard");
}

static void the_pointer_moves(void)
{
	static const uint8_t contact[] = { 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 2, 0 };
	static const uint8_t ack[] = { 3, 0, 0, 0, 1, 0, 0, 0, 0 };
	static const uint8_t report[] = { 4, 0, 0, 0, 6, 0, 0, 0, 1, 0xe8, 3, 0xd0, 7, 0xff };
	static const char move[] = "{\"x\":1000,\"y\":2000,\"buttons\":1,\"wheel\":-1}";
	void *config = device_start(&mouse_type, NULL);
	struct vmbus_chan *chan = fake_chan("mouse");
	uint8_t packet[32] = { 1, 0, 0, 0, sizeof(contact) };
	struct pipe_data data;

	fake_open(chan);
	push_pipe(chan, ack, sizeof(ack));
	CHECK_EQ(fake_violations("mouse-state"), 1);
	push_pipe(chan, contact, sizeof(contact));
	CHECK(took_pipe(chan, &data) && data.len == 13 && data.bytes[0] == 1 &&
	      data.bytes[12] == 1);
	/* The description: lengths agree, the report descriptor ends where the message does. */
	CHECK(took_pipe(chan, &data) && data.bytes[0] == 2);
	CHECK_EQ(get_le32(data.bytes + 4), data.len - 8);
	CHECK_EQ(data.bytes[40], 9);
	CHECK_EQ(get_le16(data.bytes + 47), data.len - 49);
	CHECK_EQ(data.bytes[data.len - 1], 0xc0);
	CHECK_EQ(device_control(&mouse_type, config, "mouse", move), -1);
	push_pipe(chan, ack, sizeof(ack));
	CHECK_EQ(device_control(&mouse_type, config, "mouse", move), 1);
	CHECK(took_pipe(chan, &data) && data.len == 14 && !memcmp(data.bytes, report, 14));
	CHECK_EQ(device_control(&mouse_type, config, "mouse", "{\"x\":32768}"), -1);
	push_pipe(chan, contact, sizeof(contact));
	CHECK_EQ(fake_violations("mouse-state"), 2);
	memcpy(packet + 8, contact, sizeof(contact));
	fake_close(chan);
	fake_open(chan);
	spoil(chan, packet, 8 + sizeof(contact));
	device_stop(&mouse_type, config, "mouse");
}

/* ---------------------------------------------------------------- video */

static const uint8_t video_contact[] = { 1, 0, 0, 0, 12, 0, 0, 0, 3, 0, 5, 0 };
/* 0xf8000000, context 7 */
static const uint8_t video_location[] = { 3, 0, 0, 0, 17, 0, 0, 0,    7, 0, 0, 0, 0,
					  0, 0, 0, 1, 0,  0, 0, 0xf8, 0, 0, 0, 0 };
/* 16 x 2 pixels of 32 bits, 128 bytes a line, context 8 */
static const uint8_t video_situation[] = { 5, 0, 0, 0, 35, 0,  0, 0, 8, 0, 0, 0, 0, 0,	 0, 0, 1, 1,
					   0, 0, 0, 0, 32, 16, 0, 0, 0, 2, 0, 0, 0, 128, 0, 0, 0 };

static void pixels_are_shown(void)
{
	void *config = device_start(&video_type, "3.5");
	struct vmbus_chan *chan = fake_chan("video");
	char path[] = "/tmp/hvhost-unit-XXXXXX";
	uint8_t packet[64], back[256];
	struct pipe_data data;
	char request[64];
	uint8_t *memory;
	uint64_t gpa;
	int fd;

	memory = fake_mapped(&gpa);
	CHECK(memory && gpa == VMBUS_FIRMWARE_FRAMEBUFFER_GPA);
	fake_open(chan);
	push_pipe(chan, video_location, sizeof(video_location));
	CHECK_EQ(fake_violations("video-state"), 1);
	push_pipe(chan, video_contact, sizeof(video_contact));
	CHECK(took_pipe(chan, &data) && data.bytes[0] == 2 && data.bytes[12] == 2);
	push_pipe(chan, video_situation, sizeof(video_situation));
	CHECK_EQ(fake_violations("video-situation"), 1);
	push_pipe(chan, video_location, sizeof(video_location));
	CHECK(took_pipe(chan, &data) && data.bytes[0] == 4 && get_le64(data.bytes + 8) == 7);
	CHECK(fake_mapped(&gpa) == memory && gpa == 0xf8000000);
	push_pipe(chan, video_situation, sizeof(video_situation));
	CHECK(took_pipe(chan, &data) && data.bytes[0] == 6 && get_le64(data.bytes + 8) == 8);
	CHECK(took_pipe(chan, &data) && data.bytes[0] == 9 && data.len == 12);

	for (int i = 0; i < 256; i++)
		memory[i] = (uint8_t)i;
	fd = mkstemp(path);
	snprintf(request, sizeof(request), "{\"file\":\"%s\"}", path);
	CHECK_EQ(device_control(&video_type, config, "video-dump", request), 1);
	/* Two lines of 64 bytes, without what lies between them. */
	CHECK_EQ(read(fd, back, sizeof(back)), 128);
	CHECK(!memcmp(back, memory, 64) && !memcmp(back + 64, memory + 128, 64));
	close(fd);
	unlink(path);
	CHECK_EQ(device_control(&video_type, config, "video-dump", "{\"file\":\"/\"}"), -1);

	memcpy(packet, (const uint8_t[]){ 13, 0, 0, 0, 1, 0, 0, 0, 64 }, 9);
	push_pipe(chan, packet, 9);
	CHECK(took_pipe(chan, &data) && data.bytes[0] == 14 && data.bytes[8 + 128] == 2);
	gpa = 0;
	for (int i = 0; i < 128; i++)
		gpa += data.bytes[8 + i];
	CHECK_EQ(gpa & 0xff, 0);
	memcpy(packet, (const uint8_t[]){ 10, 0, 0, 0, 18, 0, 0, 0, 0, 2 }, 10);
	push_pipe(chan, packet, 26);
	CHECK_EQ(fake_violations("video-message"), 1);
	packet[9] = 1;
	push_pipe(chan, packet, 26);
	CHECK_EQ(fake_counter("video-device", "dirt"), 1);
	device_stop(&video_type, config, "video");
	CHECK(!fake_mapped(&gpa));
}

static const struct {
	const char *name;
	struct video_situation situation;
	bool fits;
} situations[] = {
	{ "usual", { true, 32, 0, 16, 2, 64 }, true },
	{ "to the last byte", { true, 32, 128, 16, 2, 64 }, true },
	{ "one byte beyond", { true, 32, 129, 16, 2, 64 }, false },
	{ "line shorter than its pixels", { true, 32, 0, 17, 2, 64 }, false },
	{ "no lines", { true, 32, 0, 16, 0, 64 }, false },
	{ "no pixels", { true, 32, 0, 0, 2, 64 }, false },
	{ "all ones", { true, 32, ~0u, ~0u, ~0u, ~0u }, false },
	{ "huge line", { true, 32, 0, 16, 2, ~0u }, false },
	{ "depth of 33", { true, 33, 0, 1, 1, 64 }, false },
	{ "off", { false, 0, ~0u, 0, 0, 0 }, true },
};

static void situations_fit_or_not(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(situations); i++) {
		if (video_situation_fits(&situations[i].situation, 256) != situations[i].fits) {
			printf("# %s\n", situations[i].name);
			unit_failures++;
		}
	}
}

static void spoiled_video_messages_do_no_harm(void)
{
	void *config = device_start(&video_type, "3.5");
	struct vmbus_chan *chan = fake_chan("video");
	uint8_t packet[64];

	fake_open(chan);
	push_pipe(chan, video_contact, sizeof(video_contact));
	put_le32(packet, VMBUS_PIPE_DATA);
	put_le32(packet + 4, sizeof(video_location));
	memcpy(packet + 8, video_location, sizeof(video_location));
	spoil(chan, packet, 8 + sizeof(video_location));
	put_le32(packet + 4, sizeof(video_situation));
	memcpy(packet + 8, video_situation, sizeof(video_situation));
	spoil(chan, packet, 8 + sizeof(video_situation));
	CHECK_EQ(device_control(&video_type, config, "video-dump", "{\"file\":\"/dev/null\"}") == 0,
		 0);
	device_stop(&video_type, config, "video");
}

/* ---------------------------------------------------------------- dynamic memory */

#define PAGE 4096u

static void dynmem_contact(struct vmbus_chan *chan)
{
	static const uint8_t version[] = { 1, 0, 16, 0, 1, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0 };
	static const uint8_t caps[32] = { 3, 0, 32, 0, 2, 0, 0, 0, 3 };
	struct fake_sent sent;

	fake_open(chan);
	push(chan, version, sizeof(version));
	CHECK(fake_take(chan, &sent) && sent.payload[0] == 2 && sent.payload[4] == 1 &&
	      sent.payload[8] == 1);
	push(chan, caps, sizeof(caps));
	CHECK(fake_take(chan, &sent) && sent.payload[0] == 4 && sent.payload[4] == 2 &&
	      sent.payload[8] == 1);
	CHECK(fake_take(chan, &sent) && sent.payload[0] == 12 &&
	      get_le64(sent.payload + 16) == FAKE_RAM_BYTES / PAGE);
}

static void the_balloon_fills_and_empties(void)
{
	/* Two ranges: 200 pages from page 16, 56 pages from page 1024; no more to come */
	static const uint8_t given[] = { 7,  0, 32, 0, 9, 0,   0, 0, 0, 0, 0, 0, 4, 0,	0, 0,
					 16, 0, 0,  0, 0, 200, 0, 0, 0, 4, 0, 0, 0, 56, 0, 0 };
	static const uint8_t returned[] = { 9, 0, 8, 0, 3, 0, 0, 0 };
	void *config = device_start(&dynmem_type, "3.0");
	struct vmbus_chan *chan = fake_chan("dynmem");
	struct fake_sent sent;

	CHECK_EQ(device_control(&dynmem_type, config, "balloon", "{\"mib\":1}"), -1);
	dynmem_contact(chan);
	memset(fake_ram() + 16 * PAGE, 0xaa, 200 * PAGE);
	push(chan, given, sizeof(given));
	CHECK_EQ(fake_violations("dynmem-state"), 1);
	CHECK_EQ(fake_ram()[16 * PAGE], 0xaa);
	CHECK_EQ(device_control(&dynmem_type, config, "balloon", "{\"mib\":1}"), 1);
	CHECK(fake_take(chan, &sent) && sent.payload[0] == 6 && get_le32(sent.payload + 8) == 256);
	CHECK_EQ(device_control(&dynmem_type, config, "balloon", "{\"mib\":2}"), -1);
	push(chan, given, sizeof(given));
	CHECK_EQ(fake_counter("dynmem-device", "pages_taken"), 256);
	/* The pages are gone. */
	CHECK_EQ(fake_ram()[16 * PAGE], 0);
	CHECK_EQ(fake_violations(NULL), 1);
	/* The guest goes on using one of them. */
	fake_ram()[20 * PAGE + 5] = 1;
	CHECK_EQ(device_control(&dynmem_type, config, "balloon", "{\"mib\":0}"), 1);
	CHECK_EQ(fake_violations("dynmem-used"), 1);
	CHECK(fake_take(chan, &sent) && sent.payload[0] == 8 && get_le32(sent.payload + 12) == 4);
	CHECK_EQ(get_le64(sent.payload + 16), 1024 | 56ull << 40);
	CHECK_EQ(get_le64(sent.payload + 24), 16 | 200ull << 40);
	push(chan, returned, sizeof(returned));
	push(chan, returned, sizeof(returned));
	CHECK_EQ(fake_violations("dynmem-state"), 2);
	fake_ram()[20 * PAGE + 5] = 0;
	device_stop(&dynmem_type, config, "dynmem");
}

static void impossible_pages_are_not_taken(void)
{
	/* Page, pages; given in one response to a request for 1 MiB */
	static const struct dynmem_range ranges[] = {
		{ 16, 0 }, /* none */
		{ FAKE_RAM_BYTES / PAGE, 1 }, /* outside RAM */
		{ FAKE_RAM_BYTES / PAGE - 1, 2 }, /* leaves RAM */
		{ (1ull << 40) - 1, 1 },
		{ 0, (1u << 24) - 1 },
		{ 32, 4 }, /* good */
		{ 35, 1 }, /* twice */
	};
	void *config = device_start(&dynmem_type, "2.0");
	struct vmbus_chan *chan = fake_chan("dynmem");
	static const uint8_t version[] = { 1, 0, 16, 0, 1, 0, 0, 0, 0, 0, 2, 0, 1, 0, 0, 0 };
	static const uint8_t newer[] = { 1, 0, 16, 0, 1, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0 };
	static const uint8_t caps[32] = { 3, 0, 32, 0, 2, 0, 0, 0, 1 };
	uint8_t message[16 + sizeof(ranges) / sizeof(ranges[0]) * 8] = { 7, 0, sizeof(message) };
	struct fake_sent sent;

	fake_open(chan);
	push(chan, newer, sizeof(newer));
	CHECK(fake_take(chan, &sent) && !sent.payload[8]);
	push(chan, version, sizeof(version));
	CHECK(fake_take(chan, &sent) && sent.payload[8] == 1);
	push(chan, caps, sizeof(caps));
	CHECK_EQ(device_control(&dynmem_type, config, "balloon", "{\"mib\":1}"), 1);
	put_le32(message + 12, ARRAY_SIZE(ranges) << 1);
	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++)
		put_le64(message + 16 + i * 8, ranges[i].page | (uint64_t)ranges[i].pages << 40);
	push(chan, message, sizeof(message));
	CHECK_EQ(fake_violations("dynmem-range"), ARRAY_SIZE(ranges) - 1);
	CHECK_EQ(fake_counter("dynmem-device", "pages_taken"), 4);
	took_all(chan);
	spoil(chan, message, sizeof(message));
	spoil(chan, version, sizeof(version));
	spoil(chan, caps, sizeof(caps));
	device_stop(&dynmem_type, config, "dynmem");
}

/* ---------------------------------------------------------------- sockets */

static void ports_are_guids(void)
{
	struct hyperv_guid guid = hvsock_service_guid(0x1234abcd);
	static const uint8_t want[16] = { 0xcd, 0xab, 0x34, 0x12, 0xcb, 0xfa, 0xe6, 0x11,
					  0xbd, 0x58, 0x64, 0x00, 0x6a, 0x79, 0x86, 0xd3 };
	uint32_t port = 0;

	CHECK(!memcmp(guid.b, want, sizeof(want)));
	CHECK(hvsock_service_port(&guid, &port) && port == 0x1234abcd);
	guid.b[15] ^= 1;
	CHECK(!hvsock_service_port(&guid, &port));
}

static void what_is_sent_comes_back(void)
{
	struct hyperv_guid served = hvsock_service_guid(5000), other = hvsock_service_guid(5001);
	struct hyperv_guid endpoint = { { 1, 2, 3 } };
	void *config = device_start(&hvsock_type, "5000=echo");
	struct vmbus_chan *chan;
	struct pipe_data data;
	uint8_t block[1000];

	CHECK(!fake_call(&endpoint, &other));
	CHECK(fake_call(&endpoint, &served));
	chan = fake_chan("hvsock0");
	CHECK(chan);
	fake_open(chan);
	memset(block, 0x5a, sizeof(block));
	push_pipe(chan, block, sizeof(block));
	CHECK(took_pipe(chan, &data) && data.len == sizeof(block) &&
	      !memcmp(data.bytes, block, sizeof(block)));
	/* A ring without room: nothing is lost, and the end comes last. */
	fake_set_room(chan, 0);
	push_pipe(chan, block, 7);
	push_pipe(chan, NULL, 0);
	CHECK_EQ(took_all(chan), 0);
	fake_set_room(chan, ~0u);
	fake_run(chan);
	CHECK(took_pipe(chan, &data) && data.len == 7);
	CHECK(took_pipe(chan, &data) && data.len == 0);
	CHECK_EQ(took_all(chan), 0);
	CHECK_EQ(fake_violations(NULL), 0);
	push_pipe(chan, block, 7);
	CHECK_EQ(fake_violations("hvsock-ended"), 1);
	CHECK_EQ(fake_counter("hvsock", "bytes_in"), 1007);
	CHECK_EQ(fake_counter("hvsock", "refused"), 1);
	device_stop(&hvsock_type, config, "hvsock0");
}

static void a_unix_socket_is_reached(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct hyperv_guid served = hvsock_service_guid(7), endpoint = { { 9 } };
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), end;
	char arg[128], dir[] = "/tmp/hvhost-unit-XXXXXX";
	struct vmbus_chan *chan;
	struct pipe_data data;
	uint8_t back[16];
	void *config;

	CHECK(mkdtemp(dir) != NULL);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket", dir);
	snprintf(arg, sizeof(arg), "7=%s", address.sun_path);
	config = device_start(&hvsock_type, arg);
	/* Nobody listens yet. */
	CHECK(!fake_call(&endpoint, &served));
	CHECK(!bind(listener, (struct sockaddr *)&address, sizeof(address)));
	CHECK(!listen(listener, 1));
	CHECK(fake_call(&endpoint, &served));
	end = accept(listener, NULL, NULL);
	chan = fake_chan("hvsock0");
	fake_open(chan);
	push_pipe(chan, "hello", 5);
	CHECK_EQ(recv(end, back, sizeof(back), MSG_DONTWAIT), 5);
	CHECK(!memcmp(back, "hello", 5));
	CHECK_EQ(send(end, "world!", 6, 0), 6);
	fake_run(chan);
	CHECK(took_pipe(chan, &data) && data.len == 6 && !memcmp(data.bytes, "world!", 6));
	push_pipe(chan, NULL, 0);
	CHECK_EQ(recv(end, back, sizeof(back), MSG_DONTWAIT), 0);
	close(end);
	fake_run(chan);
	CHECK(took_pipe(chan, &data) && data.len == 0);
	CHECK_EQ(fake_violations(NULL), 0);
	device_stop(&hvsock_type, config, "hvsock0");
	close(listener);
	unlink(address.sun_path);
	rmdir(dir);
}

static void sockets_take_spoiled_packets(void)
{
	static const uint8_t packet[] = { 1, 0, 0, 0, 8, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8 };
	void *config = device_start(&hvsock_type, "5000=echo");
	struct vmbus_chan *chan;

	CHECK_EQ(device_control(&hvsock_type, config, "hvsock-connect", "{\"port\":6000}"), 1);
	CHECK_EQ(device_control(&hvsock_type, config, "hvsock-connect", "{}"), -1);
	CHECK_EQ(device_control(&hvsock_type, config, "hvsock-connect",
				"{\"port\":1,\"socket\":\"/nowhere\"}"),
		 -1);
	chan = fake_chan("hvsock0");
	fake_open(chan);
	spoil(chan, packet, sizeof(packet));
	device_stop(&hvsock_type, config, "hvsock0");
}

/* ---------------------------------------------------------------- echo */

static void packets_are_echoed(void)
{
	static const uint8_t payload[] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	void *config = device_start(&echo_type, NULL);
	struct vmbus_chan *chan = fake_chan("echo");
	struct fake_sent sent;

	fake_open(chan);
	push(chan, payload, sizeof(payload));
	CHECK(fake_take(chan, &sent) && sent.type == VMBUS_PACKET_INBAND &&
	      !memcmp(sent.payload, payload, 8));
	fake_set_room(chan, 0);
	fake_push(chan, VMBUS_PACKET_INBAND, true, 77, payload, 8, NULL, 0);
	push(chan, payload, 0);
	CHECK_EQ(took_all(chan), 0);
	fake_set_room(chan, ~0u);
	fake_run(chan);
	CHECK(fake_take(chan, &sent) && sent.type == VMBUS_PACKET_COMPLETION && sent.xid == 77);
	CHECK(fake_take(chan, &sent) && sent.type == VMBUS_PACKET_INBAND && !sent.len);
	CHECK_EQ(fake_violations(NULL), 0);
	device_stop(&echo_type, config, "echo");
}

static void echo_open_wishing(struct vmbus_chan *chan, uint32_t delay_us, uint32_t sink)
{
	const uint32_t wishes[2] = { htole32(delay_us), htole32(sink) };
	uint8_t user[120] = { 0 };

	memcpy(user, wishes, sizeof(wishes));
	fake_open_with(chan, user);
}

static void echo_waits_or_swallows_when_told_to(void)
{
	static const uint8_t payload[] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	void *config = device_start(&echo_type, NULL);
	struct vmbus_chan *chan = fake_chan("echo");
	struct fake_sent sent;

	/* The first is taken, to be held; the others gather. */
	echo_open_wishing(chan, 1000000, 0);
	push(chan, payload, sizeof(payload));
	push(chan, payload, sizeof(payload));
	push(chan, payload, sizeof(payload));
	CHECK_EQ(took_all(chan), 0);
	CHECK_EQ(fake_left(chan), 2);
	/* What waits is forgotten with the channel. */
	fake_close(chan);
	echo_open_wishing(chan, 1, 0);
	fake_push(chan, VMBUS_PACKET_INBAND, false, 5, payload, 8, NULL, 0);
	fake_push(chan, VMBUS_PACKET_INBAND, false, 6, payload, 8, NULL, 0);
	while (!fake_take(chan, &sent))
		fake_run(chan);
	CHECK(sent.xid == 5 && !memcmp(sent.payload, payload, 8));
	CHECK(fake_take(chan, &sent) && sent.xid == 6);
	CHECK_EQ(took_all(chan), 0);
	fake_close(chan);

	echo_open_wishing(chan, 0, 1);
	push(chan, payload, sizeof(payload));
	CHECK_EQ(took_all(chan), 0);
	CHECK_EQ(fake_left(chan), 0);
	fake_push(chan, VMBUS_PACKET_INBAND, true, 77, payload, 8, NULL, 0);
	fake_run(chan);
	CHECK(fake_take(chan, &sent) && sent.type == VMBUS_PACKET_COMPLETION && sent.xid == 77);
	fake_close(chan);

	echo_open_wishing(chan, 1000001, 0);
	CHECK(!fake_is_open(chan));
	echo_open_wishing(chan, 0, 2);
	CHECK(!fake_is_open(chan));
	CHECK_EQ(fake_violations(NULL), 0);
	device_stop(&echo_type, config, "echo");
}

static const struct unit_case cases[] = {
	UNIT_CASE(pipe_packets_are_checked),
	UNIT_CASE(keys_are_pressed),
	UNIT_CASE(the_pointer_moves),
	UNIT_CASE(pixels_are_shown),
	UNIT_CASE(situations_fit_or_not),
	UNIT_CASE(spoiled_video_messages_do_no_harm),
	UNIT_CASE(the_balloon_fills_and_empties),
	UNIT_CASE(impossible_pages_are_not_taken),
	UNIT_CASE(ports_are_guids),
	UNIT_CASE(what_is_sent_comes_back),
	UNIT_CASE(a_unix_socket_is_reached),
	UNIT_CASE(sockets_take_spoiled_packets),
	UNIT_CASE(packets_are_echoed),
	UNIT_CASE(echo_waits_or_swallows_when_told_to),
};

int main(void)
{
	return unit_main(cases, ARRAY_SIZE(cases));
}
