// SPDX-License-Identifier: GPL-2.0
/* Is the firmware's framebuffer described in sysfb_primary_display? Until 6.19 in screen_info. */
#include <linux/module.h>
#include <linux/sysfb.h>

u32 compat_probe(void);
u32 compat_probe(void)
{
	return sysfb_primary_display.screen.lfb_base;
}
MODULE_LICENSE("GPL");
