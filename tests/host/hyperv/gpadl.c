// SPDX-License-Identifier: GPL-2.0
/*
 * Guest memory given to the host: assembled from header and body messages, looked up by id, given
 * back when the guest asks and nobody uses it. Knows no ring. VMBus control messages, GPADL_HEADER
 * to GPADL_TORNDOWN.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

/* Policy: GPADLs of one connection. */
#define GPADL_MAX 4096

static struct vmbus_gpadl *gpadl_find(struct vmbus_server *server, uint32_t id)
{
	struct vmbus_gpadl *gpadl = server->gpadls;

	while (gpadl && gpadl->id != id)
		gpadl = gpadl->next;
	return gpadl;
}

static void gpadl_unlink(struct vmbus_gpadl *gpadl)
{
	struct vmbus_gpadl **link = &gpadl->server->gpadls;

	while (*link && *link != gpadl)
		link = &(*link)->next;
	if (*link) {
		*link = gpadl->next;
		gpadl->server->nr_gpadls--;
	}
}

static void gpadl_destroy(struct vmbus_gpadl *gpadl)
{
	free(gpadl->ranges);
	free(gpadl->list);
	free(gpadl);
}

static void gpadl_send_created(struct vmbus_server *server, uint32_t relid, uint32_t id,
			       uint32_t status)
{
	struct vmbus_msg_gpadl_created reply = {
		.header.type = htole32(VMBUS_MSG_GPADL_CREATED),
		.relid = htole32(relid),
		.gpadl = htole32(id),
		.status = htole32(status),
	};

	connection_send(server, &reply, sizeof(reply));
}

static void gpadl_send_torndown(struct vmbus_server *server, uint32_t id)
{
	struct vmbus_msg_gpadl_torndown reply = {
		.header.type = htole32(VMBUS_MSG_GPADL_TORNDOWN),
		.gpadl = htole32(id),
	};

	connection_send(server, &reply, sizeof(reply));
}

/*
 * Splits the received words into ranges. Return: false with a violation reported if they make no
 * sense.
 */
static bool gpadl_parse(struct vmbus_gpadl *gpadl)
{
	struct vmbus_server *server = gpadl->server;
	uint32_t at = 0;

	gpadl->ranges = xcalloc(gpadl->nr_ranges, sizeof(*gpadl->ranges));
	for (uint16_t i = 0; i < gpadl->nr_ranges; i++) {
		struct gpa_range *range = &gpadl->ranges[i];
		uint64_t head, pages;

		if (at >= gpadl->words) {
			hv_violation(server, "gpadl-range",
				     "gpadl %#x: %u ranges do not fit %u bytes", gpadl->id,
				     gpadl->nr_ranges, gpadl->words * 8);
			return false;
		}
		head = le64toh(gpadl->list[at++]);
		range->len = head & UINT32_MAX;
		range->off = head >> 32;
		pages = ((uint64_t)range->off + range->len + GUEST_PAGE_SIZE - 1) >>
			GUEST_PAGE_SHIFT;
		if (!range->len || range->off >= GUEST_PAGE_SIZE || pages > gpadl->words - at) {
			hv_violation(server, "gpadl-range",
				     "gpadl %#x: range of %u bytes at offset %u in %u words",
				     gpadl->id, range->len, range->off, gpadl->words - at);
			return false;
		}
		range->nr_pfns = pages;
		range->pfns = gpadl->list + at;
		for (uint64_t page = 0; page < pages; page++, at++) {
			uint64_t pfn = le64toh(gpadl->list[at]);

			gpadl->list[at] = pfn;
			if (pfn > UINT64_MAX >> GUEST_PAGE_SHIFT ||
			    !guest_mem_ptr(server->config.mem, pfn << GUEST_PAGE_SHIFT,
					   GUEST_PAGE_SIZE)) {
				hv_violation(server, "gpadl-page",
					     "gpadl %#x: page %#llx is not RAM", gpadl->id,
					     (unsigned long long)pfn);
				return false;
			}
		}
	}
	return true;
}

