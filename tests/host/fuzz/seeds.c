// SPDX-License-Identifier: GPL-2.0
/*
 * Beginnings for the fuzzer, one file each in the directory named: guests that get far enough with
 * each device for its packets to matter. Written by hand from the protocols, not recorded.
 */
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <hyperv/vmbus_msg.h>
#include <hyperv/vstor.h>

#include "ops.h"

static uint8_t seed[16384];
static size_t used;
static const char *directory;

static void number(uint64_t value, unsigned int bytes)
{
	while (bytes-- && used < sizeof(seed)) {
		seed[used++] = value;
		value >>= 8;
	}
}

static void op(enum fuzz_op what, unsigned int operand)
{
	number(what, 1);
	number(operand, 1);
}

/* Hexadecimal text, spaces where one likes. */
static void bytes(const char *hex)
{
	size_t at = used++;
	unsigned int byte;
	int n;

	while (sscanf(hex, " %2x%n", &byte, &n) == 1) {
		number(byte, 1);
		hex += n;
	}
	seed[at] = used - at - 1;
}

static void begin(unsigned int version)
{
	used = 0;
	op(FUZZ_CONTACT, version);
	number(FUZZ_REQUEST_OFFERS, 1);
}

static void packet(unsigned int chan, unsigned int kind, uint64_t xid, const char *hex)
{
	op(FUZZ_PACKET, chan);
	number(kind, 1);
	number(xid, 8);
	number(0, 1);
	bytes(hex);
}

/* GPA direct with one range. */
static void ranged(unsigned int chan, uint64_t xid, unsigned int offset, unsigned int len,
		   unsigned int page, const char *hex)
{
	op(FUZZ_PACKET, chan);
	number(1 | FUZZ_KIND_COMPLETE, 1);
	number(xid, 8);
	number(1, 1);
	number(offset, 2);
	number(len, 4);
	number(page, 2);
	bytes(hex);
}

static void write_seed(const char *name)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	if (fd < 0 || write(fd, seed, used) != (ssize_t)used || close(fd)) {
		perror(path);
		exit(1);
	}
}

/* ---------------------------------------------------------------- the bus */

