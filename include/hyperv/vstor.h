/* SPDX-License-Identifier: GPL-2.0 */
/*
 * VSTOR: the storage protocol between storvsc and the host's storvsp, for SCSI, IDE and Fibre Channel controllers.
 * Describes packets only; SCSI itself is in CDBs and data, which are big endian and not described here.
 */
#ifndef HYPERV_VSTOR_H
#define HYPERV_VSTOR_H

#include "types.h"

enum vstor_operation {
	VSTOR_OP_COMPLETE_IO		= 1,
	VSTOR_OP_REMOVE_DEVICE		= 2,
	VSTOR_OP_EXECUTE_SRB		= 3,
	VSTOR_OP_RESET_LUN		= 4,
	VSTOR_OP_RESET_ADAPTER		= 5,
	VSTOR_OP_RESET_BUS		= 6,
	VSTOR_OP_BEGIN_INITIALIZATION	= 7,
	VSTOR_OP_END_INITIALIZATION	= 8,
	VSTOR_OP_QUERY_PROTOCOL_VERSION	= 9,
	VSTOR_OP_QUERY_PROPERTIES	= 10,
	VSTOR_OP_ENUMERATE_BUS		= 11,
	VSTOR_OP_FCHBA_DATA		= 12,
	VSTOR_OP_CREATE_SUB_CHANNELS	= 13,
	VSTOR_OP_EVENT_NOTIFICATION	= 14,
};

#define VSTOR_FLAG_COMPLETION		0x1u	/* the guest sets it on every packet, the host never */

#define VSTOR_VERSION(major, minor)	(((major) << 8) | (minor))
#define VSTOR_VERSION_2_0		VSTOR_VERSION(2, 0)	/* Windows Server 2008 */
#define VSTOR_VERSION_4_2		VSTOR_VERSION(4, 2)	/* 2008 R2 */
#define VSTOR_VERSION_5_1		VSTOR_VERSION(5, 1)	/* 2012 */
#define VSTOR_VERSION_6_0		VSTOR_VERSION(6, 0)	/* 2012 R2 */
#define VSTOR_VERSION_6_2		VSTOR_VERSION(6, 2)	/* 2016 and later */

#define VSTOR_PACKET_BYTES		64	/* from 5.1 on */
#define VSTOR_PACKET_BYTES_OLD		48	/* 2.0 and 4.2 */
#define VSTOR_SRB_BYTES			52
#define VSTOR_SRB_BYTES_OLD		36
#define VSTOR_CDB_BYTES			16
#define VSTOR_SENSE_BYTES		20
#define VSTOR_SENSE_BYTES_OLD		18

enum vstor_data_in {
	VSTOR_DATA_OUT			= 0,	/* guest to host */
	VSTOR_DATA_IN			= 1,	/* host to guest */
	VSTOR_DATA_NONE			= 2,
};

/* srb_flags that a guest sends */
#define VSTOR_SRB_FLAG_QUEUE_ACTION_ENABLE	0x00000002u
#define VSTOR_SRB_FLAG_DISABLE_SYNC_TRANSFER	0x00000008u
#define VSTOR_SRB_FLAG_DATA_IN			0x00000040u
#define VSTOR_SRB_FLAG_DATA_OUT			0x00000080u
#define VSTOR_SRB_FLAG_NO_QUEUE_FREEZE		0x00000100u

#define VSTOR_QUEUE_TAG_UNTAGGED	0xff
#define VSTOR_QUEUE_ACTION_SIMPLE	0x20

/* srb_status: code in the low six bits, two flags above */
#define VSTOR_SRB_STATUS_CODE_MASK	0x3f
#define VSTOR_SRB_STATUS_QUEUE_FROZEN	0x40
#define VSTOR_SRB_STATUS_AUTOSENSE	0x80

enum vstor_srb_status {
	VSTOR_SRB_PENDING		= 0x00,
	VSTOR_SRB_SUCCESS		= 0x01,
	VSTOR_SRB_ABORTED		= 0x02,
	VSTOR_SRB_ABORT_FAILED		= 0x03,
	VSTOR_SRB_ERROR			= 0x04,
	VSTOR_SRB_BUSY			= 0x05,
	VSTOR_SRB_INVALID_REQUEST	= 0x06,
	VSTOR_SRB_INVALID_PATH		= 0x07,
	VSTOR_SRB_NO_DEVICE		= 0x08,
	VSTOR_SRB_TIMEOUT		= 0x09,
	VSTOR_SRB_SELECTION_TIMEOUT	= 0x0a,
	VSTOR_SRB_COMMAND_TIMEOUT	= 0x0b,
	VSTOR_SRB_MESSAGE_REJECTED	= 0x0d,
	VSTOR_SRB_BUS_RESET		= 0x0e,
	VSTOR_SRB_PARITY_ERROR		= 0x0f,
	VSTOR_SRB_REQUEST_SENSE_FAILED	= 0x10,
	VSTOR_SRB_NO_HBA		= 0x11,
	VSTOR_SRB_DATA_OVERRUN		= 0x12,
	VSTOR_SRB_UNEXPECTED_BUS_FREE	= 0x13,
	VSTOR_SRB_PHASE_SEQUENCE	= 0x14,
	VSTOR_SRB_BAD_LENGTH		= 0x15,
	VSTOR_SRB_REQUEST_FLUSHED	= 0x16,
	VSTOR_SRB_INVALID_LUN		= 0x20,
	VSTOR_SRB_INVALID_TARGET	= 0x21,
	VSTOR_SRB_BAD_FUNCTION		= 0x22,
	VSTOR_SRB_ERROR_RECOVERY	= 0x23,
	VSTOR_SRB_NOT_POWERED		= 0x24,
	VSTOR_SRB_LINK_DOWN		= 0x25,
	VSTOR_SRB_INTERNAL_ERROR	= 0x30,
};

