// SPDX-License-Identifier: GPL-2.0
/*
 * Receive and send buffers: allocate, share by GPADL, offer over NVSP, and get back; sections of the send buffer.
 * Must not know what the sections hold. Memory given to the host is freed only when the teardown of its GPADL succeeded.
 */
#include <linux/bitmap.h>
#include <linux/bitops.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "bufs.h"

/* Ids of the buffers in NVSP: any number will do, it is checked in every packet that comes back */
#define NETVSC_RECV_BUF_ID	0xcafe
#define NETVSC_SEND_BUF_ID	0

static int netvsc_buffer_share(struct netvsc_buffer *buf, struct vmbus_channel *channel, u32 bytes)
{
	int err;

	buf->bytes = PAGE_ALIGN(bytes);
	buf->mem = vzalloc(buf->bytes);
	if (!buf->mem)
		return -ENOMEM;
	err = vmbus_establish_gpadl(channel, buf->mem, buf->bytes, &buf->gpadl);
	if (err) {
		/* No NVSP message has named this GPADL, so even a host that kept a piece of it writes nothing. */
		vfree(buf->mem);
		buf->mem = NULL;
		return err;
	}
	buf->shared = true;
	return 0;
}

/* Returns whether the memory had to be left to the host. */
static bool netvsc_buffer_unshare(struct netvsc_buffer *buf, struct vmbus_channel *channel)
{
	bool leaked = false;

	if (buf->shared && vmbus_teardown_gpadl(channel, &buf->gpadl))
		leaked = true;
	else
		vfree(buf->mem);
	buf->mem = NULL;
	buf->shared = false;
	buf->offered = false;
	return leaked;
}

/* What a smaller buffer may cure: no memory here, or a host that finds this one too large. */
static bool netvsc_smaller_may_help(int err)
{
	return err && err != -ENODEV && err != -ETIMEDOUT && err != -EPROTO;
}

static int netvsc_recv_buf_share(struct netvsc_bufs *bufs, struct nvsp *nvsp, u32 bytes)
{
	struct nvsp_recv_section section;
	int err;

	err = netvsc_buffer_share(&bufs->recv, nvsp->channel, bytes);
	if (err)
		return err;
	err = nvsp_share_recv_buf(nvsp, bufs->recv.gpadl.gpadl_handle, NETVSC_RECV_BUF_ID, bufs->recv.bytes, &section);
	if (err)
		return err;
	bufs->recv.offered = true;
	bufs->recv_section_bytes = le32_to_cpu(section.suballocation_bytes);
	bufs->recv_section_count = le32_to_cpu(section.suballocation_count);
	return 0;
}

static int netvsc_send_buf_share(struct netvsc_bufs *bufs, struct nvsp *nvsp, u32 bytes)
{
	u32 section_bytes;
	int err;

	err = netvsc_buffer_share(&bufs->send, nvsp->channel, bytes);
	if (err)
		return err;
	err = nvsp_share_send_buf(nvsp, bufs->send.gpadl.gpadl_handle, NETVSC_SEND_BUF_ID, &section_bytes);
	if (err)
		return err;
	bufs->send.offered = true;

	/* A host may have no use for sections: then everything goes as pages. */
	if (section_bytes < NVSP_RECV_SECTION_MIN_BYTES || section_bytes % 4 || section_bytes > bufs->send.bytes)
		return 0;
	bufs->send_in_use = bitmap_zalloc(bufs->send.bytes / section_bytes, GFP_KERNEL);
	if (!bufs->send_in_use)
		return 0;
	bufs->send_section_bytes = section_bytes;
	bufs->send_section_count = bufs->send.bytes / section_bytes;
	return 0;
}

/**
 * netvsc_bufs_share() - allocate both buffers and offer them to the host
 * @bufs:	zeroed
 * @nvsp:	the session, after nvsp_configure()
 * @recv_bytes:	size wanted for the receive buffer; halved until memory and host agree
 * @send_bytes:	size wanted for the send buffer; may end up absent, which is no error
 *
 * On failure, too, the caller goes on to revoke and unshare: parts may be the host's.
 *
 * Context: may sleep.
 * Return: 0, -ENOMEM, -EREMOTEIO if the host refused the smallest receive buffer, or an errno of the NVSP request.
 */
