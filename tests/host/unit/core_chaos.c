// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the lying host: each fault by name once, the same events for the same seed, refusals of
 * what is no fault, and that a guest which was lied to is excused.
 */
#include "../hyperv/chaos.h"
#include "core_guest.h"

static uint32_t ring_write_index; /* the guest's, of the ring to the host */

static double chaos_number(const char *name, const char *fault)
{
	cJSON *reply = cJSON_CreateObject(), *chaos;
	double value = -1;

	vmbus_server_query(server, reply);
	chaos = cJSON_GetObjectItem(reply, "chaos");
	if (fault)
		chaos = cJSON_GetObjectItem(chaos, "faults");
	if (cJSON_GetObjectItem(chaos, fault ? fault : name))
		value = cJSON_GetObjectItem(chaos, fault ? fault : name)->valuedouble;
	cJSON_Delete(reply);
	return value;
}

static struct vmbus_ring_control *to_host(void)
{
	return (void *)(ram + RING_GPA);
}

static struct vmbus_ring_control *to_guest(void)
{
	return (void *)(ram + RING_GPA + 2 * 4096);
}

static void signal_host(void)
{
	uint64_t one = 1;

	for (int i = 0; i < MAX_EVENTS; i++) {
		if (events[i].connection_id)
			CHECK_EQ(write(events[i].fd, &one, sizeof(one)), (long)sizeof(one));
	}
	settle();
}

static uint32_t open_ring(void)
{
	ring_write_index = 0;
	return start_open();
}

/* One packet that wants a completion. */
static void ask(uint64_t xid)
{
	struct vmbus_packet head = { .type = VMBUS_PACKET_INBAND,
				     .payload_qwords = 2,
				     .total_qwords = 4,
				     .flags = VMBUS_PACKET_FLAG_COMPLETION,
				     .transaction_id = xid };
	uint8_t packet[40] = { 0 };

	memcpy(packet, &head, sizeof(head));
	memcpy(packet + 36, &ring_write_index, 4);
	for (unsigned int i = 0; i < sizeof(packet); i++)
		ram[RING_GPA + 4096 + (ring_write_index + i) % 4096] = packet[i];
	ring_write_index = (ring_write_index + sizeof(packet)) % 4096;
	to_host()->write_index = ring_write_index;
	signal_host();
}

static struct vmbus_packet answer(uint32_t at)
{
	struct vmbus_packet head;

	memcpy(&head, ram + RING_GPA + 3 * 4096 + at, sizeof(head));
	return head;
}

static void arm(const char *name)
{
	char err[HV_ERR_MAX];

	CHECK_EQ(chaos_arm(server, name, NULL, 1, err), 0);
}

static void completions_lie(void)
{
	uint32_t relid = open_ring();

	(void)relid;
	ask(1);
	CHECK_EQ(to_guest()->write_index, 40);
	CHECK_EQ(answer(0).transaction_id, 1);
	arm("completion-never");
	ask(2);
	CHECK_EQ(to_guest()->write_index, 40);
	arm("completion-twice");
	ask(3);
	CHECK_EQ(to_guest()->write_index, 120);
	CHECK_EQ(answer(40).transaction_id, 3);
	CHECK_EQ(answer(80).transaction_id, 3);
	arm("packet-xid");
	ask(4);
	CHECK(answer(120).transaction_id != 4);
	arm("packet-type");
	ask(5);
	CHECK(answer(160).type != VMBUS_PACKET_COMPLETION);
	arm("packet-length");
	ask(6);
	CHECK(answer(200).total_qwords != 4);
	CHECK_EQ(chaos_number(NULL, "completion-never"), 1);
	CHECK_EQ(chaos_number(NULL, "packet-length"), 1);
	CHECK_EQ(chaos_number("events", NULL), 5);
	CHECK_EQ(chaos_number("armed", NULL), 0);
	/* The next packet is in order again. */
	ask(7);
	CHECK_EQ(answer(240).transaction_id, 7);
	expect_violations(0);
	stop();
}

static void a_burst_is_so_many_faults(void)
{
	struct chaos_config config = { .on = true, .quiet = true, .burst = 3, .rate = 1,
				       .enabled = 1ull << CHAOS_COMPLETION_UNASKED };

	open_ring();
	chaos_set(server, &config);
	ask(1);
	CHECK_EQ(answer(0).transaction_id, 1);
	CHECK_EQ(chaos_number(NULL, "completion-unasked"), 3);
	CHECK_EQ(chaos_number("events", NULL), 3);
	CHECK_EQ(to_guest()->write_index, 40 + 3 * (16 + 64 + 8));
	CHECK(answer(40).transaction_id != answer(40 + 88).transaction_id);
	/* Those who find no room are no faults. */
	config.burst = CHAOS_BURST_MAX;
	chaos_set(server, &config);
	ask(2);
	CHECK(chaos_number("events", NULL) < 3 + CHAOS_BURST_MAX);
	CHECK_EQ(chaos_number("events", NULL), chaos_number(NULL, "completion-unasked"));
	stop();
}

