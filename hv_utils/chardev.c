// SPDX-License-Identifier: GPL-2.0
/*
 * Device nodes for the daemons that serve the host in user space: one opener, one message waiting to be read, whole
 * messages written. Must not know what the messages say. A file lives as long as its daemon keeps it open: once the device
 * has gone every call says so, which ends the distributions' daemons.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

#include "chardev.h"

/* Policy: how often to say that unloading waits for somebody to close a node. */
#define CLOSE_REMINDER		(30 * HZ)

/**
 * struct hv_chardev - a node, and the file open on it
 * @misc: the node
 * @published: in the list of nodes; protected by nodes_lock
 * @refs: the owner's and the open file's
 * @written_bytes: length of what the daemon writes
 * @longest_bytes: room in @message
 * @ops: what the owner wants to know
 * @owner: for @ops; valid until @gone
 * @mutex: serialises the daemon's calls but for sleeping, and withdrawal; outside all locks of the owner
 * @opened: a file is open; protected by @mutex
 * @gone: the owner has left; written under @mutex, also read without, by sleepers
 * @from_daemon: what is being written; protected by @mutex
 * @to_daemon: what is being read; protected by @mutex
 * @wait: readers and pollers
 * @lock: protects the members below; a leaf, taken with bottom halves off
 * @message_bytes: length of @message, 0: none waits. Read without the lock by sleepers
 * @message_serial: counts messages, so that a reader tells a new one from the one it has copied
 * @message: waits to be read
 */
struct hv_chardev {
	struct miscdevice misc;
	struct list_head published;
	struct kref refs;
	u32 written_bytes;
	u32 longest_bytes;
	const struct hv_chardev_ops *ops;
	void *owner;

	struct mutex mutex;
	bool opened;
	bool gone;
	u8 *from_daemon;
	u8 *to_daemon;

	wait_queue_head_t wait;
	spinlock_t lock;
	u32 message_bytes;
	u32 message_serial;
	u8 *message;
};

/* The nodes there are: a second device of a class must not make the first one's node again. */
static DEFINE_MUTEX(nodes_lock);
static LIST_HEAD(nodes);

/*
 * Files hold no reference to the module: it can be unloaded under a daemon, which is told and closes its file. These count
 * the files that are open, for the unloading to wait for, and say whether there ever was one.
 */
static atomic_t files_open = ATOMIC_INIT(0);
static bool files_seen;
static DECLARE_WAIT_QUEUE_HEAD(files_wait);

static void chardev_free(struct kref *refs)
{
	struct hv_chardev *dev = container_of(refs, struct hv_chardev, refs);

	kfree(dev->message);
	kfree(dev->to_daemon);
	kfree(dev->from_daemon);
	kfree(dev);
}

static struct hv_chardev *chardev_of(struct file *file)
{
	return container_of(file->private_data, struct hv_chardev, misc);
}

static int chardev_open(struct inode *inode, struct file *file)
{
	struct hv_chardev *dev = chardev_of(file);
	int ret = 0;

	mutex_lock(&dev->mutex);
	if (dev->gone) {
		ret = -EBADF;
	} else if (dev->opened) {
		ret = -EBUSY;
	} else {
		dev->opened = true;
		kref_get(&dev->refs);
		WRITE_ONCE(files_seen, true);
		atomic_inc(&files_open);
	}
	mutex_unlock(&dev->mutex);
	return ret;
}

static int chardev_release(struct inode *inode, struct file *file)
{
	struct hv_chardev *dev = chardev_of(file);

	mutex_lock(&dev->mutex);
	dev->opened = false;
	hv_chardev_drop(dev);
	if (!dev->gone)
		dev->ops->closed(dev->owner);
	mutex_unlock(&dev->mutex);
	kref_put(&dev->refs, chardev_free);

	if (atomic_dec_and_test(&files_open))
		wake_up(&files_wait);
	return 0;
}

static bool chardev_has_news(struct hv_chardev *dev)
{
	return READ_ONCE(dev->gone) || READ_ONCE(dev->message_bytes);
}

