// SPDX-License-Identifier: GPL-2.0
/*
 * Commands and what hosts say of them, in words for an administrator's log. Tables and pure functions.
 */
#include <linux/kernel.h>
#include <linux/string.h>
#include <asm/byteorder.h>

#include "words.h"

struct storvsc_word {
	u32 value;
	const char *word;
};

/* What is sent to disks and DVD drives, by operation code. */
static const struct storvsc_word storvsc_commands[] = {
	{ 0x00, "TEST UNIT READY" },
	{ 0x03, "REQUEST SENSE" },
	{ 0x08, "READ" },
	{ 0x0a, "WRITE" },
	{ 0x12, "INQUIRY" },
	{ 0x15, "MODE SELECT" },
	{ 0x16, "RESERVE" },
	{ 0x17, "RELEASE" },
	{ 0x1a, "MODE SENSE" },
	{ 0x1b, "START STOP UNIT" },
	{ 0x1e, "PREVENT ALLOW MEDIUM REMOVAL" },
	{ 0x24, "SET WINDOW" },
	{ 0x25, "READ CAPACITY" },
	{ 0x28, "READ" },
	{ 0x2a, "WRITE" },
	{ 0x2e, "WRITE AND VERIFY" },
	{ 0x2f, "VERIFY" },
	{ 0x35, "SYNCHRONIZE CACHE" },
	{ 0x41, "WRITE SAME" },
	{ 0x42, "UNMAP" },
	{ 0x43, "READ TOC" },
	{ 0x46, "GET CONFIGURATION" },
	{ 0x4a, "GET EVENT STATUS" },
	{ 0x51, "READ DISC INFORMATION" },
	{ 0x55, "MODE SELECT" },
	{ 0x5a, "MODE SENSE" },
	{ 0x5e, "PERSISTENT RESERVE IN" },
	{ 0x5f, "PERSISTENT RESERVE OUT" },
	{ 0x85, "ATA PASS-THROUGH" },
	{ 0x88, "READ" },
	{ 0x89, "COMPARE AND WRITE" },
	{ 0x8a, "WRITE" },
	{ 0x8e, "WRITE AND VERIFY" },
	{ 0x8f, "VERIFY" },
	{ 0x91, "SYNCHRONIZE CACHE" },
	{ 0x93, "WRITE SAME" },
	{ 0x9e, "READ CAPACITY" },
	{ 0xa0, "REPORT LUNS" },
	{ 0xa1, "ATA PASS-THROUGH" },
	{ 0xa3, "MAINTENANCE IN" },
	{ 0xa8, "READ" },
	{ 0xaa, "WRITE" },
	{ 0xae, "WRITE AND VERIFY" },
	{ 0xaf, "VERIFY" },
};

/* NTSTATUS values that storage stacks of hosts end requests with. */
static const struct storvsc_word storvsc_host_statuses[] = {
	{ 0xc0000001, "unsuccessful" },
	{ 0xc000000d, "invalid parameter" },
	{ 0xc000000e, "no such device on the host" },
	{ 0xc0000010, "invalid device request" },
	{ 0xc0000013, "no medium" },
	{ 0xc0000022, "the host denies access" },
	{ 0xc0000023, "buffer too small" },
	{ 0xc0000043, "the image is in use on the host" },
	{ 0xc000007f, "the host's disk is full" },
	{ 0xc000009a, "the host is short of resources" },
	{ 0xc000009c, "data error of the host's disk" },
	{ 0xc000009d, "the host's device is not connected" },
	{ 0xc00000a2, "write-protected" },
	{ 0xc00000a3, "the host's device is not ready" },
	{ 0xc00000b5, "timeout of the host's device" },
	{ 0xc00000bb, "not supported by the host" },
	{ 0xc00000c0, "the host's device does not exist" },
	{ 0xc0000120, "cancelled by the host" },
	{ 0xc0000185, "I/O error of the host's device" },
	{ 0xc00002b6, "the host's device was removed" },
	{ 0xc000026e, "the host's volume was dismounted" },
};

static const char *storvsc_word(const struct storvsc_word *table, size_t rows, u32 value)
{
	size_t i;

	for (i = 0; i < rows; i++)
		if (table[i].value == value)
			return table[i].word;
	return NULL;
}

/**
 * storvsc_words_command() - a command's name
 * @opcode: first byte of its CDB
 *
 * Context: any.
 * Return: the name; NULL for what is not usually sent to a disk.
 */
const char *storvsc_words_command(u8 opcode)
{
	return storvsc_word(storvsc_commands, ARRAY_SIZE(storvsc_commands), opcode);
}

/**
 * storvsc_words_host_status() - what a host's own status means
 * @status: NTSTATUS
 *
 * Context: any.
 * Return: the meaning; NULL for 0 and for what is not known.
 */
const char *storvsc_words_host_status(u32 status)
{
	return storvsc_word(storvsc_host_statuses, ARRAY_SIZE(storvsc_host_statuses), status);
}

static u32 storvsc_big_endian(const u8 *bytes)
{
	return (u32)bytes[0] << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3];
}

/**
 * storvsc_words_blocks() - which blocks a command is about
 * @cdb: the command, 16 bytes
 * @first: receives the first block
 * @count: receives how many
 *
 * Context: any.
 * Return: false when it names none.
 */
bool storvsc_words_blocks(const u8 *cdb, u64 *first, u32 *count)
{
	switch (cdb[0]) {
	case 0x08:
	case 0x0a:
		*first = storvsc_big_endian(cdb) & 0x1fffff;
		/* There is no request for nothing in the oldest form. */
		*count = cdb[4] ? cdb[4] : 256;
		return true;
	case 0x28:
	case 0x2a:
	case 0x2e:
	case 0x2f:
	case 0x35:
	case 0x41:
		*first = storvsc_big_endian(cdb + 2);
		*count = cdb[7] << 8 | cdb[8];
		return true;
	case 0xa8:
	case 0xaa:
	case 0xae:
	case 0xaf:
		*first = storvsc_big_endian(cdb + 2);
		*count = storvsc_big_endian(cdb + 6);
		return true;
	case 0x88:
	case 0x8a:
	case 0x8e:
	case 0x8f:
	case 0x91:
	case 0x93:
		*first = (u64)storvsc_big_endian(cdb + 2) << 32 | storvsc_big_endian(cdb + 6);
		*count = storvsc_big_endian(cdb + 10);
		return true;
	}
	return false;
}

/**
 * storvsc_words_of_error() - one failed command for the log: which, where, why
 * @text: receives the words
 * @bytes: its size, at least 1
 * @cdb: the command, 16 bytes
 * @host_status: NTSTATUS of the reply
 * @meaning: of the request block's status
 *
 * Context: any.
 */
void storvsc_words_of_error(char *text, size_t bytes, const u8 *cdb, u32 host_status, const char *meaning)
{
	const char *command = storvsc_words_command(cdb[0]);
	const char *status = storvsc_words_host_status(host_status);
	char blocks[48] = "";
	u64 first;
	u32 count;

	if (storvsc_words_blocks(cdb, &first, &count))
		snprintf(blocks, sizeof(blocks), " of %u blocks at %llu", count, (unsigned long long)first);
	snprintf(text, bytes, "%s%s: %s%s%s%s", command ? command : "command", blocks, meaning, status ? " (" : "",
		 status ? status : "", status ? ")" : "");
}
