// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of what all logical units share: kept sense, unit attentions, injected faults of every kind,
 * persistent reservations between three initiators, and the DVD drive.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../devices/bytes.h"
#include "../devices/scsi_unit.h"
#include "dev_unit.h"

#define BLOCKS 2048u

static char path[] = "/tmp/hvhost-unit-XXXXXX";
static char disc[] = "/tmp/hvhost-unit-XXXXXX";
static struct scsi_unit *unit;
static struct scsi_nexus *nexus[3];
static uint8_t buffer[65536];
static struct iovec buffer_iov = { .iov_base = buffer };

static void stop(void)
{
	unsigned int i;

	for (i = 0; i < 3; i++) {
		scsi_nexus_free(nexus[i]);
		nexus[i] = NULL;
	}
	scsi_unit_put(unit);
	unit = NULL;
}

static void start(void)
{
	struct scsi_disk_options options = { .image = path };
	char error[200] = "";
	unsigned int i;

	stop();
	CHECK(!truncate(path, BLOCKS * 512));
	unit = scsi_unit_open_disk(&options, error, sizeof(error));
	for (i = 0; i < 3; i++)
		nexus[i] = scsi_nexus_new(unit);
}

static void start_dvd(const char *medium)
{
	char error[200] = "";

	stop();
	unit = scsi_unit_open_dvd(medium, 7, error, sizeof(error));
	if (!unit)
		printf("# %s\n", error);
	nexus[0] = scsi_nexus_new(unit);
}

static struct scsi_command run(unsigned int who, const char *hex, uint32_t bytes, bool may_write)
{
	struct scsi_command command = { .may_write_data = may_write };
	unsigned int i = 0, byte;

	while (sscanf(hex, "%2x", &byte) == 1 && i < SCSI_CDB_BYTES) {
		command.cdb[i++] = (uint8_t)byte;
		hex += 2;
		while (*hex == ' ')
			hex++;
	}
	buffer_iov.iov_len = bytes;
	sg_init(&command.data, &buffer_iov, 1);
	scsi_nexus_execute(nexus[who], &command);
	return command;
}

static struct scsi_command run_in(const char *hex, uint32_t bytes)
{
	memset(buffer, 0xee, sizeof(buffer));
	return run(0, hex, bytes, true);
}

static uint32_t sense_of(const struct scsi_command *command)
{
	return (uint32_t)command->sense[2] << 16 | (uint32_t)command->sense[12] << 8 |
	       command->sense[13];
}

static bool is_good(struct scsi_command command)
{
	return command.status == SCSI_STATUS_GOOD && command.outcome == SCSI_OUTCOME_DONE;
}

static void sense_is_kept_until_read(void)
{
	start();
	run_in("c1 00 00 00 00 00", 0);
	CHECK(is_good(run_in("03 00 00 00 12 00", 18)));
	CHECK_EQ(buffer[0], 0x70);
	CHECK_EQ(buffer[2], 5);
	CHECK_EQ(buffer[12], 0x20);
	run_in("03 00 00 00 12 00", 18);
	CHECK_EQ(buffer[2] | buffer[12], 0);
	run_in("c1 00 00 00 00 00", 0);
	run_in("00 00 00 00 00 00", 0);
	run_in("03 00 00 00 12 00", 18);
	CHECK_EQ(buffer[2] | buffer[12], 0);
}

static void a_resize_is_told_once_to_each(void)
{
	struct scsi_command c;

	start();
	CHECK(!scsi_unit_resized(unit));
	CHECK(!truncate(path, (BLOCKS + 8) * 512));
	CHECK(scsi_unit_resized(unit));
	CHECK(is_good(run_in("12 00 00 00 24 00", 36)));
	c = run_in("28 00 00000000 00 0001 00", 512);
	CHECK_EQ(sense_of(&c), 0x062a09);
	CHECK_EQ(c.outcome, SCSI_OUTCOME_FAILED);
	CHECK(is_good(run_in("28 00 00000800 00 0001 00", 512)));
	CHECK(is_good(run_in("25 00 00000000 0000 00 00", 8)));
	CHECK_EQ(get_be32(buffer), BLOCKS + 7);
	/* Another initiator gets it, too; REQUEST SENSE takes it as data. */
	CHECK(is_good(run(1, "03 00 00 00 12 00", 18, true)));
	CHECK_EQ(buffer[12] << 8 | buffer[13], 0x2a09);
	CHECK(is_good(run(1, "00 00 00 00 00 00", 0, true)));
}

