// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of key-value pair exchange: text in UTF-16, bodies byte by byte, IP configurations in both
 * forms, commands against a guest that answers anything.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <hyperv/ic.h>

#include "../devices/ic_utf16.h"
#include "../devices/kvp_ip.h"
#include "../devices/kvp_message.h"
#include "../devices/types.h"
#include "../hyperv/util.h"
#include "ic_guest.h"

/* --- text */

static const struct {
	const char *name, *text;
	unsigned int bytes; /* 0: refused */
} texts[] = {
	{ "empty", "", 2 },
	{ "ASCII", "abc", 8 },
	{ "two bytes", "\xc3\xbc", 4 },
	{ "three bytes", "\xe6\x97\xa5", 4 },
	{ "four bytes", "\xf0\x9f\x98\x80", 6 },
	{ "last character", "\xf4\x8f\xbf\xbf", 6 },
	{ "beyond the last", "\xf4\x90\x80\x80", 0 },
	{ "half a pair", "\xed\xa0\x80", 0 },
	{ "overlong", "\xc0\x80", 0 },
	{ "overlong in three", "\xe0\x9f\xbf", 0 },
	{ "cut short", "a\xe6\x97", 0 },
	{ "continuation alone", "\x80", 0 },
	{ "no such byte", "\xff", 0 },
};

static void text_goes_there_and_back(void)
{
	uint8_t wire[16] = { 0 };
	char back[IC_UTF8_ROOM(16)];
	uint32_t bytes;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		bytes = 0;
		if (ic_utf16_put(wire, sizeof(wire), texts[i].text, &bytes) ||
		    bytes != texts[i].bytes) {
			if (texts[i].bytes || bytes)
				printf("# %s: %u bytes\n", texts[i].name, bytes), unit_failures++;
			continue;
		}
		CHECK_EQ(ic_utf16_get(wire, bytes, back), 0);
		CHECK_TEXT(back, texts[i].text);
		CHECK_EQ(ic_utf16_terminated(wire, sizeof(wire)), bytes);
	}
	CHECK_EQ(ic_utf16_put(wire, 8, "abc", &bytes), 0);
	CHECK_EQ(ic_utf16_put(wire, 8, "abcd", &bytes), -EMSGSIZE);
	CHECK_EQ(ic_utf16_put(wire, 6, "\xf0\x9f\x98\x80", &bytes), 0);
	CHECK_EQ(ic_utf16_put(wire, 6, "a\xf0\x9f\x98\x80", &bytes), -EMSGSIZE);
}

static void wrong_utf16_is_refused_or_replaced(void)
{
	static const uint8_t high[] = { 0x3d, 0xd8, 'a', 0, 0, 0 }, low[] = { 0, 0xdc, 0, 0 },
			     end[] = { 0x3d, 0xd8, 0, 0 }, nul[] = { 'a', 0, 0, 0, 'b', 0, 0, 0 };
	char text[32];

	CHECK_EQ(ic_utf16_get(high, 6, text), 0);
	CHECK_TEXT(text, "\xef\xbf\xbd"
			 "a");
	CHECK_EQ(ic_utf16_get(low, 4, text), 0);
	CHECK_TEXT(text, "\xef\xbf\xbd");
	CHECK_EQ(ic_utf16_get(end, 4, text), 0);
	CHECK_TEXT(text, "\xef\xbf\xbd");
	CHECK_EQ(ic_utf16_get(nul, 8, text), -EINVAL);
	CHECK_EQ(ic_utf16_get(nul, 0, text), -EINVAL);
	CHECK_EQ(ic_utf16_get(nul, 3, text), -EINVAL);
	CHECK_EQ(ic_utf16_get(nul, 2, text), -EINVAL);
	CHECK_EQ(ic_utf16_terminated(nul, 2), 0);
	CHECK_EQ(ic_utf16_terminated(nul, 8), 4);
}

/* --- pairs */

