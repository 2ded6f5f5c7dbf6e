/* SPDX-License-Identifier: GPL-2.0 */
/* Offers and rescinds, to channels and devices. */
#ifndef VMBUS_OFFER_H
#define VMBUS_OFFER_H

#include "internal.h"

/* What the layer above does for a channel; all called in process context. */
struct vmbus_offer_ops {
	struct kobj_type *channel_type;			/* its release is vmbus_offer_free() */
	int (*add_device)(struct vmbus_chan *primary);	/* registers a device, sets adopted; 0 or errno */
	void (*unbind_device)(struct hv_device *device);	/* ends the driver's use of it; waits for a probe */
	void (*remove_device)(struct hv_device *device);
	int (*add_channel)(struct vmbus_chan *chan);	/* a channel's directory below its device */
	void (*remove_channel)(struct vmbus_chan *chan);
};

int vmbus_offer_init(const struct vmbus_offer_ops *ops);
void vmbus_offer_exit(void);
void vmbus_offer_free(struct kobject *kobj);
void vmbus_offer_arrived(const void *message, u32 bytes);
void vmbus_rescind_arrived(const void *message, u32 bytes);
void vmbus_all_offers_arrived(const void *message, u32 bytes);
int vmbus_offer_await_initial(void);
int vmbus_offer_wait_initial(void);
void vmbus_offer_stop(void);
void vmbus_offer_remove_all(void);
void vmbus_offer_forget_refused(void);
void vmbus_offer_release(struct vmbus_chan *chan);
void vmbus_offer_lost(struct vmbus_chan *chan);
struct vmbus_channel *vmbus_offer_find_primary(const struct vmbus_channel *channel);
struct vmbus_chan *vmbus_channel_of_relid(u32 relid);
struct vmbus_chan *vmbus_channel_of_relid_locked(u32 relid);
int vmbus_for_each_channel(int (*visit)(struct vmbus_chan *chan, void *context), void *context);

#endif
