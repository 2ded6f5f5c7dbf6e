/* SPDX-License-Identifier: GPL-2.0 */
/* Devices that come and go all the time. */
#ifndef HVHOST_HYPERV_CHURN_H
#define HVHOST_HYPERV_CHURN_H

#include <stdbool.h>
#include <stdint.h>

#include "device.h"

/**
 * churn_set - take a device away and offer it again, many times
 * @name: of its primary channel
 * @rounds: how often from now on; 0: no more
 * @opened: take it away once the guest has opened it, otherwise as soon as it is offered
 *
 * Each offer waits until the guest has let go of the one before. Return: 0, or -1 with one line in @err.
 */
int churn_set(struct vmbus_server *server, const char *name, uint64_t rounds, bool opened, char err[HV_ERR_MAX]);
/* "churn": {...} into the reply of query: rounds left and done, by device. */
void churn_query(struct vmbus_server *server, struct cJSON *reply);
void churn_free(struct vmbus_server *server);

#endif