static void bodies_are_as_specified(void)
{
	struct kvp_item item = { .type = KVP_TYPE_SZ, .key = "a", .text = "1" };
	struct kvp_enumerate enumerate;
	struct kvp_exchange set;
	struct kvp_delete delete;
	const uint8_t *b = (const uint8_t *)&set;
	const char *why;

	CHECK_EQ(kvp_set_build(&set, 0, &item, &why), 0);
	CHECK(!memcmp(b, (const uint8_t[]){ 1, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0 }, 16));
	CHECK(!memcmp(b + 16, "a\0\0\0", 4));
	CHECK(!memcmp(b + 528, "1\0\0\0", 4));
	item.type = KVP_TYPE_DWORD;
	item.number = 0x01020304;
	CHECK_EQ(kvp_set_build(&set, 1, &item, &why), 0);
	CHECK_EQ(b[1], 1);
	CHECK_EQ(b[4], 4);
	CHECK_EQ(b[12], 4);
	CHECK_EQ(get_le32(b + 528), 0x01020304);
	item.number = 1ull << 32;
	CHECK_EQ(kvp_set_build(&set, 1, &item, &why), -EINVAL);
	item.type = KVP_TYPE_QWORD;
	CHECK_EQ(kvp_set_build(&set, 1, &item, &why), 0);
	CHECK_EQ(b[4], 11);
	CHECK_EQ(b[12], 8);
	CHECK_EQ(get_le64(b + 528), 1ull << 32);
	CHECK_EQ(kvp_delete_build(&delete, 3, "ab", &why), 0);
	b = (const uint8_t *)&delete;
	CHECK(!memcmp(b, (const uint8_t[]){ 2, 3, 0, 0, 6, 0, 0, 0, 'a', 0, 'b', 0, 0, 0 }, 14));
	CHECK_EQ(kvp_delete_build(&delete, 3, "", &why), -EINVAL);
	kvp_enumerate_build(&enumerate, 2, 7);
	b = (const uint8_t *)&enumerate;
	CHECK(!memcmp(b, (const uint8_t[]){ 3, 2, 0, 0, 7, 0, 0, 0, 0 }, 9));
}

static void the_longest_pair_fits(void)
{
	struct kvp_item item = { .type = KVP_TYPE_SZ };
	struct kvp_exchange set;
	const char *why;

	memset(item.key, 'k', 255);
	memset(item.text, 'v', 1023);
	CHECK_EQ(kvp_set_build(&set, 0, &item, &why), 0);
	CHECK_EQ(get_le32((uint8_t *)&set.value.key_bytes), 512);
	CHECK_EQ(get_le32((uint8_t *)&set.value.value_bytes), 2048);
	item.key[255] = 'k';
	CHECK_EQ(kvp_set_build(&set, 0, &item, &why), -EINVAL);
	item.key[255] = '\0';
	item.text[1023] = 'v';
	CHECK_EQ(kvp_set_build(&set, 0, &item, &why), -EINVAL);
}

struct patch {
	const char *name;
	unsigned int at; /* in the body */
	uint32_t value;
	int result;
};

/* An enumeration's answer with key "a" and value "1", changed in one word. */
static const struct patch patches[] = {
	{ "unchanged", 4, 0, 0 },
	{ "type 0", 8, 0, -EPROTO },
	{ "type 3", 8, 3, -EPROTO },
	{ "type 8, which a host does not know", 8, 8, -EPROTO },
	{ "type 4 with the text's length", 8, 4, 0 },
	{ "type 11 with the text's length", 8, 11, -EPROTO },
	{ "key without bytes", 12, 0, -EPROTO },
	{ "key of odd length", 12, 3, -EPROTO },
	{ "key without its NUL", 12, 2, -EPROTO },
	{ "key with a NUL inside", 12, 6, -EPROTO },
	{ "key as long as its array", 12, 512, -EPROTO },
	{ "key beyond its array", 12, 514, -EPROTO },
	{ "key of any length", 12, 0xffffffff, -EPROTO },
	{ "value without bytes", 16, 0, -EPROTO },
	{ "value of odd length", 16, 5, -EPROTO },
	{ "value without its NUL", 16, 2, -EPROTO },
	{ "value beyond its array", 16, 2050, -EPROTO },
	{ "value of any length", 16, 0xfffffffe, -EPROTO },
	{ "another operation", 0, 0x0200, -EPROTO },
	{ "another pool", 0, 0x0103, -EPROTO },
};

