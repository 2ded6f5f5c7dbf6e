// SPDX-License-Identifier: GPL-2.0
/*
 * Exports the packet iterator.
 *
 * Nothing but EXPORT_SYMBOL lines: the checksum of a symbol depends on which types are visible here, and must be that
 * of the kernel's own module, so the list of headers is part of the interface (`make check-abi` tells). None of the
 * project's headers but those that declare an exported type belongs here.
 */
#include <linux/hyperv.h>
#include <linux/uio.h>
#include <linux/vmalloc.h>
#include <linux/tracepoint.h>
#include <asm/mshyperv.h>

EXPORT_SYMBOL_GPL(hv_ringbuffer_get_debuginfo);
EXPORT_SYMBOL_GPL(hv_ringbuffer_spinlock_busy);
EXPORT_SYMBOL_GPL(hv_pkt_iter_first);
EXPORT_SYMBOL_GPL(__hv_pkt_iter_next);
EXPORT_SYMBOL_GPL(hv_pkt_iter_close);
