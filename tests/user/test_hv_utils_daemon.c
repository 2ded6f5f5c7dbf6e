// SPDX-License-Identifier: GPL-2.0
/*
 * The services that a daemon carries out, on a host, a device node and a clock played by this file: registration, answers that
 * come, come late or never, daemons that die, hosts that do not wait, and what becomes of file systems frozen meanwhile.
 */
#include <kunit/test.h>

#define KBUILD_MODNAME "hv_utils"
#define VSS_OP_REGISTER1	129
#define KVP_OP_REGISTER1	100
struct hv_vss_msg { u8 b[12]; };
struct hv_kvp_msg { u8 b[7432]; };

/* What is said in the log for the administrator */
static struct {
	unsigned int lines;
	char last[512];
} notices;

#undef pr_notice
#define pr_notice(...)							\
	do {								\
		notices.lines++;					\
		snprintf(notices.last, sizeof(notices.last), __VA_ARGS__);	\
	} while (0)

#include "../../hv_utils/ic_msg.c"
#include "../../hv_utils/versions.c"
#include "../../hv_utils/ic.c"
#include "../../hv_utils/utf.c"
#include "../../hv_utils/daemon.c"
#include "../../hv_utils/kvp.c"
#include "../../hv_utils/vss.c"
/* the types of the host's messages come last: they share names with the kernel's header */
#undef VSS_OP_REGISTER1
#undef KVP_OP_REGISTER1
#include "../../hv_utils/vss_msg.c"
#include "../../hv_utils/kvp_ip.c"
#include "../../hv_utils/kvp_msg.c"
#include "ic_host.h"

/* ---- the device node, with a daemon that does what the case says */

static struct {
	const struct hv_chardev_ops *ops;
	void *owner;
	bool exists;
	bool opened;
	u32 message_bytes;
	u8 message[8192];
} node;

struct hv_chardev { int unused; };
static struct hv_chardev the_node;

struct hv_chardev *hv_chardev_create(const char *name, u32 written_bytes, u32 longest_bytes,
				     const struct hv_chardev_ops *ops, void *owner)
{
	node.ops = ops;
	node.owner = owner;
	return &the_node;
}

int hv_chardev_publish(struct hv_chardev *dev)
{
	if (node.exists)
		return -EEXIST;
	/* no daemon can come before the host can be served */
	if (!host.open)
		return -EINVAL;
	node.exists = true;
	return 0;
}

void hv_chardev_withdraw(struct hv_chardev *dev)
{
	node.exists = false;
}

void hv_chardev_put(struct hv_chardev *dev)
{
	node.ops = NULL;
}

int hv_chardev_queue(struct hv_chardev *dev, const void *message, u32 bytes)
{
	if (node.message_bytes)
		return -EBUSY;
	memcpy(node.message, message, bytes);
	node.message_bytes = bytes;
	return 0;
}

void hv_chardev_drop(struct hv_chardev *dev)
{
	node.message_bytes = 0;
}

static u32 daemon_reads(void)
{
	u32 bytes = node.message_bytes;

	node.message_bytes = 0;
	if (bytes)
		node.ops->was_read(node.owner);
	return bytes;
}

static int daemon_writes(u32 first, u32 bytes)
{
	u8 *message = calloc(1, bytes);
	int ret;

	memcpy(message, &first, sizeof(first));
	ret = node.ops->written(node.owner, message, bytes);
	free(message);
	return ret;
}

static void daemon_closes(void)
{
	hv_chardev_drop(&the_node);
	node.ops->closed(node.owner);
}

#define VSS_CHECK	2
#define VSS_FREEZE	5
#define VSS_THAW	6

static void vss_registers(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, daemon_writes(129, 12), 0);
	KUNIT_ASSERT_EQ(test, daemon_reads(), 4);
}

/* The daemon reads a request, which must be @operation, and answers it. */
static void vss_does(struct kunit *test, u8 operation, u32 status)
{
	KUNIT_ASSERT_EQ(test, daemon_reads(), 12);
	KUNIT_ASSERT_EQ(test, node.message[0], operation);
	KUNIT_ASSERT_EQ(test, daemon_writes(status, 12), 0);
}