static void answers_are_checked(void)
{
	struct kvp_item *item = malloc(sizeof(*item));
	uint8_t *body = malloc(2580);
	const char *why;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(patches); i++) {
		memset(body, 0, 2580);
		put_le32(body, 0x0203);
		put_le32(body + 8, 1);
		put_le32(body + 12, 4);
		put_le32(body + 16, 4);
		body[20] = 'a';
		body[532] = '1';
		put_le32(body + patches[i].at, patches[i].value);
		if (i == 0)
			put_le32(body, 0x0203);
		if (kvp_reply_parse(KVP_OP_ENUMERATE, 2, body, 2580, item, &why) !=
		    patches[i].result) {
			printf("# %s\n", patches[i].name);
			unit_failures++;
		}
	}
	/* A number of 32 bits that is longer. */
	put_le32(body, 0x0203);
	put_le32(body + 8, KVP_TYPE_DWORD);
	put_le32(body + 16, 8);
	CHECK_EQ(kvp_reply_parse(KVP_OP_ENUMERATE, 2, body, 2580, item, &why), -EPROTO);
	put_le32(body + 8, KVP_TYPE_QWORD);
	CHECK_EQ(kvp_reply_parse(KVP_OP_ENUMERATE, 2, body, 2580, item, &why), 0);
	CHECK_EQ(kvp_reply_parse(KVP_OP_ENUMERATE, 2, body, 2579, item, &why), -EPROTO);
	free(body);
	free(item);
}

/* --- IP configurations */

