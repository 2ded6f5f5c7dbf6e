// SPDX-License-Identifier: GPL-2.0
/*
 * Exports what drivers set for their channels, and the class table.
 *
 * Nothing but EXPORT_SYMBOL lines: the checksum of a symbol depends on which types are visible here, and must be that
 * of the kernel's own module, so the list of headers is part of the interface (`make check-abi` tells). None of the
 * project's headers but those that declare an exported type belongs here.
 */
#include <linux/hyperv.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/cpu.h>
#include <linux/tracepoint.h>
#include <linux/sched/isolation.h>
#include <asm/mshyperv.h>

#include "classes.h"

EXPORT_SYMBOL_GPL(vmbus_devs);
EXPORT_SYMBOL_GPL(vmbus_prep_negotiate_resp);
EXPORT_SYMBOL_GPL(vmbus_hvsock_device_unregister);
EXPORT_SYMBOL_GPL(vmbus_set_sc_create_callback);
EXPORT_SYMBOL_GPL(vmbus_set_chn_rescind_callback);
