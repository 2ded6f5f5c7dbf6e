/* SPDX-License-Identifier: GPL-2.0 */
/* Physical memory is where it is. */
#ifndef SHIM_LINUX_IO_H
#define SHIM_LINUX_IO_H

#define virt_to_phys(address)	((unsigned long)(address))

#endif
