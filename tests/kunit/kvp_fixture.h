/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the suites of key-value pairs share: numbers and texts as the host has them, texts as the daemon has them, and messages of
 * both. The files under test are included here.
 */
#ifndef HVLIC_KVP_FIXTURE_H
#define HVLIC_KVP_FIXTURE_H

#include <kunit/test.h>

#include "../../hv_utils/utf.c"
#include "../../hv_utils/kvp_ip.c"
#include "../../hv_utils/kvp_msg.c"

/* of an IP configuration, as text and in binary */
#define IP_BYTES	7428

static void put32(u8 *p, u32 v)
{
	p[0] = v;
	p[1] = v >> 8;
	p[2] = v >> 16;
	p[3] = v >> 24;
}

static u32 get32(const u8 *p)
{
	return p[0] | p[1] << 8 | p[2] << 16 | (u32)p[3] << 24;
}

/* ASCII as UTF-16. Returns its bytes, the end included, which is not written: what it is put into is of zeros. */
static u32 put_text(u8 *p, const char *text)
{
	u32 i;

	for (i = 0; text[i]; i++) {
		p[2 * i] = text[i];
		p[2 * i + 1] = 0;
	}
	return 2 * i + 2;
}

static void daemon_says(u8 *p, const char *text)
{
	memcpy(p, text, strlen(text) + 1);
}

/* A request of the host, otherwise of zeros */
static u8 *body_of(struct kunit *test, u32 bytes, u8 operation, u8 pool)
{
	u8 *body = kunit_kzalloc(test, bytes, GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, body);
	body[0] = operation;
	body[1] = pool;
	return body;
}

/* A message to or from the daemon, full of @fill */
static struct kvp_daemon_msg *daemon_msg(struct kunit *test, u8 fill)
{
	struct kvp_daemon_msg *msg = kunit_kzalloc(test, sizeof(*msg), GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, msg);
	memset(msg, fill, sizeof(*msg));
	return msg;
}

#endif /* HVLIC_KVP_FIXTURE_H */
