// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the switch between NICs: what it learns, frames between members of one and of two
 * processes, large and many frames, and who takes over when its process ends.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "../devices/bytes.h"
#include "../devices/frame_socket.h"
#include "../devices/learning_switch.h"
#include "../devices/switch_backend.h"
#include "../hyperv/loop.h"
#include "../hyperv/util.h"
#include "dev_unit.h"

#define MEMBERS 3

static char path[64];
static struct loop *loop;

static struct member {
	struct net_backend *net;
	unsigned int frames;
	size_t bytes;
	uint8_t last[FRAME_SOCKET_BYTES_MAX];
} members[MEMBERS];

static void on_frame(void *opaque, const uint8_t *frame, size_t bytes)
{
	struct member *m = opaque;

	m->frames++;
	m->bytes = bytes;
	memcpy(m->last, frame, bytes);
}

static bool join(unsigned int i)
{
	char error[200] = "";

	members[i].net = switch_backend_new(loop, path, on_frame, &members[i], error, sizeof(error));
	members[i].frames = 0;
	if (!members[i].net)
		printf("# %s\n", error);
	return members[i].net;
}

static void leave(unsigned int i)
{
	members[i].net->ops->free(members[i].net);
	members[i].net = NULL;
}

static void turn(void)
{
	int i;

	for (i = 0; i < 20; i++)
		loop_run_once(loop, 1);
}

/* Address 0 is the broadcast one. */
static void put_frame(uint8_t *frame, uint8_t to, uint8_t from)
{
	static const uint8_t start[5] = { 0x02, 0, 0, 0, 0 };

	memset(frame, to ? 0 : 0xff, 6);
	if (to) {
		memcpy(frame, start, 5);
		frame[5] = to;
	}
	memcpy(frame + 6, start, 5);
	frame[11] = from;
	put_be16(frame + 12, 0x88b5);
}

static void send_frame(unsigned int i, uint8_t to, uint8_t from, size_t bytes)
{
	uint8_t *frame = calloc(1, bytes);

	put_frame(frame, to, from);
	frame[bytes - 1] = 0x5a;
	members[i].net->ops->send(members[i].net, frame, bytes);
	free(frame);
	turn();
}

static void addresses_are_learnt(void)
{
	struct learning_switch *ls = learning_switch_new();
	uint8_t frame[14];
	unsigned int i;

	put_frame(frame, 2, 1);
	CHECK_EQ(learning_switch_forward(ls, 0, frame), LEARNING_SWITCH_ALL);
	put_frame(frame, 1, 2);
	CHECK_EQ(learning_switch_forward(ls, 3, frame), 0);
	put_frame(frame, 2, 1);
	CHECK_EQ(learning_switch_forward(ls, 0, frame), 3);
	/* The receiver sits where the frame came from; it moves; its port goes. */
	CHECK_EQ(learning_switch_forward(ls, 3, frame), LEARNING_SWITCH_NOBODY);
	put_frame(frame, 0, 2);
	CHECK_EQ(learning_switch_forward(ls, 5, frame), LEARNING_SWITCH_ALL);
	put_frame(frame, 2, 9);
	CHECK_EQ(learning_switch_forward(ls, 0, frame), 5);
	learning_switch_forget(ls, 5);
	CHECK_EQ(learning_switch_forward(ls, 0, frame), LEARNING_SWITCH_ALL);
	/* Groups are never learnt, and more addresses than there is room for do no harm. */
	put_frame(frame, 3, 3);
	frame[6] |= 1;
	i = learning_switch_known(ls);
	learning_switch_forward(ls, 0, frame);
	CHECK_EQ(learning_switch_known(ls), i);
	for (i = 0; i < 100000; i++) {
		put_frame(frame, 7, 7);
		put_be32(frame + 7, i);
		learning_switch_forward(ls, (int)(i % 64), frame);
	}
	CHECK_EQ(learning_switch_known(ls), LEARNING_SWITCH_ADDRESSES);
	learning_switch_free(ls);
}

static void frames_find_their_port(void)
{
	unsigned int i;

	for (i = 0; i < MEMBERS; i++)
		CHECK(join(i));
	turn();
	send_frame(1, 0, 11, 60);
	CHECK_EQ(members[0].frames, 1);
	CHECK_EQ(members[1].frames, 0);
	CHECK_EQ(members[2].frames, 1);
	CHECK_EQ(members[2].bytes, 60);
	CHECK_EQ(members[2].last[59], 0x5a);
	/* Learnt: only the receiver gets it. */
	send_frame(2, 11, 12, 60);
	CHECK_EQ(members[0].frames, 1);
	CHECK_EQ(members[1].frames, 1);
	send_frame(0, 12, 10, FRAME_SOCKET_BYTES_MAX);
	CHECK_EQ(members[2].frames, 2);
	CHECK_EQ(members[2].bytes, FRAME_SOCKET_BYTES_MAX);
	CHECK_EQ(members[2].last[FRAME_SOCKET_BYTES_MAX - 1], 0x5a);
	for (i = 0; i < MEMBERS; i++)
		leave(i);
	CHECK(access(path, F_OK));
}