/* All words are there: check them and answer. */
static void gpadl_finish(struct vmbus_gpadl *gpadl)
{
	struct vmbus_server *server = gpadl->server;
	bool good = gpadl_parse(gpadl);

	gpadl_send_created(server, gpadl->relid, gpadl->id,
			   good ? HV_STATUS_OK : HV_NTSTATUS_UNSUCCESSFUL);
	if (good) {
		gpadl->complete = true;
		if (gpadl->chan)
			chaos_step(gpadl->chan, CHAOS_RESCIND_SHARED);
		return;
	}
	gpadl_unlink(gpadl);
	gpadl_destroy(gpadl);
}

/*
 * Takes PFN words of one message; what is beyond the announced length is padding of a long message.
 */
static void gpadl_append(struct vmbus_gpadl *gpadl, const uint8_t *words, size_t len)
{
	uint32_t nr = len / sizeof(uint64_t), missing = gpadl->words - gpadl->words_have;

	if (nr > missing)
		nr = missing;
	memcpy(gpadl->list + gpadl->words_have, words, nr * sizeof(uint64_t));
	gpadl->words_have += nr;
	if (gpadl->words_have == gpadl->words)
		gpadl_finish(gpadl);
}

static const char *gpadl_header_fault(struct vmbus_server *server, uint32_t id, uint32_t bytes,
				      uint16_t ranges)
{
	if (!id)
		return "id 0";
	if (gpadl_find(server, id))
		return "id is in use";
	if (!ranges || bytes % 8 || bytes < (ranges + 1u) * 8)
		return "impossible range count or length";
	if (server->nr_gpadls >= GPADL_MAX)
		return "too many GPADLs";
	return NULL;
}

void gpadl_msg_header(struct vmbus_server *server, const uint8_t *msg, size_t len)
{
	struct vmbus_msg_gpadl_header header;
	struct vmbus_gpadl *gpadl;
	struct vmbus_chan *chan;
	const char *fault;
	uint32_t id, relid, bytes;
	uint16_t ranges;

	memcpy(&header, msg, sizeof(header));
	id = le32toh(header.gpadl);
	relid = le32toh(header.relid);
	bytes = le16toh(header.range_bytes);
	ranges = le16toh(header.range_count);

	chan = chan_by_relid(server, relid);
	if (!chan) {
		hv_violation(server, "relid-unknown", "GPADL_HEADER for relid %u", relid);
		gpadl_send_created(server, relid, id, HV_NTSTATUS_UNSUCCESSFUL);
		return;
	}
	chaos_step(chan, CHAOS_RESCIND_SHARING);
	fault = gpadl_header_fault(server, id, bytes, ranges);
	if (fault) {
		hv_violation(server, "gpadl-header", "gpadl %#x, %u bytes, %u ranges: %s", id,
			     bytes, ranges, fault);
		gpadl_send_created(server, relid, id, HV_NTSTATUS_UNSUCCESSFUL);
		return;
	}
	gpadl = xcalloc(1, sizeof(*gpadl));
	gpadl->server = server;
	gpadl->chan = chan;
	gpadl->id = id;
	gpadl->relid = relid;
	gpadl->nr_ranges = ranges;
	gpadl->words = bytes / 8;
	gpadl->list = xcalloc(gpadl->words, sizeof(*gpadl->list));
	gpadl->next = server->gpadls;
	server->gpadls = gpadl;
	server->nr_gpadls++;
	gpadl_append(gpadl, msg + sizeof(header), len - sizeof(header));
}

void gpadl_msg_body(struct vmbus_server *server, const uint8_t *msg, size_t len)
{
	struct vmbus_msg_gpadl_body body;
	struct vmbus_gpadl *gpadl;

	memcpy(&body, msg, sizeof(body));
	gpadl = gpadl_find(server, le32toh(body.gpadl));
	if (!gpadl || gpadl->complete) {
		hv_violation(server, "gpadl-body", "gpadl %#x is %s", le32toh(body.gpadl),
			     gpadl ? "complete already" : "unknown");
		return;
	}
	if (len - sizeof(body) < sizeof(uint64_t)) {
		hv_violation(server, "gpadl-body", "gpadl %#x: body without pages", gpadl->id);
		gpadl_send_created(server, gpadl->relid, gpadl->id, HV_NTSTATUS_UNSUCCESSFUL);
		gpadl_unlink(gpadl);
		gpadl_destroy(gpadl);
		return;
	}
	gpadl_append(gpadl, msg + sizeof(body), len - sizeof(body));
}