static void bus_seeds(void)
{
	char name[32];

	for (unsigned int version = 0; version < 10; version++) {
		begin(version);
		op(FUZZ_OPEN, FUZZ_ECHO);
		packet(FUZZ_ECHO, FUZZ_KIND_COMPLETE, 1, "0102030405060708");
		op(FUZZ_CONSUME, FUZZ_ECHO);
		/* CLOSE, GPADL_TEARDOWN by hand, RELID_RELEASED, UNLOAD */
		op(FUZZ_FIELDS, VMBUS_MSG_CLOSE);
		number(FUZZ_ECHO, 1);
		bytes("");
		op(FUZZ_FIELDS, VMBUS_MSG_GPADL_TEARDOWN);
		number(FUZZ_ECHO, 1);
		bytes("0a010000");
		number(FUZZ_SLOTS, 1);
		op(FUZZ_FIELDS, VMBUS_MSG_RELID_RELEASED);
		number(FUZZ_ECHO, 1);
		bytes("");
		op(FUZZ_MESSAGE, 0);
		bytes("1000000000000000");
		number(FUZZ_SLOTS, 1);
		snprintf(name, sizeof(name), "bus-version-%u", version);
		write_seed(name);
	}

	begin(0);
	op(FUZZ_OPEN, FUZZ_ECHO);
	op(FUZZ_FIELDS, VMBUS_MSG_MODIFY_CHANNEL);
	number(FUZZ_ECHO, 1);
	bytes("01000000");
	op(FUZZ_CONTROL_WORD, FUZZ_ECHO);
	number(0, 1);
	number(0x1000, 4);
	op(FUZZ_RAW_PACKET, FUZZ_ECHO);
	number(0, 4);
	bytes("0600 0200 0300 0100 0700000000000000 1122334455667788");
	op(FUZZ_CONTROL_WORD, FUZZ_ECHO);
	number(0x81, 1);
	number(0xfffffff8, 4);
	op(FUZZ_RAW_PACKET, FUZZ_ECHO);
	number(32, 4);
	bytes("0900 0500 0600 0100 0800000000000000 0000000001000000 0010000000000000 0001000000000000 1122334455667788");
	write_seed("bus-rings");

	begin(0);
	op(FUZZ_OPEN, FUZZ_ECHO);
	/* The write index, the length of the first packet and a GPADL page change all the time. */
	number(FUZZ_RACE, 1);
	number(FUZZ_RING_GPA(FUZZ_ECHO), 4);
	number(0x20, 8);
	number(0xffffffffffffull, 8);
	packet(FUZZ_ECHO, FUZZ_KIND_COMPLETE, 1, "0102030405060708");
	number(FUZZ_RACE, 1);
	number(FUZZ_RING_GPA(FUZZ_ECHO) + 4096 + 32, 4);
	number(0x0001000300020006ull, 8);
	number(0xffffffffffff0009ull, 8);
	packet(FUZZ_ECHO, FUZZ_KIND_COMPLETE, 2, "0102030405060708");
	op(FUZZ_RUN, 8);
	write_seed("bus-race");

	begin(0);
	op(FUZZ_MESSAGE, 0);
	/* GPADL_HEADER with two ranges */
	bytes("0800000000000000 01000000 05000000 2000 0200 0010000000000000 0001000000000000 0010000000000000 0101000000000000");
	op(FUZZ_MESSAGE, 1);
	bytes("0800000000000000 01000000 06000000 1000 0100 0010000000000000 ffffffffffffff0f");
	number(FUZZ_SLOTS, 1);
	op(FUZZ_FIELDS, VMBUS_MSG_OPEN);
	number(FUZZ_ECHO, 1);
	bytes("01000000 05000000 00000000 04000000");
	number(FUZZ_RESET, 1);
	op(FUZZ_CONTACT, 2);
	write_seed("bus-gpadls");

	/* Descriptors that lie: type, payload offset and length in qwords, flags; then a range count and ranges. */
	static const char *const liars[] = {
		"0600 0200 ffff 0100 0100000000000000", "0600 0200 0010 0100 0100000000000000",
		"0600 0200 0000 0100 0100000000000000", "0600 ffff 0400 0100 0100000000000000",
		"0600 0400 0300 0100 0100000000000000", "0600 0000 0300 0100 0100000000000000",
		"0700 0200 0300 0100 0100000000000000", "0900 0200 0300 0100 0100000000000000",
		"0900 0500 0600 0100 0100000000000000 00000000ffffffff 0010000000000000 0001000000000000",
		"0900 0500 0600 0100 0100000000000000 0000000001000000 ffffffffff0f0000 0001000000000000",
		"0900 0500 0600 0100 0100000000000000 0000000001000000 00100000ffffffff 0001000000000000",
		"0900 0500 0600 0100 0100000000000000 0000000001000000 0010000000000000 ffffffffffffff7f",
		"0900 0500 0600 0100 0100000000000000 0000000002000000 0010000000000000 0001000000000000",
	};

	for (unsigned int i = 0; i < sizeof(liars) / sizeof(liars[0]); i++) {
		static const unsigned int victims[] = { FUZZ_ECHO, FUZZ_NIC, FUZZ_SCSI };

		begin(0);
		for (unsigned int v = 0; v < 3; v++) {
			op(FUZZ_OPEN, victims[v]);
			op(FUZZ_RAW_PACKET, victims[v]);
			number(0, 4);
			bytes(liars[i]);
			op(FUZZ_CONTROL_WORD, victims[v]);
			number(i % 5 + 0x80 * (i % 2), 1);
			number(i * 0x1001 - 8, 4);
			op(FUZZ_SIGNAL, victims[v]);
		}
		snprintf(name, sizeof(name), "bus-liar-%u", i);
		write_seed(name);
	}

	for (unsigned int i = 0; i < 8; i++) {
		begin(i % 4);
		op(FUZZ_CHAOS, i);
		number(16 << i % 4, 1);
		for (unsigned int chan = FUZZ_SCSI; chan <= FUZZ_ECHO; chan++) {
			op(FUZZ_OPEN, chan);
			packet(chan, FUZZ_KIND_COMPLETE, 1, "07000000 01000000 00000000 00000000");
			op(FUZZ_CONSUME, chan);
			op(FUZZ_LATER, 0x80);
			number(1, 1);
		}
		op(FUZZ_COMMAND, 24);
		op(FUZZ_CHAOS, 0);
		number(0, 1);
		number(FUZZ_RESET, 1);
		snprintf(name, sizeof(name), "chaos-%u", i);
		write_seed(name);
	}

	begin(0);
	op(FUZZ_CALL, 10);
	op(FUZZ_OPEN, FUZZ_ADDED);
	packet(FUZZ_ADDED, 0, 0, "01000000 08000000 6162636465666768");
	op(FUZZ_CONSUME, FUZZ_ADDED);
	op(FUZZ_CALL, 11);
	op(FUZZ_COMMAND, 23);
	number(FUZZ_SLOTS, 1);
	op(FUZZ_OPEN, FUZZ_ADDED + 1);
	op(FUZZ_LATER, 200);
	number(0, 1);
	write_seed("socket");
}