static void a_burst_waits_in_order(void)
{
	uint8_t frame[1514] = { 0 };
	unsigned int i;

	CHECK(join(0));
	CHECK(join(1));
	turn();
	send_frame(1, 0, 11, 60);
	members[1].frames = 0;
	for (i = 0; i < 2000; i++) {
		put_frame(frame, 11, 10);
		put_be32(frame + 20, i);
		members[0].net->ops->send(members[0].net, frame, sizeof(frame));
	}
	for (i = 0; i < 200 && members[1].frames < 2000; i++)
		turn();
	CHECK_EQ(members[1].frames, 2000);
	CHECK_EQ(get_be32(members[1].last + 20), 1999);
	/* Without end: what does not fit is dropped and counted. */
	for (i = 0; i < 20000; i++)
		members[0].net->ops->send(members[0].net, frame, sizeof(frame));
	{
		cJSON *reply = cJSON_CreateObject();

		members[0].net->ops->describe(members[0].net, reply);
		CHECK(cJSON_GetObjectItem(reply, "dropped")->valuedouble > 0);
		CHECK_EQ(cJSON_GetObjectItem(reply, "ports")->valuedouble, 2);
		CHECK(!strcmp(cJSON_GetStringValue(cJSON_GetObjectItem(reply, "role")), "switch"));
		cJSON_Delete(reply);
	}
	leave(1);
	leave(0);
}

static void another_takes_over(void)
{
	unsigned int i;

	for (i = 0; i < MEMBERS; i++)
		CHECK(join(i));
	turn();
	leave(0);
	for (i = 0; i < 100 && !members[2].frames; i++)
		send_frame(1, 0, 11, 60);
	CHECK(members[2].frames);
	members[1].frames = 0;
	send_frame(2, 11, 12, 60);
	CHECK_EQ(members[1].frames, 1);
	leave(1);
	leave(2);
}

/* The other process answers each frame to address 10 until it is told to end. */
static void other_process(void)
{
	unsigned int turns;

	loop = loop_new();
	if (!join(0))
		_exit(1);
	for (turns = 0; turns < 20000; turns++) {
		loop_run_once(loop, 10);
		if (!members[0].frames)
			continue;
		members[0].frames = 0;
		if (members[0].last[14] == 0xee)
			break;
		send_frame(0, 10, 20, 200);
	}
	leave(0);
	_exit(0);
}

static void two_processes_are_joined(void)
{
	uint8_t end[15] = { 0 };
	unsigned int i;
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid)
		other_process();
	CHECK(join(0));
	for (i = 0; i < 500 && !members[0].frames; i++)
		send_frame(0, 0, 10, 60);
	CHECK(members[0].frames);
	CHECK_EQ(members[0].bytes, 200);
	put_frame(end, 20, 10);
	end[14] = 0xee;
	members[0].net->ops->send(members[0].net, end, sizeof(end));
	for (i = 0; i < 5000 && !waitpid(pid, &status, WNOHANG); i++)
		loop_run_once(loop, 10);
	CHECK_EQ(status, 0);
	leave(0);
}

static void bad_paths_are_refused(void)
{
	char error[200] = "", text[200];

	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	CHECK(switch_path_error(text));
	CHECK(switch_path_error(""));
	CHECK(switch_path_error(NULL));
	CHECK(switch_path_error("/nowhere/at/all/switch"));
	CHECK(!switch_path_error(path));
	CHECK(!switch_backend_new(loop, "/nowhere/at/all/switch", on_frame, NULL, error,
				  sizeof(error)));
	CHECK(*error);
}

static const struct unit_case cases[] = {
	UNIT_CASE(addresses_are_learnt), UNIT_CASE(frames_find_their_port),
	UNIT_CASE(a_burst_waits_in_order), UNIT_CASE(another_takes_over),
	UNIT_CASE(two_processes_are_joined), UNIT_CASE(bad_paths_are_refused),
};

int main(void)
{
	char directory[] = "/tmp/hvhost-switch.XXXXXX", lock[80];
	int status;

	signal(SIGPIPE, SIG_IGN);
	if (!mkdtemp(directory))
		return 1;
	snprintf(path, sizeof(path), "%s/sock", directory);
	loop = loop_new();
	status = unit_main(cases, ARRAY_SIZE(cases));
	loop_free(loop);
	snprintf(lock, sizeof(lock), "%s.lock", path);
	unlink(lock);
	rmdir(directory);
	return status;
}
