/* SPDX-License-Identifier: GPL-2.0 */
/* The end of the machine, played by the test that includes this. */
#ifndef SHIM_LINUX_REBOOT_H
#define SHIM_LINUX_REBOOT_H

#include <linux/types.h>

void orderly_reboot(void);
void orderly_poweroff(bool force);

#endif