static void host_wants(u8 operation)
{
	u8 body[12] = { operation };

	host_sends(IC_MSG_VSS, 77, body, sizeof(body));
	host_event();
}

/* The host has got one more answer, with this status. */
static void told(struct kunit *test, u32 status)
{
	KUNIT_ASSERT_EQ(test, host.answered, 1);
	KUNIT_EXPECT_EQ(test, status_of(0), status);
	host.answered = 0;
}

static int daemon_case_init(struct kunit *test)
{
	memset(&node, 0, sizeof(node));
	memset(&notices, 0, sizeof(notices));
	return ic_case_init(test);
}

/* The host starts anew; what it is told is left to the caller. */
static void host_starts_anew(void)
{
	host_negotiates(3, 5);
	host_event();
}

static void start(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, hv_ic_probe(&hdev, &hv_vss_service), 0);
	host_starts_anew();
	told(test, IC_STATUS_OK);
}

static void start_with_daemon(struct kunit *test)
{
	start(test);
	vss_registers(test);
}

static struct hv_vss *vss(void)
{
	return ic()->state;
}

/* The host wants @operation, which the daemon begins. */
static void begin(struct kunit *test, u8 operation)
{
	host_wants(operation);
	KUNIT_ASSERT_EQ(test, daemon_reads(), 12);
}

/* A request that needs the daemon succeeds. */
static void check_works(struct kunit *test)
{
	host_wants(VSS_CHECK);
	vss_does(test, VSS_CHECK, 0);
	told(test, IC_STATUS_OK);
}

static void request_waits_for_the_daemon(struct kunit *test)
{
	start_with_daemon(test);
	host_wants(VSS_CHECK);
	KUNIT_EXPECT_EQ(test, host.answered, 0);
	vss_does(test, VSS_CHECK, 0);
	KUNIT_EXPECT_EQ(test, host.answers[0].request_id, 77);
	KUNIT_EXPECT_EQ(test, host.answers[0].bytes[28 + 8], 5);
	KUNIT_EXPECT_EQ(test, host.answers[0].length, 28 + 12);
	told(test, IC_STATUS_OK);
	KUNIT_EXPECT_FALSE(test, vss()->daemon.timeout.work.pending);
}

static void nobody_there_is_an_error_at_once(struct kunit *test)
{
	start(test);
	host_wants(VSS_FREEZE);
	told(test, IC_STATUS_FAIL);
	/* what needs no daemon works without */
	host_wants(4);
	told(test, IC_STATUS_OK);
	/* one that has not read its welcome is not there yet */
	KUNIT_EXPECT_EQ(test, daemon_writes(129, 12), 0);
	host_wants(VSS_FREEZE);
	told(test, IC_STATUS_FAIL);
	KUNIT_EXPECT_EQ(test, daemon_reads(), 4);
	check_works(test);
}

/* The time in which a daemon could have come is over. Returns false if nobody waits for it. */
static bool notice_is_due(void)
{
	return shim_run_work(&vss()->daemon.notice.work);
}

static void other_generations_are_refused(struct kunit *test)
{
	start(test);
	KUNIT_EXPECT_EQ(test, daemon_writes(128, 12), -EINVAL);
	KUNIT_EXPECT_EQ(test, daemon_writes(0, 12), -EINVAL);
	KUNIT_EXPECT_EQ(test, daemon_reads(), 0);
	vss_registers(test);
	KUNIT_EXPECT_EQ(test, daemon_writes(129, 12), -EINVAL);
}