static void addresses_are_sorted_out(void)
{
	struct kvp_ip_config *config = calloc(1, sizeof(*config)), *back;
	uint8_t *body = malloc(KVP_IP_BYTES);
	const char *why;

	CHECK_EQ(kvp_ip_add_addresses(config, "10.0.2.77/24;fec0::77/64;192.168.1.1/9", &why), 0);
	CHECK_TEXT(config->addresses, "10.0.2.77;fec0::77;192.168.1.1");
	CHECK_TEXT(config->subnets, "255.255.255.0;64;255.128.0.0");
	CHECK_EQ(config->family, KVP_FAMILY_BOTH);
	strcpy(config->adapter, "{x}");
	strcpy(config->gateways, "10.0.2.2;fec0::1");
	strcpy(config->dns, "10.0.2.3");
	CHECK_EQ(kvp_ip_build(body, KVP_OP_SET_IP, true, config, &why), 0);
	CHECK_EQ(body[0], KVP_OP_SET_IP);
	CHECK_EQ(get_le32(body + 4), 2);
	CHECK_EQ(get_le32(body + 8), 1);
	CHECK_EQ(get_le32(body + 12), 1);
	CHECK_EQ(get_le32(body + 16), 1);
	CHECK_EQ(get_le32(body + 20), 1);
	CHECK_EQ(get_le32(body + 24), 0);
	CHECK_EQ(body[4 + 280], KVP_FAMILY_BOTH);
	CHECK(!memcmp(body + 4 + 284, "\x0a\0\x02\x4d\xc0\xa8\x01\x01", 8));
	CHECK(!memcmp(body + 4 + 1564, "\xff\xff\xff\0\xff\x80\0\0", 8));
	CHECK_EQ(get_le32(body + 4 + 1820), 64);
	CHECK_EQ(get_le16(body + 4 + 3456 + 4), KVP_ORIGIN_STATIC);
	CHECK_EQ(get_le16(body + 4 + 3456 + 6), 0);
	body[0] = KVP_OP_GET_IP;
	back = malloc(sizeof(*back));
	CHECK_EQ(kvp_ip_reply_parse(true, body, KVP_IP_BYTES, back, &why), 0);
	CHECK_TEXT(back->addresses, "10.0.2.77;192.168.1.1;fec0::77");
	CHECK_TEXT(back->subnets, "255.255.255.0;255.128.0.0;/64");
	CHECK_TEXT(back->gateways, "10.0.2.2;fec0::1");
	CHECK_TEXT(back->dns, "10.0.2.3");
	put_le32(body + 4, 65);
	CHECK_EQ(kvp_ip_reply_parse(true, body, KVP_IP_BYTES, back, &why), -EPROTO);
	put_le32(body + 4, 64);
	CHECK_EQ(kvp_ip_reply_parse(true, body, KVP_IP_BYTES, back, &why), 0);
	put_le32(body + 12, 6);
	CHECK_EQ(kvp_ip_reply_parse(true, body, KVP_IP_BYTES, back, &why), -EPROTO);

	CHECK_EQ(kvp_ip_build(body, KVP_OP_SET_IP, false, config, &why), 0);
	CHECK(!memcmp(body + 2, "{\0x\0}\0\0", 7));
	CHECK_EQ(body[258], KVP_FAMILY_BOTH);
	CHECK(!memcmp(body + 260, "1\0000\0.\0", 6));
	body[0] = KVP_OP_GET_IP;
	CHECK_EQ(kvp_ip_reply_parse(false, body, KVP_IP_BYTES, back, &why), 0);
	CHECK_TEXT(back->addresses, config->addresses);
	CHECK_TEXT(back->dns, config->dns);
	memset(body + 260, 'x', 2048);
	CHECK_EQ(kvp_ip_reply_parse(false, body, KVP_IP_BYTES, back, &why), -EPROTO);
	CHECK_EQ(kvp_ip_reply_parse(false, body, KVP_IP_BYTES - 1, back, &why), -EPROTO);
	free(back);
	free(body);
	free(config);
}

static void wrong_addresses_are_refused(void)
{
	static const char *const lists[] = { "10.0.2.77",	"10.0.2.77/33", "10.0.2/24",
					     "fec0::1/129",	"fec0::1/",	"10.0.2.77/24 ",
					     "10.0.2.77/24;;1", "/24",		"$(reboot)/24" };
	struct kvp_ip_config *config = malloc(sizeof(*config));
	char many[65 * 14 + 1] = "";
	const char *why;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lists); i++) {
		memset(config, 0, sizeof(*config));
		if (!kvp_ip_add_addresses(config, lists[i], &why))
			printf("# %s\n", lists[i]), unit_failures++;
	}
	for (i = 0; i < 65; i++)
		snprintf(many + strlen(many), sizeof(many) - strlen(many), "10.0.0.%zu/24;", i);
	memset(config, 0, sizeof(*config));
	CHECK_EQ(kvp_ip_add_addresses(config, many, &why), -EINVAL);
	free(config);
	CHECK(kvp_ip_check_list("", 5));
	CHECK(kvp_ip_check_list("10.0.0.1;::1", 2));
	CHECK(!kvp_ip_check_list("10.0.0.1;::1", 1));
	CHECK(!kvp_ip_check_list("10.0.0.1;x", 2));
}

/* --- commands */

static const char *const offered[] = { "kvp", NULL, "kvp-host-item", "VirtualMachineName=vm",
				       NULL };

/* Answers what the host says of itself. Return: how many pairs it were. */
static unsigned int accept_host_items(struct vmbus_chan *chan)
{
	struct guest_request request;
	unsigned int n = 0;

	while (guest_take(chan, &request)) {
		CHECK_EQ(request.message[GUEST_BODY], KVP_OP_SET);
		CHECK_EQ(request.message[GUEST_BODY + 1], KVP_POOL_AUTO_EXTERNAL);
		guest_answer(chan, &request, 0);
		n++;
	}
	return n;
}