struct fault_case {
	const char *name;
	enum scsi_fault_kind kind;
	const char *cdb;
	enum scsi_outcome outcome;
	enum scsi_status status;
	uint32_t sense;
};

static const struct fault_case fault_cases[] = {
	{ "medium", SCSI_FAULT_MEDIUM, "28 00 00000064 00 0001 00", SCSI_OUTCOME_FAILED, 2,
	  0x031100 },
	{ "medium", SCSI_FAULT_MEDIUM, "2a 00 00000064 00 0001 00", SCSI_OUTCOME_FAILED, 2,
	  0x030300 },
	{ "timeout", SCSI_FAULT_TIMEOUT, "88 00 0000000000000060 00000008 00 00", SCSI_OUTCOME_LOST,
	  0, 0 },
	{ "busy", SCSI_FAULT_BUSY, "08 000064 01 00", SCSI_OUTCOME_BUSY, 8, 0 },
	{ "reset", SCSI_FAULT_RESET, "a8 00 00000064 00000001 00 00", SCSI_OUTCOME_RESET, 0, 0 },
	{ "not-ready", SCSI_FAULT_NOT_READY, "28 00 00000064 00 0001 00", SCSI_OUTCOME_FAILED, 2,
	  0x020401 },
	{ "capacity", SCSI_FAULT_CAPACITY, "28 00 00000064 00 0001 00", SCSI_OUTCOME_FAILED, 2,
	  0x062a09 },
	{ "gone", SCSI_FAULT_GONE, "28 00 00000064 00 0001 00", SCSI_OUTCOME_NO_LUN, 2, 0 },
	{ "sense", SCSI_FAULT_SENSE, "28 00 00000064 00 0001 00", SCSI_OUTCOME_FAILED, 2,
	  0x0b1234 },
};

static void each_kind_of_fault_strikes_where_told(void)
{
	unsigned int i;

	start();
	for (i = 0; i < sizeof(fault_cases) / sizeof(fault_cases[0]); i++) {
		const struct fault_case *f = &fault_cases[i];
		struct scsi_fault fault = {
			.opcode = SCSI_FAULT_ANY_IO,
			.first_lba = 100,
			.last_lba = 103,
			.sense = { 0xb, 0x12, 0x34 },
			.remaining = 1,
		};
		struct scsi_command c;

		CHECK(!scsi_fault_kind_parse(f->name, &fault.kind));
		CHECK_EQ(fault.kind, f->kind);
		CHECK(!scsi_faults_add(scsi_unit_faults(unit), &fault));
		/* Beside the range, and commands that name no blocks. */
		CHECK(is_good(run_in("28 00 00000063 00 0001 00", 512)));
		CHECK(is_good(run_in("28 00 00000068 00 0001 00", 512)));
		CHECK(is_good(run_in("00 00 00 00 00 00", 0)));
		CHECK(is_good(run_in("35 00 00000000 00 0000 00", 0)));
		c = run(0, f->cdb, 8 * 512, f->cdb[1] != 'a');
		if (c.outcome != f->outcome || c.status != f->status || sense_of(&c) != f->sense) {
			printf("# %s: outcome %u status %02x sense %06x\n", f->name, c.outcome,
			       c.status, sense_of(&c));
			unit_failures++;
		}
		CHECK_EQ(c.transferred, 0);
		CHECK(is_good(run(0, f->cdb, 8 * 512, f->cdb[1] != 'a')));
	}
	CHECK_EQ(scsi_unit_faults(unit)->struck, i);
}

