// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the integration components: message framing byte by byte, version negotiation, one
 * request at a time, and answers of any content.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "../devices/bytes.h"
#include "../devices/ic.h"
#include "../devices/ic_message.h"
#include "../devices/types.h"
#include "../hyperv/util.h"
#include "dev_unit.h"
#include "fake_vmbus.h"

static const struct ic_version two[] = { { 1, 0 }, { 3, 0 } };
static const struct ic_versions both = { two, 2 };

static void negotiation_is_framed_as_specified(void)
{
	static const uint8_t want[52] = {
		1, 0, 0, 0, 0x2c, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x18, 0, 0, 0, 0, 0, 0, 3,
		0, 0, 2, 0, 2,	  0, 0, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0, 1,    0, 0, 0, 3, 0, 0, 0,
	};
	uint8_t out[IC_MESSAGE_MAX];

	CHECK_EQ(ic_negotiate_build(out, &both, &both), 52);
	CHECK(!memcmp(out, want, 52));
}

/* The least answer that chooses 3.0 and 3.0. */
static const uint8_t chosen[44] = {
	1, 0, 0, 0, 0x24, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0, 0, 0,
	0, 0, 0, 5, 0,	  0, 1, 0, 1, 0, 0, 0, 0, 0, 3, 0, 0, 0, 3,    0, 0, 0,
};

static int negotiate(const uint8_t *message, size_t bytes)
{
	uint8_t *copy = malloc(bytes ? bytes : 1);
	struct ic_version framework, version;
	struct ic_reply reply;
	const char *why;
	int err;

	memcpy(copy, message, bytes);
	err = ic_reply_parse(copy, bytes, &reply, &why);
	if (!err)
		err = ic_negotiate_parse(&reply, &both, &both, &framework, &version, &why);
	if (!err)
		CHECK(framework.major == 3 && version.major == 3);
	free(copy);
	return err;
}

struct patch {
	const char *name;
	unsigned int at;
	uint8_t value;
	int result;
};

static const struct patch patches[] = {
	{ "unchanged", 0, 1, 0 },
	{ "pipe type", 0, 2, -EPROTO },
	{ "pipe length beyond the packet", 4, 0x2d, -EPROTO },
	{ "pipe length below the header", 4, 19, -EPROTO },
	{ "pipe length huge", 7, 0xff, -EPROTO },
	{ "body beyond the pipe length", 18, 0x11, -EPROTO },
	{ "body huge", 19, 0xff, -EPROTO },
	{ "body without the versions", 18, 0x0f, -EPROTO },
	{ "body without the counts", 18, 0x07, -EPROTO },
	{ "transaction id", 24, 1, -EPROTO },
	{ "flags of a request", 25, 3, -EPROTO },
	{ "flags without transaction", 25, 4, -EPROTO },
	{ "reserved", 26, 1, -EPROTO },
	{ "no framework version", 28, 0, -EOPNOTSUPP },
	{ "no message version", 30, 0, -EOPNOTSUPP },
	{ "status", 20, 5, -EOPNOTSUPP },
	{ "two versions", 28, 2, -EPROTO },
	{ "a version not offered", 36, 2, -EPROTO },
	{ "a minor not offered", 42, 1, -EPROTO },
};

static void answers_are_checked(void)
{
	uint8_t message[48];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(patches); i++) {
		memcpy(message, chosen, 44);
		message[patches[i].at] = patches[i].value;
		if (negotiate(message, 44) != patches[i].result) {
			printf("# %s: %d\n", patches[i].name, negotiate(message, 44));
			unit_failures++;
		}
	}
	for (i = 0; i < 44; i++)
		CHECK_EQ(negotiate(chosen, i), -EPROTO);
	/*
	 * A guest that sends the request's frame back: pipe length of the request, padding behind.
	 */
	memset(message, 0, 48);
	memcpy(message, chosen, 44);
	message[4] = 0x28;
	CHECK_EQ(negotiate(message, 48), 0);
}

/* --- a component on a channel */

static unsigned int nr_negotiated, nr_replies, nr_lost, nr_closed;
static uint32_t last_status;
static struct ic *component;