/* Copies the waiting message to @buf. Returns its length; 0 if there is none (any more). */
static ssize_t chardev_take_message(struct hv_chardev *dev, char __user *buf, size_t room)
{
	u32 bytes, serial;
	bool same;

	spin_lock_bh(&dev->lock);
	bytes = dev->message_bytes;
	serial = dev->message_serial;
	memcpy(dev->to_daemon, dev->message, bytes);
	spin_unlock_bh(&dev->lock);

	if (!bytes)
		return 0;
	if (room < bytes)
		return -EINVAL;
	if (copy_to_user(buf, dev->to_daemon, bytes))
		return -EFAULT;

	spin_lock_bh(&dev->lock);
	same = dev->message_bytes && dev->message_serial == serial;
	if (same)
		dev->message_bytes = 0;
	spin_unlock_bh(&dev->lock);
	/* else it was withdrawn meanwhile: what the daemon answers will be told to be too late */
	if (same)
		dev->ops->was_read(dev->owner);
	return bytes;
}

static ssize_t chardev_read(struct file *file, char __user *buf, size_t room, loff_t *pos)
{
	struct hv_chardev *dev = chardev_of(file);
	ssize_t ret;

	do {
		if (!chardev_has_news(dev)) {
			if (file->f_flags & O_NONBLOCK)
				return -EAGAIN;
			ret = wait_event_interruptible(dev->wait, chardev_has_news(dev));
			if (ret)
				return ret;
		}
		mutex_lock(&dev->mutex);
		ret = dev->gone ? -EBADF : chardev_take_message(dev, buf, room);
		mutex_unlock(&dev->mutex);
	} while (!ret);
	return ret;
}

static ssize_t chardev_write(struct file *file, const char __user *buf, size_t bytes, loff_t *pos)
{
	struct hv_chardev *dev = chardev_of(file);
	int ret;

	mutex_lock(&dev->mutex);
	if (dev->gone)
		ret = -EBADF;
	else if (bytes != dev->written_bytes)
		ret = -EINVAL;
	else if (copy_from_user(dev->from_daemon, buf, bytes))
		ret = -EFAULT;
	else
		ret = dev->ops->written(dev->owner, dev->from_daemon, bytes);
	mutex_unlock(&dev->mutex);
	return ret ?: bytes;
}

static __poll_t chardev_poll(struct file *file, poll_table *table)
{
	struct hv_chardev *dev = chardev_of(file);

	poll_wait(file, &dev->wait, table);
	if (READ_ONCE(dev->gone))
		return EPOLLERR | EPOLLHUP;
	return READ_ONCE(dev->message_bytes) ? EPOLLIN | EPOLLRDNORM : 0;
}

static const struct file_operations chardev_fops = {
	.open = chardev_open,
	.release = chardev_release,
	.read = chardev_read,
	.write = chardev_write,
	.poll = chardev_poll,
	.llseek = noop_llseek,
};

/**
 * hv_chardev_create() - make a node, which nobody sees yet
 * @name: its name below /dev; kept, not copied
 * @written_bytes: length of every message the daemon writes; any other is refused
 * @longest_bytes: of the messages for the daemon
 * @ops: what the owner is told, from hv_chardev_publish() on
 * @owner: for @ops
 *
 * Context: May sleep.
 * Return: the node, to be given back with hv_chardev_put(); NULL: no memory.
 */
struct hv_chardev *hv_chardev_create(const char *name, u32 written_bytes, u32 longest_bytes,
				     const struct hv_chardev_ops *ops, void *owner)
{
	struct hv_chardev *dev = kzalloc(sizeof(*dev), GFP_KERNEL);

	if (!dev)
		return NULL;
	dev->misc.minor = MISC_DYNAMIC_MINOR;
	dev->misc.name = name;
	dev->misc.fops = &chardev_fops;
	INIT_LIST_HEAD(&dev->published);
	kref_init(&dev->refs);
	dev->written_bytes = written_bytes;
	dev->longest_bytes = longest_bytes;
	dev->ops = ops;
	dev->owner = owner;
	mutex_init(&dev->mutex);
	init_waitqueue_head(&dev->wait);
	spin_lock_init(&dev->lock);
	dev->from_daemon = kzalloc(written_bytes, GFP_KERNEL);
	dev->to_daemon = kzalloc(longest_bytes, GFP_KERNEL);
	dev->message = kzalloc(longest_bytes, GFP_KERNEL);
	if (!dev->from_daemon || !dev->to_daemon || !dev->message) {
		chardev_free(&dev->refs);
		return NULL;
	}
	return dev;
}

