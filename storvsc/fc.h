/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Fibre Channel attributes: see fc.c. A kernel without them shows the disks all the same.
 */
#ifndef STORVSC_FC_H
#define STORVSC_FC_H

#include <linux/kconfig.h>
#include <linux/types.h>
#include <hyperv/vstor.h>

struct Scsi_Host;
struct fc_rport;

#if IS_REACHABLE(CONFIG_SCSI_FC_ATTRS)
int storvsc_fc_attach(void);
void storvsc_fc_release(void);
void storvsc_fc_prepare(struct Scsi_Host *shost);
struct fc_rport *storvsc_fc_add(struct Scsi_Host *shost, const struct vstor_wwn *names);
void storvsc_fc_rename(struct Scsi_Host *shost, const struct vstor_wwn *names);
void storvsc_fc_remove(struct Scsi_Host *shost, struct fc_rport *rport);
#else
static inline int storvsc_fc_attach(void)
{
	return 0;
}

static inline void storvsc_fc_release(void)
{
}

static inline void storvsc_fc_prepare(struct Scsi_Host *shost)
{
}

static inline struct fc_rport *storvsc_fc_add(struct Scsi_Host *shost, const struct vstor_wwn *names)
{
	return NULL;
}

static inline void storvsc_fc_rename(struct Scsi_Host *shost, const struct vstor_wwn *names)
{
}

static inline void storvsc_fc_remove(struct Scsi_Host *shost, struct fc_rport *rport)
{
}
#endif

#endif
