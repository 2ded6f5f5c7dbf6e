/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The SCSI host of a controller: see host.c.
 */
#ifndef STORVSC_HOST_H
#define STORVSC_HOST_H

#include "controller.h"

extern struct scsi_host_template storvsc_host_template;

/* poll.c */
void storvsc_map_queues(struct Scsi_Host *shost);
int storvsc_poll(struct Scsi_Host *shost, unsigned int queue);

/* sysfs.c */
extern const struct attribute_group *storvsc_host_groups[];

void storvsc_host_complete(struct storvsc_controller *controller, struct storvsc_slot *slot,
			   const struct vstor_packet *reply);
void storvsc_host_fail_lost(struct storvsc_controller *controller, bool all, u8 host_byte);

#endif