static void faults_queue_up_and_clear(void)
{
	struct scsi_fault fault = { .kind = SCSI_FAULT_BUSY,
				    .opcode = SCSI_TEST_UNIT_READY,
				    .last_lba = UINT64_MAX,
				    .remaining = 2 };
	enum scsi_fault_kind kind;
	unsigned int i;

	start();
	for (i = 0; i < SCSI_FAULT_SLOTS; i++)
		CHECK(!scsi_faults_add(scsi_unit_faults(unit), &fault));
	CHECK(scsi_faults_add(scsi_unit_faults(unit), &fault));
	for (i = 0; i < 2; i++)
		CHECK_EQ(run_in("00 00 00 00 00 00", 0).status, SCSI_STATUS_BUSY);
	CHECK(is_good(run_in("28 00 00000000 00 0001 00", 512)));
	/* One is used up: there is room, and the order stays. */
	fault.kind = SCSI_FAULT_GONE;
	CHECK(!scsi_faults_add(scsi_unit_faults(unit), &fault));
	CHECK_EQ(run_in("00 00 00 00 00 00", 0).status, SCSI_STATUS_BUSY);
	scsi_faults_clear(scsi_unit_faults(unit));
	CHECK(is_good(run_in("00 00 00 00 00 00", 0)));
	/* Any command, also one without blocks; ranges at the end of numbers do not wrap. */
	fault.opcode = SCSI_FAULT_ANY_COMMAND;
	fault.first_lba = UINT64_MAX;
	CHECK(!scsi_faults_add(scsi_unit_faults(unit), &fault));
	CHECK(is_good(run_in("28 00 00000000 00 0001 00", 512)));
	CHECK_EQ(run_in("00 00 00 00 00 00", 0).outcome, SCSI_OUTCOME_NO_LUN);
	CHECK_EQ(run_in("88 00 ffffffffffffffff ffffffff 00 00", 512).outcome, SCSI_OUTCOME_NO_LUN);
	CHECK(scsi_fault_kind_parse("", &kind) < 0);
	CHECK(scsi_fault_kind_parse("none", &kind) < 0);
}

/* PERSISTENT RESERVE OUT of an initiator. Return: status << 24 | sense. */
static uint32_t reserve(unsigned int who, unsigned int action, unsigned int type, uint64_t key,
			uint64_t action_key)
{
	struct scsi_command c;
	char hex[40];

	memset(buffer, 0, 24);
	put_be64(buffer, key);
	put_be64(buffer + 8, action_key);
	snprintf(hex, sizeof(hex), "5f %02x %02x 0000 00000018 00", action, type);
	c = run(who, hex, 24, false);
	CHECK_EQ(c.transferred, c.status ? 0 : 24);
	return (uint32_t)c.status << 24 | sense_of(&c);
}

#define CONFLICT (0x18u << 24)
#define CHECKED	 (2u << 24)

static bool can_read(unsigned int who)
{
	struct scsi_command c = run(who, "28 00 00000000 00 0001 00", 512, true);

	CHECK(c.status == 0 || c.outcome == SCSI_OUTCOME_CONFLICT);
	return !c.status;
}

static bool can_write(unsigned int who)
{
	struct scsi_command c = run(who, "2a 00 00000000 00 0001 00", 512, false);

	CHECK(c.status == 0 || c.outcome == SCSI_OUTCOME_CONFLICT);
	return !c.status;
}

/* Takes a unit attention. Return: its code and qualifier, 0 without one. */
static unsigned int attention(unsigned int who)
{
	CHECK(is_good(run(who, "03 00 00 00 12 00", 18, true)));
	return buffer[2] == 6 ? (unsigned int)buffer[12] << 8 | buffer[13] : 0;
}

struct rights_case {
	unsigned int type;
	bool registrant_reads, registrant_writes, stranger_reads, stranger_writes;
};

static const struct rights_case rights_cases[] = {
	{ 1, true, false, true, false }, { 3, false, false, false, false },
	{ 5, true, true, true, false },	 { 6, true, true, false, false },
	{ 7, true, true, true, false },	 { 8, true, true, false, false },
};

