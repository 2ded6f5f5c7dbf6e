/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A device node for one daemon: it reads one message at a time and writes whole messages. Knows neither what they say nor
 * the host. An open file may outlive the device behind the node, the module waits for the last one.
 */
#ifndef HV_UTILS_CHARDEV_H
#define HV_UTILS_CHARDEV_H

#include <linux/types.h>

struct hv_chardev;

/**
 * struct hv_chardev_ops - what the owner of a node is told, in process context and one call at a time
 * @written: the daemon wrote a message of a length between the node's bounds; 0 or an errno for the daemon
 * @was_read: the daemon has read the message that was queued last
 * @closed: the daemon has closed the node, or died
 */
struct hv_chardev_ops {
	int (*written)(void *owner, const u8 *message, u32 bytes);
	void (*was_read)(void *owner);
	void (*closed)(void *owner);
};

struct hv_chardev *hv_chardev_create(const char *name, u32 written_bytes, u32 longest_bytes,
				     const struct hv_chardev_ops *ops, void *owner);
int hv_chardev_publish(struct hv_chardev *dev);
void hv_chardev_withdraw(struct hv_chardev *dev);
void hv_chardev_put(struct hv_chardev *dev);
int hv_chardev_queue(struct hv_chardev *dev, const void *message, u32 bytes);
void hv_chardev_drop(struct hv_chardev *dev);
void hv_chardev_wait_for_files(void);

#endif /* HV_UTILS_CHARDEV_H */