/* NTSTATUS values of the packet header */
#define VSTOR_STATUS_SUCCESS			0x00000000u
#define VSTOR_STATUS_BUFFER_OVERFLOW		0x80000005u
#define VSTOR_STATUS_DEVICE_BUSY		0x80000011u
#define VSTOR_STATUS_UNSUCCESSFUL		0xc0000001u
#define VSTOR_STATUS_INVALID_PARAMETER		0xc000000du
#define VSTOR_STATUS_INVALID_DEVICE_REQUEST	0xc0000010u
#define VSTOR_STATUS_REVISION_MISMATCH		0xc0000059u
#define VSTOR_STATUS_DEVICE_NOT_CONNECTED	0xc000009du
#define VSTOR_STATUS_IO_TIMEOUT			0xc00000b5u
#define VSTOR_STATUS_DEVICE_DOES_NOT_EXIST	0xc00000c0u
#define VSTOR_STATUS_CANCELLED			0xc0000120u
#define VSTOR_STATUS_INVALID_DEVICE_STATE	0xc0000184u
#define VSTOR_STATUS_IO_DEVICE_ERROR		0xc0000185u

struct vstor_srb {
	__le16 length;			/* VSTOR_SRB_BYTES or _OLD */
	__u8   srb_status;
	__u8   scsi_status;
	__u8   port;
	__u8   path_id;
	__u8   target_id;
	__u8   lun;
	__u8   cdb_length;
	__u8   sense_info_length;
	__u8   data_in;			/* enum vstor_data_in */
	__u8   reserved0;
	__le32 data_transfer_length;
	union {
		__u8 cdb[VSTOR_CDB_BYTES];
		__u8 sense[VSTOR_SENSE_BYTES];	/* reply: overwrites the CDB */
	};
	/* from 5.1 on */
	__le16 reserved1;
	__u8   queue_tag;
	__u8   queue_action;
	__le32 srb_flags;
	__le32 time_out_seconds;
	__le32 queue_sort_key;
} __packed;
HYPERV_SIZE(struct vstor_srb, VSTOR_SRB_BYTES);
HYPERV_AT(struct vstor_srb, data_transfer_length, 12);
HYPERV_AT(struct vstor_srb, cdb, 16);
HYPERV_AT(struct vstor_srb, reserved1, VSTOR_SRB_BYTES_OLD);
HYPERV_AT(struct vstor_srb, srb_flags, 40);

struct vstor_version {
	__le16 major_minor;		/* VSTOR_VERSION_x_y */
	__le16 revision;
};
HYPERV_SIZE(struct vstor_version, 4);

#define VSTOR_PROPERTY_MULTI_CHANNEL	0x1u

struct vstor_properties {
	__le32 reserved0;
	__le16 max_sub_channels;	/* without the primary */
	__le16 reserved1;
	__le32 flags;
	__le32 max_transfer_bytes;
	__le64 reserved2;
} __packed;
HYPERV_SIZE(struct vstor_properties, 24);
HYPERV_AT(struct vstor_properties, max_transfer_bytes, 12);

struct vstor_wwn {
	__u8 primary_active;
	__u8 reserved[3];
	__u8 primary_port[8];		/* most significant byte first */
	__u8 primary_node[8];
	__u8 secondary_port[8];
	__u8 secondary_node[8];
};
HYPERV_SIZE(struct vstor_wwn, 36);

struct vstor_packet {
	__le32 operation;
	__le32 flags;
	__le32 status;
	union {
		struct vstor_srb srb;
		struct vstor_version version;
		struct vstor_properties properties;
		struct vstor_wwn wwn;
		__le16 sub_channel_count;
		__u8   raw[VSTOR_PACKET_BYTES - 12];
	};
} __packed;
HYPERV_SIZE(struct vstor_packet, VSTOR_PACKET_BYTES);
HYPERV_AT(struct vstor_packet, srb, 12);

/* IDE accelerator: start of the offer's user area */
struct vstor_ide_offer {
	__le16 reserved0;
	__u8   path_id;
	__u8   target_id;
	__le32 reserved1;
	__le32 flags;
	__u8   reserved2[12];
};
HYPERV_SIZE(struct vstor_ide_offer, 24);
#define VSTOR_IDE_OFFER_REMOVABLE	0x1u
#define VSTOR_IDE_OFFER_IDE_DEVICE	0x2u

#endif