static void each_reservation_keeps_out_whom_it_should(void)
{
	unsigned int i;

	for (i = 0; i < sizeof(rights_cases) / sizeof(rights_cases[0]); i++) {
		const struct rights_case *r = &rights_cases[i];

		start();
		CHECK_EQ(reserve(0, 1, r->type, 0xa, 0), CONFLICT); /* not registered */
		CHECK_EQ(reserve(0, 0, 0, 0, 0xa), 0);
		CHECK_EQ(reserve(1, 0, 0, 0, 0xb), 0);
		CHECK_EQ(reserve(0, 1, r->type, 0xb, 0), CONFLICT); /* not its key */
		CHECK_EQ(reserve(0, 1, r->type, 0xa, 0), 0);
		CHECK_EQ(reserve(0, 1, r->type, 0xa, 0), 0); /* has it already */
		CHECK(can_read(0) && can_write(0));
		CHECK_EQ(can_read(1), r->registrant_reads);
		CHECK_EQ(can_write(1), r->registrant_writes);
		CHECK_EQ(can_read(2), r->stranger_reads);
		CHECK_EQ(can_write(2), r->stranger_writes);
		CHECK(is_good(run(2, "12 00 00 00 24 00", 36, true)));
		CHECK(is_good(run(2, "00 00 00 00 00 00", 0, true)));
		CHECK(is_good(run(2, "25 00 00000000 0000 00 00", 8, true)));
		CHECK_EQ(run(2, "35 00 00000000 00 0000 00", 0, true).status,
			 SCSI_STATUS_RESERVATION_CONFLICT);
		/* READ RESERVATION by anybody. */
		CHECK(is_good(run(2, "5e 01 00 00000000 0018 00", 24, true)));
		CHECK_EQ(get_be32(buffer), 2);
		CHECK_EQ(get_be32(buffer + 4), 16);
		CHECK_EQ(get_be64(buffer + 8), r->type >= 7 ? 0 : 0xa);
		CHECK_EQ(buffer[21], r->type);
		/* The wrong type does not release it, the right one does. */
		CHECK_EQ(reserve(0, 2, r->type == 1 ? 3 : 1, 0xa, 0), CHECKED | 0x052604);
		CHECK_EQ(reserve(0, 2, r->type, 0xa, 0), 0);
		CHECK_EQ(attention(1), r->type >= 5 ? 0x2a04 : 0);
		CHECK_EQ(attention(2), 0);
		CHECK(can_write(1) && can_write(2));
	}
}

static void registrations_come_and_go(void)
{
	start();
	CHECK_EQ(reserve(0, 0, 0, 1, 0xa), CONFLICT); /* has none, says it has */
	CHECK_EQ(reserve(0, 0, 0, 0, 0xa), 0);
	CHECK_EQ(reserve(0, 0, 0, 0xa, 0xaa), 0);
	CHECK_EQ(reserve(0, 0, 0, 0xa, 0xab), CONFLICT);
	CHECK_EQ(reserve(1, 6, 0, 0x77, 0xb), 0);
	CHECK(is_good(run(2, "5e 00 00 00000000 0100 00", 256, true)));
	CHECK_EQ(get_be32(buffer), 3);
	CHECK_EQ(get_be32(buffer + 4), 16);
	CHECK_EQ(get_be64(buffer + 8), 0xaa);
	CHECK_EQ(get_be64(buffer + 16), 0xb);
	/* Unregistering ends a reservation of registrants, and they are told. */
	CHECK_EQ(reserve(0, 1, 5, 0xaa, 0), 0);
	CHECK_EQ(reserve(0, 0, 0, 0xaa, 0), 0);
	CHECK_EQ(attention(1), 0x2a04);
	CHECK(can_write(2));
	/* With all registrants as holders it lasts as long as one is there. */
	CHECK_EQ(reserve(0, 6, 0, 0, 0xa), 0);
	CHECK_EQ(reserve(0, 1, 8, 0xa, 0), 0);
	CHECK_EQ(reserve(0, 6, 0, 0, 0), 0);
	CHECK(!can_read(2) && can_read(1));
	scsi_nexus_free(nexus[1]);
	nexus[1] = scsi_nexus_new(unit);
	CHECK(can_read(2) && can_write(1));
	/* Clear takes everything. */
	CHECK_EQ(reserve(0, 0, 0, 0, 0xa), 0);
	CHECK_EQ(reserve(1, 0, 0, 0, 0xb), 0);
	CHECK_EQ(reserve(0, 1, 3, 0xa, 0), 0);
	CHECK_EQ(reserve(1, 3, 0, 0xb, 0), 0);
	CHECK_EQ(attention(0), 0x2a03);
	CHECK_EQ(attention(1), 0);
	CHECK(can_write(2));
	run(2, "5e 00 00 00000000 0100 00", 256, true);
	CHECK_EQ(get_be32(buffer + 4), 0);
}