/* ---------------------------------------------------------------- storage */

static void scsi_ready(void)
{
	static const unsigned int steps[] = { VSTOR_OP_BEGIN_INITIALIZATION, VSTOR_OP_QUERY_PROTOCOL_VERSION,
					      VSTOR_OP_QUERY_PROPERTIES, VSTOR_OP_END_INITIALIZATION };
	char hex[160];

	op(FUZZ_OPEN, FUZZ_SCSI);
	for (unsigned int i = 0; i < 4; i++) {
		snprintf(hex, sizeof(hex), "%02x000000 01000000 00000000 %s0000 %0*d", steps[i],
			 i == 1 ? "0206" : "0000", 96, 0);
		packet(FUZZ_SCSI, FUZZ_KIND_COMPLETE, i + 1, hex);
		op(FUZZ_CONSUME, FUZZ_SCSI);
	}
}

/* One command: CDB of at most 16 bytes, its data, 0 out, 1 in, 2 none. */
static void scsi_on(unsigned int chan, unsigned int lun, const char *cdb, unsigned int len,
		    unsigned int direction)
{
	char hex[160], full[33];
	size_t cdb_len = strlen(cdb) / 2;

	snprintf(full, sizeof(full), "%s%0*d", cdb, (int)(32 - strlen(cdb)), 0);
	if (cdb_len == 16)
		snprintf(full, sizeof(full), "%s", cdb);
	snprintf(hex, sizeof(hex),
		 "03000000 01000000 00000000 3400 0000 00 00 00 %02x %02x 14 %02x 00 %02x%02x%02x00 %s 00000000 00000000 %02x000000 00000000 00000000",
		 lun, (unsigned int)cdb_len, direction, len & 0xff, len >> 8 & 0xff, len >> 16 & 0xff, full,
		 direction == 1 ? 0x48 : direction == 0 ? 0x88 : 8);
	if (len)
		ranged(chan, 0x1000, 0, len, FUZZ_DATA_PAGE, hex);
	else
		packet(chan, FUZZ_KIND_COMPLETE, 0x1000, hex);
	op(FUZZ_CONSUME, chan);
}

static void scsi(unsigned int lun, const char *cdb, unsigned int len, unsigned int direction)
{
	scsi_on(FUZZ_SCSI, lun, cdb, len, direction);
}

/* Asks for two sub-channels and opens both. */
static void scsi_sub_channels(void)
{
	packet(FUZZ_SCSI, FUZZ_KIND_COMPLETE, 9,
	       "0d000000 01000000 00000000 0200 0000 0000000000000000 0000000000000000 0000000000000000 0000000000000000 0000000000000000 00000000");
	op(FUZZ_CONSUME, FUZZ_SCSI);
	number(FUZZ_SLOTS, 1);
	op(FUZZ_OPEN, FUZZ_ADDED);
	op(FUZZ_OPEN, FUZZ_ADDED + 1);
}

/*
 * How a channel ends while its sub-channels are in use: the primary closed first, a sub-channel closed, its ring taken back
 * under it, its relid let go while it is open, the device rescinded, the host lying, the guest gone.
 */