/* Once each: that there is no daemon, when it has not come for a while, and that there is one of another generation. */
static void what_is_missing_is_said_once(struct kunit *test)
{
	start(test);
	KUNIT_EXPECT_EQ(test, notices.lines, 0);
	host_wants(4);
	told(test, IC_STATUS_OK);
	KUNIT_EXPECT_EQ(test, notices.lines, 0);
	host_wants(VSS_FREEZE);
	told(test, IC_STATUS_FAIL);
	host_wants(VSS_CHECK);
	told(test, IC_STATUS_FAIL);
	KUNIT_EXPECT_EQ(test, notices.lines, 0);
	KUNIT_EXPECT_EQ(test, vss()->daemon.notice.delay, DAEMON_GRACE_SECONDS * HZ);
	KUNIT_EXPECT_TRUE(test, notice_is_due());
	KUNIT_EXPECT_EQ(test, notices.lines, 1);
	KUNIT_EXPECT_TRUE(test, strstr(notices.last, "hv_vss_daemon (hypervvssd) is not running"));
	KUNIT_EXPECT_TRUE(test, strstr(notices.last, "install the package hyperv-daemons (SUSE: hyper-v, Ubuntu: "));
	KUNIT_EXPECT_EQ(test, daemon_writes(128, 12), -EINVAL);
	KUNIT_EXPECT_EQ(test, daemon_writes(128, 12), -EINVAL);
	KUNIT_EXPECT_EQ(test, notices.lines, 2);
	KUNIT_EXPECT_TRUE(test, strstr(notices.last, "is no hv_vss_daemon (hypervvssd) of this generation"));
	vss_registers(test);
	daemon_closes();
	host_wants(VSS_CHECK);
	told(test, IC_STATUS_FAIL);
	KUNIT_EXPECT_FALSE(test, notice_is_due());
	KUNIT_EXPECT_EQ(test, notices.lines, 2);
}

/* What a daemon misses while it is being restarted is no reason to install one. */
static void daemon_that_is_restarted_is_not_missing(struct kunit *test)
{
	start_with_daemon(test);
	daemon_closes();
	host_wants(VSS_CHECK);
	told(test, IC_STATUS_FAIL);
	KUNIT_EXPECT_TRUE(test, vss()->daemon.notice.work.pending);
	vss_registers(test);
	KUNIT_EXPECT_FALSE(test, notice_is_due());
	/* the timer had fired, and the work waited for the lock while the daemon registered */
	vss()->daemon.notice.work.pending = true;
	KUNIT_EXPECT_TRUE(test, notice_is_due());
	KUNIT_EXPECT_EQ(test, notices.lines, 0);
	daemon_closes();
	host_wants(VSS_CHECK);
	told(test, IC_STATUS_FAIL);
	KUNIT_EXPECT_TRUE(test, notice_is_due());
	KUNIT_EXPECT_EQ(test, notices.lines, 1);
}

static void daemon_that_dies_is_an_error(struct kunit *test)
{
	start_with_daemon(test);
	host_wants(VSS_CHECK);
	daemon_closes();
	told(test, IC_STATUS_FAIL);
	host_wants(VSS_CHECK);
	told(test, IC_STATUS_FAIL);
	vss_registers(test);
	begin(test, VSS_CHECK);
	daemon_closes();
	told(test, IC_STATUS_FAIL);
}

static void silence_ends(struct kunit *test)
{
	start_with_daemon(test);
	begin(test, VSS_CHECK);
	/* a timer of the request before must not end this one */
	KUNIT_EXPECT_TRUE(test, shim_run_work(&vss()->daemon.timeout.work));
	KUNIT_EXPECT_EQ(test, host.answered, 0);
	vss()->daemon.timeout.work.pending = true;
	jiffies += 30 * HZ;
	KUNIT_EXPECT_TRUE(test, shim_run_work(&vss()->daemon.timeout.work));
	told(test, IC_STATUS_FAIL);
	/* too late, and not to be taken for the answer to the next request */
	host_wants(VSS_CHECK);
	KUNIT_EXPECT_EQ(test, daemon_writes(0, 12), -EINVAL);
	KUNIT_EXPECT_EQ(test, host.answered, 0);
	daemon_closes();
	told(test, IC_STATUS_FAIL);
}

