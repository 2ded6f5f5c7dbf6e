/* SPDX-License-Identifier: GPL-2.0 */
/* The lock classes of a network device got a header of their own with 6.15; found only where the kernel has none. */
#include <linux/netdevice.h>
