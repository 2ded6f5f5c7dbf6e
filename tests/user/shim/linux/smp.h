/* SPDX-License-Identifier: GPL-2.0 */
/* There is one processor that runs. */
#ifndef SHIM_LINUX_SMP_H
#define SHIM_LINUX_SMP_H

#define smp_processor_id()	0u

#endif
