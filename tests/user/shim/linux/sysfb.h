/* SPDX-License-Identifier: GPL-2.0 */
#include <linux/screen_info.h>