static void end_sub_channels(unsigned int how, unsigned int primary, unsigned int rescind)
{
	switch (how) {
	case 0:
	case 1:
		op(FUZZ_FIELDS, VMBUS_MSG_CLOSE);
		number(how ? FUZZ_ADDED : primary, 1);
		bytes("");
		break;
	case 2:
		op(FUZZ_FIELDS, VMBUS_MSG_GPADL_TEARDOWN);
		number(FUZZ_ADDED, 1);
		number(4, 1);
		number(FUZZ_FIRST_ADDED_GPADL, 4);
		break;
	case 3:
		op(FUZZ_FIELDS, VMBUS_MSG_RELID_RELEASED);
		number(FUZZ_ADDED + 1, 1);
		bytes("");
		break;
	case 4:
		op(FUZZ_COMMAND, rescind);
		number(FUZZ_SLOTS, 1);
		break;
	case 5:
		op(FUZZ_CHAOS, primary);
		number(128, 1);
		break;
	case 6:
		op(FUZZ_MESSAGE, 0);
		bytes("1000000000000000");
		break;
	}
}

#define SUB_CHANNEL_ENDS 7

static void scsi_seeds(void)
{
	static const struct {
		const char *name, *cdb;
		unsigned int len, direction;
	} commands[] = {
		{ "inquiry", "12000000ff00", 255, 1 },
		{ "vpd", "1201b000ff00", 255, 1 },
		{ "ident", "12018300ff00", 255, 1 },
		{ "capacity", "25000000000000000000", 8, 1 },
		{ "capacity16", "9e100000000000000000000000200000", 32, 1 },
		{ "luns", "a00000000000000010000000", 4096, 1 },
		{ "read", "28000000000000000800", 4096, 1 },
		{ "read16", "88000000000000000008000000100000", 8192, 1 },
		{ "write", "2a000000000000000800", 4096, 0 },
		{ "write-same", "93080000000000000000000000080000", 512, 0 },
		{ "unmap", "42000000000000001800", 24, 0 },
		{ "mode", "5a003f00000000004000", 64, 1 },
		{ "sync", "35000000000000000000", 0, 2 },
		{ "reserve-in", "5e000000000000010000", 256, 1 },
		{ "reserve-out", "5f000000000000001800", 24, 0 },
		{ "ready", "000000000000", 0, 2 },
		{ "eject", "1b0000000200", 0, 2 },
		{ "sense", "030000006000", 96, 1 },
	};
	char name[40];

	for (unsigned int i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		begin(i % 3);
		scsi_ready();
		number(FUZZ_POKE, 1);
		number(FUZZ_DATA_PAGE * 4096, 4);
		bytes("0016001000000000 0000000000000010 00000008 00000000");
		scsi(0, commands[i].cdb, commands[i].len, commands[i].direction);
		scsi(3, commands[i].cdb, commands[i].len, commands[i].direction);
		op(FUZZ_COMMAND, i);
		scsi(0, commands[i].cdb, commands[i].len, commands[i].direction);
		op(FUZZ_COMMAND, i + 1);
		snprintf(name, sizeof(name), "scsi-%s", commands[i].name);
		write_seed(name);
	}
	begin(0);
	scsi_ready();
	packet(FUZZ_SCSI, FUZZ_KIND_COMPLETE, 9,
	       "0d000000 01000000 00000000 0300 0000 0000000000000000 0000000000000000 0000000000000000 0000000000000000 0000000000000000 00000000");
	number(FUZZ_SLOTS, 1);
	op(FUZZ_OPEN, FUZZ_ADDED);
	op(FUZZ_COMMAND, 1);
	op(FUZZ_LATER, 0xff);
	number(0x40, 1);
	write_seed("scsi-sub-channels");

	for (unsigned int how = 0; how < SUB_CHANNEL_ENDS; how++) {
		begin(0);
		scsi_ready();
		scsi_sub_channels();
		for (unsigned int round = 0; round < 2; round++) {
			/* Requests on one channel, then a second one for the same blocks on another. */
			for (unsigned int chan = 0; chan < 2; chan++) {
				scsi_on(FUZZ_ADDED + chan, 0, "2a000000000000000800", 4096, 0);
				scsi_on(FUZZ_ADDED + chan, 0, "28000000000000000800", 4096, 1);
				scsi_on(FUZZ_ADDED + chan, 3, "12000000ff00", 255, 1);
			}
			/* What only the primary may ask for. */
			packet(FUZZ_ADDED, FUZZ_KIND_COMPLETE, 5,
			       "07000000 01000000 00000000 00000000 0000000000000000 0000000000000000 0000000000000000 0000000000000000 0000000000000000 00000000");
			op(FUZZ_CONSUME, FUZZ_ADDED);
			if (!round)
				end_sub_channels(how, FUZZ_SCSI, 0);
		}
		op(FUZZ_LATER, 0xff);
		number(0x40, 1);
		snprintf(name, sizeof(name), "scsi-sub-channels-%u", how);
		write_seed(name);
	}
}