static void second_request_waits_its_turn(struct kunit *test)
{
	start_with_daemon(test);
	host_wants(VSS_FREEZE);
	host_wants(VSS_THAW);
	host_wants(VSS_CHECK);
	KUNIT_EXPECT_EQ(test, host.answered, 0);
	vss_does(test, VSS_FREEZE, 0);
	told(test, IC_STATUS_OK);
	vss_does(test, VSS_THAW, 0);
	told(test, IC_STATUS_OK);
	vss_does(test, VSS_CHECK, 0);
	told(test, IC_STATUS_OK);
	KUNIT_EXPECT_EQ(test, host.published, host.written);
}

static void host_that_starts_anew_does_not_wait(struct kunit *test)
{
	start_with_daemon(test);
	host_wants(VSS_CHECK);
	host_starts_anew();
	KUNIT_ASSERT_EQ(test, host.answered, 2);
	KUNIT_EXPECT_EQ(test, status_of(0), IC_STATUS_FAIL);
	KUNIT_EXPECT_EQ(test, status_of(1), IC_STATUS_OK);
	KUNIT_EXPECT_EQ(test, host.answers[0].request_id, 77);
	host.answered = 0;
	KUNIT_EXPECT_EQ(test, daemon_reads(), 0);
	check_works(test);
}

static void pending_answer_needs_room_like_any_other(struct kunit *test)
{
	start_with_daemon(test);
	host_wants(VSS_CHECK);
	host_wants(4);
	host.room = 0;
	vss_does(test, VSS_CHECK, 0);
	KUNIT_EXPECT_EQ(test, host.answered, 0);
	host.room = MAX_PACKETS;
	KUNIT_EXPECT_TRUE(test, shim_run_work(&ic()->repoll.work));
	KUNIT_EXPECT_EQ(test, host.answered, 2);
}

static void rubbish_behind_a_request_is_not_looked_at(struct kunit *test)
{
	static const u8 junk[64] = { 1 };

	start_with_daemon(test);
	host_wants(VSS_CHECK);
	host_sends_packet(VM_PKT_COMP, 2, 1, junk, 64);
	host_sends_packet(VM_PKT_DATA_INBAND, 0xffff, 1, junk, 64);
	host_event();
	KUNIT_EXPECT_EQ(test, ic()->refused, 0);
	vss_does(test, VSS_CHECK, 0);
	told(test, IC_STATUS_OK);
	KUNIT_EXPECT_EQ(test, ic()->refused, 2);
}

/* ---- file systems must not stay frozen */

static void freeze(struct kunit *test)
{
	host_wants(VSS_FREEZE);
	vss_does(test, VSS_FREEZE, 0);
	told(test, IC_STATUS_OK);
}

static void start_frozen(struct kunit *test)
{
	start_with_daemon(test);
	freeze(test);
}

static void backup_works(struct kunit *test)
{
	freeze(test);
	host_wants(VSS_THAW);
	vss_does(test, VSS_THAW, 0);
	told(test, IC_STATUS_OK);
	KUNIT_EXPECT_FALSE(test, vss()->thaw.work.pending);
	KUNIT_EXPECT_EQ(test, daemon_reads(), 0);
}

static void host_that_does_not_thaw_is_told_so(struct kunit *test)
{
	start_frozen(test);
	KUNIT_EXPECT_EQ(test, vss()->thaw.delay, 900 * HZ);
	KUNIT_EXPECT_TRUE(test, shim_run_work(&vss()->thaw.work));
	/* the host's thaw has come just now: it waits for the daemon */
	host_wants(VSS_THAW);
	vss_does(test, VSS_THAW, 0);
	told(test, IC_STATUS_FAIL);
	backup_works(test);
}

static void new_daemon_thaws_what_the_dead_one_froze(struct kunit *test)
{
	start_frozen(test);
	daemon_closes();
	host_wants(VSS_THAW);
	told(test, IC_STATUS_FAIL);
	vss_registers(test);
	host_wants(VSS_CHECK);
	vss_does(test, VSS_THAW, 0);
	vss_does(test, VSS_CHECK, 0);
	told(test, IC_STATUS_OK);
	backup_works(test);
}

static void thaw_after_a_new_daemon_is_told_as_failure(struct kunit *test)
{
	start_frozen(test);
	daemon_closes();
	vss_registers(test);
	vss_does(test, VSS_THAW, 0);
	host_wants(VSS_THAW);
	told(test, IC_STATUS_FAIL);
	backup_works(test);
}