static void a_reservation_is_preempted(void)
{
	start();
	CHECK_EQ(reserve(0, 0, 0, 0, 0xa), 0);
	CHECK_EQ(reserve(1, 0, 0, 0, 0xb), 0);
	CHECK_EQ(reserve(2, 0, 0, 0, 0xc), 0);
	CHECK_EQ(reserve(0, 1, 1, 0xa, 0), 0);
	CHECK_EQ(reserve(1, 4, 1, 0xb, 0xdead), CONFLICT); /* nobody's key */
	CHECK_EQ(reserve(1, 4, 1, 0xb, 0), CHECKED | 0x052600);
	CHECK_EQ(reserve(1, 4, 3, 0xb, 0xa), 0);
	CHECK_EQ(attention(0), 0x2a05);
	CHECK(!can_write(0) && !can_read(2) && can_write(1));
	run(1, "5e 01 00 00000000 0018 00", 24, true);
	CHECK_EQ(get_be64(buffer + 8), 0xb);
	CHECK_EQ(buffer[21], 3);
	/* A registration only: the reservation stays. */
	CHECK_EQ(reserve(1, 5, 3, 0xb, 0xc), 0);
	CHECK_EQ(attention(2), 0x2a05);
	CHECK(!can_read(2));
	CHECK_EQ(reserve(2, 2, 3, 0xc, 0), CONFLICT);
	/* All registrants at once give way to key 0. */
	CHECK_EQ(reserve(1, 2, 3, 0xb, 0), 0);
	CHECK_EQ(reserve(0, 6, 0, 0, 0xa), 0);
	CHECK_EQ(reserve(0, 1, 7, 0xa, 0), 0);
	CHECK_EQ(reserve(1, 4, 1, 0xb, 0), 0);
	CHECK_EQ(attention(0), 0x2a05);
	CHECK(can_read(0) && !can_write(0) && can_write(1));
}

/* READ FULL STATUS into @buffer. Return: how many initiators it lists. */
static unsigned int full_status(void)
{
	CHECK(is_good(run_in("5e 03 00 00000000 0100 00", 256)));
	CHECK_EQ(get_be32(buffer + 4) % 48, 0);
	return get_be32(buffer + 4) / 48;
}

/* REGISTER AND MOVE of initiator 0 to the one @address names. Return: as reserve(). */
static uint32_t move(unsigned int type, uint64_t key, uint64_t action_key, uint8_t flags, const uint8_t *address)
{
	struct scsi_command c;
	char hex[40];

	memset(buffer, 0, 48);
	put_be64(buffer, key);
	put_be64(buffer + 8, action_key);
	buffer[17] = flags;
	put_be32(buffer + 20, 24);
	memcpy(buffer + 24, address, 24);
	snprintf(hex, sizeof(hex), "5f 07 %02x 0000 00000030 00", type);
	c = run(0, hex, 48, false);
	CHECK_EQ(c.transferred, c.status ? 0 : 48);
	return (uint32_t)c.status << 24 | sense_of(&c);
}

