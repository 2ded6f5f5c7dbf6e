/* SPDX-License-Identifier: GPL-2.0 */
/* Up to 5.14, RHEL 8: the firmware's framebuffer has a header of its own. */
#include <linux/screen_info.h>
