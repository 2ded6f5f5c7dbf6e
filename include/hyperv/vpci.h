/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vPCI: the protocol of PCI pass-through. One channel is one virtual bus; the function behind it is driven
 * through a window of two pages: the number of a slot in the first, that slot's configuration space in the second.
 */
#ifndef HYPERV_VPCI_H
#define HYPERV_VPCI_H

#include "types.h"

#define VPCI_VERSION_1_1	0x00010001u
#define VPCI_VERSION_1_2	0x00010002u
#define VPCI_VERSION_1_3	0x00010003u
#define VPCI_VERSION_1_4	0x00010004u

enum vpci_msg_type {
	VPCI_MSG_BUS_RELATIONS			= 0x42490000,
	VPCI_MSG_QUERY_BUS_RELATIONS		= 0x42490001,
	VPCI_MSG_DEVICE_POWER_STATE_CHANGE	= 0x42490004,
	VPCI_MSG_RESOURCE_REQUIREMENTS		= 0x42490005,
	VPCI_MSG_GET_RESOURCES			= 0x42490006,
	VPCI_MSG_D0_ENTRY			= 0x42490007,
	VPCI_MSG_D0_EXIT			= 0x42490008,
	VPCI_MSG_READ_BLOCK			= 0x42490009,
	VPCI_MSG_WRITE_BLOCK			= 0x4249000a,
	VPCI_MSG_EJECT				= 0x4249000b,
	VPCI_MSG_EJECT_COMPLETE			= 0x4249000f,
	VPCI_MSG_ASSIGNED_RESOURCES		= 0x42490010,
	VPCI_MSG_RELEASE_RESOURCES		= 0x42490011,
	VPCI_MSG_QUERY_PROTOCOL_VERSION		= 0x42490013,
	VPCI_MSG_CREATE_INTERRUPT		= 0x42490014,
	VPCI_MSG_DELETE_INTERRUPT		= 0x42490015,
	VPCI_MSG_ASSIGNED_RESOURCES2		= 0x42490016,
	VPCI_MSG_CREATE_INTERRUPT2		= 0x42490017,
	VPCI_MSG_DELETE_INTERRUPT2		= 0x42490018,
	VPCI_MSG_BUS_RELATIONS2			= 0x42490019,
	VPCI_MSG_ASSIGNED_RESOURCES3		= 0x4249001a,
	VPCI_MSG_CREATE_INTERRUPT3		= 0x4249001b,
	VPCI_MSG_RESET_DEVICE			= 0x4249001c,
};

enum vpci_status {
	VPCI_STATUS_SUCCESS		= 0,
	VPCI_STATUS_REVISION_MISMATCH	= 0xc0000059,
	VPCI_STATUS_NOT_SUPPORTED	= 0xc00000bb,
	VPCI_STATUS_BAD_DATA		= 0xc000090b,
};

enum vpci_power_state {
	VPCI_POWER_D0	= 1,
	VPCI_POWER_D3	= 4,
};

/* The window a guest names at D0 entry */
#define VPCI_WINDOW_SLOT	0x0000u		/* __le32: device in bits 4:0, function in 7:5 */
#define VPCI_WINDOW_CONFIG	0x1000u
#define VPCI_WINDOW_BYTES	0x2000u

#define VPCI_BARS		6
#define VPCI_MSI_COUNT_MAX	32	/* vectors of one interrupt */
#define VPCI_MSI_CPUS		32	/* processors in an array of them */

struct vpci_query_version {
	__le32 type;
	__le32 version;
};

struct vpci_version_reply {
	__le32 status;
	__le32 version;
};

struct vpci_d0_entry {
	__le32 type;
	__le32 padding;
	__le64 mmio;
};

/* What a message about one slot begins with, and all there is to some */
struct vpci_slot_msg {
	__le32 type;
	__le32 slot;
};

struct vpci_power_msg {
	__le32 type;
	__le32 slot;
	__le32 state;			/* enum vpci_power_state */
};

struct vpci_device {
	__le16 vendor;
	__le16 device;
	__u8 revision;
	__u8 prog_if;
	__u8 sub_class;
	__u8 base_class;
	__le16 sub_vendor;
	__le16 sub_system;
	__le32 slot;
	__le32 serial;
};

#define VPCI_DEVICE_NUMA	(1u << 0)

