// SPDX-License-Identifier: GPL-2.0
/*
 * Gives guest memory to the host and takes it back. Knows what a channel's relid is and nothing else of it. VMBus
 * control messages, GPADL_HEADER to GPADL_TORNDOWN.
 *
 * The rule of this file: memory the host knows of returns to us only when the host has confirmed that it let go.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "gpadl.h"
#include "request.h"

/* Policy: ids count up from here. Any non-zero number would do; this one is easy to tell from a relid in a trace. */
#define GPADL_FIRST_ID	0xe1e10

/* Where the pages of a GPADL come from. */
struct gpadl_source {
	void *buffer;
	const struct vmbus_gpa_rings *rings;	/* NULL: plain memory, page after page */
};

static u64 gpadl_pfn(const struct gpadl_source *source, u32 page)
{
	size_t offset = source->rings ? vmbus_gpa_ring_page_offset(source->rings, page) : (size_t)page << HYPERV_PAGE_SHIFT;

	return virt_to_hvpfn((u8 *)source->buffer - offset_in_hvpage(source->buffer) + offset);
}

static void gpadl_fill(const struct gpadl_source *source, u32 page, __le64 *pfn, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++)
		pfn[i] = cpu_to_le64(gpadl_pfn(source, page + i));
}

static u32 gpadl_next_id(void)
{
	u32 id;

	do {
		id = GPADL_FIRST_ID + (u32)atomic_inc_return(&vmbus_conn.next_gpadl);
	} while (!id);
	return id;
}

/*
 * The host may still write to memory whose owner is about to free it: keep the pages from ever being used again by
 * holding a reference to each. Works for vmalloc memory, which is made of single pages; other owners get an error and
 * must keep their memory themselves.
 */
static void gpadl_keep(const struct gpadl_source *source, u32 bytes)
{
	size_t at;

	atomic_inc(&vmbus_conn.faults.kept_gpadls);
	pr_warn_once("the host did not confirm the release of guest memory: it is kept for ever\n");
	if (!is_vmalloc_addr(source->buffer))
		return;
	for (at = 0; at < bytes; at += PAGE_SIZE)
		get_page(vmalloc_to_page((u8 *)source->buffer + at));
}

/* Steps: construct the header, post it and the bodies, wait, check. @kept: after an error the host may have the memory. */
static int gpadl_create(struct vmbus_chan *chan, const struct gpadl_source *source, u32 byte_offset, u32 byte_count,
			u32 pages, u32 id, bool *kept)
{
	union {
		struct vmbus_msg_gpadl_header header;
		struct vmbus_msg_gpadl_body body;
		u8 bytes[VMBUS_MSG_MAX_BYTES];
	} *message;
	struct vmbus_request request;
	struct vmbus_msg_gpadl_created *created = (void *)request.reply;
	struct vmbus_gpa_range range = {
		.byte_count = cpu_to_le32(byte_count),
		.byte_offset = cpu_to_le32(byte_offset),
	};
	__le64 pfn[VMBUS_GPADL_BODY_PFNS];
	u32 count = vmbus_gpadl_header_pages(pages), page = 0, body, bytes;
	int ret;

	*kept = false;
	message = kzalloc(sizeof(*message), GFP_KERNEL);
	if (!message)
		return -ENOMEM;

	message->header.header.type = cpu_to_le32(VMBUS_MSG_GPADL_HEADER);
	message->header.relid = cpu_to_le32(chan->relid);
	message->header.gpadl = cpu_to_le32(id);
	message->header.range_bytes = cpu_to_le16(sizeof(range) + pages * sizeof(__le64));
	message->header.range_count = cpu_to_le16(1);
	memcpy(message->header.ranges, &range, sizeof(range));
	gpadl_fill(source, page, pfn, count);
	memcpy(message->header.ranges + sizeof(range), pfn, count * sizeof(__le64));
	page += count;
	bytes = sizeof(message->header) + sizeof(range) + count * sizeof(__le64);

	ret = vmbus_request_begin(&request, chan, message, bytes);
	if (ret)
		goto free_message;
	ret = vmbus_post(message, bytes, true);
	for (body = 0; !ret && body < vmbus_gpadl_bodies(pages); body++) {
		count = vmbus_gpadl_body_pages(pages, body);
		memset(message, 0, sizeof(*message));
		message->body.header.type = cpu_to_le32(VMBUS_MSG_GPADL_BODY);
		message->body.message_number = cpu_to_le32(body);
		message->body.gpadl = cpu_to_le32(id);
		gpadl_fill(source, page, message->body.pfn, count);
		page += count;
		ret = vmbus_post(message, sizeof(message->body) + count * sizeof(__le64), true);
	}
	if (ret) {
		/* Without its last PFN the host has no GPADL, only a list it cannot use. */
		vmbus_request_cancel(&request);
		goto free_message;
	}

	ret = vmbus_request_wait(&request, vmbus_answer_ms());
	if (!ret && request.reply_bytes < sizeof(*created)) {
		ret = -EPROTO;
	} else if (!ret && created->status) {
		ret = -EIO;
	} else if (ret) {
		/* Neither answer. */
		*kept = true;
		gpadl_keep(source, byte_count);
	}

free_message:
	if (ret && ret != -ENODEV)
		pr_err("channel %u: no GPADL of %u bytes (%d)\n", chan->relid, byte_count, ret);
	kfree(message);
	return ret;
}