static void rings_lie(void)
{
	open_ring();
	arm("ring-write-index");
	ask(1);
	CHECK(to_guest()->write_index != 40);
	arm("ring-read-index");
	ask(2);
	CHECK_EQ(to_guest()->write_index, 80);
	CHECK(to_host()->read_index != 80);
	ask(3);
	CHECK_EQ(to_host()->read_index, 120);
	arm("packet-trailer");
	ask(4);
	CHECK(memcmp(ram + RING_GPA + 3 * 4096 + 120 + 36, &(uint32_t){ 120 }, 4));
	arm("packet-changed");
	ask(5);
	CHECK_EQ(chaos_number(NULL, "packet-changed"), 1);
	stop();
}

static void interrupts_get_lost_and_late(void)
{
	unsigned int before;

	open_ring();
	before = kicks[1];
	arm("interrupt-lost");
	ask(1);
	CHECK_EQ(kicks[1], before);
	to_guest()->read_index = 40;
	arm("interrupt-late");
	ask(2);
	CHECK_EQ(kicks[1], before);
	for (int i = 0; i < 40 && kicks[1] == before; i++)
		loop_run_once(loop, 10);
	CHECK_EQ(kicks[1], before + 1);
	stop();
}

static void messages_lie(void)
{
	uint32_t relid = start_offered(VMBUS_VERSION_5_3);

	arm("message-lost");
	share(relid, 7, RING_GPA, 4, 4 * 4096, 0);
	CHECK_EQ(take(), 0);
	arm("message-status");
	share(relid, 8, RING_GPA, 4, 4 * 4096, 0);
	CHECK_EQ(take(), VMBUS_MSG_GPADL_CREATED);
	CHECK(msg32(16) != 0);
	arm("message-gpadl");
	share(relid, 9, RING_GPA, 4, 4 * 4096, 0);
	CHECK_EQ(take(), VMBUS_MSG_GPADL_CREATED);
	CHECK(msg32(12) != 9);
	arm("message-twice");
	share(relid, 10, RING_GPA, 4, 4 * 4096, 0);
	CHECK_EQ(take(), VMBUS_MSG_GPADL_CREATED);
	CHECK_EQ(take(), VMBUS_MSG_GPADL_CREATED);
	CHECK_EQ(take(), 0);
	arm("message-short");
	share(relid, 11, RING_GPA, 4, 4 * 4096, 0);
	take();
	CHECK_EQ(chaos_number(NULL, "message-short"), 1);
	/* Whoever was lied to is not held to account. */
	post_relid(VMBUS_MSG_CLOSE, 999);
	expect_violations(0);
	vmbus_server_reset(server);
	memset(ram + SIMP_GPA(0), 0, 4096);
	vmbus_server_synic_changed(server, 0,
				   &(struct hv_synic_regs){ .scontrol = 1, .simp = SIMP_GPA(0) | 1 });
	CHECK(contact(VMBUS_VERSION_5_3));
	post_relid(VMBUS_MSG_CLOSE, 999);
	expect_violations(1);
	stop();
}

/* The OFFER of a host with these lies, in msg. */
static void take_offer(const struct chaos_config *config)
{
	start(VMBUS_VERSION_5_3);
	offer(0);
	CHECK(contact(VMBUS_VERSION_5_3));
	chaos_set(server, config);
	post_header(VMBUS_MSG_REQUEST_OFFERS);
	CHECK_EQ(take(), VMBUS_MSG_OFFER);
}

static void offers_lie_in_one_field(void)
{
	struct chaos_config config = { .quiet = true, .rate = 1, .enabled = 1ull << CHAOS_OFFER_FIELD };
	uint8_t honest[sizeof(msg)];
	uint64_t changed = 0;

	take_offer(&config);
	memcpy(honest, msg, sizeof(honest));
	stop();
	config.on = true;
	for (config.seed = 0; config.seed < 200; config.seed++) {
		unsigned int differ = 0;

		take_offer(&config);
		for (unsigned int at = 0; at < sizeof(msg); at += 4) {
			if (!memcmp(msg + at, honest + at, 4))
				continue;
			differ++;
			changed |= 1ull << at / 4;
		}
		CHECK(differ <= 1);
		stop();
	}
	/* All that an OFFER has but its header, its reserved words and its relid; the fields, not the words, get equal shares. */
	CHECK(!(changed & (3 | 0xfull << 40 / 4 | 1ull << 184 / 4)));
	for (unsigned int at = 8; at < 40; at += 4)
		CHECK(changed & 1ull << at / 4);
	CHECK(changed & 1ull << 56 / 4);
	CHECK(changed & 1ull << 180 / 4);
	CHECK(changed & 1ull << 188 / 4);
	CHECK(changed & 1ull << 192 / 4);
	CHECK(!(changed >> (196 / 4)));
	CHECK(__builtin_popcountll(changed) > 20);
}