/* From version 1.3 on */
struct vpci_device2 {
	struct vpci_device common;
	__le32 flags;
	__le16 numa_node;
	__le16 reserved;
};

/* devices follow */
struct vpci_relations {
	__le32 type;
	__le32 count;
};

struct vpci_requirements_reply {
	__le32 status;
	__le32 bars[VPCI_BARS];		/* as they read after all ones were written to them */
};

enum vpci_resource_type {
	VPCI_RESOURCE_NULL		= 0,
	VPCI_RESOURCE_MEMORY		= 3,
	VPCI_RESOURCE_MEMORY_LARGE	= 7,
};

#define VPCI_RESOURCE_LARGE_40	(1u << 9)	/* the length is in units of 2^8 bytes */
#define VPCI_RESOURCE_LARGE_48	(1u << 10)	/* of 2^16 */
#define VPCI_RESOURCE_LARGE_64	(1u << 11)	/* of 2^32 */

struct vpci_resource {
	__u8 type;			/* enum vpci_resource_type */
	__u8 share;
	__le16 flags;
	__le64 address;
	__le32 length;
	__le32 padding;
} __packed;

struct vpci_resource_list {
	__le16 version;
	__le16 revision;
	__le32 count;
	struct vpci_resource bars[VPCI_BARS];
} __packed;

/* The same in both directions: the status of the answer is where the type of the request is */
struct vpci_assigned {
	__le32 type;
	__le32 slot;
	struct vpci_resource bars[VPCI_BARS];
	__le32 nr_msi;
	__le32 reserved;
	/* MSI descriptions follow, each in VPCI_MSI_BYTES(n) */
} __packed;

/* What an interrupt was created as: what the guest writes into the function's MSI-X table */
struct vpci_msi_remapped {
	__le16 reserved;
	__le16 count;
	__le32 data;
	__le64 address;
};

struct vpci_msi1 {
	__u8 vector;
	__u8 delivery_mode;
	__le16 count;
	__le16 reserved[2];
	__le64 cpu_mask;
};

/* From version 1.2 on */
struct vpci_msi2 {
	__u8 vector;
	__u8 delivery_mode;
	__le16 count;
	__le16 nr_cpus;
	__le16 cpus[VPCI_MSI_CPUS];
} __packed;

/* From version 1.4 on */
struct vpci_msi3 {
	__le32 vector;
	__u8 delivery_mode;
	__u8 reserved;
	__le16 count;
	__le16 nr_cpus;
	__le16 cpus[VPCI_MSI_CPUS];
} __packed;

/* Bytes of one of them in messages ASSIGNED_RESOURCES, 2 and 3 */
#define VPCI_MSI1_BYTES		16
#define VPCI_MSI2_BYTES		72
#define VPCI_MSI3_BYTES		80

#define VPCI_DELIVERY_FIXED	0
#define VPCI_DELIVERY_LOWEST	1

struct vpci_create_reply {
	__le32 status;
	__le32 reserved;
	struct vpci_msi_remapped msi;
};

struct vpci_delete_interrupt {
	__le32 type;
	__le32 slot;
	struct vpci_msi_remapped msi;
};

HYPERV_SIZE(struct vpci_d0_entry, 16);
HYPERV_SIZE(struct vpci_device, 20);
HYPERV_SIZE(struct vpci_device2, 28);
HYPERV_SIZE(struct vpci_requirements_reply, 28);
HYPERV_SIZE(struct vpci_resource, 20);
HYPERV_AT(struct vpci_resource, address, 4);
HYPERV_AT(struct vpci_resource, length, 12);
HYPERV_SIZE(struct vpci_resource_list, 128);
HYPERV_SIZE(struct vpci_assigned, 136);
HYPERV_SIZE(struct vpci_msi_remapped, 16);
HYPERV_SIZE(struct vpci_msi1, 16);
HYPERV_SIZE(struct vpci_msi2, 70);
HYPERV_AT(struct vpci_msi2, cpus, 6);
HYPERV_SIZE(struct vpci_msi3, 74);
HYPERV_AT(struct vpci_msi3, cpus, 10);
HYPERV_AT(struct vpci_assigned, nr_msi, 128);
HYPERV_SIZE(struct vpci_create_reply, 24);
HYPERV_SIZE(struct vpci_delete_interrupt, 24);

#endif
