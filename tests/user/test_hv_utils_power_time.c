// SPDX-License-Identifier: GPL-2.0
/*
 * Shutdown and time synchronisation on a host, a clock and an end of the machine played by this file: what each request leads
 * to, that the answer goes out before anything is done, and what of a lying host is not acted upon.
 */
#include <kunit/test.h>
#include <linux/jiffies.h>

#define KBUILD_MODNAME "hv_utils"
/* the kernel's is for any type */
#define abs(x)	({ typeof(x) shim_x = (x); shim_x < 0 ? -shim_x : shim_x; })
#include "../../hv_utils/ic_msg.c"
#include "../../hv_utils/versions.c"
#include "../../hv_utils/ic.c"
#undef pr_fmt
#include "../../hv_utils/shutdown.c"
#include "../../hv_utils/host_time.c"
#undef pr_fmt
#include "../../hv_utils/timesync.c"
#include "ic_host.h"

#define SECOND_100NS	10000000ULL
#define SECOND_NS	1000000000LL
/* The first of January 2026, as hosts and as guests count */
#define Y2026_100NS	134117856000000000ULL
#define Y2026_NS	1767312000000000000LL
/* Of the reference counter: the machine has been up for a while */
#define UP_100NS	(5000 * SECOND_100NS)

/* What there is of the machine, and what was done to it */
static struct {
	bool can_hibernate;
	unsigned int power_offs, restarts, uevents;
	u64 counter_100ns;
	s64 clock_ns;
	unsigned int steps;
	struct ptp_clock_info *ptp;
} machine;

void orderly_poweroff(bool force)
{
	machine.power_offs += force;
}

void orderly_reboot(void)
{
	machine.restarts++;
}

int kobject_uevent_env(struct kobject *kobj, enum kobject_action action, char *envp[])
{
	machine.uevents += action == KOBJ_CHANGE && !strcmp(envp[0], "EVENT=hibernate") && !envp[1];
	return 0;
}

bool hv_is_hibernation_supported(void)
{
	return machine.can_hibernate;
}

static u64 reference_counter(void)
{
	return machine.counter_100ns;
}

u64 (*hv_read_reference_counter)(void) = reference_counter;

u64 ktime_get_real_ns(void)
{
	return machine.clock_ns;
}

int do_settimeofday64(const struct timespec64 *ts)
{
	machine.clock_ns = ts->tv_sec * SECOND_NS + ts->tv_nsec;
	machine.steps++;
	return 0;
}

struct ptp_clock *ptp_clock_register(struct ptp_clock_info *info, void *parent)
{
	machine.ptp = info;
	return (struct ptp_clock *)&machine;
}

int ptp_clock_unregister(struct ptp_clock *ptp)
{
	machine.ptp = NULL;
	return 0;
}

static int case_init(struct kunit *test)
{
	memset(&machine, 0, sizeof(machine));
	machine.counter_100ns = UP_100NS;
	machine.clock_ns = Y2026_NS;
	timesync_implicit = false;
	return ic_case_init(test);
}

static void put_le32(u8 *p, u32 v)
{
	memcpy(p, &v, sizeof(v));
}

static void put_le64(u8 *p, u64 v)
{
	memcpy(p, &v, sizeof(v));
}

static void start(struct kunit *test, const struct hv_ic_service *service, u16 version)
{
	KUNIT_ASSERT_EQ(test, hv_ic_probe(&hdev, service), 0);
	host_negotiates(3, version);
	host_event();
	KUNIT_ASSERT_EQ(test, host.answered, 1);
	KUNIT_ASSERT_EQ(test, status_of(0), IC_STATUS_OK);
	host.answered = 0;
}

/* The host has got one more answer, with this status. */
static void told(struct kunit *test, u32 status)
{
	KUNIT_ASSERT_EQ(test, host.answered, 1);
	KUNIT_EXPECT_EQ(test, status_of(0), status);
	host.answered = 0;
}

/* ---- shutdown */

static void host_requests(u32 flags, u16 body_bytes)
{
	u8 body[2060] = { };

	/* no text of the host's has an end */
	memset(body + 12, 0xff, sizeof(body) - 12);
	put_le32(body + 8, flags);
	host_sends(IC_MSG_SHUTDOWN, 5, body, body_bytes);
	host_event();
}

static struct hv_shutdown *shutdown(void)
{
	return ic()->state;
}

/* The work items, as the kernel's worker would run them; counts what was done. */
static void work_runs(void)
{
	shim_run_work(&shutdown()->power);
	shim_run_work(&shutdown()->hibernate);
}

struct shutdown_case {
	const char *name;
	u32 flags;
	u16 body_bytes;
	bool can_hibernate;
	u32 status;
	unsigned int power_offs, restarts, uevents;
};

