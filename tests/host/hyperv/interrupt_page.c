// SPDX-License-Identifier: GPL-2.0
/*
 * The page that guests and hosts below 2.4 share for their interrupts: a bit for each relid in each
 * direction, with event flag 0 of VP 0 as the interrupt and one connection for all as the signal.
 * Knows no ring. VMBus, shared interrupt page.
 */
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "internal.h"

#define PAGE_WORDS (VMBUS_INTERRUPT_PAGE_TO_HOST / sizeof(uint32_t))

/* The first word of a half; NULL without a page. */
static uint32_t *page_half(struct vmbus_server *server, bool to_host)
{
	uint8_t *page;

	if (!server->conn.interrupt_page)
		return NULL;
	page = guest_mem_ptr(server->config.mem, server->conn.interrupt_page, GUEST_PAGE_SIZE);
	return page ? (uint32_t *)(page + (to_host ? VMBUS_INTERRUPT_PAGE_TO_HOST : 0)) : NULL;
}

bool interrupt_page_raise(struct vmbus_server *server, uint32_t relid)
{
	uint32_t *words = page_half(server, false);

	if (!words)
		return false;
	/* The bit first: the guest clears the flag, then reads the bits. */
	__atomic_fetch_or(&words[relid / 32], htole32(1u << relid % 32), __ATOMIC_SEQ_CST);
	return hv_synic_set_event(server, 0, 0);
}

bool interrupt_page_take(struct vmbus_server *server, uint32_t relid)
{
	uint32_t *words = page_half(server, true);
	uint32_t bit = htole32(1u << relid % 32);

	return words && (__atomic_fetch_and(&words[relid / 32], ~bit, __ATOMIC_SEQ_CST) & bit);
}

static void page_signalled(struct vmbus_server *server, uint32_t relid)
{
	struct vmbus_chan *chan = chan_by_relid(server, relid);

	/* What a guest does before it hears of a RESCIND is not wrong. */
	if (chan && chan->state == CHAN_REVOKED)
		return;
	if (!chan) {
		hv_violation(server, "signal-relid", "interrupt page: bit of relid %u is set",
			     relid);
		return;
	}
	if (chan->event_fd >= 0 && chan->monitor_id == VMBUS_MONITOR_ID_NONE)
		hv_violation(server, "signal-shared",
			     "%s is signalled by the interrupt page, and has connection %#x",
			     chan->stats->name, chan->connection_id);
	packet_signalled(chan, 1);
}

static void page_event_ready(int fd, uint32_t events, void *opaque)
{
	struct vmbus_server *server = opaque;
	uint64_t count;

	(void)events;
	if (read(fd, &count, sizeof(count)) != sizeof(count))
		return;
	for (uint32_t i = 0; i < PAGE_WORDS; i++) {
		/* Each time anew: what a device does may end the connection. */
		uint32_t *words = page_half(server, true), bits;

		if (!words)
			return;
		if (!__atomic_load_n(&words[i], __ATOMIC_RELAXED))
			continue;
		bits = le32toh(__atomic_exchange_n(&words[i], 0, __ATOMIC_SEQ_CST));
		for (uint32_t bit = 0; bit < 32; bit++) {
			if (bits & 1u << bit)
				page_signalled(server, i * 32 + bit);
		}
	}
}

bool interrupt_page_is_good(struct vmbus_server *server, uint64_t gpa)
{
	return gpa && gpa % GUEST_PAGE_SIZE == 0 &&
	       guest_mem_ptr(server->config.mem, gpa, GUEST_PAGE_SIZE);
}

int interrupt_page_start(struct vmbus_server *server, uint64_t gpa)
{
	int ret;

	server->shared_event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (server->shared_event_fd < 0)
		return -1;
	ret = loop_fd_add(server->config.loop, server->shared_event_fd, EPOLLIN, page_event_ready,
			  server);
	if (!ret) {
		ret = server->config.ops->event_add(server->config.platform, VMBUS_CONNECTION_EVENT,
						    server->shared_event_fd);
		if (ret)
			loop_fd_del(server->config.loop, server->shared_event_fd);
	}
	if (ret) {
		hv_log("cannot connect the shared interrupt page: %s", strerror(-ret));
		close(server->shared_event_fd);
		server->shared_event_fd = -1;
		return -1;
	}
	server->conn.interrupt_page = gpa;
	return 0;
}

void interrupt_page_stop(struct vmbus_server *server)
{
	server->conn.interrupt_page = 0;
	if (server->shared_event_fd < 0)
		return;
	server->config.ops->event_del(server->config.platform, VMBUS_CONNECTION_EVENT,
				      server->shared_event_fd);
	loop_fd_del(server->config.loop, server->shared_event_fd);
	close(server->shared_event_fd);
	server->shared_event_fd = -1;
}
