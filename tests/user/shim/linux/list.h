/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_LIST_H
#define SHIM_LINUX_LIST_H

#include <linux/kernel.h>
#include <linux/types.h>

static inline void INIT_LIST_HEAD(struct list_head *head)
{
	head->next = head;
	head->prev = head;
}

#define LIST_HEAD_INIT(name)	{ &(name), &(name) }
#define LIST_HEAD(name)		struct list_head name = { &(name), &(name) }

static inline bool list_empty(const struct list_head *head)
{
	return head->next == head;
}

static inline void list_add_tail(struct list_head *entry, struct list_head *head)
{
	entry->next = head;
	entry->prev = head->prev;
	head->prev->next = entry;
	head->prev = entry;
}

static inline void list_add(struct list_head *entry, struct list_head *head)
{
	list_add_tail(entry, head->next);
}

static inline void list_del(struct list_head *entry)
{
	entry->prev->next = entry->next;
	entry->next->prev = entry->prev;
	entry->next = entry->prev = NULL;
}

static inline void list_del_init(struct list_head *entry)
{
	entry->prev->next = entry->next;
	entry->next->prev = entry->prev;
	INIT_LIST_HEAD(entry);
}

#define list_entry(p, type, member)	container_of(p, type, member)
#define list_first_entry_or_null(head, type, member) \
	(list_empty(head) ? NULL : list_entry((head)->next, type, member))
#define list_first_entry(head, type, member)	list_entry((head)->next, type, member)
#define list_for_each_entry(at, head, member)						\
	for ((at) = list_entry((head)->next, typeof(*(at)), member); &(at)->member != (head);	\
	     (at) = list_entry((at)->member.next, typeof(*(at)), member))
#define list_for_each_entry_safe(at, n, head, member)						\
	for ((at) = list_entry((head)->next, typeof(*(at)), member),				\
	     (n) = list_entry((at)->member.next, typeof(*(at)), member); &(at)->member != (head);	\
	     (at) = (n), (n) = list_entry((n)->member.next, typeof(*(n)), member))

#endif
