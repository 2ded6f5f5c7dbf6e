// SPDX-License-Identifier: GPL-2.0
/* Do system core operations belong to an object, and get an argument? Since 6.19 (6.12.117). */
#include <linux/module.h>
#include <linux/syscore_ops.h>

void compat_probe(struct syscore *syscore);
void compat_probe(struct syscore *syscore)
{
	register_syscore(syscore);
}
MODULE_LICENSE("GPL");
