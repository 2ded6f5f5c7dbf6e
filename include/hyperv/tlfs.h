/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hypervisor interface (TLFS): CPUID leaves, synthetic MSRs, hypercalls and the SynIC pages, as far as VMBus needs them
 * on either side. Knows no VMBus message. Source: Hypervisor Top Level Functional Specification.
 * The prefix is tlfs_ because the kernel's own headers use hv_ for the same things.
 */
#ifndef HYPERV_TLFS_H
#define HYPERV_TLFS_H

#include "types.h"

/* CPUID leaves (TLFS, Feature and Interface Discovery) */
#define TLFS_CPUID_MAX_LEAF		0x40000000u	/* EBX, ECX, EDX: "Microsoft Hv" */
#define TLFS_CPUID_INTERFACE		0x40000001u	/* EAX: "Hv#1" */
#define TLFS_CPUID_VERSION		0x40000002u
#define TLFS_CPUID_FEATURES		0x40000003u
#define TLFS_CPUID_HINTS		0x40000004u
#define TLFS_CPUID_LIMITS		0x40000005u
#define TLFS_CPUID_HW_FEATURES		0x40000006u
#define TLFS_CPUID_NESTED		0x4000000au

#define TLFS_SIGNATURE_EBX		0x7263694du
#define TLFS_SIGNATURE_ECX		0x666f736fu
#define TLFS_SIGNATURE_EDX		0x76482074u
#define TLFS_INTERFACE_HV1		0x31237648u

/* 0x40000003 EAX: groups of MSRs the partition may use */
#define TLFS_MSR_VP_RUNTIME_OK		(1u << 0)
#define TLFS_MSR_REF_COUNT_OK		(1u << 1)
#define TLFS_MSR_SYNIC_OK		(1u << 2)
#define TLFS_MSR_STIMER_OK		(1u << 3)
#define TLFS_MSR_APIC_OK		(1u << 4)
#define TLFS_MSR_HYPERCALL_OK		(1u << 5)
#define TLFS_MSR_VP_INDEX_OK		(1u << 6)
#define TLFS_MSR_RESET_OK		(1u << 7)
#define TLFS_MSR_REF_TSC_OK		(1u << 9)
#define TLFS_MSR_FREQUENCY_OK		(1u << 11)

/* 0x40000003 EBX: what the partition may call */
#define TLFS_PRIV_POST_MESSAGES		(1u << 4)
#define TLFS_PRIV_SIGNAL_EVENTS		(1u << 5)
#define TLFS_PRIV_CPU_MANAGEMENT	(1u << 12)
#define TLFS_PRIV_EXTENDED_CALLS	(1u << 20)

/* 0x40000003 EDX */
#define TLFS_FEATURE_FREQUENCY_MSRS	(1u << 8)
#define TLFS_FEATURE_CRASH_MSRS		(1u << 10)
#define TLFS_FEATURE_DIRECT_STIMER	(1u << 19)

/* 0x40000004 EAX */
#define TLFS_HINT_RELAXED_TIMING	(1u << 5)
#define TLFS_HINT_DEPRECATE_AUTOEOI	(1u << 9)

/* Synthetic MSRs */
#define TLFS_MSR_GUEST_OS_ID		0x40000000u
#define TLFS_MSR_HYPERCALL		0x40000001u
#define TLFS_MSR_VP_INDEX		0x40000002u
#define TLFS_MSR_RESET			0x40000003u
#define TLFS_MSR_TIME_REF_COUNT		0x40000020u
#define TLFS_MSR_REFERENCE_TSC		0x40000021u
#define TLFS_MSR_SCONTROL		0x40000080u
#define TLFS_MSR_SVERSION		0x40000081u
#define TLFS_MSR_SIEFP			0x40000082u
#define TLFS_MSR_SIMP			0x40000083u
#define TLFS_MSR_EOM			0x40000084u
#define TLFS_MSR_SINT0			0x40000090u
#define TLFS_MSR_CRASH_P0		0x40000100u
#define TLFS_MSR_CRASH_CTL		0x40000105u

/* SINTx register */
#define TLFS_SINT_VECTOR_MASK		0xffull
#define TLFS_SINT_MASKED		(1ull << 16)
#define TLFS_SINT_AUTO_EOI		(1ull << 17)
#define TLFS_SINT_COUNT			16

/* SIMP, SIEFP, SCONTROL: bit 0 enables, bits 63:12 of the first two are the page */
#define TLFS_SYNIC_ENABLE		(1ull << 0)
#define TLFS_SYNIC_PAGE_MASK		(~0xfffull)

