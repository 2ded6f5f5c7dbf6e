/* SPDX-License-Identifier: GPL-2.0 */
/* Chains count their members; the test calls them. */
#ifndef SHIM_LINUX_NOTIFIER_H
#define SHIM_LINUX_NOTIFIER_H

#define NOTIFY_DONE	0

struct notifier_block {
	int (*notifier_call)(struct notifier_block *block, unsigned long event, void *data);
	struct notifier_block *next;
	int priority;
};

struct atomic_notifier_head { int registered; };

#define atomic_notifier_chain_register(head, block)	((void)(block), (head)->registered++)
#define atomic_notifier_chain_unregister(head, block)	((void)(block), (head)->registered--)

#endif