static void the_host_introduces_itself(void)
{
	void *config = guest_start(&kvp_type, offered);
	struct vmbus_chan *chan = fake_chan("kvp");
	char err[HV_ERR_MAX];
	const char *why;

	CHECK_EQ(guest_control(&kvp_type, config, "{\"cmd\":\"kvp-enumerate\",\"pool\":0}", err),
		 -1);
	guest_agree(chan, 4, 0);
	/* A command in between waits for its turn, a second one does not. */
	CHECK_EQ(guest_control(&kvp_type, config,
			       "{\"cmd\":\"kvp-delete\",\"pool\":0,\"key\":\"x\"}", err),
		 HV_CONTROL_LATER);
	CHECK_EQ(guest_control(&kvp_type, config, "{\"cmd\":\"kvp-enumerate\",\"pool\":0}", err),
		 -1);
	for (unsigned int i = 0; i < 4; i++) {
		struct guest_request request;

		CHECK(guest_take(chan, &request));
		CHECK_EQ(request.message[GUEST_BODY + 1], KVP_POOL_AUTO_EXTERNAL);
		guest_answer(chan, &request, i ? 0 : IC_STATUS_FAIL);
	}
	CHECK_EQ(fake_counter("kvp.host_items", "told"), 3);
	CHECK_EQ(fake_counter("kvp.host_items", "refused"), 1);
	struct guest_request request;

	CHECK(guest_take(chan, &request));
	CHECK_EQ(request.message[GUEST_BODY], KVP_OP_DELETE);
	CHECK(!fake_answer(NULL));
	guest_answer(chan, &request, IC_STATUS_NO_MORE_ITEMS);
	CHECK(fake_answer(&why));
	CHECK_TEXT(why, "kvp-delete: the guest answered 0x80070103 (no such item)");
	CHECK_EQ(fake_violations(NULL), 0);
	guest_stop(&kvp_type, config);
}

/* The guest has the pairs "a" = "1" and "b" = 5. */
static void answer_pair(struct vmbus_chan *chan, struct guest_request *request)
{
	uint8_t *body = request->message + GUEST_BODY;
	uint32_t index = get_le32(body + 4);

	if (index > 1) {
		guest_answer(chan, request, IC_STATUS_NO_MORE_ITEMS);
		return;
	}
	put_le32(body + 8, index ? 4 : 1);
	put_le32(body + 12, 4);
	put_le32(body + 16, 4);
	body[20] = index ? 'b' : 'a';
	body[532] = index ? 5 : '1';
	guest_answer(chan, request, 0);
}

