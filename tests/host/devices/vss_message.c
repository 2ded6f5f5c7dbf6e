// SPDX-License-Identifier: GPL-2.0
/* Builds and checks the bodies of snapshot messages; has the table of operations. */
#include "vss_message.h"

#include <endian.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "bytes.h"

static const struct {
	const char *name;
	uint8_t since;
	bool has_flags; /* in its answer */
} vss_operations[] = {
	[VSS_OP_CREATE] = { "create", 0, false },
	[VSS_OP_DELETE] = { "delete", 0, false },
	[VSS_OP_HOT_BACKUP] = { "check", 0, true },
	[VSS_OP_DIRECT_MAPPED] = { "direct-mapped", 0, true },
	[VSS_OP_BACKUP_COMPLETE] = { "complete", 4, false },
	[VSS_OP_FREEZE] = { "freeze", 5, false },
	[VSS_OP_THAW] = { "thaw", 5, false },
	[VSS_OP_AUTO_RECOVER] = { "auto-recover", 5, false },
	[VSS_OP_CLUSTER_INFO] = { "cluster-info", 6, false },
};

#define VSS_OPERATIONS (sizeof(vss_operations) / sizeof(vss_operations[0]))

int vss_operation_parse(const char *name)
{
	unsigned int i;

	for (i = 0; i < VSS_OPERATIONS; i++)
		if (!strcmp(name, vss_operations[i].name))
			return (int)i;
	return -EINVAL;
}

const char *vss_operation_name(uint8_t operation)
{
	return vss_operations[operation].name;
}

unsigned int vss_operation_since(uint8_t operation)
{
	return vss_operations[operation].since;
}

static void vss_put_luns(struct vss_lun *list, uint32_t luns, const struct hyperv_guid *controller)
{
	uint32_t i;

	for (i = 0; i < luns; i++) {
		list[i].controller = *controller;
		list[i].target = (uint8_t)(i >> 6);
		list[i].lun = (uint8_t)(i & 63);
	}
}

size_t vss_build(uint8_t *body, uint8_t operation, unsigned int major, uint32_t luns,
		 const struct hyperv_guid *controller)
{
	struct vss_auto_recover recover = { .freeze.header.operation = operation };
	struct vss_cluster_info cluster = { .header.operation = operation };
	size_t bytes;

	memset(body, 0, VSS_BODY_MAX);
	switch (operation) {
	case VSS_OP_CREATE:
		bytes = sizeof(struct vss_create);
		break;
	case VSS_OP_FREEZE:
	case VSS_OP_AUTO_RECOVER:
		recover.freeze.lun_count = htole32(luns);
		vss_put_luns(recover.freeze.lun, luns, controller);
		if (operation == VSS_OP_AUTO_RECOVER)
			vss_put_luns(recover.shadow, luns, controller);
		bytes = operation == VSS_OP_FREEZE ? sizeof(recover.freeze) : sizeof(recover);
		memcpy(body, &recover, bytes);
		break;
	case VSS_OP_CLUSTER_INFO:
		/* 7.0 has added a time at the end. */
		bytes = sizeof(cluster) + (major >= 7 ? 8 : 0);
		cluster.bytes = htole32((uint32_t)bytes);
		cluster.lun_count = htole32(luns);
		vss_put_luns(cluster.lun, luns, controller);
		memcpy(body, &cluster, sizeof(cluster));
		break;
	default:
		bytes = sizeof(struct vss_small);
	}
	body[0] = operation;
	return bytes;
}

int vss_reply_parse(uint8_t operation, const uint8_t *body, uint32_t bytes, uint32_t *flags,
		    const char **why)
{
	*flags = 0;
	if (bytes < sizeof(struct vss_header)) {
		*why = "reply shorter than its header";
		return -EPROTO;
	}
	if (body[0] != operation) {
		*why = "operation not returned";
		return -EPROTO;
	}
	if (!vss_operations[operation].has_flags)
		return 0;
	if (bytes < sizeof(struct vss_small)) {
		*why = "reply without its flags";
		return -EPROTO;
	}
	*flags = get_le32(body + sizeof(struct vss_header));
	return 0;
}
