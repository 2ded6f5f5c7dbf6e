/* SPDX-License-Identifier: GPL-2.0 */
/* Give guest memory to the host and take it back. */
#ifndef VMBUS_GPADL_H
#define VMBUS_GPADL_H

#include "gpa.h"
#include "internal.h"

int vmbus_gpadl_create_ring(struct vmbus_chan *chan, void *buffer, const struct vmbus_gpa_rings *rings,
			    struct vmbus_gpadl *gpadl, bool *kept);

#endif
