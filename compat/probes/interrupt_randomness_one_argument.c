// SPDX-License-Identifier: GPL-2.0
/* Does add_interrupt_randomness() take the interrupt alone? Until 5.16 it took flags as well. */
#include <linux/module.h>
#include <linux/random.h>

void compat_probe(int irq);
void compat_probe(int irq)
{
	add_interrupt_randomness(irq);
}
MODULE_LICENSE("GPL");
