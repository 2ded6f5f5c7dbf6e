/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_PTRACE_H
#define SHIM_LINUX_PTRACE_H

struct pt_regs { int unused; };

static struct pt_regs shim_regs;

#define current_pt_regs()	(&shim_regs)

#endif
