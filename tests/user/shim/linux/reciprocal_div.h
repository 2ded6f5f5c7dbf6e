/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_RECIPROCAL_DIV_H
#define SHIM_LINUX_RECIPROCAL_DIV_H

#include <linux/types.h>

struct reciprocal_value { u32 m; };

#define reciprocal_value(d)	((struct reciprocal_value){ d })

#endif
