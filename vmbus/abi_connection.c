// SPDX-License-Identifier: GPL-2.0
/*
 * Exports the connection.
 *
 * Nothing but EXPORT_SYMBOL lines: the checksum of a symbol depends on which types are visible here, and must be that
 * of the kernel's own module, so the list of headers is part of the interface (`make check-abi` tells). None of the
 * project's headers but those that declare an exported type belongs here.
 */
#include <linux/hyperv.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <linux/tracepoint.h>
#include <asm/mshyperv.h>

#include "abi_connection.h"

EXPORT_SYMBOL_GPL(vmbus_connection);
EXPORT_SYMBOL_GPL(vmbus_set_event);