static void a_reservation_is_moved(void)
{
	uint8_t address[2][24], nobody[24];
	struct scsi_command c;

	start();
	CHECK_EQ(full_status(), 0);
	CHECK_EQ(reserve(0, 0, 0, 0, 0xa), 0);
	CHECK_EQ(reserve(1, 0, 0, 0, 0xb), 0);
	CHECK_EQ(full_status(), 2);
	for (unsigned int i = 0; i < 2; i++) {
		const uint8_t *status = buffer + 8 + 48 * i;

		CHECK_EQ(get_be64(status), 0xa + i);
		CHECK_EQ(status[12] | status[13], 0); /* no holder yet */
		CHECK_EQ(get_be16(status + 18), 1);
		CHECK_EQ(get_be32(status + 20), 24);
		CHECK_EQ(status[24], 6); /* Serial Attached SCSI */
		memcpy(address[i], status + 24, 24);
	}
	CHECK(memcmp(address[0], address[1], 24));
	memcpy(nobody, address[1], 24);
	nobody[4] ^= 1;

	CHECK_EQ(move(1, 0xa, 0xc, 0, address[1]), CONFLICT); /* nothing to move */
	CHECK_EQ(reserve(0, 1, 1, 0xa, 0), 0);
	CHECK_EQ(move(1, 0xff, 0xc, 0, address[1]), CONFLICT); /* not its key */
	CHECK_EQ(move(3, 0xa, 0xc, 0, address[1]), CHECKED | 0x052400); /* not its type */
	CHECK_EQ(move(1, 0xa, 0, 0, address[1]), CHECKED | 0x052600); /* no key for the other */
	CHECK_EQ(move(1, 0xa, 0xc, 0, address[0]), CHECKED | 0x052600); /* to itself */
	CHECK_EQ(move(1, 0xa, 0xc, 0, nobody), CHECKED | 0x052600);
	CHECK_EQ(move(1, 0xa, 0xc, 1, address[1]), CHECKED | 0x052600); /* APTPL */
	c = run(0, "5f 07 01 0000 00000018 00", 24, false);
	CHECK_EQ(sense_of(&c), 0x051a00);
	CHECK_EQ(full_status(), 2);
	CHECK_EQ(buffer[8 + 12] << 8 | buffer[8 + 13], 0x0101);

	CHECK_EQ(move(1, 0xa, 0xc, 0, address[1]), 0);
	CHECK_EQ(full_status(), 2);
	CHECK_EQ(buffer[8 + 12] | buffer[8 + 13], 0);
	CHECK_EQ(get_be64(buffer + 56), 0xc);
	CHECK_EQ(buffer[56 + 12] << 8 | buffer[56 + 13], 0x0101);
	CHECK(!can_write(0) && can_write(1));
	CHECK_EQ(move(1, 0xa, 0xd, 0, address[1]), CONFLICT); /* holds it no longer */

	/* The one that gives it away goes, if it says so. */
	CHECK_EQ(reserve(1, 2, 1, 0xc, 0), 0);
	CHECK_EQ(reserve(0, 1, 3, 0xa, 0), 0);
	CHECK_EQ(move(3, 0xa, 0xe, 2, address[1]), 0);
	CHECK(!can_read(0) && can_read(1));
	CHECK_EQ(full_status(), 1);
	CHECK_EQ(get_be64(buffer + 8), 0xe);
	/* To one that has not registered: it has, then. One that is gone can be given nothing. */
	scsi_nexus_free(nexus[0]);
	nexus[0] = NULL;
	CHECK_EQ(reserve(1, 3, 0, 0xe, 0), 0);
	nexus[0] = nexus[1];
	nexus[1] = NULL;
	CHECK_EQ(reserve(0, 0, 0, 0, 0xb), 0);
	CHECK_EQ(reserve(0, 1, 1, 0xb, 0), 0);
	CHECK_EQ(move(1, 0xb, 0xf, 0, address[0]), CHECKED | 0x052600);
	address[1][11] = 2; /* the third */
	CHECK_EQ(move(1, 0xb, 0xf, 0, address[1]), 0);
	CHECK(can_write(2) && !can_write(0));
	/* What all hold together cannot be moved. */
	CHECK_EQ(reserve(2, 2, 1, 0xf, 0), 0);
	CHECK_EQ(reserve(0, 1, 7, 0xb, 0), 0);
	CHECK_EQ(move(7, 0xb, 0xf, 0, address[1]), CONFLICT);
}

static void bad_reservation_commands_change_nothing(void)
{
	struct scsi_command c;

	start();
	CHECK_EQ(reserve(0, 8, 0, 0, 0xa), CHECKED | 0x052400);
	CHECK_EQ(reserve(0, 0, 0, 0, 0xa), 0);
	CHECK_EQ(reserve(0, 1, 2, 0xa, 0), CHECKED | 0x052400); /* no such type */
	CHECK_EQ(reserve(0, 1, 0x11, 0xa, 0), CHECKED | 0x052400); /* scope */
	c = run(0, "5f 01 01 0000 00000017 00", 24, false);
	CHECK_EQ(sense_of(&c), 0x051a00);
	c = run(0, "5f 01 01 0000 00000018 00", 23, false);
	CHECK_EQ(sense_of(&c), 0x051a00);
	memset(buffer, 0, 24);
	buffer[15] = 1;
	buffer[20] = 1; /* APTPL */
	c = run(1, "5f 00 00 0000 00000018 00", 24, false);
	CHECK_EQ(sense_of(&c), 0x052600);
	c = run(0, "5e 04 00 00000000 0100 00", 256, true);
	CHECK_EQ(sense_of(&c), 0x052400);
	run(0, "5e 02 00 00000000 0100 00", 256, true);
	CHECK_EQ(get_be16(buffer), 8);
	CHECK_EQ(get_be16(buffer + 4), 0xea01);
	run(0, "5e 00 00 00000000 0100 00", 256, true);
	CHECK_EQ(get_be32(buffer), 1);
	CHECK_EQ(get_be32(buffer + 4), 8);
}

