/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_SIZES_H
#define SHIM_LINUX_SIZES_H

#define SZ_4K	0x1000
#define SZ_8K	0x2000
#define SZ_1M	0x100000
#define SZ_2M	0x200000
#define SZ_8M	0x800000
#define SZ_16M	0x1000000
#define SZ_64M	0x4000000
#define SZ_4G	0x100000000ull

#endif