static void daemon_killed_while_freezing_is_followed_by_a_thaw(struct kunit *test)
{
	start_with_daemon(test);
	begin(test, VSS_FREEZE);
	daemon_closes();
	told(test, IC_STATUS_FAIL);
	vss_registers(test);
	vss_does(test, VSS_THAW, 0);
	backup_works(test);
}

static void failed_freeze_leaves_nothing_to_do(struct kunit *test)
{
	start_with_daemon(test);
	host_wants(VSS_FREEZE);
	vss_does(test, VSS_FREEZE, IC_STATUS_FAIL);
	told(test, IC_STATUS_FAIL);
	KUNIT_EXPECT_FALSE(test, vss()->thaw.work.pending);
	daemon_closes();
	vss_registers(test);
	KUNIT_EXPECT_EQ(test, daemon_reads(), 0);
	backup_works(test);
}

static void thaw_is_tried_again(struct kunit *test)
{
	start_frozen(test);
	KUNIT_EXPECT_TRUE(test, shim_run_work(&vss()->thaw.work));
	vss_does(test, VSS_THAW, IC_STATUS_FAIL);
	KUNIT_EXPECT_TRUE(test, shim_run_work(&vss()->thaw.work));
	vss_does(test, VSS_THAW, 0);
	KUNIT_EXPECT_FALSE(test, vss()->thaw.work.pending);
}

static void host_that_starts_anew_finds_the_guest_thawed(struct kunit *test)
{
	start_frozen(test);
	host_starts_anew();
	told(test, IC_STATUS_OK);
	vss_does(test, VSS_THAW, 0);
	check_works(test);
}

static void end_of_the_guest_thaws(struct kunit *test)
{
	start_with_daemon(test);
	hv_ic_announce_end();
	KUNIT_EXPECT_EQ(test, daemon_reads(), 0);
	freeze(test);
	hv_ic_announce_end();
	vss_does(test, VSS_THAW, 0);
	host_wants(VSS_THAW);
	told(test, IC_STATUS_FAIL);
	backup_works(test);

	/* one that is under way is taken back as soon as it is done */
	begin(test, VSS_FREEZE);
	hv_ic_announce_end();
	KUNIT_ASSERT_EQ(test, daemon_writes(0, 12), 0);
	told(test, IC_STATUS_FAIL);
	vss_does(test, VSS_THAW, 0);
	backup_works(test);
	hv_ic_remove(&hdev);
	hv_ic_announce_end();
}

static void suspend_thaws(struct kunit *test)
{
	start_frozen(test);
	KUNIT_EXPECT_EQ(test, hv_ic_suspend(&hdev), 0);
	KUNIT_EXPECT_TRUE(test, node.exists);
	KUNIT_ASSERT_EQ(test, hv_ic_resume(&hdev), 0);
	vss_does(test, VSS_THAW, 0);
	host_starts_anew();
	told(test, IC_STATUS_OK);
	backup_works(test);
}

static void suspend_ends_a_request(struct kunit *test)
{
	start_with_daemon(test);
	begin(test, VSS_CHECK);
	KUNIT_EXPECT_EQ(test, hv_ic_suspend(&hdev), 0);
	KUNIT_EXPECT_EQ(test, daemon_writes(0, 12), -EINVAL);
	KUNIT_ASSERT_EQ(test, hv_ic_resume(&hdev), 0);
	KUNIT_EXPECT_EQ(test, host.answered, 0);
}

static void end_of_the_device_answers_first(struct kunit *test)
{
	start_with_daemon(test);
	begin(test, VSS_CHECK);
	hv_ic_remove(&hdev);
	told(test, IC_STATUS_FAIL);
	KUNIT_EXPECT_FALSE(test, node.exists);
	KUNIT_EXPECT_NULL(test, node.ops);
}

static void thaw_at_the_end(wait_queue_head_t *queue)
{
	if (daemon_reads() == 12 && node.message[0] == VSS_THAW)
		daemon_writes(0, 12);
}