static void pairs_are_enumerated(void)
{
	void *config = guest_start(&kvp_type, offered);
	struct vmbus_chan *chan = fake_chan("kvp");
	struct guest_request request;
	cJSON *reply, *items;
	char err[HV_ERR_MAX];
	const char *why;

	guest_agree(chan, 4, 0);
	CHECK_EQ(accept_host_items(chan), 4);
	CHECK_EQ(guest_control(&kvp_type, config, "{\"cmd\":\"kvp-enumerate\",\"pool\":2}", err),
		 HV_CONTROL_LATER);
	while (guest_take(chan, &request))
		answer_pair(chan, &request);
	reply = fake_answer(&why);
	CHECK(reply && !why);
	items = cJSON_GetObjectItem(reply, "items");
	CHECK_EQ(cJSON_GetArraySize(items), 2);
	CHECK_TEXT(guest_text(cJSON_GetArrayItem(items, 0), "name"), "a");
	CHECK_TEXT(guest_text(cJSON_GetArrayItem(items, 0), "value"), "1");
	CHECK_TEXT(guest_text(cJSON_GetArrayItem(items, 1), "type"), "REG_DWORD");
	CHECK_EQ(cJSON_GetNumberValue(cJSON_GetObjectItem(cJSON_GetArrayItem(items, 1), "value")),
		 5);
	CHECK_EQ(guest_control(&kvp_type, config, "{\"cmd\":\"kvp-get\",\"pool\":2,\"key\":\"b\"}",
			       err),
		 HV_CONTROL_LATER);
	while (guest_take(chan, &request))
		answer_pair(chan, &request);
	reply = fake_answer(&why);
	CHECK(reply && !why);
	CHECK_TEXT(guest_text(reply, "name"), "b");
	CHECK_EQ(guest_control(&kvp_type, config, "{\"cmd\":\"kvp-get\",\"pool\":2,\"key\":\"c\"}",
			       err),
		 HV_CONTROL_LATER);
	while (guest_take(chan, &request))
		answer_pair(chan, &request);
	CHECK(fake_answer(&why));
	CHECK_TEXT(why, "kvp-get: pool 2 has no such key");
	/* A guest that never comes to an end. */
	CHECK_EQ(guest_control(&kvp_type, config, "{\"cmd\":\"kvp-enumerate\",\"pool\":2}", err),
		 HV_CONTROL_LATER);
	while (guest_take(chan, &request)) {
		put_le32(request.message + GUEST_BODY + 4, 0);
		answer_pair(chan, &request);
	}
	CHECK(fake_answer(&why));
	CHECK_TEXT(why, "kvp-enumerate: the guest has no end of pairs");
	CHECK_EQ(fake_violations(NULL), 0);
	/* One that answers with something else. */
	CHECK_EQ(guest_control(&kvp_type, config, "{\"cmd\":\"kvp-enumerate\",\"pool\":2}", err),
		 HV_CONTROL_LATER);
	CHECK(guest_take(chan, &request));
	guest_answer(chan, &request, 0);
	CHECK(fake_answer(&why));
	CHECK(why);
	CHECK_EQ(fake_violations("kvp-reply"), 1);
	guest_stop(&kvp_type, config);
}

static void ip_is_read_in_both_forms(void)
{
	for (unsigned int major = 4; major <= 5; major++) {
		void *config = guest_start(&kvp_type, offered);
		struct vmbus_chan *chan = fake_chan("kvp");
		struct guest_request request;
		char err[HV_ERR_MAX];
		const char *why;
		cJSON *reply;

		guest_agree(chan, (uint16_t)major, 0);
		accept_host_items(chan);
		CHECK_EQ(guest_control(&kvp_type, config,
				       "{\"cmd\":\"ip-get\",\"adapter\":\"00:15:5d:01:02:0a\"}",
				       err),
			 HV_CONTROL_LATER);
		CHECK(guest_take(chan, &request));
		CHECK_EQ(request.bytes, GUEST_BODY + 7428);
		CHECK(!memcmp(request.message + GUEST_BODY + (major == 5 ? 28 : 2),
			      "0\0000\0:\0001\0005\0:\0005\0D\0:\0", 18));
		if (major == 5) {
			put_le32(request.message + GUEST_BODY + 4, 1);
			memcpy(request.message + GUEST_BODY + 4 + 284, "\x0a\0\x02\x0f", 4);
		} else {
			memcpy(request.message + GUEST_BODY + 260,
			       "1\0000\0.\0000\0.\0002\0.\0001\0005\0", 18);
		}
		guest_answer(chan, &request, 0);
		reply = fake_answer(&why);
		CHECK(reply && !why);
		CHECK_TEXT(cJSON_GetStringValue(
				   cJSON_GetArrayItem(cJSON_GetObjectItem(reply, "addresses"), 0)),
			   "10.0.2.15");
		guest_stop(&kvp_type, config);
	}
}

