/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the kernel's own bus driver sees besides from 7.1 on, included in front of vmbus/abi_bus.c only (vmbus/Kbuild): the CRC
 * of a symbol depends on which of the structures behind it are known.
 */
#ifndef HYPERV_LIC_COMPAT_ABI_BUS_H
#define HYPERV_LIC_COMPAT_ABI_BUS_H

#if COMPAT_HAS_CHANNEL_MMAP_PREPARE
#include <linux/eventfd.h>
#include <linux/fb.h>
#include <linux/of_address.h>
#include <linux/pagemap.h>
#include <linux/smpboot.h>
#include <linux/sysfb.h>
#include <asm/sync_bitops.h>
#endif

#endif
