/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_NODEMASK_H
#define SHIM_LINUX_NODEMASK_H

#define MAX_NUMNODES	2

#endif
