// SPDX-License-Identifier: GPL-2.0
/*
 * Bookkeeping of the receive and send buffers of a synthetic NIC. A suballocation belongs to the
 * guest from the packet that names it until that packet's completion; what the guest claims to give
 * back is checked.
 */
#include "nvs_buffers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../hyperv/device.h"
#include "../hyperv/util.h"

/* Numbers 1 to this are for control messages; a small buffer must not go to them altogether. */
static uint32_t nvs_control_subs(const struct nvs_receive *r)
{
	return r->count >= 4 * NVS_CONTROL_SUBS ? NVS_CONTROL_SUBS : 1 + r->count / 8;
}

int nvs_receive_share(struct nvs_receive *r, struct vmbus_chan *chan, uint32_t gpadl, uint16_t id,
		      uint32_t sub_bytes)
{
	uint32_t control, i;
	uint64_t count;

	r->gpadl = vmbus_gpadl_get(chan, gpadl);
	if (!r->gpadl)
		return -ENOENT;
	count = vmbus_gpadl_size(r->gpadl) / sub_bytes;
	if (count < 3) {
		nvs_receive_drop(r);
		return -ENOSPC;
	}
	r->id = id;
	r->sub_bytes = sub_bytes;
	r->count = (uint32_t)(count < 0xffffffff ? count : 0xffffffff);
	r->subs = xcalloc(r->count, sizeof(*r->subs));
	control = nvs_control_subs(r);
	for (i = r->count - 1; i > 0; i--) {
		uint32_t *head = i <= control ? &r->free_control : &r->free_head;

		r->subs[i].next = *head;
		*head = i;
	}
	r->free_data = r->count - 1 - control;
	return 0;
}

void nvs_receive_drop(struct nvs_receive *r)
{
	if (r->gpadl)
		vmbus_gpadl_put(r->gpadl);
	free(r->subs);
	memset(r, 0, sizeof(*r));
}

uint32_t nvs_receive_alloc(struct nvs_receive *r, bool control)
{
	uint32_t *head = control ? &r->free_control : &r->free_head;
	uint32_t sub = *head;

	if (!sub)
		return 0;
	*head = r->subs[sub].next;
	r->subs[sub].next = 0;
	r->subs[sub].state = NVS_SUB_FILLED;
	if (!control)
		r->free_data--;
	return sub;
}

void nvs_receive_free(struct nvs_receive *r, uint32_t sub)
{
	bool control = sub <= nvs_control_subs(r);
	uint32_t *head = control ? &r->free_control : &r->free_head;

	r->subs[sub].state = NVS_SUB_FREE;
	r->subs[sub].next = *head;
	*head = sub;
	if (!control)
		r->free_data++;
}

int nvs_receive_write(struct nvs_receive *r, uint32_t sub, uint32_t offset, const void *bytes,
		      size_t n)
{
	return vmbus_gpadl_write(r->gpadl, (uint64_t)sub * r->sub_bytes + offset, bytes, n);
}

unsigned int nvs_receive_used(const struct nvs_receive *r)
{
	return r->gpadl ? r->count - 1 - nvs_control_subs(r) - r->free_data : 0;
}

void nvs_receive_sent(struct nvs_receive *r, const uint32_t *subs, unsigned int n, uint32_t queue)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		r->subs[subs[i]].state = i ? NVS_SUB_SENT : NVS_SUB_SENT_FIRST;
		r->subs[subs[i]].next = i + 1 < n ? subs[i + 1] : 0;
		r->subs[subs[i]].queue = queue;
	}
}

/* Gives all suballocations of the packet back whose first one @sub is. */
static unsigned int nvs_receive_free_packet(struct nvs_receive *r, uint32_t sub)
{
	unsigned int freed = 0;
	uint32_t next;

	for (; sub; sub = next) {
		next = r->subs[sub].next;
		nvs_receive_free(r, sub);
		freed++;
	}
	return freed;
}

unsigned int nvs_receive_complete(struct nvs_receive *r, uint64_t xid, uint32_t queue)
{
	if (!r->gpadl || !xid || xid >= r->count || r->subs[xid].state != NVS_SUB_SENT_FIRST ||
	    r->subs[xid].queue != queue)
		return 0;
	return nvs_receive_free_packet(r, (uint32_t)xid);
}

unsigned int nvs_receive_reclaim(struct nvs_receive *r, uint32_t queue)
{
	unsigned int freed = 0;
	uint32_t sub;

	for (sub = 1; r->gpadl && sub < r->count; sub++)
		if (r->subs[sub].state == NVS_SUB_SENT_FIRST && r->subs[sub].queue == queue)
			freed += nvs_receive_free_packet(r, sub);
	return freed;
}

int nvs_send_share(struct nvs_send *send, struct vmbus_chan *chan, uint32_t gpadl, uint16_t id)
{
	uint64_t sections;

	send->gpadl = vmbus_gpadl_get(chan, gpadl);
	if (!send->gpadl)
		return -ENOENT;
	sections = vmbus_gpadl_size(send->gpadl) / NVS_SEND_SECTION_BYTES;
	if (!sections) {
		nvs_send_drop(send);
		return -ENOSPC;
	}
	send->id = id;
	send->sections = (uint32_t)(sections < 0xfffffffe ? sections : 0xfffffffe);
	return 0;
}

void nvs_send_drop(struct nvs_send *send)
{
	if (send->gpadl)
		vmbus_gpadl_put(send->gpadl);
	memset(send, 0, sizeof(*send));
}

int nvs_send_read(struct nvs_send *send, uint32_t section, void *bytes, uint32_t n)
{
	if (!send->gpadl || section >= send->sections || n > NVS_SEND_SECTION_BYTES)
		return -ERANGE;
	return vmbus_gpadl_read(send->gpadl, (uint64_t)section * NVS_SEND_SECTION_BYTES, bytes, n);
}
