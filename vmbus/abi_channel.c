// SPDX-License-Identifier: GPL-2.0
/*
 * Exports what drivers do with a channel and its rings.
 *
 * Nothing but EXPORT_SYMBOL lines: the checksum of a symbol depends on which types are visible here, and must be that
 * of the kernel's own module, so the list of headers is part of the interface (`make check-abi` tells). None of the
 * project's headers but those that declare an exported type belongs here.
 */
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/wait.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/module.h>
#include <linux/hyperv.h>
#include <linux/uio.h>
#include <linux/interrupt.h>
#include <linux/set_memory.h>
#include <linux/list.h>
#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/tracepoint.h>
#include <asm/page.h>
#include <asm/mshyperv.h>
#include <asm/sync_bitops.h>

EXPORT_SYMBOL_GPL(vmbus_free_ring);
EXPORT_SYMBOL_GPL(vmbus_alloc_ring);
EXPORT_SYMBOL_GPL(vmbus_setevent);
EXPORT_SYMBOL_GPL(vmbus_proto_version);
EXPORT_SYMBOL_GPL(vmbus_send_tl_connect_request);
EXPORT_SYMBOL_GPL(vmbus_send_modifychannel);
EXPORT_SYMBOL_GPL(vmbus_establish_gpadl);
EXPORT_SYMBOL_GPL(vmbus_connect_ring);
EXPORT_SYMBOL_GPL(vmbus_open);
EXPORT_SYMBOL_GPL(vmbus_teardown_gpadl);
EXPORT_SYMBOL_GPL(vmbus_disconnect_ring);
EXPORT_SYMBOL_GPL(vmbus_close);
EXPORT_SYMBOL(vmbus_sendpacket_getid);
EXPORT_SYMBOL(vmbus_sendpacket);
COMPAT_IF_SENDPACKET_PAGEBUFFER(
EXPORT_SYMBOL_GPL(vmbus_sendpacket_pagebuffer);
)
EXPORT_SYMBOL_GPL(vmbus_sendpacket_mpb_desc);
EXPORT_SYMBOL(vmbus_recvpacket);
EXPORT_SYMBOL_GPL(vmbus_recvpacket_raw);
EXPORT_SYMBOL_GPL(vmbus_next_request_id);
EXPORT_SYMBOL_GPL(__vmbus_request_addr_match);
EXPORT_SYMBOL_GPL(vmbus_request_addr_match);
EXPORT_SYMBOL_GPL(vmbus_request_addr);
