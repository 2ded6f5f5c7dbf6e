/* SPDX-License-Identifier: GPL-2.0 */
/* Bodies of snapshot messages as a host writes and reads them. Pure functions. */
#ifndef HVHOST_DEVICES_VSS_MESSAGE_H
#define HVHOST_DEVICES_VSS_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include <hyperv/vss.h>

/* Longest body: that of auto-recover. */
#define VSS_BODY_MAX sizeof(struct vss_auto_recover)

/**
 * vss_operation_parse() - an operation by its name
 * @name: check, freeze, thaw, complete, auto-recover, create, delete, direct-mapped, cluster-info
 *
 * Return: enum vss_operation, -EINVAL for any other name.
 */
int vss_operation_parse(const char *name);

/* vss_operation_name() - the name of an operation */
const char *vss_operation_name(uint8_t operation);

/* vss_operation_since() - major message version that has brought an operation */
unsigned int vss_operation_since(uint8_t operation);

/**
 * vss_build() - the body of a request
 * @body: room for VSS_BODY_MAX
 * @operation: enum vss_operation
 * @major: of the message version in force
 * @luns: disks of SCSI controller @controller in the list of what is to be copied, numbers 0 and up;
 *	at most VSS_LUNS
 * @controller: see @luns
 *
 * Return: bytes of the body.
 */
size_t vss_build(uint8_t *body, uint8_t operation, unsigned int major, uint32_t luns,
		 const struct hyperv_guid *controller);

/**
 * vss_reply_parse() - the flags in a guest's answer
 * @operation: what was asked
 * @body: the answer's
 * @bytes: its length
 * @flags: filled in for VSS_OP_HOT_BACKUP and VSS_OP_DIRECT_MAPPED, else 0
 * @why: what is wrong
 *
 * Return: 0, -EPROTO with @why set.
 */
int vss_reply_parse(uint8_t operation, const uint8_t *body, uint32_t bytes, uint32_t *flags,
		    const char **why);

#endif