static void an_offer_names_another_device(void)
{
	struct chaos_config config = { .quiet = true, .rate = 1, .enabled = 1ull << CHAOS_OFFER_INSTANCE };
	uint8_t honest[sizeof(msg)];

	take_offer(&config);
	memcpy(honest, msg, sizeof(honest));
	stop();
	config.on = true;
	/* There is no other device here, so there is nothing to lie about. */
	take_offer(&config);
	CHECK(!memcmp(msg, honest, sizeof(honest)));
	stop();
}

static void rescinds_at_each_step_come_back(void)
{
	static const char *const steps[] = { "rescind-sharing", "rescind-shared", "rescind-opening",
					     "rescind-opened", "rescind-closing" };

	for (unsigned int i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		uint32_t relid = start_offered(VMBUS_VERSION_5_3), type;
		bool rescinded = false, offered = false;

		arm(steps[i]);
		share(relid, 7, RING_GPA, 4, 4 * 4096, 0);
		post_open(relid, 99, 7, 1, 2);
		post_relid(VMBUS_MSG_CLOSE, relid);
		while ((type = take()))
			rescinded |= type == VMBUS_MSG_RESCIND && msg32(8) == relid;
		CHECK(rescinded);
		CHECK_EQ(dev.opens, dev.closes);
		post_relid(VMBUS_MSG_RELID_RELEASED, relid);
		for (int n = 0; n < 200 && !offered; n++) {
			loop_run_once(loop, 10);
			offered = take() == VMBUS_MSG_OFFER;
		}
		CHECK(offered);
		stop();
	}
}

/* Return: packets the guest got of 100, a fingerprint of what was done to them. */
static uint64_t play(uint64_t seed)
{
	struct chaos_config config = { .on = true,
				       .seed = seed,
				       .rate = 0.2,
				       /* Nothing that waits for a clock. */
				       .enabled = 1ull << CHAOS_PACKET_XID | 1ull << CHAOS_COMPLETION_TWICE |
						  1ull << CHAOS_COMPLETION_NEVER |
						  1ull << CHAOS_RING_WRITE_INDEX | 1ull << CHAOS_INTERRUPT_LOST };
	uint64_t print = 0;

	open_ring();
	chaos_set(server, &config);
	for (unsigned int i = 0; i < 100; i++) {
		ask(i);
		to_guest()->read_index = to_guest()->write_index & ~7u & 4095;
		print = print * 31 + to_guest()->write_index;
		print = print * 31 + kicks[1];
	}
	print = print * 31 + (uint64_t)chaos_number("events", NULL);
	config.on = false;
	chaos_set(server, &config);
	CHECK(chaos_number("events", NULL) > 5);
	stop();
	return print;
}

static void a_seed_is_a_schedule(void)
{
	uint64_t first = play(7);

	CHECK_EQ(play(7), first);
	CHECK(play(8) != first);
}

static void bad_names_change_nothing(void)
{
	static const char *const bad[] = { "",	   "x",		"-1",		   "1,only=",
					   "1,only=packet-", "1,only=ring+none", "1,devices=",
					   "1,what=1", "1,only=packet+", "18446744073709551616" };
	struct chaos_config config = { .rate = 0.5 };
	char err[HV_ERR_MAX];

	for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CHECK(chaos_parse(&config, bad[i], err) < 0);
		CHECK(!config.on);
	}
	CHECK(chaos_parse_rate(&config, "1.5", err) < 0);
	CHECK(chaos_parse_rate(&config, "nan", err) < 0);
	CHECK(chaos_parse_rate(&config, "", err) < 0);
	CHECK_EQ(chaos_parse(&config, "7,only=ring+packet-xid,devices=scsi0+nic0", err), 0);
	CHECK(config.on && config.rate == 0.5 && config.nr_devices == 2);
	CHECK_EQ(config.enabled, 1ull << CHAOS_PACKET_XID | 0xfull << CHAOS_RING_WRITE_INDEX);
	start(VMBUS_VERSION_5_3);
	CHECK(chaos_arm(server, "packet", NULL, 1, err) < 0);
	CHECK(chaos_arm(server, "packet-xid", "", 1, err) < 0);
	stop();
}

static const struct unit_case cases[] = {
	UNIT_CASE(completions_lie),
	UNIT_CASE(a_burst_is_so_many_faults),
	UNIT_CASE(rings_lie),
	UNIT_CASE(interrupts_get_lost_and_late),
	UNIT_CASE(messages_lie),
	UNIT_CASE(offers_lie_in_one_field),
	UNIT_CASE(an_offer_names_another_device),
	UNIT_CASE(rescinds_at_each_step_come_back),
	UNIT_CASE(a_seed_is_a_schedule),
	UNIT_CASE(bad_names_change_nothing),
};

int main(void)
{
	return unit_main(cases, sizeof(cases) / sizeof(cases[0]));
}