static void end_of_the_device_thaws_first(struct kunit *test)
{
	start_frozen(test);
	host.rescinded = true;
	shim_while_waiting_for = thaw_at_the_end;
	hv_ic_remove(&hdev);
	shim_while_waiting_for = NULL;
	KUNIT_EXPECT_EQ(test, node.message[0], VSS_THAW);
	KUNIT_EXPECT_EQ(test, node.message_bytes, 0);
	KUNIT_EXPECT_FALSE(test, node.exists);
}

static void withdrawn_device_ends_in_peace(struct kunit *test)
{
	start_with_daemon(test);
	begin(test, VSS_FREEZE);
	host.rescinded = true;
	hv_ic_remove(&hdev);
	KUNIT_EXPECT_EQ(test, host.answered, 0);
}

static void second_device_of_a_class_is_refused(struct kunit *test)
{
	node.exists = true;
	KUNIT_EXPECT_EQ(test, hv_ic_probe(&hdev, &hv_vss_service), -EEXIST);
	KUNIT_EXPECT_FALSE(test, host.open);
	KUNIT_EXPECT_NULL(test, hv_get_drvdata(&hdev));
}

/* ---- any order of events */

/*
 * The host and the daemon do what they like, in an order drawn by the case's number. What must hold all the time: each message
 * of the host is answered once, in order; the host is told that a thaw succeeded only if the file systems were frozen from
 * its freeze up to then. And in the end, with a daemon that works, nothing is frozen.
 */
static void any_order_of_events(struct kunit *test)
{
	static const u8 operations[] = { VSS_CHECK, VSS_FREEZE, VSS_THAW, VSS_FREEZE, VSS_THAW, 4, 200 };
	unsigned int seed, step;

	for (seed = 1; seed <= 400; seed++) {
		/* of the daemon; @reading is the request it is at, 0: none */
		bool connected = false, welcomed = false, frozen = false, broken = false;
		u8 reading = 0;
		/* of the host; NEGOTIATION stands for one among the operations */
		enum { NEGOTIATION = 255 };
		bool was_told_frozen = false;
		u8 sent[MAX_PACKETS];
		unsigned int sends = 0, heard = 0;
		u32 random = seed;

		daemon_case_init(test);
		KUNIT_ASSERT_EQ(test, hv_ic_probe(&hdev, &hv_vss_service), 0);
		host_starts_anew();
		sent[sends++] = NEGOTIATION;

		for (step = 0; step < 400; step++) {
			bool fails;
			u32 draw;

			random = random * 1664525 + 1013904223;
			draw = random >> 16;
			fails = !(draw >> 6 & 7);
			switch (draw % 12) {
			case 0:
			case 1:
			case 2:
				if (sends - heard > 4)
					break;
				if (draw >> 4 & 15) {
					sent[sends] = operations[draw / 256 % ARRAY_SIZE(operations)];
					host_wants(sent[sends++]);
				} else {
					sent[sends++] = NEGOTIATION;
					host_starts_anew();
				}
				break;
			case 3:
				if (!connected) {
					connected = !daemon_writes(129, 12);
				} else if (fails) {
					connected = welcomed = false;
					reading = 0;
					daemon_closes();
				}
				break;
			case 4:
			case 5:
			case 6:
				if (!connected || reading || !node.message_bytes)
					break;
				reading = welcomed ? node.message[0] : 0;
				welcomed = true;
				daemon_reads();
				break;
			case 7:
			case 8:
			case 9:
				if (!reading)
					break;
				/* it does what it was asked for, whether or not anybody still wants to know */
				if (reading == VSS_FREEZE) {
					frozen = !fails;
					broken = false;
				} else if (reading == VSS_THAW && !fails) {
					frozen = false;
					broken = broken || !ic()->pending;
				}
				reading = 0;
				if (!daemon_writes(fails ? IC_STATUS_FAIL : 0, 12))
					break;
				/* too late: as the distributions' daemons it undoes all and comes back */
				frozen = false;
				broken = true;
				connected = welcomed = false;
				daemon_closes();
				break;
			case 10:
				if (vss()->daemon.timeout.work.pending && fails) {
					jiffies = vss()->daemon.deadline;
					shim_run_work(&vss()->daemon.timeout.work);
				}
				break;
			case 11:
				if (fails)
					shim_run_work(&vss()->thaw.work);
				else if (!(draw >> 4 & 7))
					hv_ic_announce_end();
				break;
			}

			for (; heard < host.answered; heard++) {
				u32 status = status_of(heard);

				switch (sent[heard]) {
				case VSS_FREEZE:
					was_told_frozen = !status;
					if (was_told_frozen && !frozen)
						KUNIT_FAIL(test, "seed %u, step %u: not frozen", seed, step);
					break;
				case VSS_THAW:
					if (was_told_frozen && !status && broken)
						KUNIT_FAIL(test, "seed %u, step %u: snapshot of live disks", seed, step);
					was_told_frozen = false;
					break;
				case NEGOTIATION:
					was_told_frozen = false;
					break;
				}
			}
			KUNIT_ASSERT_LE(test, host.answered, sends);
		}

		/* in the end a daemon that works */
		if (connected)
			daemon_closes();
		KUNIT_ASSERT_EQ(test, host.answered, sends);
		vss_registers(test);
		while (node.message_bytes) {
			vss_does(test, VSS_THAW, 0);
			frozen = false;
		}
		if (frozen)
			KUNIT_FAIL(test, "seed %u: frozen in the end", seed);
		ic_case_exit(test);
	}
	daemon_case_init(test);
}