static void on_negotiated(struct ic *ic, void *opaque)
{
	(void)ic;
	(void)opaque;
	nr_negotiated++;
}

static void on_reply(struct ic *ic, void *opaque, const struct ic_reply *reply)
{
	(void)ic;
	(void)opaque;
	if (reply) {
		nr_replies++;
		last_status = reply->status;
	} else {
		nr_lost++;
	}
}

static void on_closed(struct ic *ic, void *opaque)
{
	(void)ic;
	(void)opaque;
	nr_closed++;
}

static const struct ic_service service = {
	.name = "component",
	.type = IC_MSG_SHUTDOWN,
	.negotiated = on_negotiated,
	.reply = on_reply,
	.closed = on_closed,
};

static struct vmbus_chan *start(void)
{
	struct vmbus_chan *chan;

	nr_negotiated = nr_replies = nr_lost = nr_closed = 0;
	fake_forget_violations();
	component = ic_new(fake_server(), &service, &both, NULL);
	chan = fake_chan("component");
	fake_open(chan);
	fake_run(chan);
	return chan;
}

static void stop(struct vmbus_chan *chan)
{
	fake_release(chan);
	ic_free(component);
}

static void answer(struct vmbus_chan *chan, uint64_t xid, const uint8_t *message, size_t bytes)
{
	fake_push(chan, VMBUS_PACKET_INBAND, false, xid, message, bytes, NULL, 0);
	fake_run(chan);
}

static uint64_t agree(struct vmbus_chan *chan)
{
	struct fake_sent sent;

	CHECK(fake_take(chan, &sent));
	CHECK_EQ(sent.len, 52);
	CHECK_EQ(sent.type, VMBUS_PACKET_INBAND);
	answer(chan, sent.xid, chosen, 44);
	return sent.xid;
}

/* The reply to a request: the request with other flags. */
static void echo(struct vmbus_chan *chan, const struct fake_sent *sent, uint32_t status)
{
	uint8_t message[IC_MESSAGE_MAX];

	memcpy(message, sent->payload, sent->len);
	message[25] = 5;
	put_le32(message + 20, status);
	answer(chan, sent->xid, message, sent->len);
}

static void one_request_at_a_time(void)
{
	struct vmbus_chan *chan = start();
	uint8_t body[12] = { 1, 2, 3 };
	struct fake_sent sent;

	CHECK_EQ(ic_request(component, body, 12), -ENOTCONN);
	agree(chan);
	CHECK_EQ(nr_negotiated, 1);
	CHECK_EQ(ic_version(component).major, 3);
	CHECK_EQ(ic_request(component, body, 12), 0);
	CHECK_EQ(ic_request(component, body, 12), -EBUSY);
	CHECK_EQ(ic_renegotiate(component), -EBUSY);
	CHECK(fake_take(chan, &sent));
	CHECK_EQ(sent.len, 28 + 12);
	CHECK_EQ(get_le16(sent.payload + 8), 3);
	CHECK_EQ(get_le16(sent.payload + 12), IC_MSG_SHUTDOWN);
	CHECK_EQ(sent.payload[25], 3);
	echo(chan, &sent, 0x80004005);
	CHECK_EQ(nr_replies, 1);
	CHECK_EQ(last_status, 0x80004005);
	CHECK_EQ(fake_violations(NULL), 0);
	/* The same reply again, a reply of another type, another id, another version. */
	echo(chan, &sent, 0);
	CHECK_EQ(nr_replies, 1);
	CHECK_EQ(fake_violations("ic-unsolicited"), 1);
	CHECK_EQ(ic_request(component, body, 12), 0);
	CHECK(fake_take(chan, &sent));
	sent.xid++;
	echo(chan, &sent, 0);
	CHECK_EQ(fake_violations("ic-request-id"), 1);
	CHECK_EQ(nr_replies, 2);
	fake_close(chan);
	CHECK_EQ(nr_closed, 1);
	CHECK_EQ(ic_request(component, body, 12), -ENOTCONN);
	stop(chan);
}