/* ---------------------------------------------------------------- network */

static void nic_ready(void)
{
	op(FUZZ_OPEN, FUZZ_NIC);
	packet(FUZZ_NIC, FUZZ_KIND_COMPLETE, 1, "01000000 01000600 01000600 00000000 0000000000000000 0000000000000000 0000000000000000");
	packet(FUZZ_NIC, 0, 2, "7d000000 fe050000 00000000 0800000000000000 0000000000000000 00000000");
	packet(FUZZ_NIC, 0, 3, "64000000 06000000 1e000000 00000000 0000000000000000 0000000000000000 0000000000000000");
	number(FUZZ_SHARE, 1);
	number(FUZZ_NIC, 1);
	number(7, 1);
	number(FUZZ_DATA_PAGE + 32, 2);
	number(128, 1);
	packet(FUZZ_NIC, FUZZ_KIND_COMPLETE, 4, "65000000 07000000 feca0000 00000000 0000000000000000 0000000000000000 0000000000000000");
	number(FUZZ_SHARE, 1);
	number(FUZZ_NIC, 1);
	number(8, 1);
	number(FUZZ_DATA_PAGE + 160, 2);
	number(64, 1);
	packet(FUZZ_NIC, FUZZ_KIND_COMPLETE, 5, "68000000 08000000 00000000 00000000 0000000000000000 0000000000000000 0000000000000000");
	op(FUZZ_CONSUME, FUZZ_NIC);
}

/* An RNDIS message in guest memory, sent as a control (1) or data (0) message. */
static void rndis_on(unsigned int chan, unsigned int channel, const char *hex, unsigned int len)
{
	number(FUZZ_POKE, 1);
	number(FUZZ_DATA_PAGE * 4096, 4);
	bytes(hex);
	ranged(chan, 0x2000, 0, len, FUZZ_DATA_PAGE,
	       channel ? "6b000000 01000000 ffffffff 00000000 0000000000000000 0000000000000000 0000000000000000"
		       : "6b000000 00000000 ffffffff 00000000 0000000000000000 0000000000000000 0000000000000000");
	op(FUZZ_CONSUME, chan);
	/* The completion of what the host sent. */
	op(FUZZ_ANSWER, chan);
	number(2, 1);
	number(0, 1);
	bytes("6c000000 01000000");
}

static void rndis(unsigned int channel, const char *hex, unsigned int len)
{
	rndis_on(FUZZ_NIC, channel, hex, len);
}

/* Frames of several flows, so that the hash spreads what comes back. */
static void nic_flows(unsigned int chan)
{
	char hex[300];

	for (unsigned int flow = 0; flow < 2; flow++) {
		snprintf(hex, sizeof(hex),
			 "01000000 70000000 24000000 3c000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 "
			 "ffffffffffff 00155d000001 0800 4500002e000100004011 0000 0a00020f 0a0002%02x %02x00 2000 001a 0000 "
			 "000000000000000000000000000000000000",
			 flow + 2, 0x10 + flow);
		rndis_on(chan, 0, hex, 112);
	}
}

