/* SPDX-License-Identifier: GPL-2.0 */
/* What the kernel knows of the hypervisor, played by the test that includes this. */
#ifndef SHIM_ASM_MSHYPERV_H
#define SHIM_ASM_MSHYPERV_H

#include <linux/types.h>

extern u64 (*hv_read_reference_counter)(void);
bool hv_is_hibernation_supported(void);

#endif