static struct shutdown_case shutdown_cases[] = {
	{ .name = "power off", 0, 2060, false, IC_STATUS_OK, 1, 0, 0 },
	{ .name = "power off by force", 1, 2060, false, IC_STATUS_OK, 1, 0, 0 },
	{ .name = "restart", 2, 2060, false, IC_STATUS_OK, 0, 1, 0 },
	{ .name = "restart by force", 3, 2060, false, IC_STATUS_OK, 0, 1, 0 },
	{ .name = "hibernate", 4, 2060, true, IC_STATUS_OK, 0, 0, 1 },
	{ .name = "hibernate by force", 5, 2060, true, IC_STATUS_OK, 0, 0, 1 },
	{ .name = "hibernate without S4", 4, 2060, false, IC_STATUS_FAIL },
	{ .name = "restart and hibernate", 6, 2060, true, IC_STATUS_FAIL },
	{ .name = "all of it", 7, 2060, true, IC_STATUS_FAIL },
	{ .name = "a flag nobody knows", 8, 2060, true, IC_STATUS_FAIL },
	{ .name = "power off, and a flag nobody knows", 0x80000000, 2060, true, IC_STATUS_FAIL },
	{ .name = "no text", 0, 12, false, IC_STATUS_OK, 1, 0, 0 },
	{ .name = "flags cut short", 0, 11, false, IC_STATUS_FAIL },
	{ .name = "no body", 0, 0, false, IC_STATUS_FAIL },
};

static void request_leads_to(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(shutdown_cases); i++) {
		const struct shutdown_case *c = &shutdown_cases[i];

		case_init(test);
		machine.can_hibernate = c->can_hibernate;
		start(test, &hv_shutdown_service, 3);
		host_requests(c->flags, c->body_bytes);
		/* the answer first */
		KUNIT_EXPECT_EQ(test, machine.power_offs + machine.restarts + machine.uevents, 0);
		told(test, c->status);
		work_runs();
		if (machine.power_offs != c->power_offs || machine.restarts != c->restarts || machine.uevents != c->uevents)
			KUNIT_FAIL(test, "%s: %u power-offs, %u restarts, %u events", c->name, machine.power_offs,
				   machine.restarts, machine.uevents);
		ic_case_exit(test);
	}
	case_init(test);
}

static void nothing_is_done_before_the_answer_is_out(struct kunit *test)
{
	start(test, &hv_shutdown_service, 3);
	host.room = 0;
	host_requests(0, 2060);
	work_runs();
	KUNIT_EXPECT_EQ(test, machine.power_offs, 0);
	host.room = 1;
	KUNIT_EXPECT_TRUE(test, shim_run_work(&ic()->repoll.work));
	told(test, IC_STATUS_OK);
	work_runs();
	KUNIT_EXPECT_EQ(test, machine.power_offs, 1);
}

static void two_requests_are_two_answers_and_one_end(struct kunit *test)
{
	start(test, &hv_shutdown_service, 3);
	host_requests(0, 2060);
	told(test, IC_STATUS_OK);
	host_requests(2, 2060);
	told(test, IC_STATUS_OK);
	work_runs();
	/* the one asked for last */
	KUNIT_EXPECT_EQ(test, machine.power_offs, 0);
	KUNIT_EXPECT_EQ(test, machine.restarts, 1);
	host_requests(8, 2060);
	told(test, IC_STATUS_FAIL);
	work_runs();
	KUNIT_EXPECT_EQ(test, machine.power_offs + machine.restarts, 1);
}

/* What the host was told happens, also when it takes the device away at once; but no event about a device that goes. */
static void end_outlives_the_device(struct kunit *test)
{
	machine.can_hibernate = true;
	start(test, &hv_shutdown_service, 3);
	host_requests(4, 2060);
	host_requests(0, 2060);
	host.rescinded = true;
	hv_ic_remove(&hdev);
	KUNIT_EXPECT_EQ(test, machine.power_offs, 1);
	KUNIT_EXPECT_EQ(test, machine.uevents, 0);
}

/* ---- time */

static struct hv_timesync *timesync(void)
{
	return ic()->state;
}

/* Before 4.0 the message has no reading of the counter, and the flags elsewhere. */
static void host_tells(u16 version, u64 parent_100ns, u64 reference_100ns, u8 flags, u16 body_bytes)
{
	u8 body[28] = { };

	put_le64(body, parent_100ns);
	if (version >= 4) {
		put_le64(body + 8, reference_100ns);
		body[16] = flags;
	} else {
		put_le64(body + 8, 0xdeadbeef);
		body[24] = flags;
	}
	host_sends(IC_MSG_TIMESYNC, 6, body, body_bytes);
	host_event();
}

