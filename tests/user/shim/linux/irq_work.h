/* SPDX-License-Identifier: GPL-2.0 */
/* Work that runs when the test says so: queueing only sets a mark. */
#ifndef SHIM_LINUX_IRQ_WORK_H
#define SHIM_LINUX_IRQ_WORK_H

#include <linux/types.h>

struct irq_work {
	void (*func)(struct irq_work *work);
	bool pending;
};

#define init_irq_work(w, f)	((w)->func = (f), (w)->pending = false)
#define irq_work_queue(w)	((w)->pending = true)
#define irq_work_sync(w)	((w)->pending = false)
#define local_bh_disable()	((void)0)
#define local_bh_enable()	((void)0)

#endif
