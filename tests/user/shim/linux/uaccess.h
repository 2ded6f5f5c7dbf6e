/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_UACCESS_H
#define SHIM_LINUX_UACCESS_H

#include <linux/kernel.h>

static inline int kstrtobool_from_user(const char *from, size_t count, bool *value)
{
	if (!count || !strchr("01yn", *from))
		return -EINVAL;
	*value = *from == '1' || *from == 'y';
	return 0;
}

#endif