static void a_closed_channel_ends_the_command(void)
{
	void *config = guest_start(&kvp_type, offered);
	struct vmbus_chan *chan = fake_chan("kvp");
	struct guest_request request;
	char err[HV_ERR_MAX];
	const char *why;

	guest_agree(chan, 4, 0);
	CHECK(guest_take(chan, &request));
	CHECK_EQ(guest_control(&kvp_type, config, "{\"cmd\":\"kvp-enumerate\",\"pool\":0}", err),
		 HV_CONTROL_LATER);
	fake_close(chan);
	CHECK(fake_answer(&why));
	CHECK_TEXT(why, "kvp-enumerate: the guest has closed the channel");
	fake_open(chan);
	guest_agree(chan, 3, 0);
	CHECK_EQ(accept_host_items(chan), 4);
	/* The host ends while a command runs. */
	CHECK_EQ(guest_control(&kvp_type, config, "{\"cmd\":\"kvp-enumerate\",\"pool\":0}", err),
		 HV_CONTROL_LATER);
	guest_stop(&kvp_type, config);
	CHECK(fake_answer(&why));
	CHECK(why);
}

static const char *const bad_commands[] = {
	"{\"cmd\":\"kvp-enumerate\"}",
	"{\"cmd\":\"kvp-enumerate\",\"pool\":4}",
	"{\"cmd\":\"kvp-enumerate\",\"pool\":-1}",
	"{\"cmd\":\"kvp-enumerate\",\"pool\":1.5}",
	"{\"cmd\":\"kvp-enumerate\",\"pool\":\"0\"}",
	"{\"cmd\":\"kvp-get\",\"pool\":0}",
	"{\"cmd\":\"kvp-get\",\"pool\":0,\"key\":\"\"}",
	"{\"cmd\":\"kvp-get\",\"pool\":0,\"key\":5}",
	"{\"cmd\":\"kvp-get\",\"pool\":0,\"key\":\"a\",\"direct\":1}",
	"{\"cmd\":\"kvp-delete\",\"pool\":0}",
	"{\"cmd\":\"kvp-set\",\"pool\":0,\"key\":\"a\"}",
	"{\"cmd\":\"kvp-set\",\"pool\":0,\"key\":\"a\",\"value\":true}",
	"{\"cmd\":\"kvp-set\",\"pool\":0,\"key\":\"a\",\"value\":\"1\",\"type\":\"text\"}",
	"{\"cmd\":\"kvp-set\",\"pool\":0,\"key\":\"a\",\"value\":4294967296,\"type\":\"u32\"}",
	"{\"cmd\":\"kvp-set\",\"pool\":0,\"key\":\"a\",\"value\":-1,\"type\":\"u64\"}",
	"{\"cmd\":\"kvp-set\",\"pool\":0,\"key\":\"a\",\"value\":\"18446744073709551616\",\"type\":"
	"\"u64\"}",
	"{\"cmd\":\"ip-get\"}",
	"{\"cmd\":\"ip-get\",\"adapter\":\"nic0\"}",
	"{\"cmd\":\"ip-get\",\"adapter\":\"00:15:5d:01:02:03x\"}",
	"{\"cmd\":\"ip-set\",\"adapter\":\"nic0\",\"dhcp\":true}",
	"{\"cmd\":\"ip-set\",\"adapter\":\"00000000-1111-2222-3333-444444444444\"}",
	"{\"cmd\":\"ip-set\",\"adapter\":\"00000000-1111-2222-3333-444444444444\",\"addresses\":"
	"\"x\"}",
	"{\"cmd\":\"ip-set\",\"adapter\":\"00000000-1111-2222-3333-44444444444g\",\"dhcp\":true}",
	"{\"cmd\":\"ip-set\",\"adapter\":\"00000000-1111-2222-3333-444444444444\",\"dhcp\":true,"
	"\"family\":\"ipx\"}",
	"{\"cmd\":\"ip-set\",\"adapter\":\"00000000-1111-2222-3333-444444444444\",\"dhcp\":true,"
	"\"dns\":\"a;b\"}",
};