int netvsc_bufs_share(struct netvsc_bufs *bufs, struct nvsp *nvsp, u32 recv_bytes, u32 send_bytes)
{
	u32 recv_max = nvsp->version > NVSP_VERSION_2 ? NVSP_RECV_BUFFER_MAX_BYTES : NVSP_RECV_BUFFER_MAX_BYTES_V2;
	u32 bytes;
	int err;

	for (bytes = min(recv_bytes, recv_max);; bytes /= 2) {
		err = netvsc_recv_buf_share(bufs, nvsp, bytes);
		if (!netvsc_smaller_may_help(err) || bytes / 2 < NETVSC_RECV_BUF_MIN_BYTES)
			break;
		if (netvsc_buffer_unshare(&bufs->recv, nvsp->channel))
			return -EIO;
	}
	if (err)
		return err;

	for (bytes = min(send_bytes, NVSP_SEND_BUFFER_MAX_BYTES);; bytes /= 2) {
		err = netvsc_send_buf_share(bufs, nvsp, bytes);
		if (!netvsc_smaller_may_help(err))
			return err;
		if (netvsc_buffer_unshare(&bufs->send, nvsp->channel))
			return -EIO;
		if (bytes / 2 < NETVSC_SEND_BUF_MIN_BYTES)
			return 0;
	}
}

/**
 * netvsc_bufs_revoke() - tell the host to let go of the buffers
 * @bufs:	the buffers
 * @nvsp:	the session; nothing is in flight
 *
 * Context: may sleep.
 */
void netvsc_bufs_revoke(struct netvsc_bufs *bufs, struct nvsp *nvsp)
{
	if (nvsp_is_gone(nvsp))
		return;
	if (bufs->recv.offered)
		nvsp_revoke_recv_buf(nvsp, NETVSC_RECV_BUF_ID);
	if (bufs->send.offered)
		nvsp_revoke_send_buf(nvsp, NETVSC_SEND_BUF_ID);
	bufs->recv.offered = false;
	bufs->send.offered = false;
}

/**
 * netvsc_bufs_unshare() - tear the GPADLs down and free what is ours again
 * @bufs:	the buffers, revoked
 * @channel:	channel the GPADLs were made on. With VMBus before 4.0 still open, from 4.0 on closed.
 *
 * Context: may sleep.
 * Return: number of buffers leaked because the host did not confirm the teardown.
 */
unsigned int netvsc_bufs_unshare(struct netvsc_bufs *bufs, struct vmbus_channel *channel)
{
	unsigned int leaked = 0;

	leaked += netvsc_buffer_unshare(&bufs->recv, channel);
	leaked += netvsc_buffer_unshare(&bufs->send, channel);
	return leaked;
}

/**
 * netvsc_bufs_free() - free the book-keeping of the send sections, once nobody gives any back
 * @bufs:	the buffers, unshared
 */
void netvsc_bufs_free(struct netvsc_bufs *bufs)
{
	bitmap_free(bufs->send_in_use);
	bufs->send_in_use = NULL;
	bufs->send_section_count = 0;
}

/**
 * netvsc_send_section_get() - take a free section of the send buffer
 * @bufs:	the buffers
 * @hint:	where this queue looks first; updated
 *
 * Context: any; lockless, several queues at once.
 * Return: index of the section, NVSP_SEND_SECTION_NONE if all are in use.
 */
u32 netvsc_send_section_get(struct netvsc_bufs *bufs, u32 *hint)
{
	u32 count = bufs->send_section_count, start = *hint < count ? *hint : 0, bit;

	for (bit = find_next_zero_bit(bufs->send_in_use, count, start); bit < count;
	     bit = find_next_zero_bit(bufs->send_in_use, count, bit + 1)) {
		if (!test_and_set_bit_lock(bit, bufs->send_in_use))
			goto found;
	}
	for (bit = find_first_zero_bit(bufs->send_in_use, start); bit < start;
	     bit = find_next_zero_bit(bufs->send_in_use, start, bit + 1)) {
		if (!test_and_set_bit_lock(bit, bufs->send_in_use))
			goto found;
	}
	return NVSP_SEND_SECTION_NONE;

found:
	*hint = bit + 1;
	return bit;
}

/**
 * netvsc_send_section_put() - give a section back
 * @bufs:	the buffers
 * @section:	from netvsc_send_section_get(); the host has completed the packet that named it
 *
 * Context: any.
 */
void netvsc_send_section_put(struct netvsc_bufs *bufs, u32 section)
{
	clear_bit_unlock(section, bufs->send_in_use);
}