/* ---- key-value pairs negotiate when their daemon is there, or late */

static void kvp_registers(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, daemon_writes(100, 7432), 0);
	KUNIT_EXPECT_EQ(test, node.message[0], 100);
	KUNIT_EXPECT_STREQ(test, (char *)node.message + 4, "3.1");
	KUNIT_ASSERT_EQ(test, daemon_reads(), 7432);
}

static void host_enumerates(void)
{
	u8 body[2580] = { KVP_OP_ENUMERATE, 2 };

	host_sends(IC_MSG_KVP, 78, body, sizeof(body));
	host_event();
}

static void negotiation_waits_for_the_daemon(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, hv_ic_probe(&hdev, &hv_kvp_service), 0);
	host_negotiates(3, 4);
	host_enumerates();
	KUNIT_EXPECT_EQ(test, host.answered, 0);
	kvp_registers(test);
	told(test, IC_STATUS_OK);
	KUNIT_EXPECT_EQ(test, daemon_reads(), 7432);
	KUNIT_EXPECT_EQ(test, node.message[0], KVP_OP_ENUMERATE);
	KUNIT_EXPECT_EQ(test, daemon_writes(0, 7432), 0);
	KUNIT_EXPECT_EQ(test, host.answers[0].length, 28 + 2580);
	told(test, IC_STATUS_OK);
	/* so does another one, but only for a time after the first */
	daemon_closes();
	host_negotiates(3, 4);
	host_event();
	KUNIT_EXPECT_EQ(test, host.answered, 0);
	KUNIT_EXPECT_TRUE(test, shim_run_work(&((struct hv_kvp *)ic()->state)->patience.work));
	told(test, IC_STATUS_OK);
}

static void negotiation_does_not_wait_for_ever(struct kunit *test)
{
	struct hv_kvp *kvp;

	KUNIT_ASSERT_EQ(test, hv_ic_probe(&hdev, &hv_kvp_service), 0);
	host_negotiates(3, 4);
	host_event();
	kvp = ic()->state;
	KUNIT_EXPECT_EQ(test, kvp->patience.delay, 55 * HZ);
	KUNIT_EXPECT_TRUE(test, shim_run_work(&kvp->patience.work));
	told(test, IC_STATUS_OK);
	host_enumerates();
	told(test, IC_STATUS_FAIL);
	kvp_registers(test);
	host_enumerates();
	KUNIT_EXPECT_EQ(test, daemon_reads(), 7432);
	KUNIT_EXPECT_EQ(test, daemon_writes(IC_STATUS_NO_MORE_ITEMS, 7432), 0);
	told(test, IC_STATUS_NO_MORE_ITEMS);
}

