/* SPDX-License-Identifier: GPL-2.0 */
/*
 * File copy from the host, the guest service interface: the bodies of IC messages of type IC_MSG_FCOPY.
 */
#ifndef HYPERV_FCOPY_H
#define HYPERV_FCOPY_H

#include "types.h"

enum fcopy_operation {
	FCOPY_OP_START		= 0,
	FCOPY_OP_WRITE		= 1,
	FCOPY_OP_COMPLETE	= 2,
	FCOPY_OP_CANCEL		= 3,
};

#define FCOPY_OVERWRITE		0x1u
#define FCOPY_CREATE_PATH	0x2u

#define FCOPY_NAME_UNITS	260
#define FCOPY_CHUNK_BYTES	6144

struct fcopy_header {
	__le32 operation;
	struct hyperv_guid service[2];
};
HYPERV_SIZE(struct fcopy_header, 36);

struct fcopy_start {
	struct fcopy_header header;
	__le16 name[FCOPY_NAME_UNITS];
	__le16 directory[FCOPY_NAME_UNITS];
	__le32 flags;
	__le64 size;
} __packed;
HYPERV_SIZE(struct fcopy_start, 1088);
HYPERV_AT(struct fcopy_start, directory, 556);
HYPERV_AT(struct fcopy_start, flags, 1076);
HYPERV_AT(struct fcopy_start, size, 1080);

struct fcopy_write {
	struct fcopy_header header;
	__le32 reserved;
	__le64 offset;
	__le32 bytes;
	__u8   data[FCOPY_CHUNK_BYTES];
} __packed;
HYPERV_SIZE(struct fcopy_write, 6196);
HYPERV_AT(struct fcopy_write, offset, 40);
HYPERV_AT(struct fcopy_write, data, 52);

#endif
