/* SPDX-License-Identifier: GPL-2.0 */
/* What the firmware says of the screen, for the test to set. */
#ifndef SHIM_LINUX_SCREEN_INFO_H
#define SHIM_LINUX_SCREEN_INFO_H

#include <linux/types.h>

#define VIDEO_TYPE_EFI			0x70
#define VIDEO_CAPABILITY_64BIT_BASE	2

static struct {
	u8 orig_video_isVGA;
	u32 lfb_base, lfb_size, ext_lfb_base, capabilities;
} screen_info;

#endif