static void a_disc_is_read(void)
{
	static const uint8_t toc[20] = { 0, 18, 1, 1,	 0,    0x14, 1, 0, 0, 0,
					 0, 0,	0, 0x14, 0xaa, 0,    0, 0, 0, 64 };
	static const uint8_t msf[12] = { 0, 10, 1, 1, 0, 0x14, 0xaa, 0, 0, 0, 2, 64 };
	struct scsi_command c;

	start_dvd(disc);
	CHECK(is_good(run_in("12 00 00 00 24 00", 36)));
	CHECK_EQ(buffer[0], 0x05);
	CHECK_EQ(buffer[1], 0x80);
	CHECK(!memcmp(buffer + 8, "Msft    Virtual DVD-ROM ", 24));
	CHECK(is_good(run_in("12 01 83 00 ff 00", 255)));
	CHECK(is_good(run_in("25 00 00000000 0000 00 00", 8)));
	CHECK_EQ(get_be32(buffer), 63);
	CHECK_EQ(get_be32(buffer + 4), 2048);
	c = run_in("28 00 0000003f 00 0001 00", 2048);
	CHECK_EQ(c.transferred, 2048);
	CHECK_EQ(buffer[0], 63);
	c = run_in("28 00 00000040 00 0001 00", 2048);
	CHECK_EQ(sense_of(&c), 0x052100);
	c = run_in("28 00 00000000 00 0002 00", 2048);
	CHECK_EQ(sense_of(&c), 0x052400);
	c = run_in("2a 00 00000000 00 0001 00", 2048);
	CHECK_EQ(sense_of(&c), 0x052000);
	c = run_in("1a 00 3f 00 ff 00", 255);
	CHECK_EQ(sense_of(&c), 0x052000);
	CHECK(is_good(run_in("43 00 00 00 00 00 00 00 14 00", 20)));
	CHECK(!memcmp(buffer, toc, sizeof(toc)));
	CHECK(is_good(run_in("43 02 00 00 00 00 aa 00 0c 00", 12)));
	CHECK(!memcmp(buffer, msf, sizeof(msf)));
	c = run_in("43 00 00 00 00 00 02 00 14 00", 20);
	CHECK_EQ(sense_of(&c), 0x052400);
	CHECK(is_good(run_in("46 00 00 00 00 00 00 00 ff 00", 255)));
	CHECK_EQ(get_be16(buffer + 6), 0x10);
	CHECK_EQ(get_be32(buffer) + 4, 8 + 8 + 12 + 8 + 12 + 8);
	CHECK(is_good(run_in("46 02 00 1f 00 00 00 00 ff 00", 255)));
	CHECK_EQ(get_be32(buffer), 4 + 8);
	CHECK_EQ(get_be16(buffer + 8), 0x1f);
	CHECK(is_good(run_in("5a 00 01 00 00 00 00 00 ff 00", 255)));
	CHECK_EQ(get_be16(buffer), 8 + 12 - 2);
	/* No reservations on a drive. */
	c = run_in("5e 00 00 00000000 0100 00", 256);
	CHECK_EQ(sense_of(&c), 0x052000);
}

/* GET EVENT STATUS NOTIFICATION of the media class. Return: event << 8 | status. */
static unsigned int media(void)
{
	CHECK(is_good(run_in("4a 01 00 00 10 00 00 00 08 00", 8)));
	return (unsigned int)buffer[4] << 8 | buffer[5];
}

