/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Volume snapshots: the bodies of IC messages of type IC_MSG_VSS.
 */
#ifndef HYPERV_VSS_H
#define HYPERV_VSS_H

#include "types.h"

enum vss_operation {
	VSS_OP_CREATE		= 0,
	VSS_OP_DELETE		= 1,
	VSS_OP_HOT_BACKUP	= 2,	/* can it be backed up while it runs? */
	VSS_OP_DIRECT_MAPPED	= 3,
	VSS_OP_BACKUP_COMPLETE	= 4,	/* from 4.0 on */
	VSS_OP_FREEZE		= 5,	/* from 5.0 on, like those that follow */
	VSS_OP_THAW		= 6,
	VSS_OP_AUTO_RECOVER	= 7,
	VSS_OP_CLUSTER_INFO	= 8,	/* from 6.0 on */
};

/* Answer to VSS_OP_HOT_BACKUP */
#define VSS_HOT_BACKUP		0x1u
#define VSS_NO_AUTO_RECOVERY	0x4u

#define VSS_LUNS		260

struct vss_header {
	__u8 operation;
	__u8 reserved[7];
};
HYPERV_SIZE(struct vss_header, 8);

struct vss_small {
	struct vss_header header;
	__le32 flags;
};
HYPERV_SIZE(struct vss_small, 12);

struct vss_create {
	struct vss_header header;
	struct hyperv_guid set;
	__le32 backup_type;
};
HYPERV_SIZE(struct vss_create, 28);

struct vss_lun {
	__u8 bus_type;
	__u8 reserved[3];
	struct hyperv_guid controller;
	__u8 port;
	__u8 target;
	__u8 lun;
	__u8 reserved2;
};
HYPERV_SIZE(struct vss_lun, 24);

struct vss_freeze {
	struct vss_header header;
	__le32 backup_type;
	__le32 flags;
	__le32 lun_count;
	struct vss_lun lun[VSS_LUNS];
};
HYPERV_SIZE(struct vss_freeze, 6260);
HYPERV_AT(struct vss_freeze, lun, 20);

struct vss_auto_recover {
	struct vss_freeze freeze;
	struct vss_lun shadow[VSS_LUNS];
};
HYPERV_SIZE(struct vss_auto_recover, 12500);

struct vss_cluster_info {
	struct vss_header header;
	struct hyperv_guid cluster;
	__le32 bytes;
	__le32 lun_count;
	struct vss_lun lun[VSS_LUNS];
	__le32 status[VSS_LUNS];
};
HYPERV_SIZE(struct vss_cluster_info, 7312);

#endif