static void nic_seeds(void)
{
	static const unsigned int oids[] = { 0x00010101, 0x00010103, 0x0001010e, 0x01010102, 0x00010106,
					     0x00010114, 0xfc01020c, 0x00010204, 0x00010202, 0x01010103,
					     0x00010203, 0x00010111 };
	static const char init[] =
		"02000000 18000000 01000000 01000000 00000000 00400000";
	char hex[400];

	for (unsigned int i = 0; i < sizeof(oids) / sizeof(oids[0]); i++) {
		begin(i % 4);
		nic_ready();
		rndis(1, init, 24);
		snprintf(hex, sizeof(hex),
			 "04000000 3c000000 02000000 %02x%02x%02x%02x 20000000 14000000 00000000 a7012000 00000000 00000000 00000000 00000000 00000000 00000000 00000000",
			 oids[i] & 0xff, oids[i] >> 8 & 0xff, oids[i] >> 16 & 0xff, oids[i] >> 24);
		rndis(1, hex, 60);
		/* SET: the packet filter among them */
		snprintf(hex, sizeof(hex),
			 "05000000 3c000000 03000000 %02x%02x%02x%02x 20000000 14000000 00000000 0d000000 a7012000 00000000 00000000 00000000 00000000 00000000 00000000",
			 oids[i] & 0xff, oids[i] >> 8 & 0xff, oids[i] >> 16 & 0xff, oids[i] >> 24);
		rndis(1, hex, 60);
		/* SET of the filter, then a frame that comes back */
		rndis(1, "05000000 20000000 04000000 0e010100 04000000 14000000 00000000 ffff0000", 32);
		rndis(0,
		      "01000000 70000000 24000000 3c000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 "
		      "ffffffffffff 00155d000001 0800 4500002e000100004011 0000 0a00020f 0a000202 1000 2000 001a 0000 "
		      "000000000000000000000000000000000000",
		      112);
		/* The same with per-packet information: LSO and checksum */
		rndis(0,
		      "01000000 90000000 44000000 3c000000 00000000 00000000 00000000 24000000 20000000 00000000 00000000 "
		      "10000000 00000000 0c000000 01020034 10000000 02000000 0c000000 00100000 "
		      "ffffffffffff 00155d000001 0800 4500002e000100004006 0000 0a00020f 0a000202 1000 2000 00000001 00000002 5010 1000 0000 0000 "
		      "0000000000000000",
		      144);
		op(FUZZ_COMMAND, 16 + i % 2);
		rndis(1, "08000000 10000000 05000000 00000000", 16);
		snprintf(hex, sizeof(hex), "nic-%08x", oids[i]);
		write_seed(hex);
	}
	begin(0);
	nic_ready();
	rndis(1, init, 24);
	packet(FUZZ_NIC, FUZZ_KIND_COMPLETE, 6, "85000000 01000000 01000000 00000000 0000000000000000 0000000000000000 0000000000000000");
	number(FUZZ_SLOTS, 1);
	op(FUZZ_OPEN, FUZZ_ADDED);
	packet(FUZZ_ADDED, FUZZ_KIND_COMPLETE, 7, "6b000000 00000000 00000000 40000000 0000000000000000 0000000000000000 0000000000000000");
	packet(FUZZ_NIC, 0, 8, "67000000 feca0000 00000000 00000000 0000000000000000 0000000000000000 0000000000000000");
	packet(FUZZ_NIC, 0, 9, "6a000000 00000000 00000000 00000000 0000000000000000 0000000000000000 0000000000000000");
	packet(FUZZ_NIC, 0, 9, "81000000 01000000 00000000 00000000 0000000000000000 0000000000000000 0000000000000000");
	write_seed("nic-sub-channels");

	for (unsigned int how = 0; how < SUB_CHANNEL_ENDS; how++) {
		begin(0);
		nic_ready();
		rndis(1, init, 24);
		packet(FUZZ_NIC, FUZZ_KIND_COMPLETE, 6, "85000000 01000000 03000000 00000000 0000000000000000 0000000000000000 0000000000000000");
		op(FUZZ_CONSUME, FUZZ_NIC);
		number(FUZZ_SLOTS, 1);
		for (unsigned int sub = 0; sub < 3; sub++)
			op(FUZZ_OPEN, FUZZ_ADDED + sub);
		/* Receive side scaling: parameters, a table of eight entries and a key of 40 bytes. */
		rndis(1,
		      "05000000 8c000000 03000000 04020100 70000000 14000000 00000000 "
		      "89022800 0000 0000 01430000 2000 0000 28000000 2800 0000 48000000 00000000 00000000 00000000 "
		      "00000000 01000000 02000000 03000000 00000000 01000000 02000000 03000000 "
		      "0102030405060708 0102030405060708 0102030405060708 0102030405060708 0102030405060708",
		      140);
		rndis(1, "05000000 20000000 04000000 0e010100 04000000 14000000 00000000 ffff0000", 32);
		/* What the host answered with is acknowledged on each channel. */
		for (unsigned int round = 0; round < 2; round++) {
			for (unsigned int sub = 0; sub < 3; sub++)
				nic_flows(FUZZ_ADDED + sub);
			op(FUZZ_COMMAND, 29);
			/* A control message on a sub-channel. */
			rndis_on(FUZZ_ADDED, 1, init, 24);
			if (!round)
				end_sub_channels(how, FUZZ_NIC, 3);
		}
		op(FUZZ_LATER, 0xff);
		number(0x40, 1);
		snprintf(hex, sizeof(hex), "nic-sub-channels-%u", how);
		write_seed(hex);
	}
}