struct time_case {
	const char *name;
	u16 version;
	u64 parent_100ns;
	u64 reference_100ns;
	u8 flags;
	u16 body_bytes;
	bool implicit;
	u32 status;
	bool kept;		/* the PTP clock knows the time */
	s64 stepped_ns;		/* the guest's clock afterwards; 0: as it was */
};

#define SYNC	1
#define SAMPLE	2

static struct time_case time_cases[] = {
	{ .name = "order", 4, Y2026_100NS + 3600 * SECOND_100NS, UP_100NS, SYNC, 24, false, IC_STATUS_OK, true,
	  Y2026_NS + 3600 * SECOND_NS },
	{ .name = "order to go back", 4, Y2026_100NS - 3600 * SECOND_100NS, UP_100NS, SYNC, 24, false, IC_STATUS_OK, true,
	  Y2026_NS - 3600 * SECOND_NS },
	{ .name = "order two seconds on its way", 4, Y2026_100NS, UP_100NS - 2 * SECOND_100NS, SYNC, 24, false, IC_STATUS_OK,
	  true, Y2026_NS + 2 * SECOND_NS },
	{ .name = "shortest order", 4, Y2026_100NS + SECOND_100NS, UP_100NS, SYNC, 19, false, IC_STATUS_OK, true,
	  Y2026_NS + SECOND_NS },
	{ .name = "order, one byte short", 4, Y2026_100NS + SECOND_100NS, UP_100NS, SYNC, 18, false, IC_STATUS_FAIL, false, 0 },
	{ .name = "no body", 4, 0, 0, 0, 0, false, IC_STATUS_FAIL, false, 0 },
	{ .name = "order of 3.0", 3, Y2026_100NS + SECOND_100NS, 0, SYNC, 28, false, IC_STATUS_OK, true, Y2026_NS + SECOND_NS },
	{ .name = "order of 1.0", 1, Y2026_100NS + SECOND_100NS, 0, SYNC, 25, false, IC_STATUS_OK, true, Y2026_NS + SECOND_NS },
	{ .name = "order of 3.0, one byte short", 3, Y2026_100NS, 0, SYNC, 24, false, IC_STATUS_FAIL, false, 0 },
	{ .name = "sample", 4, Y2026_100NS + 3600 * SECOND_100NS, UP_100NS, SAMPLE, 24, false, IC_STATUS_OK, true, 0 },
	{ .name = "neither", 4, Y2026_100NS + 3600 * SECOND_100NS, UP_100NS, 0, 24, false, IC_STATUS_OK, true, 0 },
	{ .name = "flags nobody knows", 4, Y2026_100NS + 3600 * SECOND_100NS, UP_100NS, 0xfc, 24, false, IC_STATUS_OK, true, 0 },
	{ .name = "implicit, 5 s behind", 4, Y2026_100NS + 5 * SECOND_100NS, UP_100NS, SAMPLE, 24, true, IC_STATUS_OK, true,
	  Y2026_NS + 5 * SECOND_NS },
	{ .name = "implicit, less behind", 4, Y2026_100NS + 5 * SECOND_100NS - 1, UP_100NS, SAMPLE, 24, true, IC_STATUS_OK,
	  true, 0 },
	{ .name = "implicit, ahead", 4, Y2026_100NS - 3600 * SECOND_100NS, UP_100NS, SAMPLE, 24, true, IC_STATUS_OK, true, 0 },
	{ .name = "order from before 1970", 4, 1, UP_100NS, SYNC, 24, false, IC_STATUS_OK, false, 0 },
	{ .name = "order of the end of time", 4, ~0ULL, UP_100NS, SYNC, 24, false, IC_STATUS_OK, false, 0 },
	{ .name = "order from the future", 4, Y2026_100NS, UP_100NS + 2 * SECOND_100NS, SYNC, 24, false, IC_STATUS_OK, false, 0 },
	{ .name = "order 11 minutes on its way", 4, Y2026_100NS, UP_100NS - 660 * SECOND_100NS, SYNC, 24, false, IC_STATUS_OK,
	  false, 0 },
};

static void message_leads_to(struct kunit *test)
{
	struct timespec64 ts;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(time_cases); i++) {
		const struct time_case *c = &time_cases[i];
		bool kept;

		case_init(test);
		timesync_implicit = c->implicit;
		start(test, &hv_timesync_service, c->version);
		host_tells(c->version, c->parent_100ns, c->reference_100ns, c->flags, c->body_bytes);
		told(test, c->status);
		kept = !machine.ptp->gettimex64(machine.ptp, &ts, NULL);
		shim_run_work(&timesync()->step.work);
		if (kept != c->kept || machine.clock_ns != (c->stepped_ns ?: Y2026_NS))
			KUNIT_FAIL(test, "%s: kept %d, clock %lld", c->name, kept, (long long)machine.clock_ns);
		ic_case_exit(test);
	}
	case_init(test);
}

