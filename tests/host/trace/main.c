// SPDX-License-Identifier: GPL-2.0
/*
 * hvhost-trace: a trace of hvhost (--trace-file) as text, one line for each record, filtered by
 * channel and kind.
 */
#include <endian.h>
#include <errno.h>
#include <hyperv/vmbus_msg.h>
#include <hyperv/vmbus_ring.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../hyperv/trace_format.h"
#include "../hyperv/util.h"

static const struct {
	const char *name, *group, *arrow;
} kinds[TRACE_KINDS] = {
	[TRACE_MESSAGE_OUT] = { "message", "message", "->" },
	[TRACE_MESSAGE_IN] = { "message", "message", "<-" },
	[TRACE_PACKET_OUT] = { "packet", "packet", "->" },
	[TRACE_PACKET_IN] = { "packet", "packet", "<-" },
	[TRACE_INTERRUPT] = { "interrupt", "interrupt", "->" },
	[TRACE_SIGNAL] = { "signal", "signal", "<-" },
	[TRACE_CHAOS] = { "chaos", "chaos", "!!" },
};

static const char *message_text(uint32_t type)
{
	static const char *const names[] = {
		[VMBUS_MSG_OFFER] = "OFFER",
		[VMBUS_MSG_RESCIND] = "RESCIND",
		[VMBUS_MSG_REQUEST_OFFERS] = "REQUESTOFFERS",
		[VMBUS_MSG_ALL_OFFERS_DELIVERED] = "ALLOFFERS_DELIVERED",
		[VMBUS_MSG_OPEN] = "OPEN",
		[VMBUS_MSG_OPEN_RESULT] = "OPEN_RESULT",
		[VMBUS_MSG_CLOSE] = "CLOSE",
		[VMBUS_MSG_GPADL_HEADER] = "GPADL_HEADER",
		[VMBUS_MSG_GPADL_BODY] = "GPADL_BODY",
		[VMBUS_MSG_GPADL_CREATED] = "GPADL_CREATED",
		[VMBUS_MSG_GPADL_TEARDOWN] = "GPADL_TEARDOWN",
		[VMBUS_MSG_GPADL_TORNDOWN] = "GPADL_TORNDOWN",
		[VMBUS_MSG_RELID_RELEASED] = "RELID_RELEASED",
		[VMBUS_MSG_INITIATE_CONTACT] = "INITIATE_CONTACT",
		[VMBUS_MSG_VERSION_RESPONSE] = "VERSION_RESPONSE",
		[VMBUS_MSG_UNLOAD] = "UNLOAD",
		[VMBUS_MSG_UNLOAD_RESPONSE] = "UNLOAD_RESPONSE",
		[VMBUS_MSG_TL_CONNECT] = "TL_CONNECT",
		[VMBUS_MSG_TL_CONNECT_RESULT] = "TL_CONNECT_RESULT",
		[VMBUS_MSG_MODIFY_CHANNEL] = "MODIFYCHANNEL",
		[VMBUS_MSG_MODIFY_CHANNEL_RESPONSE] = "MODIFYCHANNEL_RESPONSE",
	};

	return type < ARRAY_SIZE(names) && names[type] ? names[type] : "unknown";
}

static const char *packet_text(uint16_t type)
{
	switch (type) {
	case VMBUS_PACKET_INBAND:
		return "in-band";
	case VMBUS_PACKET_TRANSFER_PAGES:
		return "transfer-pages";
	case VMBUS_PACKET_GPA_DIRECT:
		return "gpa-direct";
	case VMBUS_PACKET_COMPLETION:
		return "completion";
	}
	return "unknown";
}

static void print_bytes(const struct trace_record *record, uint32_t from)
{
	for (uint32_t i = from; i < record->len; i++)
		printf("%s%02x", (i - from) % 4 ? "" : " ", record->data[i]);
	if (record->total > record->len)
		printf(" ...");
}