/* The same bytes of the daemon, in the words of each version. */
static void ip_configuration_is_in_the_version_agreed_on(struct kunit *test)
{
	static const struct { u16 version; u8 adapter; u32 at; u8 byte; } cases[] = {
		{ 4, 'a', 260, '1' },	/* the text's first letter */
		{ 5, 'b', 4, 1 },	/* one address of IPv4 */
	};
	u8 *answer = calloc(1, 7432), body[7428] = { KVP_OP_GET_IP, 0 };
	u32 i;

	KUNIT_ASSERT_EQ(test, hv_ic_probe(&hdev, &hv_kvp_service), 0);
	kvp_registers(test);
	/* the adapter's name, where either version has it */
	body[2] = 'a';
	body[28] = 'b';
	memcpy(answer + 262, "1.2.3.4", 8);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		host_negotiates(3, cases[i].version);
		host_event();
		told(test, IC_STATUS_OK);
		host_sends(IC_MSG_KVP, 79, body, sizeof(body));
		host_event();
		KUNIT_EXPECT_EQ(test, daemon_reads(), 7432);
		KUNIT_EXPECT_EQ(test, node.message[4], cases[i].adapter);
		KUNIT_EXPECT_EQ(test, node.ops->written(node.owner, answer, 7432), 0);
		KUNIT_EXPECT_EQ(test, host.answers[0].length, 28 + 7428);
		KUNIT_EXPECT_EQ(test, host.answers[0].bytes[28 + cases[i].at], cases[i].byte);
		told(test, IC_STATUS_OK);
	}
	free(answer);
}

static struct kunit_case daemon_cases[] = {
	KUNIT_CASE(request_waits_for_the_daemon),
	KUNIT_CASE(nobody_there_is_an_error_at_once),
	KUNIT_CASE(other_generations_are_refused),
	KUNIT_CASE(what_is_missing_is_said_once),
	KUNIT_CASE(daemon_that_is_restarted_is_not_missing),
	KUNIT_CASE(daemon_that_dies_is_an_error),
	KUNIT_CASE(silence_ends),
	KUNIT_CASE(second_request_waits_its_turn),
	KUNIT_CASE(host_that_starts_anew_does_not_wait),
	KUNIT_CASE(pending_answer_needs_room_like_any_other),
	KUNIT_CASE(rubbish_behind_a_request_is_not_looked_at),
	KUNIT_CASE(host_that_does_not_thaw_is_told_so),
	KUNIT_CASE(new_daemon_thaws_what_the_dead_one_froze),
	KUNIT_CASE(thaw_after_a_new_daemon_is_told_as_failure),
	KUNIT_CASE(daemon_killed_while_freezing_is_followed_by_a_thaw),
	KUNIT_CASE(failed_freeze_leaves_nothing_to_do),
	KUNIT_CASE(thaw_is_tried_again),
	KUNIT_CASE(host_that_starts_anew_finds_the_guest_thawed),
	KUNIT_CASE(end_of_the_guest_thaws),
	KUNIT_CASE(suspend_thaws),
	KUNIT_CASE(suspend_ends_a_request),
	KUNIT_CASE(end_of_the_device_answers_first),
	KUNIT_CASE(end_of_the_device_thaws_first),
	KUNIT_CASE(withdrawn_device_ends_in_peace),
	KUNIT_CASE(second_device_of_a_class_is_refused),
	KUNIT_CASE(any_order_of_events),
	KUNIT_CASE(negotiation_waits_for_the_daemon),
	KUNIT_CASE(negotiation_does_not_wait_for_ever),
	KUNIT_CASE(ip_configuration_is_in_the_version_agreed_on),
	{ }
};

static struct kunit_suite daemon_suite = {
	.name = "hv_utils_daemon",
	.init = daemon_case_init,
	.exit = ic_case_exit,
	.test_cases = daemon_cases,
};
kunit_test_suite(daemon_suite);