static void bad_commands_change_nothing(void)
{
	void *config = guest_start(&kvp_type, offered);
	struct vmbus_chan *chan = fake_chan("kvp");
	struct guest_request request;
	char err[HV_ERR_MAX];
	size_t i;

	guest_agree(chan, 4, 0);
	accept_host_items(chan);
	for (i = 0; i < ARRAY_SIZE(bad_commands); i++) {
		if (guest_control(&kvp_type, config, bad_commands[i], err) != -1 || !err[0] ||
		    guest_take(chan, &request)) {
			printf("# %s\n", bad_commands[i]);
			unit_failures++;
		}
	}
	CHECK_EQ(guest_control(&kvp_type, config,
			       "{\"cmd\":\"kvp-set\",\"pool\":0,\"key\":\"a\",\"type\":\"u64\","
			       "\"value\":\"18446744073709551615\"}",
			       err),
		 HV_CONTROL_LATER);
	CHECK(guest_take(chan, &request));
	CHECK_EQ(get_le64(request.message + GUEST_BODY + 528), ~0ull);
	guest_answer(chan, &request, 0);
	CHECK(fake_answer(NULL));
	guest_stop(&kvp_type, config);
}

static void random_answers_do_no_harm(void)
{
	static const char *const commands[] = {
		"{\"cmd\":\"kvp-enumerate\",\"pool\":0}",
		"{\"cmd\":\"kvp-get\",\"pool\":0,\"key\":\"a\",\"direct\":true}",
		"{\"cmd\":\"ip-get\",\"adapter\":\"00:15:5d:01:02:0a\"}",
	};
	int null = open("/dev/null", O_WRONLY), saved = dup(STDERR_FILENO);
	struct guest_request request;
	unsigned int seed = 7, i, j;
	char err[HV_ERR_MAX];

	dup2(null, STDERR_FILENO);
	for (i = 0; i < 2000; i++) {
		void *config = guest_start(&kvp_type, offered);
		struct vmbus_chan *chan = fake_chan("kvp");

		guest_agree(chan, rand_r(&seed) & 1 ? 4 : 5, 0);
		accept_host_items(chan);
		guest_control(&kvp_type, config, commands[i % 3], err);
		for (j = 0; j < 5 && guest_take(chan, &request); j++) {
			unsigned int changes = (unsigned int)rand_r(&seed) % 6;

			while (changes--)
				request.message[(unsigned int)rand_r(&seed) %
						(rand_r(&seed) & 1 ? 64 : request.bytes)] =
					(uint8_t)rand_r(&seed);
			if (!(rand_r(&seed) % 8))
				request.bytes = (unsigned int)rand_r(&seed) % request.bytes;
			guest_answer(chan, &request, rand_r(&seed) % 4 ? 0 : IC_STATUS_FAIL);
		}
		guest_stop(&kvp_type, config);
		fake_answer(NULL);
	}
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(null);
}

static const struct unit_case cases[] = {
	UNIT_CASE(text_goes_there_and_back),
	UNIT_CASE(wrong_utf16_is_refused_or_replaced),
	UNIT_CASE(bodies_are_as_specified),
	UNIT_CASE(the_longest_pair_fits),
	UNIT_CASE(answers_are_checked),
	UNIT_CASE(addresses_are_sorted_out),
	UNIT_CASE(wrong_addresses_are_refused),
	UNIT_CASE(the_host_introduces_itself),
	UNIT_CASE(pairs_are_enumerated),
	UNIT_CASE(ip_is_read_in_both_forms),
	UNIT_CASE(a_closed_channel_ends_the_command),
	UNIT_CASE(bad_commands_change_nothing),
	UNIT_CASE(random_answers_do_no_harm),
};

int main(void)
{
	return unit_main(cases, ARRAY_SIZE(cases));
}