static void negotiation_can_be_repeated(void)
{
	struct vmbus_chan *chan = start();
	uint8_t stale[40] = { 1, 0, 0, 0, 32, 0,  0, 0, 3, 0, 0, 0, 3,
			      0, 3, 0, 0, 0,  12, 0, 0, 0, 0, 0, 0, 5 };

	agree(chan);
	CHECK_EQ(ic_renegotiate(component), 0);
	/* A late reply in between is dropped without a report. */
	answer(chan, 1, stale, 40);
	CHECK_EQ(nr_replies, 0);
	agree(chan);
	CHECK_EQ(nr_negotiated, 2);
	CHECK_EQ(fake_violations(NULL), 0);
	stop(chan);
}

static void old_hosts_offer_old_versions(void)
{
	static const struct {
		const char *limit;
		size_t bytes; /* of the offer: 4 for each version */
		uint8_t counts[2]; /* framework, message */
	} limits[] = {
		{ "framework=1.0", 48, { 1, 2 } },
		{ "framework=2.9", 48, { 1, 2 } },
		{ "framework=3.0", 52, { 2, 2 } },
		/* Of a component by another name */
		{ "shutdown=1.0", 52, { 2, 2 } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		struct vmbus_chan *chan;
		struct fake_sent sent;

		fake_limit_ic(limits[i].limit);
		chan = start();
		CHECK(fake_take(chan, &sent));
		CHECK_EQ(sent.len, limits[i].bytes);
		CHECK_EQ(sent.payload[28], limits[i].counts[0]);
		CHECK_EQ(sent.payload[30], limits[i].counts[1]);
		/* A guest that takes what was not offered. */
		answer(chan, sent.xid, chosen, 44);
		CHECK_EQ(fake_violations("ic-negotiation"), limits[i].bytes == 48);
		stop(chan);
	}
	fake_limit_ic(NULL);
}

static void a_full_ring_delays_the_negotiation(void)
{
	struct vmbus_chan *chan;
	struct fake_sent sent;

	fake_forget_violations();
	component = ic_new(fake_server(), &service, &both, NULL);
	chan = fake_chan("component");
	fake_open(chan);
	CHECK(fake_take(chan, &sent));
	fake_close(chan);
	fake_open(chan);
	CHECK(fake_take(chan, &sent));
	answer(chan, sent.xid, chosen, 44);
	fake_set_room(chan, 0);
	CHECK_EQ(ic_request(component, "x", 1), -EAGAIN);
	CHECK(ic_is_ready(component));
	fake_set_room(chan, 1);
	CHECK_EQ(ic_request(component, "x", 1), 0);
	stop(chan);
}

static void no_common_version_ends_it_quietly(void)
{
	struct vmbus_chan *chan = start();
	struct fake_sent sent;
	uint8_t none[44];

	memcpy(none, chosen, 44);
	none[28] = none[30] = 0;
	CHECK(fake_take(chan, &sent));
	answer(chan, sent.xid, none, 44);
	CHECK_EQ(nr_negotiated, 0);
	CHECK_EQ(fake_violations(NULL), 0);
	CHECK_EQ(ic_request(component, "x", 1), -ENOTCONN);
	stop(chan);
}

static void a_wrong_packet_ends_it(void)
{
	struct vmbus_chan *chan = start();

	agree(chan);
	fake_push(chan, VMBUS_PACKET_COMPLETION, false, 1, chosen, 44, NULL, 0);
	fake_run(chan);
	CHECK_EQ(fake_violations("ic-packet-type"), 1);
	stop(chan);
	chan = start();
	answer(chan, 1, chosen, 20);
	CHECK_EQ(fake_violations("ic-message"), 1);
	CHECK_EQ(ic_renegotiate(component), -ENOTCONN);
	stop(chan);
}

static void random_answers_do_no_harm(void)
{
	int null = open("/dev/null", O_WRONLY), err = dup(STDERR_FILENO);
	unsigned int seed = 6, i, j;

	/* What the components log about such answers would fill the screen. */
	dup2(null, STDERR_FILENO);
	for (i = 0; i < 20000; i++) {
		struct vmbus_chan *chan = start();
		struct fake_sent sent;
		uint8_t message[64];

		if (rand_r(&seed) & 1) {
			agree(chan);
			ic_request(component, "abcdefgh", 8);
		}
		for (j = 0; j < 64; j++)
			message[j] = (uint8_t)rand_r(&seed);
		memcpy(message, chosen, 44);
		for (j = 0; j < 3; j++)
			message[rand_r(&seed) % 44] = (uint8_t)(rand_r(&seed) % 8);
		answer(chan, rand_r(&seed) % 4, message, (size_t)rand_r(&seed) % 65);
		while (fake_take(chan, &sent))
			;
		stop(chan);
	}
	dup2(err, STDERR_FILENO);
	close(err);
	close(null);
}

/* --- the services themselves, through their device types */

static void *service_start(const struct device_type *type)
{
	void *config = calloc(1, type->config_size);
	char err[HV_ERR_MAX];

	CHECK_EQ(type->start(config, fake_server(), err), 0);
	fake_open(fake_chan(type->name));
	fake_forget_violations();
	return config;
}

static void service_stop(const struct device_type *type, void *config)
{
	fake_release(fake_chan(type->name));
	type->stop(config);
	free(config);
}

/* The guest's answer to an offer of versions: the last of each list. */
static void choose_last(struct vmbus_chan *chan)
{
	uint8_t message[44];
	struct fake_sent sent;
	uint16_t frameworks, messages;

	CHECK(fake_take(chan, &sent));
	frameworks = get_le16(sent.payload + 28);
	messages = get_le16(sent.payload + 30);
	memcpy(message, chosen, 44);
	memcpy(message + 36, sent.payload + 36 + 4 * (frameworks - 1), 4);
	memcpy(message + 40, sent.payload + 36 + 4 * (frameworks + messages - 1), 4);
	answer(chan, sent.xid, message, 44);
}

static void heartbeats_count_on(void)
{
	void *config = service_start(&heartbeat_type);
	struct vmbus_chan *chan = fake_chan("heartbeat");
	struct fake_sent sent;
	uint8_t message[IC_MESSAGE_MAX];

	choose_last(chan);
	CHECK(fake_take(chan, &sent));
	CHECK_EQ(sent.len, 28 + 40);
	CHECK_EQ(get_le64(sent.payload + 28), 1);
	memcpy(message, sent.payload, sent.len);
	message[25] = 5;
	put_le64(message + 28, 2);
	answer(chan, sent.xid, message, sent.len);
	CHECK_EQ(fake_counter("heartbeat", "replies"), 1);
	CHECK_EQ(fake_violations(NULL), 0);
	service_stop(&heartbeat_type, config);

	config = service_start(&heartbeat_type);
	chan = fake_chan("heartbeat");
	choose_last(chan);
	CHECK(fake_take(chan, &sent));
	echo(chan, &sent, 0); /* not increased */
	CHECK_EQ(fake_violations("heartbeat-sequence"), 1);
	service_stop(&heartbeat_type, config);
}

static void shutdown_is_asked_for(void)
{
	void *config = service_start(&shutdown_type);
	struct vmbus_chan *chan = fake_chan("shutdown");
	cJSON *request = cJSON_Parse("{\"cmd\":\"shutdown\",\"mode\":\"restart\",\"force\":true}");
	cJSON *bad = cJSON_Parse("{\"cmd\":\"shutdown\",\"mode\":\"explode\"}");
	cJSON *reply = cJSON_CreateObject();
	char err[HV_ERR_MAX];
	struct fake_sent sent;

	CHECK_EQ(shutdown_type.control(config, "shutdown", request, reply, err), -1);
	CHECK_EQ(shutdown_type.control(config, "other", request, reply, err), 0);
	choose_last(chan);
	CHECK_EQ(shutdown_type.control(config, "shutdown", bad, reply, err), -1);
	CHECK_EQ(shutdown_type.control(config, "shutdown", request, reply, err), 1);
	CHECK_EQ(shutdown_type.control(config, "shutdown", request, reply, err), -1);
	CHECK(fake_take(chan, &sent));
	CHECK_EQ(sent.len, 28 + 2060);
	CHECK_EQ(get_le32(sent.payload + 36), 3);
	CHECK_EQ(get_le16(sent.payload + 16), 2); /* message version 3.2 */
	echo(chan, &sent, 0);
	CHECK_EQ(fake_counter("shutdown.answers", "accepted"), 1);
	CHECK_EQ(fake_violations(NULL), 0);
	cJSON_Delete(request);
	cJSON_Delete(bad);
	cJSON_Delete(reply);
	service_stop(&shutdown_type, config);
}

/* What query says of a component. */
static const char *queried(const struct device_type *type, void *config, const char *key)
{
	static char text[32];
	cJSON *state = cJSON_CreateObject();
	const char *value;

	type->query(config, state);
	value = cJSON_GetStringValue(
		cJSON_GetObjectItem(cJSON_GetObjectItem(state, type->name), key));
	snprintf(text, sizeof(text), "%s", value ? value : "");
	cJSON_Delete(state);
	return text;
}

static void a_silent_guest_is_lost(void)
{
	void *config = service_start(&heartbeat_type);
	struct vmbus_chan *chan = fake_chan("heartbeat");
	uint8_t message[IC_MESSAGE_MAX];
	struct fake_sent sent;
	uint64_t xid;
	size_t len;

	choose_last(chan);
	CHECK(!strcmp(queried(&heartbeat_type, config, "contact"), "none"));
	CHECK(fake_take(chan, &sent));
	memcpy(message, sent.payload, sent.len);
	message[25] = 5;
	put_le64(message + 28, 2);
	put_le32(message + 36, IC_HEARTBEAT_CRITICAL);
	answer(chan, sent.xid, message, sent.len);
	CHECK(!strcmp(queried(&heartbeat_type, config, "contact"), "ok"));
	CHECK(!strcmp(queried(&heartbeat_type, config, "applications"), "critical"));
	/* The next one is left unanswered until the host has given it up. */
	while (!fake_take(chan, &sent))
		loop_run_once(vmbus_server_loop(fake_server()), 3000);
	memcpy(message, sent.payload, sent.len);
	xid = sent.xid;
	len = sent.len;
	while (!strcmp(queried(&heartbeat_type, config, "contact"), "ok"))
		loop_run_once(vmbus_server_loop(fake_server()), 3000);
	CHECK(!strcmp(queried(&heartbeat_type, config, "contact"), "lost"));
	CHECK_EQ(fake_counter("heartbeat.contact", "lost"), 1);
	message[25] = 5;
	put_le64(message + 28, get_le64(message + 28) + 1);
	answer(chan, xid, message, len);
	CHECK(!strcmp(queried(&heartbeat_type, config, "contact"), "ok"));
	CHECK_EQ(fake_counter("heartbeat.contact", "recovered"), 1);
	CHECK_EQ(fake_violations(NULL), 0);
	fake_close(chan);
	CHECK(!strcmp(queried(&heartbeat_type, config, "contact"), "none"));
	service_stop(&heartbeat_type, config);
}

static void hibernation_needs_its_version(void)
{
	static const char *const bad[] = {
		"{\"cmd\":\"shutdown\",\"mode\":\"hibernate\"}",
		"{\"cmd\":\"shutdown\",\"wait\":1}",
		"{\"cmd\":\"shutdown\",\"reason\":-1}",
		"{\"cmd\":\"shutdown\",\"text\":\"\xff\"}",
	};
	cJSON *request, *reply = cJSON_CreateObject();
	struct vmbus_chan *chan;
	struct fake_sent sent;
	char err[HV_ERR_MAX];
	const char *why;
	void *config;
	size_t i;

	fake_limit_ic("shutdown=3.1");
	config = service_start(&shutdown_type);
	fake_limit_ic(NULL);
	chan = fake_chan("shutdown");
	choose_last(chan);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		request = cJSON_Parse(bad[i]);
		CHECK_EQ(shutdown_type.control(config, "shutdown", request, reply, err), -1);
		cJSON_Delete(request);
	}
	CHECK(!fake_take(chan, &sent));
	/* As flags it is sent all the same; and the answer is waited for. */
	request = cJSON_Parse("{\"cmd\":\"shutdown\",\"flags\":4,\"wait\":true,\"reason\":7,"
			      "\"timeout_s\":60,\"text\":\"ab\"}");
	CHECK_EQ(shutdown_type.control(config, "shutdown", request, reply, err), HV_CONTROL_LATER);
	cJSON_Delete(request);
	CHECK(fake_take(chan, &sent));
	CHECK_EQ(get_le32(sent.payload + 28), 7);
	CHECK_EQ(get_le32(sent.payload + 32), 60);
	CHECK_EQ(get_le32(sent.payload + 36), IC_SHUTDOWN_HIBERNATE);
	CHECK(!memcmp(sent.payload + 40, "a\0b\0\0\0", 6));
	echo(chan, &sent, IC_STATUS_FAIL);
	CHECK(fake_answer(&why));
	CHECK(why && !strcmp(why, "shutdown: the guest answered 0x80004005 (failure)"));
	CHECK_EQ(fake_violations(NULL), 0);
	service_stop(&shutdown_type, config);
}