static void a_disc_goes_and_another_comes(void)
{
	char error[200] = "";
	struct scsi_command c;

	start_dvd(disc);
	CHECK_EQ(media(), 0x0302);
	CHECK_EQ(media(), 0x0202);
	CHECK_EQ(media(), 0x0002);
	/* Locked: the guest's eject is refused, the hand's is not. */
	CHECK(is_good(run_in("1e 00 00 00 01 00", 0)));
	c = run_in("1b 00 00 00 02 00", 0);
	CHECK_EQ(sense_of(&c), 0x055302);
	CHECK(!scsi_unit_change_medium(unit, NULL, error, sizeof(error)));
	c = run_in("00 00 00 00 00 00", 0);
	CHECK_EQ(sense_of(&c), 0x023a01);
	CHECK_EQ(media(), 0x0300);
	c = run_in("28 00 00000000 00 0001 00", 2048);
	CHECK_EQ(sense_of(&c), 0x023a01);
	c = run_in("43 00 00 00 00 00 00 00 14 00", 20);
	CHECK_EQ(sense_of(&c), 0x023a01);
	CHECK(scsi_unit_change_medium(unit, "/nonexistent", error, sizeof(error)) < 0);
	CHECK(error[0]);
	CHECK(!scsi_unit_change_medium(unit, disc, error, sizeof(error)));
	c = run_in("00 00 00 00 00 00", 0);
	CHECK_EQ(sense_of(&c), 0x062800);
	CHECK(is_good(run_in("00 00 00 00 00 00", 0)));
	CHECK_EQ(media(), 0x0202);
	/* Unlocked: out, and in again. */
	CHECK(is_good(run_in("1e 00 00 00 00 00", 0)));
	CHECK(is_good(run_in("1b 00 00 00 02 00", 0)));
	c = run_in("00 00 00 00 00 00", 0);
	CHECK_EQ(sense_of(&c), 0x023a02);
	CHECK_EQ(media(), 0x0301);
	CHECK(is_good(run_in("1b 00 00 00 03 00", 0)));
	CHECK(is_good(run_in("00 00 00 00 00 00", 0)));
	CHECK_EQ(media(), 0x0202);
	start_dvd(NULL);
	c = run_in("00 00 00 00 00 00", 0);
	CHECK_EQ(sense_of(&c), 0x023a01);
	CHECK(is_good(run_in("46 00 00 00 00 00 00 00 ff 00", 255)));
	CHECK_EQ(get_be16(buffer + 6), 0);
}

static void random_commands(unsigned int seed)
{
	unsigned int i, j;

	for (i = 0; i < 100000; i++) {
		struct scsi_command c = { .may_write_data = rand_r(&seed) & 1 };

		for (j = 0; j < SCSI_CDB_BYTES; j++)
			c.cdb[j] = (uint8_t)(rand_r(&seed) % 4 ? 0 : rand_r(&seed) >> 8);
		if (i % 4 == 0)
			c.cdb[0] = 0x5f;
		buffer_iov.iov_len = (size_t)rand_r(&seed) % 600;
		sg_init(&c.data, &buffer_iov, 1);
		scsi_nexus_execute(nexus[0], &c);
		CHECK(c.transferred <= c.data.bytes);
	}
}

static void random_commands_end(void)
{
	start();
	random_commands(1);
	start_dvd(disc);
	random_commands(2);
}

static const struct unit_case cases[] = {
	UNIT_CASE(sense_is_kept_until_read),
	UNIT_CASE(a_resize_is_told_once_to_each),
	UNIT_CASE(each_kind_of_fault_strikes_where_told),
	UNIT_CASE(faults_queue_up_and_clear),
	UNIT_CASE(each_reservation_keeps_out_whom_it_should),
	UNIT_CASE(registrations_come_and_go),
	UNIT_CASE(a_reservation_is_preempted),
	UNIT_CASE(a_reservation_is_moved),
	UNIT_CASE(bad_reservation_commands_change_nothing),
	UNIT_CASE(a_disc_is_read),
	UNIT_CASE(a_disc_goes_and_another_comes),
	UNIT_CASE(random_commands_end),
};

int main(void)
{
	int image = mkstemp(path), fd = mkstemp(disc), status, i;
	uint8_t block[2048];

	if (image < 0 || fd < 0)
		return 2;
	close(image);
	for (i = 0; i < 64; i++) {
		memset(block, i, sizeof(block));
		if (write(fd, block, sizeof(block)) != sizeof(block))
			return 2;
	}
	close(fd);
	status = unit_main(cases, sizeof(cases) / sizeof(cases[0]));
	stop();
	unlink(path);
	unlink(disc);
	return status;
}