/* ---------------------------------------------------------------- services and input */

static void service_seeds(void)
{
	static const unsigned int services[] = { FUZZ_HEARTBEAT, FUZZ_SHUTDOWN, FUZZ_TIMESYNC, FUZZ_KVP,
						 FUZZ_VSS, FUZZ_FCOPY };
	/* By service: the newest message version; and what a user has each do, by the list of world.c. */
	static const char *const message_versions[] = { "03000000", "03000200", "04000000",
							"05000000", "05000000", "01000100" };
	static const unsigned int commands[] = { 33, 18, 19, 35, 38, 40 };
	char name[40], hex[160];

	for (unsigned int i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
		begin(i % 4);
		op(FUZZ_OPEN, services[i]);
		for (unsigned int round = 0; round < 6; round++) {
			op(FUZZ_CONSUME, services[i]);
			op(FUZZ_ANSWER, services[i]);
			number(0, 1);
			/* From the body's length on: one version of each kind; later only the flags of a reply. */
			number(round ? 25 : 18, 1);
			snprintf(hex, sizeof(hex), "1000 00000000 00 05 0000 0100 0100 00000000 03000000 %s",
				 message_versions[i]);
			bytes(round ? "05" : hex);
			op(FUZZ_LATER, 0xe8);
			number(0x0f, 1);
			op(FUZZ_COMMAND, commands[i] + round % 2);
		}
		snprintf(name, sizeof(name), "service-%u", i);
		write_seed(name);
		/* The reply of a negotiation: one version each, request and transaction flags changed. */
		begin(0);
		op(FUZZ_OPEN, services[i]);
		op(FUZZ_CONSUME, services[i]);
		packet(FUZZ_HEARTBEAT + i % 3, 0, 0,
		       "01000000 2c000000 03000000 0000 0300 0000 1400 00000000 01 05 0000 0100 0100 00000000 03000000 03000000");
		op(FUZZ_LATER, 0xff);
		number(0xff, 1);
		snprintf(name, sizeof(name), "service-reply-%u", i);
		write_seed(name);
	}

	begin(0);
	op(FUZZ_OPEN, FUZZ_KEYBOARD);
	packet(FUZZ_KEYBOARD, FUZZ_KIND_COMPLETE, 1, "01000000 00000100");
	op(FUZZ_COMMAND, 20);
	op(FUZZ_CONSUME, FUZZ_KEYBOARD);
	packet(FUZZ_KEYBOARD, 0, 1, "05000000 01000000");
	op(FUZZ_OPEN, FUZZ_MOUSE);
	packet(FUZZ_MOUSE, FUZZ_KIND_COMPLETE, 1, "01000000 0c000000 00000000 04000000 00000200");
	packet(FUZZ_MOUSE, 0, 1, "01000000 09000000 03000000 01000000 00");
	op(FUZZ_COMMAND, 21);
	op(FUZZ_CONSUME, FUZZ_MOUSE);
	write_seed("input");

	begin(0);
	op(FUZZ_OPEN, FUZZ_VIDEO);
	packet(FUZZ_VIDEO, 0, 1, "01000000 10000000 01000000 10000000 03000500");
	packet(FUZZ_VIDEO, 0, 2, "01000000 18000000 03000000 18000000 00000000000000f8 00000000000000f8");
	packet(FUZZ_VIDEO, 0, 3, "01000000 2c000000 0a000000 2c000000 01000000 00 01 00000000 20 00040000 00030000 00100000");
	packet(FUZZ_VIDEO, 0, 4, "01000000 18000000 05000000 20000000 00 00 00 01 0000000000000000 0004000000030000");
	packet(FUZZ_VIDEO, 0, 5, "01000000 10000000 09000000 10000000 00000000");
	op(FUZZ_CONSUME, FUZZ_VIDEO);
	write_seed("video");

	begin(0);
	op(FUZZ_OPEN, FUZZ_DYNMEM);
	packet(FUZZ_DYNMEM, 0, 1, "0100 1400 01000000 0000 0300 0000 0100 00000000");
	packet(FUZZ_DYNMEM, 0, 2, "0300 1400 02000000 0300000000000000 ffffffffffffffff");
	packet(FUZZ_DYNMEM, 0, 3, "0500 2c00 03000000 0001000000000000 0001000000000000 0001000000000000 00000000 00000000");
	op(FUZZ_COMMAND, 22);
	op(FUZZ_CONSUME, FUZZ_DYNMEM);
	packet(FUZZ_DYNMEM, 0, 4, "0700 2000 01000000 0000000000000000 01000000 0000000000000000 c00001");
	packet(FUZZ_DYNMEM, 0, 4, "0700 2000 01000000 01000000 01000000 00c0000000000100");
	write_seed("dynmem");
}