static bool name_is_taken(const char *name)
{
	struct hv_chardev *other;

	list_for_each_entry(other, &nodes, published)
		if (!strcmp(other->misc.name, name))
			return true;
	return false;
}

/**
 * hv_chardev_publish() - let the node appear
 * @dev: the node; its owner is ready for its first call
 *
 * Context: May sleep.
 * Return: 0; -EEXIST there is a node of this name, of another device; an errno of misc_register().
 */
int hv_chardev_publish(struct hv_chardev *dev)
{
	int ret;

	mutex_lock(&nodes_lock);
	ret = name_is_taken(dev->misc.name) ? -EEXIST : misc_register(&dev->misc);
	if (!ret)
		list_add(&dev->published, &nodes);
	mutex_unlock(&nodes_lock);
	return ret;
}

/**
 * hv_chardev_withdraw() - let the node disappear and its owner go
 * @dev: the node, published
 *
 * A file that is open stays; its daemon is woken and told that the device has gone. The owner is not called any more once
 * this returns.
 *
 * Context: May sleep; waits for a call of the owner's to end, so the owner must hold no lock that its calls take.
 */
void hv_chardev_withdraw(struct hv_chardev *dev)
{
	mutex_lock(&nodes_lock);
	list_del_init(&dev->published);
	misc_deregister(&dev->misc);
	mutex_unlock(&nodes_lock);

	mutex_lock(&dev->mutex);
	WRITE_ONCE(dev->gone, true);
	mutex_unlock(&dev->mutex);
	wake_up_interruptible(&dev->wait);
}

/**
 * hv_chardev_put() - give a node back, withdrawn or never published
 * @dev: the node; it lives on for a file that is still open
 *
 * Context: May sleep.
 */
void hv_chardev_put(struct hv_chardev *dev)
{
	kref_put(&dev->refs, chardev_free);
}

/**
 * hv_chardev_queue() - give the daemon a message to read
 * @dev: the node
 * @message: copied
 * @bytes: its length; at most what the node was made for
 *
 * Context: Any.
 * Return: 0; -EBUSY the message before has not been read.
 */
int hv_chardev_queue(struct hv_chardev *dev, const void *message, u32 bytes)
{
	int ret = -EBUSY;

	spin_lock_bh(&dev->lock);
	if (!dev->message_bytes) {
		memcpy(dev->message, message, bytes);
		dev->message_serial++;
		WRITE_ONCE(dev->message_bytes, bytes);
		ret = 0;
	}
	spin_unlock_bh(&dev->lock);
	if (!ret)
		wake_up_interruptible(&dev->wait);
	return ret;
}

/**
 * hv_chardev_drop() - take back a message that has not been read
 * @dev: the node; nothing happens if no message waits
 *
 * Context: Any.
 */
void hv_chardev_drop(struct hv_chardev *dev)
{
	spin_lock_bh(&dev->lock);
	dev->message_bytes = 0;
	spin_unlock_bh(&dev->lock);
}

/**
 * hv_chardev_wait_for_files() - wait until no code of this module runs for a file of a node
 *
 * Daemons that hear of the end of their device close its node at once; one that does not keeps the module.
 *
 * Context: May sleep. All nodes have been withdrawn.
 */
void hv_chardev_wait_for_files(void)
{
	if (!READ_ONCE(files_seen))
		return;
	while (!wait_event_timeout(files_wait, !atomic_read(&files_open), CLOSE_REMINDER))
		pr_warn("unloading waits for a program to close a device node below /dev/vmbus that is gone\n");
	/* whoever closed the last one may still be on its way out of chardev_release() */
	synchronize_rcu_tasks();
}
