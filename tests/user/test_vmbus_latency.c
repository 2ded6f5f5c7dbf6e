// SPDX-License-Identifier: GPL-2.0
/* The waits of channels as debugfs shows them: counted once each while asked for, forgotten when asked for again. */
#define KBUILD_MODNAME	"hv_vmbus"
#include "bus_fixture.h"
#include "../../vmbus/debugfs.c"

#define RELID	5u

static struct seq_file *shown(struct kunit *test, int (*show)(struct seq_file *file, void *unused))
{
	struct seq_file *file = kunit_kzalloc(test, sizeof(*file), GFP_KERNEL);

	KUNIT_EXPECT_EQ(test, show(file, NULL), 0);
	return file;
}

static void switch_to(const char *text, ssize_t want, struct kunit *test)
{
	loff_t at = 0;
	char now[4] = "";

	KUNIT_EXPECT_EQ(test, latency_enabled.write(NULL, text, strlen(text), &at), want);
	KUNIT_EXPECT_EQ(test, latency_enabled.read(NULL, now, sizeof(now), &at), (ssize_t)2);
	if (want > 0)
		KUNIT_EXPECT_EQ(test, now[0], text[0]);
}

static void waits_are_counted_while_asked_for(struct kunit *test)
{
	struct vmbus_chan *chan;

	vmbus_debugfs_init();
	KUNIT_EXPECT_EQ(test, shim_debugfs_files, 10);
	host_offers(RELID, &scsi_class, 1, 0);
	bus_settles();
	chan = chan_of(RELID);
	/* Not asked for. */
	vmbus_latency_interrupt(chan);
	vmbus_latency_callback(chan);
	KUNIT_EXPECT_STREQ(test, shown(test, interrupt_to_callback_show)->text, "5\n");

	switch_to("1", 1, test);
	/* Two interrupts before the callback begins are one wait, and a callback without one is none. */
	vmbus_latency_interrupt(chan);
	vmbus_latency_interrupt(chan);
	vmbus_latency_callback(chan);
	vmbus_latency_callback(chan);
	chan->ring_full_ns = 0;
	vmbus_latency_ring_has_room(chan);
	vmbus_latency_ring_full(chan);
	vmbus_latency_ring_has_room(chan);
	KUNIT_EXPECT_NOT_NULL(test, strstr(shown(test, interrupt_to_callback_show)->text, ":1"));
	KUNIT_EXPECT_NULL(test, strchr(strchr(shown(test, ring_full_show)->text, ':') + 1, ':'));
	/* A wait of hours is more than any bucket says. */
	chan->interrupt_ns = 1;
	vmbus_latency_callback(chan);
	KUNIT_EXPECT_NOT_NULL(test, strstr(shown(test, interrupt_to_callback_show)->text, "more:"));

	switch_to("zzz", -EINVAL, test);
	switch_to("1", 1, test);
	KUNIT_EXPECT_STREQ(test, shown(test, interrupt_to_callback_show)->text, "5\n");
	KUNIT_EXPECT_STREQ(test, shown(test, ring_full_show)->text, "5\n");
	switch_to("0", 1, test);
	vmbus_debugfs_exit();
	KUNIT_EXPECT_EQ(test, shim_debugfs_files, 0);
}

static struct kunit_case latency_cases[] = {
	KUNIT_CASE(waits_are_counted_while_asked_for),
	{}
};

static struct kunit_suite latency_suite = {
	.name = "vmbus_latency",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = latency_cases,
};
kunit_test_suite(latency_suite);