static int gpadl_establish(struct vmbus_chan *chan, const struct gpadl_source *source, u32 byte_count, u32 pages,
			   struct vmbus_gpadl *gpadl, bool *kept)
{
	u32 id = gpadl_next_id();
	int ret;

	*kept = false;
	gpadl->gpadl_handle = 0;
	if (!pages || pages > VMBUS_GPADL_MAX_PFNS)
		return -EINVAL;
	ret = gpadl_create(chan, source, offset_in_hvpage(source->buffer), byte_count, pages, id, kept);
	if (ret)
		return ret;
	gpadl->gpadl_handle = id;
	gpadl->buffer = source->buffer;
	gpadl->size = byte_count;
	compat_gpadl_set_decrypted(gpadl, false);
	return 0;
}

/**
 * vmbus_establish_gpadl() - give a piece of memory to the host
 * @channel: the channel it is for
 * @kbuffer: from kmalloc, alloc_pages or vmalloc
 * @size: bytes, at least 1, less than 32 MiB
 * @gpadl: filled on success; the host may access the memory from now on until vmbus_teardown_gpadl() has succeeded
 *
 * Context: may sleep.
 * Return: 0; -EINVAL for an impossible size; -ENODEV when the channel has been rescinded; -EIO when the host refuses;
 * -ETIMEDOUT when it does not answer, -ENOMEM, or an error of posting. On failure the memory belongs to the caller.
 */
int vmbus_establish_gpadl(struct vmbus_channel *channel, void *kbuffer, u32 size, struct vmbus_gpadl *gpadl)
{
	struct gpadl_source source = { .buffer = kbuffer };
	bool kept;

	return gpadl_establish(to_chan(channel), &source, size, vmbus_gpa_pages(offset_in_hvpage(kbuffer), size), gpadl, &kept);
}

/**
 * vmbus_gpadl_create_ring() - give a pair of rings to the host
 * @chan: their channel
 * @buffer: both rings, outbound first; page aligned
 * @rings: sizes
 * @gpadl: filled on success
 * @kept: set to whether the host, after an error, may still access the memory
 *
 * Context: may sleep.
 * Return: as vmbus_establish_gpadl().
 */
int vmbus_gpadl_create_ring(struct vmbus_chan *chan, void *buffer, const struct vmbus_gpa_rings *rings,
			    struct vmbus_gpadl *gpadl, bool *kept)
{
	struct gpadl_source source = { .buffer = buffer, .rings = rings };
	u32 pages = vmbus_gpa_ring_pages(rings);

	return gpadl_establish(chan, &source, pages * HYPERV_PAGE_SIZE, pages, gpadl, kept);
}

/**
 * vmbus_teardown_gpadl() - take memory back from the host
 * @channel: the channel it was for
 * @gpadl: as filled by vmbus_establish_gpadl(); a handle of 0 means that there is nothing to take back
 *
 * Also to be called after a rescind: the host answers all the same, and only its answer is proof.
 *
 * Context: may sleep.
 * Return: 0: the memory is the caller's again; another value: the host may still access it, and it must never be freed.
 * -ETIMEDOUT, or -ENODEV after a rescind, when the host does not answer; or an error of posting.
 */
int vmbus_teardown_gpadl(struct vmbus_channel *channel, struct vmbus_gpadl *gpadl)
{
	struct vmbus_chan *chan = to_chan(channel);
	struct vmbus_msg_gpadl_teardown message = {
		.header.type = cpu_to_le32(VMBUS_MSG_GPADL_TEARDOWN),
		.relid = cpu_to_le32(chan->relid),
		.gpadl = cpu_to_le32(gpadl->gpadl_handle),
	};
	struct gpadl_source source = { .buffer = gpadl->buffer };
	struct vmbus_request request;
	int ret;

	if (!gpadl->gpadl_handle)
		return 0;
	ret = vmbus_request_call(&request, chan, &message, sizeof(message), vmbus_answer_ms());
	gpadl->gpadl_handle = 0;
	if (ret)
		gpadl_keep(&source, gpadl->size);
	return ret;
}