static void time_is_given(void)
{
	void *config = service_start(&timesync_type);
	struct vmbus_chan *chan = fake_chan("timesync");
	cJSON *request = cJSON_Parse("{\"cmd\":\"timesync\",\"offset_s\":3600,\"sync\":true}");
	cJSON *reply = cJSON_CreateObject();
	char err[HV_ERR_MAX];
	struct fake_sent sent;

	choose_last(chan);
	CHECK(fake_take(chan, &sent));
	CHECK_EQ(sent.len, 28 + 24);
	CHECK_EQ(get_le64(sent.payload + 28), 132000000000000000ull);
	CHECK_EQ(get_le64(sent.payload + 36), 1234567);
	CHECK_EQ(sent.payload[44], IC_TIMESYNC_SYNC);
	/* Asked for while one is outstanding: goes out with the answer. */
	CHECK_EQ(timesync_type.control(config, "timesync", request, reply, err), 1);
	CHECK(!fake_take(chan, &sent));
	answer(chan, 2, (const uint8_t[52]){ 1, 0, 0, 0, 44, 0,	 0, 0, 3, 0, 0, 0, 4,
					     0, 4, 0, 0, 0,  24, 0, 0, 0, 0, 0, 0, 5 },
	       52);
	fake_run(chan);
	CHECK(fake_take(chan, &sent));
	CHECK_EQ(get_le64(sent.payload + 28), 132000000000000000ull + 36000000000ull);
	CHECK_EQ(sent.payload[44], IC_TIMESYNC_SYNC);
	/* A probe, of a time that is 10 ms old. */
	cJSON_Delete(request);
	request =
		cJSON_Parse("{\"cmd\":\"timesync\",\"offset_s\":0,\"probe\":true,\"delay_ms\":10}");
	CHECK_EQ(timesync_type.control(config, "timesync", request, reply, err), 1);
	echo(chan, &sent, 0);
	fake_run(chan);
	CHECK(fake_take(chan, &sent));
	CHECK_EQ(get_le64(sent.payload + 28), 132000000000000000ull - 100000);
	CHECK_EQ(get_le64(sent.payload + 36), 1234567 - 100000);
	CHECK_EQ(sent.payload[44], 0);
	CHECK_EQ(fake_counter("timesync.messages", "probes"), 1);
	CHECK_EQ(fake_violations(NULL), 0);
	cJSON_Delete(request);
	cJSON_Delete(reply);
	service_stop(&timesync_type, config);
}

static const struct unit_case cases[] = {
	UNIT_CASE(negotiation_is_framed_as_specified),
	UNIT_CASE(answers_are_checked),
	UNIT_CASE(one_request_at_a_time),
	UNIT_CASE(negotiation_can_be_repeated),
	UNIT_CASE(old_hosts_offer_old_versions),
	UNIT_CASE(a_full_ring_delays_the_negotiation),
	UNIT_CASE(no_common_version_ends_it_quietly),
	UNIT_CASE(a_wrong_packet_ends_it),
	UNIT_CASE(random_answers_do_no_harm),
	UNIT_CASE(heartbeats_count_on),
	UNIT_CASE(shutdown_is_asked_for),
	UNIT_CASE(a_silent_guest_is_lost),
	UNIT_CASE(hibernation_needs_its_version),
	UNIT_CASE(time_is_given),
};

int main(void)
{
	return unit_main(cases, ARRAY_SIZE(cases));
}