static void print_record(const struct trace_record *record)
{
	struct vmbus_packet head;
	uint32_t word;

	printf("%6llu.%09llu %-12s %s %-9s", (unsigned long long)(record->time_ns / 1000000000),
	       (unsigned long long)(record->time_ns % 1000000000), *record->name ? record->name : "bus",
	       kinds[record->kind].arrow, kinds[record->kind].name);
	switch (record->kind) {
	case TRACE_MESSAGE_OUT:
	case TRACE_MESSAGE_IN:
		if (record->len < sizeof(struct vmbus_msg_header))
			break;
		memcpy(&word, record->data, sizeof(word));
		printf(" %s (%u), %u bytes:", message_text(le32toh(word)), le32toh(word), record->total);
		print_bytes(record, sizeof(struct vmbus_msg_header));
		break;
	case TRACE_PACKET_OUT:
	case TRACE_PACKET_IN:
		if (record->len < sizeof(head))
			break;
		memcpy(&head, record->data, sizeof(head));
		printf(" %s (%u) xid %#llx%s, %u bytes:", packet_text(le16toh(head.type)), le16toh(head.type),
		       (unsigned long long)le64toh(head.transaction_id),
		       le16toh(head.flags) & VMBUS_PACKET_FLAG_COMPLETION ? " wants completion" : "",
		       record->total);
		print_bytes(record, sizeof(head));
		break;
	case TRACE_SIGNAL:
		printf(" %u", record->total);
		break;
	case TRACE_CHAOS:
		printf(" %.*s", (int)record->len, (const char *)record->data);
		break;
	default:
		break;
	}
	putchar('\n');
}

static bool is_wanted(const struct trace_record *record, const char *channel, const char *kind)
{
	if (channel && strcmp(channel, *record->name ? record->name : "bus"))
		return false;
	return !kind || !strcmp(kind, kinds[record->kind].group);
}

/* Return: exit status. */
static int print_trace(FILE *file, const char *path, const char *channel, const char *kind)
{
	uint8_t bytes[2 * TRACE_RECORD_MAX], header[TRACE_HEADER_BYTES];
	struct trace_record record;
	size_t have = 0;
	int used;

	if (fread(header, sizeof(header), 1, file) != 1 || memcmp(header, TRACE_MAGIC, 8)) {
		fprintf(stderr, "hvhost-trace: %s: not a trace of hvhost\n", path);
		return 1;
	}
	for (;;) {
		have += fread(bytes + have, 1, sizeof(bytes) - have, file);
		used = trace_decode(&record, bytes, have);
		if (used <= 0)
			break;
		if (is_wanted(&record, channel, kind))
			print_record(&record);
		have -= used;
		memmove(bytes, bytes + used, have);
	}
	if (used < 0 || ferror(file)) {
		fprintf(stderr, "hvhost-trace: %s: %s\n", path, used < 0 ? "a record is damaged" : strerror(errno));
		return 1;
	}
	if (have)
		fprintf(stderr, "hvhost-trace: %s: the last record is incomplete\n", path);
	return 0;
}

static void usage(void)
{
	printf("Usage: hvhost-trace [--channel NAME] [--kind KIND] FILE\n"
	       "Prints a trace that hvhost --trace-file wrote, one line for each record: seconds, channel,\n"
	       "-> to the guest or <- from it, what it is, its first bytes.\n\n"
	       "  --channel NAME   only of this channel (scsi0, nic0/1, ...); bus: control messages\n"
	       "  --kind KIND      only message, packet, interrupt, signal or chaos\n\n"
	       "Example: hvhost-trace --channel scsi0 --kind packet guest.trace\n");
}

int main(int argc, char **argv)
{
	const char *channel = NULL, *kind = NULL, *path = NULL;
	bool known = false;
	FILE *file;
	int status;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--help")) {
			usage();
			return 0;
		} else if (!strcmp(argv[i], "--channel") && i + 1 < argc) {
			channel = argv[++i];
		} else if (!strcmp(argv[i], "--kind") && i + 1 < argc) {
			kind = argv[++i];
		} else if (argv[i][0] != '-' && !path) {
			path = argv[i];
		} else {
			fprintf(stderr, "hvhost-trace: \"%s\" is not understood (see --help)\n", argv[i]);
			return 2;
		}
	}
	for (unsigned int i = 1; kind && i < TRACE_KINDS; i++)
		known |= !strcmp(kind, kinds[i].group);
	if (!path || (kind && !known)) {
		fprintf(stderr, "hvhost-trace: %s (see --help)\n",
			path ? "--kind is message, packet, interrupt, signal or chaos" : "no file is named");
		return 2;
	}
	file = fopen(path, "re");
	if (!file) {
		fprintf(stderr, "hvhost-trace: %s: %s\n", path, strerror(errno));
		return 1;
	}
	status = print_trace(file, path, channel, kind);
	fclose(file);
	return status;
}