/* A write of four bytes to a register of a device. */
static void mmio(uint32_t offset, uint32_t value)
{
	op(FUZZ_MMIO, offset & 0xff);
	number(offset >> 8, 3);
	number(0x82, 1);
	number(value, 8);
}

/* Virtual PCI with the window at the start of device space, BAR 0 behind it, rings in the data pages. */
static void pci_seeds(void)
{
	begin(0);
	op(FUZZ_OPEN, FUZZ_PCI);
	packet(FUZZ_PCI, FUZZ_KIND_COMPLETE, 1, "13004942 04000100");
	packet(FUZZ_PCI, FUZZ_KIND_COMPLETE, 2, "07004942 00000000 000000f800000000");
	packet(FUZZ_PCI, FUZZ_KIND_COMPLETE, 3, "05004942 00000000");
	packet(FUZZ_PCI, FUZZ_KIND_COMPLETE, 4,
	       "1b004942 00000000 30000000 00 00 0100 0100 0000 00000000 00000000 00000000 00000000 00000000 00000000 "
	       "00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 0000");
	op(FUZZ_CONSUME, FUZZ_PCI);
	mmio(0x1010, 0xf8008000);
	mmio(0x1018, 0xf8010000);
	mmio(0x1004, 6);
	mmio(0x1040, 0x80000000);
	mmio(0x10000, 0xfee00000);
	mmio(0x10008, 0x1000);
	mmio(0x1000c, 0);
	/* Interrupts on; transmit ring at page 0x110, a frame at 0x120; receive ring at 0x118, buffer at 0x128 */
	mmio(0x8120, 0x8080);
	mmio(0x8108, 1);
	number(FUZZ_POKE, 1);
	number(0x110000, 4);
	number(16, 1);
	number(0x120000, 8);
	number(0x2b30003c, 4);
	number(0x3c << 14, 4);
	number(FUZZ_POKE, 1);
	number(0x118000, 4);
	number(16, 1);
	number(0x128000, 8);
	number(0, 8);
	mmio(0x9000, 0x118000);
	mmio(0x9008, 0x80);
	mmio(0x9014, 2);
	mmio(0x9028, 0x02000000);
	mmio(0x9018, 7);
	mmio(0xa000, 0x110000);
	mmio(0xa008, 0x80);
	mmio(0xa028, 0x02000000);
	mmio(0xa018, 1);
	op(FUZZ_COMMAND, 16);
	packet(FUZZ_PCI, FUZZ_KIND_COMPLETE, 5, "15004942 00000000 0000 0100 00100000 0000e0fe00000000");
	packet(FUZZ_PCI, FUZZ_KIND_COMPLETE, 6, "08004942");
	write_seed("pci");
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: seeds DIRECTORY\n");
		return 2;
	}
	directory = argv[1];
	bus_seeds();
	scsi_seeds();
	nic_seeds();
	service_seeds();
	pci_seeds();
	return 0;
}