static void gpadl_give_back(struct vmbus_gpadl *gpadl)
{
	gpadl_unlink(gpadl);
	gpadl_send_torndown(gpadl->server, gpadl->id);
	gpadl_destroy(gpadl);
}

void gpadl_msg_teardown(struct vmbus_server *server, const uint8_t *msg, size_t len)
{
	struct vmbus_msg_gpadl_teardown teardown;
	struct vmbus_gpadl *gpadl;
	uint32_t id;

	(void)len;
	memcpy(&teardown, msg, sizeof(teardown));
	id = le32toh(teardown.gpadl);
	gpadl = gpadl_find(server, id);
	if (!gpadl || !gpadl->complete || gpadl->tearing_down) {
		hv_violation(server, "gpadl-teardown", "gpadl %#x is %s", id,
			     !gpadl	       ? "unknown"
			     : gpadl->complete ? "being torn down"
					       : "incomplete");
		return;
	}
	if (gpadl->relid != le32toh(teardown.relid))
		hv_violation(server, "gpadl-teardown", "gpadl %#x is of relid %u, not %u", id,
			     gpadl->relid, le32toh(teardown.relid));
	if (gpadl->chan && gpadl->chan->ring_gpadl == gpadl)
		hv_violation(server, "gpadl-teardown-open",
			     "gpadl %#x is the ring of open relid %u", id, gpadl->relid);
	gpadl->tearing_down = true;
	if (!gpadl->refs)
		gpadl_give_back(gpadl);
}

struct vmbus_gpadl *vmbus_gpadl_get(struct vmbus_chan *chan, uint32_t id)
{
	struct vmbus_gpadl *gpadl = gpadl_find(chan->server, id);

	if (!gpadl || !gpadl->complete || gpadl->tearing_down || !gpadl->chan ||
	    memcmp(&gpadl->chan->params.instance_guid, &chan->params.instance_guid,
		   sizeof(struct hyperv_guid)))
		return NULL;
	gpadl->refs++;
	return gpadl;
}

void vmbus_gpadl_put(struct vmbus_gpadl *gpadl)
{
	if (!gpadl || --gpadl->refs)
		return;
	if (!gpadl->server) {
		gpadl_destroy(gpadl);
		return;
	}
	if (gpadl->tearing_down)
		gpadl_give_back(gpadl);
}

uint64_t vmbus_gpadl_size(const struct vmbus_gpadl *gpadl)
{
	return gpadl->ranges[0].len;
}

/*
 * A GPADL the connection has forgotten keeps its memory for those who hold it, but leads nowhere.
 */
int vmbus_gpadl_read(struct vmbus_gpadl *gpadl, uint64_t off, void *buf, size_t len)
{
	return gpadl->server
		       ? gpa_range_read(gpadl->server->config.mem, &gpadl->ranges[0], off, buf, len)
		       : -ERANGE;
}

int vmbus_gpadl_write(struct vmbus_gpadl *gpadl, uint64_t off, const void *buf, size_t len)
{
	return gpadl->server ? gpa_range_write(gpadl->server->config.mem, &gpadl->ranges[0], off,
					       buf, len)
			     : -ERANGE;
}

int vmbus_gpadl_iov(struct vmbus_gpadl *gpadl, uint64_t off, uint64_t len, struct iovec *iov,
		    int max)
{
	return gpadl->server ? gpa_range_iov(gpadl->server->config.mem, &gpadl->ranges[0], off, len,
					     iov, max)
			     : -ERANGE;
}

unsigned int gpadl_forget(struct vmbus_server *server, const struct vmbus_chan *chan)
{
	struct vmbus_gpadl *gpadl, *next;
	unsigned int nr = 0;

	for (gpadl = server->gpadls; gpadl; gpadl = next) {
		next = gpadl->next;
		if (chan && gpadl->chan != chan)
			continue;
		nr++;
		gpadl_unlink(gpadl);
		gpadl->chan = NULL;
		gpadl->server = NULL;
		if (!gpadl->refs)
			gpadl_destroy(gpadl);
	}
	return nr;
}