/* Hypercalls */
#define TLFS_CALL_POST_MESSAGE		0x005cu
#define TLFS_CALL_SIGNAL_EVENT		0x005du
#define TLFS_CALL_EXTENDED		0x8001u
#define TLFS_CALL_CODE_MASK		0xffffu
#define TLFS_CALL_FAST			(1u << 16)

enum tlfs_status {
	TLFS_STATUS_SUCCESS			= 0x00,
	TLFS_STATUS_INVALID_CODE		= 0x02,
	TLFS_STATUS_INVALID_INPUT		= 0x03,
	TLFS_STATUS_INVALID_ALIGNMENT		= 0x04,
	TLFS_STATUS_INVALID_PARAMETER		= 0x05,
	TLFS_STATUS_ACCESS_DENIED		= 0x06,
	TLFS_STATUS_INSUFFICIENT_MEMORY		= 0x0b,
	TLFS_STATUS_INVALID_PORT_ID		= 0x11,
	TLFS_STATUS_INVALID_CONNECTION_ID	= 0x12,
	TLFS_STATUS_INSUFFICIENT_BUFFERS	= 0x13,
	TLFS_STATUS_INVALID_SYNIC_STATE		= 0x18,
};

#define TLFS_CONNECTION_ID_MASK		0x00ffffffu
#define TLFS_MESSAGE_PAYLOAD_BYTES	240
#define TLFS_MESSAGE_TYPE_NONE		0u
#define TLFS_MESSAGE_TYPE_CHANNEL	1u
#define TLFS_MESSAGE_TYPE_TIMER		0x80000010u
#define TLFS_MESSAGE_TYPE_HYPERVISOR	0x80000000u	/* bit: sent by the hypervisor itself */

/* HvPostMessage input */
struct tlfs_post_message {
	__le32 connection_id;
	__le32 reserved;
	__le32 message_type;
	__le32 payload_bytes;		/* 0..240 */
	__u8   payload[TLFS_MESSAGE_PAYLOAD_BYTES];
};
HYPERV_SIZE(struct tlfs_post_message, 256);
HYPERV_AT(struct tlfs_post_message, payload, 16);

/* One slot of the SIM page */
struct tlfs_message {
	__le32 type;			/* 0 = free */
	__u8   payload_bytes;		/* 0..240 */
	__u8   flags;
	__le16 reserved;
	__le64 sender;
	__u8   payload[TLFS_MESSAGE_PAYLOAD_BYTES];
};
HYPERV_SIZE(struct tlfs_message, 256);
HYPERV_AT(struct tlfs_message, flags, 5);
HYPERV_AT(struct tlfs_message, payload, 16);

#define TLFS_MESSAGE_FLAG_PENDING	0x01	/* another message waits for this slot: write EOM */

struct tlfs_message_page {
	struct tlfs_message slot[TLFS_SINT_COUNT];
};
HYPERV_SIZE(struct tlfs_message_page, 4096);

#define TLFS_EVENT_FLAGS		2048	/* bits for each SINT */

struct tlfs_event_page {
	__u8 flags[TLFS_SINT_COUNT][TLFS_EVENT_FLAGS / 8];
};
HYPERV_SIZE(struct tlfs_event_page, 4096);

/* Payload of a timer message */
struct tlfs_timer_message {
	__le32 timer_index;
	__le32 reserved;
	__le64 expiration_100ns;
	__le64 delivery_100ns;
};
HYPERV_SIZE(struct tlfs_timer_message, 24);

/* Reference TSC page: time = ((tsc * scale) >> 64) + offset, in 100 ns */
struct tlfs_reference_tsc_page {
	__le32 sequence;		/* 0 = page invalid */
	__le32 reserved;
	__le64 scale;
	__le64 offset;
};
HYPERV_SIZE(struct tlfs_reference_tsc_page, 24);

/* VMBus speaks on this SINT and these connections (TLFS SynIC; connection ids are VMBus convention) */
#define VMBUS_SINT			2
#define VMBUS_CONNECTION_MESSAGE	1u	/* guest to host messages up to protocol 4.1 */
#define VMBUS_CONNECTION_EVENT		2u	/* shared event connection of hosts 0.13 */
#define VMBUS_CONNECTION_MONITOR	3u
#define VMBUS_CONNECTION_MESSAGE_V5	4u	/* InitiateContact from protocol 5.0 on */

#endif
