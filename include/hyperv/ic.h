/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Integration components: the IC header, version negotiation, heartbeat, shutdown and time synchronisation messages.
 * Every message travels in a pipe frame (struct vmbus_pipe_header) of an in-band packet.
 */
#ifndef HYPERV_IC_H
#define HYPERV_IC_H

#include "types.h"
#include "vmbus_ring.h"

enum ic_message_type {
	IC_MSG_NEGOTIATE	= 0,
	IC_MSG_HEARTBEAT	= 1,
	IC_MSG_KVP		= 2,
	IC_MSG_SHUTDOWN		= 3,
	IC_MSG_TIMESYNC		= 4,
	IC_MSG_VSS		= 5,
	IC_MSG_FCOPY		= 7,
};

#define IC_FLAG_TRANSACTION	0x01
#define IC_FLAG_REQUEST		0x02
#define IC_FLAG_RESPONSE	0x04

/* HRESULT values of the status field */
#define IC_STATUS_OK		0x00000000u
#define IC_STATUS_FAIL		0x80004005u
#define IC_STATUS_NOT_SUPPORTED	0x80070032u
#define IC_STATUS_INVALID_ARG	0x80070057u
#define IC_STATUS_NO_MORE_ITEMS	0x80070103u
#define IC_STATUS_NOT_FOUND	0x80041002u
#define IC_STATUS_FILE_EXISTS	0x80070050u
#define IC_STATUS_DISK_FULL	0x80070070u
#define IC_STATUS_NOT_CONNECTED	0x8007048fu
#define IC_STATUS_LOCKED	0x800704f7u
#define IC_STATUS_SHUTTING_DOWN	0x8007045bu

/* named apart from the struct ic_version of <linux/hyperv.h> */
struct ic_wire_version {
	__le16 major;
	__le16 minor;
};
HYPERV_SIZE(struct ic_wire_version, 4);

struct ic_header {
	struct ic_wire_version framework;
	__le16 message_type;
	struct ic_wire_version message;
	__le16 body_bytes;		/* behind this header */
	__le32 status;
	__u8   transaction_id;
	__u8   flags;
	__le16 reserved;
} __packed;
HYPERV_SIZE(struct ic_header, 20);
HYPERV_AT(struct ic_header, status, 12);

struct ic_frame {
	struct vmbus_pipe_header pipe;
	struct ic_header ic;
} __packed;
HYPERV_SIZE(struct ic_frame, 28);

struct ic_negotiate {
	__le16 framework_count;
	__le16 message_count;
	__le32 reserved;
	struct ic_wire_version version[];	/* first the framework's, then the message's */
};
HYPERV_SIZE(struct ic_negotiate, 8);

enum ic_heartbeat_state {
	IC_HEARTBEAT_UNKNOWN	= 0,
	IC_HEARTBEAT_HEALTHY	= 1,
	IC_HEARTBEAT_CRITICAL	= 2,
	IC_HEARTBEAT_STOPPED	= 3,
};

struct ic_heartbeat {
	__le64 sequence;
	__le32 application_state;	/* may be missing: bodies of 8 bytes exist */
	__le32 reserved;
};
HYPERV_SIZE(struct ic_heartbeat, 16);
#define IC_HEARTBEAT_MIN_BYTES	8

#define IC_SHUTDOWN_FORCE	0x1u
#define IC_SHUTDOWN_RESTART	0x2u
#define IC_SHUTDOWN_HIBERNATE	0x4u

struct ic_shutdown {
	__le32 reason;
	__le32 timeout_seconds;
	__le32 flags;
	__u8   text[2048];		/* may be missing */
};
HYPERV_SIZE(struct ic_shutdown, 2060);
#define IC_SHUTDOWN_MIN_BYTES	12

#define IC_TIMESYNC_SYNC	0x01
#define IC_TIMESYNC_SAMPLE	0x02

#define IC_TIME_UNIX_EPOCH_100NS	116444736000000000ull	/* 1970 counted from 1601 */

/* Message versions below 4.0 */
struct ic_timesync {
	__le64 parent_time_100ns;	/* UTC since 1601 */
	__le64 child_time_100ns;
	__le64 round_trip_100ns;
	__u8   flags;
	__u8   reserved[3];
} __packed;
HYPERV_SIZE(struct ic_timesync, 28);
#define IC_TIMESYNC_MIN_BYTES	25

/* From 4.0 on */
struct ic_timesync_v4 {
	__le64 parent_time_100ns;
	__le64 vm_reference_100ns;	/* partition reference counter when the time was taken */
	__u8   flags;
	__u8   leap_indicator;
	__u8   stratum;
	__u8   reserved[5];
} __packed;
HYPERV_SIZE(struct ic_timesync_v4, 24);
#define IC_TIMESYNC_V4_MIN_BYTES	19

#endif