/* The time on the way to the work counts, and a sample behind an order does not take it back. */
static void order_is_carried_out_with_the_newest_time(struct kunit *test)
{
	start(test, &hv_timesync_service, 4);
	host_tells(4, Y2026_100NS + 60 * SECOND_100NS, UP_100NS, SYNC, 24);
	host_tells(4, Y2026_100NS + 61 * SECOND_100NS, UP_100NS, SAMPLE, 24);
	machine.counter_100ns += 3 * SECOND_100NS;
	KUNIT_EXPECT_TRUE(test, shim_run_work(&timesync()->step.work));
	KUNIT_EXPECT_EQ(test, machine.clock_ns, Y2026_NS + 64 * SECOND_NS);
	KUNIT_EXPECT_EQ(test, machine.steps, 1);
}

static void flood_of_orders_steps_once_a_second(struct kunit *test)
{
	unsigned int i;

	start(test, &hv_timesync_service, 4);
	for (i = 0; i < 100; i++) {
		host_tells(4, Y2026_100NS + i * SECOND_100NS, UP_100NS, SYNC, 24);
		told(test, IC_STATUS_OK);
	}
	KUNIT_EXPECT_EQ(test, timesync()->step.delay, 0);
	KUNIT_EXPECT_TRUE(test, shim_run_work(&timesync()->step.work));
	KUNIT_EXPECT_FALSE(test, shim_run_work(&timesync()->step.work));
	host_tells(4, Y2026_100NS, UP_100NS, SYNC, 24);
	KUNIT_EXPECT_EQ(test, timesync()->step.delay, HZ);
}

static void ptp_clock_says_what_it_knows_and_cannot_be_set(struct kunit *test)
{
	struct timespec64 ts = { };

	start(test, &hv_timesync_service, 4);
	KUNIT_ASSERT_TRUE(test, machine.ptp);
	KUNIT_EXPECT_STREQ(test, machine.ptp->name, "hyperv");
	KUNIT_EXPECT_EQ(test, machine.ptp->gettimex64(machine.ptp, &ts, NULL), -ENODATA);
	host_tells(4, Y2026_100NS, UP_100NS, SAMPLE, 24);
	machine.counter_100ns += SECOND_100NS / 2;
	KUNIT_EXPECT_EQ(test, machine.ptp->gettimex64(machine.ptp, &ts, NULL), 0);
	KUNIT_EXPECT_EQ(test, ts.tv_sec, Y2026_NS / SECOND_NS);
	KUNIT_EXPECT_EQ(test, ts.tv_nsec, 500000000);
	machine.counter_100ns += 600 * SECOND_100NS;
	KUNIT_EXPECT_EQ(test, machine.ptp->gettimex64(machine.ptp, &ts, NULL), -ESTALE);
	KUNIT_EXPECT_EQ(test, machine.ptp->settime64(machine.ptp, &ts), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, machine.ptp->adjtime(machine.ptp, 1), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, machine.ptp->adjfine(machine.ptp, 1), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, machine.ptp->enable(machine.ptp, NULL, 1), -EOPNOTSUPP);
}

/* The counter starts anew with the machine that the guest wakes up on. */
static void suspend_forgets_the_time(struct kunit *test)
{
	struct timespec64 ts;

	start(test, &hv_timesync_service, 4);
	host_tells(4, Y2026_100NS + 60 * SECOND_100NS, UP_100NS, SYNC, 24);
	KUNIT_EXPECT_EQ(test, hv_ic_suspend(&hdev), 0);
	KUNIT_EXPECT_FALSE(test, timesync()->step.work.pending);
	machine.counter_100ns = SECOND_100NS;
	KUNIT_ASSERT_EQ(test, hv_ic_resume(&hdev), 0);
	KUNIT_EXPECT_EQ(test, machine.ptp->gettimex64(machine.ptp, &ts, NULL), -ENODATA);
	KUNIT_EXPECT_EQ(test, machine.steps, 0);
}

static struct kunit_case power_time_cases[] = {
	KUNIT_CASE(request_leads_to),
	KUNIT_CASE(nothing_is_done_before_the_answer_is_out),
	KUNIT_CASE(two_requests_are_two_answers_and_one_end),
	KUNIT_CASE(end_outlives_the_device),
	KUNIT_CASE(message_leads_to),
	KUNIT_CASE(order_is_carried_out_with_the_newest_time),
	KUNIT_CASE(flood_of_orders_steps_once_a_second),
	KUNIT_CASE(ptp_clock_says_what_it_knows_and_cannot_be_set),
	KUNIT_CASE(suspend_forgets_the_time),
	{ }
};

static struct kunit_suite power_time_suite = {
	.name = "hv_utils_power_time",
	.init = case_init,
	.exit = ic_case_exit,
	.test_cases = power_time_cases,
};
kunit_test_suite(power_time_suite);
