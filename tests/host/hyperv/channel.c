// SPDX-License-Identifier: GPL-2.0
/*
 * One channel's life on the host: offered, opened, closed, rescinded, released, as one state
 * machine fed by the guest's messages and the device's calls. Knows rings only through packet.c.
 * VMBus control messages, OFFER to RELID_RELEASED, MODIFYCHANNEL.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "internal.h"

/* Policy: how connection ids follow from relids. Guests must take the id of the offer. */
#define CHAN_CONNECTION_ID(relid) (0x2000u + (relid))

static void chan_try_offer(struct vmbus_chan *chan);

const char *chan_state_name(enum vmbus_chan_state state)
{
	static const char *const names[] = {
		[CHAN_RECORDED] = "recorded", [CHAN_OFFERED] = "offered",
		[CHAN_OPENING] = "opening",   [CHAN_OPEN] = "open",
		[CHAN_REVOKED] = "rescinded", [CHAN_REFUSED] = "refused",
	};

	return names[state];
}

void chan_get(struct vmbus_chan *chan)
{
	chan->refs++;
}

/* Not inlined: the compiler cannot know that an inner reference is never the last. */
__attribute__((noinline)) void chan_put(struct vmbus_chan *chan)
{
	if (--chan->refs)
		return;
	loop_timer_free(chan->open_timer);
	loop_timer_free(chan->retry_timer);
	free(chan->ranges);
	free(chan);
}

struct vmbus_chan *chan_by_relid(struct vmbus_server *server, uint32_t relid)
{
	return relid && relid <= VMBUS_RELID_MAX ? server->by_relid[relid] : NULL;
}

bool chan_is_same_device(const struct vmbus_chan *a, const struct vmbus_chan *b)
{
	return !memcmp(&a->params.class_guid, &b->params.class_guid, sizeof(struct hyperv_guid)) &&
	       !memcmp(&a->params.instance_guid, &b->params.instance_guid,
		       sizeof(struct hyperv_guid));
}

/* ---------------------------------------------------------------- relids and signals */

static void chan_event_ready(int fd, uint32_t events, void *opaque)
{
	struct vmbus_chan *chan = opaque;
	uint64_t count;

	(void)events;
	if (read(fd, &count, sizeof(count)) == sizeof(count))
		packet_signalled(chan, count);
}

/* The guest's HvSignalEvent on a connection reaches the channel from here on. Return: 0, -errno. */
static int chan_take_signals(struct vmbus_chan *chan, uint32_t connection_id)
{
	struct vmbus_server *server = chan->server;
	int ret;

	chan->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (chan->event_fd < 0)
		return -errno;
	ret = loop_fd_add(server->config.loop, chan->event_fd, EPOLLIN, chan_event_ready, chan);
	if (!ret) {
		ret = server->config.ops->event_add(server->config.platform, connection_id,
						    chan->event_fd);
		if (ret)
			loop_fd_del(server->config.loop, chan->event_fd);
	}
	if (ret) {
		close(chan->event_fd);
		chan->event_fd = -1;
		return ret;
	}
	chan->signal_id = connection_id;
	return 0;
}

/* From here on the guest's signals find nobody. */
static void chan_drop_signals(struct vmbus_chan *chan)
{
	struct vmbus_server *server = chan->server;

	if (chan->event_fd < 0)
		return;
	server->config.ops->event_del(server->config.platform, chan->signal_id, chan->event_fd);
	loop_fd_del(server->config.loop, chan->event_fd);
	close(chan->event_fd);
	chan->event_fd = -1;
}

static bool chan_take_relid(struct vmbus_chan *chan)
{
	struct vmbus_server *server = chan->server;
	uint32_t relid = server->last_relid;

	for (uint32_t tried = 0; tried < VMBUS_RELID_MAX; tried++) {
		relid = relid % VMBUS_RELID_MAX + 1;
		if (!server->by_relid[relid])
			break;
	}
	if (server->by_relid[relid])
		return false;
	chan->connection_id = 0;
	if (server->conn.kind->dedicated) {
		int ret = chan_take_signals(chan, CHAN_CONNECTION_ID(relid));

		if (ret) {
			hv_log("channel %s: cannot connect its signals: %s", chan->stats->name,
			       strerror(-ret));
			return false;
		}
		chan->connection_id = CHAN_CONNECTION_ID(relid);
	}
	server->last_relid = relid;
	server->by_relid[relid] = chan;
	chan->relid = relid;
	chan->event_flag = relid;
	/* A guest without monitor pages has nowhere to trigger. */
	chan->monitor_id = chan->params.monitored && server->conn.monitor_page[1]
				   ? relid % (VMBUS_MONITOR_ID_MAX + 1)
				   : VMBUS_MONITOR_ID_NONE;
	return true;
}

/* What an OPEN has changed ends with it: the OFFER's values hold again. */
static void chan_restore_signals(struct vmbus_chan *chan)
{
	chan->event_flag = chan->relid;
	if (chan->signal_id == chan->connection_id && chan->event_fd >= 0)
		return;
	chan_drop_signals(chan);
	if (chan->connection_id && chan_take_signals(chan, chan->connection_id))
		hv_log("channel %s: cannot connect its signals again", chan->stats->name);
}

static void chan_drop_relid(struct vmbus_chan *chan)
{
	chan_drop_signals(chan);
	if (chan->relid)
		chan->server->by_relid[chan->relid] = NULL;
	chan->relid = 0;
}

/* ---------------------------------------------------------------- offers */

/* Offer flags that mean something only with features no guest of this host is granted. */
#define CHAN_UNGRANTED_FLAGS (VMBUS_OFFER_CONFIDENTIAL_RING | VMBUS_OFFER_CONFIDENTIAL_MEMORY)

static void chan_send_offer(struct vmbus_chan *chan)
{
	bool dedicated = chan->server->conn.kind->dedicated;
	struct vmbus_msg_offer offer = {
		.header.type = htole32(VMBUS_MSG_OFFER),
		.class_id = chan->params.class_guid,
		.instance_id = chan->params.instance_guid,
		.flags = htole16(chan->params.flags & ~CHAN_UNGRANTED_FLAGS),
		.mmio_mib = htole16(chan->params.mmio_mb),
		.subchannel_index = htole16(chan->params.sub_index),
		.relid = htole32(chan->relid),
		.monitor_id = chan->monitor_id,
		.monitor_flags = chan->monitor_id == VMBUS_MONITOR_ID_NONE
					 ? 0
					 : VMBUS_OFFER_MONITOR_ALLOCATED,
		.interrupt_flags = htole16(dedicated ? VMBUS_OFFER_DEDICATED_INTERRUPT : 0),
		.connection_id = htole32(chan->connection_id),
	};

	memcpy(offer.user, chan->params.user, sizeof(offer.user));
	hv_trace("-> OFFER %s relid %u", chan->stats->name, chan->relid);
	/*
	 * As long as ever in 0.13, too, where the last two fields mean nothing and are 0: guests
	 * that know newer versions (Linux 5.10) drop a shorter one. Unless that is asked for.
	 */
	connection_send(chan->server, &offer,
			dedicated || !chan->server->config.short_offers ? sizeof(offer)
									: VMBUS_MSG_OFFER_V0_13_BYTES);
}

/* True while the guest still holds a rescinded channel of the same identity. */
static bool chan_has_unreleased_predecessor(const struct vmbus_chan *chan)
{
	for (struct vmbus_chan *other = chan->server->chans; other; other = other->next) {
		if (other != chan && other->state == CHAN_REVOKED &&
		    chan_is_same_device(chan, other) &&
		    other->params.sub_index == chan->params.sub_index)
			return true;
	}
	return false;
}

static void chan_try_offer(struct vmbus_chan *chan)
{
	if (chan->state != CHAN_RECORDED || !chan->server->conn.offers_requested ||
	    chan_has_unreleased_predecessor(chan) || !chan_take_relid(chan))
		return;
	chan->state = CHAN_OFFERED;
	chan_send_offer(chan);
	chaos_step(chan, CHAOS_RESCIND_OFFERED);
}

void chan_offer_all(struct vmbus_server *server)
{
	for (struct vmbus_chan *chan = server->chans; chan; chan = chan->next)
		chan_try_offer(chan);
}

static void chan_open_timeout(void *opaque);

static void chan_retry_timeout(void *opaque)
{
	vmbus_kick(opaque);
}

static void chan_remember(struct vmbus_chan *chan)
{
	struct vmbus_server *server = chan->server;
	struct known_offer *known = server->known;

	if (chan->params.sub_index)
		return;
	while (known && strcmp(known->name, chan->params.name))
		known = known->next;
	if (!known) {
		known = xcalloc(1, sizeof(*known));
		known->name = xstrdup(chan->params.name);
		known->next = server->known;
		server->known = known;
	}
	known->params = chan->params;
	known->params.name = known->name;
	known->ops = chan->ops;
	known->dev = chan->dev;
	chan->params.name = known->name;
}

struct vmbus_chan *vmbus_offer(struct vmbus_server *server, const struct vmbus_offer_params *params,
			       const struct vmbus_dev_ops *ops, void *dev)
{
	struct vmbus_chan *chan = xcalloc(1, sizeof(*chan)), **link = &server->chans;

	chan->server = server;
	chan->params = *params;
	for (; *link; link = &(*link)->next) {
		if ((*link)->state != CHAN_REVOKED && chan_is_same_device(chan, *link) &&
		    (*link)->params.sub_index == params->sub_index) {
			free(chan);
			return NULL;
		}
	}
	*link = chan;
	chan->refs = 1;
	chan->ops = ops;
	chan->dev = dev;
	chan->event_fd = -1;
	chan->stats = report_chan_stats(server, params->name, params->sub_index);
	chan->params.name = chan->stats->name;
	chan_remember(chan);
	chan->run_task.fn = packet_run;
	chan->run_task.opaque = chan;
	chan->open_timer = loop_timer_new(server->config.loop, chan_open_timeout, chan);
	chan->retry_timer = loop_timer_new(server->config.loop, chan_retry_timeout, chan);
	chan_try_offer(chan);
	return chan;
}

/* The channel leaves the host's books; whoever waited for its relid or identity may go on. */
static void chan_release(struct vmbus_chan *chan)
{
	struct vmbus_server *server = chan->server;
	struct vmbus_chan **link = &server->chans;

	chan->dead = true;
	gpadl_forget(server, chan);
	chan_drop_relid(chan);
	while (*link != chan)
		link = &(*link)->next;
	*link = chan->next;
	loop_task_cancel(server->config.loop, &chan->run_task);
	loop_timer_cancel(chan->open_timer);
	loop_timer_cancel(chan->retry_timer);
	if (chan->ops->released)
		chan->ops->released(chan, chan->dev);
	chan_put(chan);
	chan_offer_all(server);
}

/* ---------------------------------------------------------------- open and close */

static void chan_send_open_result(struct vmbus_chan *chan, uint32_t open_id, uint32_t status)
{
	struct vmbus_msg_open_result result = {
		.header.type = htole32(VMBUS_MSG_OPEN_RESULT),
		.relid = htole32(chan->relid),
		.open_id = htole32(open_id),
		.status = htole32(status),
	};

	connection_send(chan->server, &result, sizeof(result));
}

static void chan_finish_open(struct vmbus_chan *chan)
{
	uint32_t status;

	chan->state = CHAN_OPEN;
	chan->stats->opens++;
	chan_get(chan);
	status = chan->ops->open(chan, chan->dev, chan->user);
	if (!chan->dead && chan->state == CHAN_OPEN) {
		if (status) {
			hv_trace("channel %s: device refuses to open: %#x", chan->stats->name,
				 status);
			packet_close(chan);
			chan_restore_signals(chan);
			chan->state = CHAN_OFFERED;
		}
		chan_send_open_result(chan, chan->open_id, status);
		if (!status)
			vmbus_kick(chan);
		if (!status && chan->monitor_id != VMBUS_MONITOR_ID_NONE)
			monitor_start(chan->server);
		if (!status)
			chaos_step(chan, CHAOS_RESCIND_OPENED);
	}
	chan_put(chan);
}

static void chan_open_timeout(void *opaque)
{
	chan_finish_open(opaque);
}

/* Ends the use of rings and pages by host and device. */
static void chan_close(struct vmbus_chan *chan)
{
	enum vmbus_chan_state state = chan->state;

	if (state != CHAN_OPEN && state != CHAN_OPENING)
		return;
	loop_timer_cancel(chan->open_timer);
	chan->state = CHAN_OFFERED;
	if (state == CHAN_OPEN) {
		chan->stats->closes++;
		chan->ops->close(chan, chan->dev);
	}
	packet_close(chan);
	chan_restore_signals(chan);
}

/* Does another channel have a connection, or, open, an event flag on the same VP? */
static bool chan_signal_is_taken(const struct vmbus_chan *chan, uint32_t connection_id,
				 uint16_t flag, uint32_t vp)
{
	for (const struct vmbus_chan *other = chan->server->chans; other; other = other->next) {
		if (other != chan && other->relid &&
		    (other->connection_id == connection_id ||
		     (other->event_fd >= 0 && other->signal_id == connection_id) ||
		     ((other->state == CHAN_OPEN || other->state == CHAN_OPENING) &&
		      other->target_vp == vp && other->event_flag == flag)))
			return true;
	}
	return false;
}

/*
 * With the feature agreed on, a long OPEN names the event flag it wants raised and the connection it
 * is going to signal.
 */
static bool chan_take_signal_parameters(struct vmbus_chan *chan, const uint8_t *msg, size_t len)
{
	struct vmbus_server *server = chan->server;
	struct vmbus_msg_open2 open;
	uint32_t connection_id;
	uint16_t flag;

	if (!(server->conn.features & VMBUS_FEATURE_GUEST_SIGNAL_PARAMETERS) || len < sizeof(open))
		return true;
	memcpy(&open, msg, sizeof(open));
	connection_id = le32toh(open.connection_id);
	flag = le16toh(open.event_flag);
	/* Redirection is never agreed on here, so its bit has no meaning. */
	if (!flag || flag >= TLFS_EVENT_FLAGS || connection_id & ~TLFS_CONNECTION_ID_MASK ||
	    connection_id <= VMBUS_CONNECTION_MESSAGE_V5 ||
	    chan_signal_is_taken(chan, connection_id, flag, le32toh(open.open.target_vp))) {
		hv_violation(server, "open-signal", "OPEN of %s with event flag %u, connection %#x",
			     chan->stats->name, flag, connection_id);
		return false;
	}
	if (connection_id != chan->signal_id) {
		chan_drop_signals(chan);
		if (chan_take_signals(chan, connection_id)) {
			hv_violation(server, "open-signal",
				     "OPEN of %s with connection %#x, which is taken",
				     chan->stats->name, connection_id);
			chan_restore_signals(chan);
			return false;
		}
	}
	chan->event_flag = flag;
	return true;
}

void chan_msg_open(struct vmbus_server *server, const uint8_t *msg, size_t len)
{
	struct vmbus_msg_open open;
	struct vmbus_chan *chan;
	uint32_t open_id, vp;

	memcpy(&open, msg, sizeof(open));
	open_id = le32toh(open.open_id);
	vp = le32toh(open.target_vp);
	/* All of these versions' interrupts go to VP 0, whatever they say. */
	if (server->conn.kind->shared_page && vp != VMBUS_TARGET_VP_NONE)
		vp = 0;
	chan = chan_by_relid(server, le32toh(open.relid));
	if (!chan) {
		hv_violation(server, "relid-unknown", "OPEN for relid %u", le32toh(open.relid));
		return;
	}
	chaos_step(chan, CHAOS_RESCIND_OPENING);
	if (chan->state == CHAN_REVOKED)
		return;
	if (chan->state != CHAN_OFFERED) {
		hv_violation(server, "open-state", "OPEN of %s, which is %s", chan->stats->name,
			     chan_state_name(chan->state));
		return;
	}
	if (vp != VMBUS_TARGET_VP_NONE && vp >= server->config.nr_vps) {
		hv_violation(server, "open-vp", "OPEN of %s for VP %u of %u", chan->stats->name, vp,
			     server->config.nr_vps);
		chan_send_open_result(chan, open_id, HV_NTSTATUS_INVALID_PARAMETER);
		return;
	}
	if (!chan_take_signal_parameters(chan, msg, len)) {
		chan_send_open_result(chan, open_id, HV_NTSTATUS_INVALID_PARAMETER);
		return;
	}
	chan->ring_gpadl = vmbus_gpadl_get(chan, le32toh(open.ring_gpadl));
	if (!chan->ring_gpadl || packet_open(chan, le32toh(open.downstream_page_offset))) {
		hv_violation(server, "open-ring",
			     "OPEN of %s with gpadl %#x, second ring at page %u", chan->stats->name,
			     le32toh(open.ring_gpadl), le32toh(open.downstream_page_offset));
		vmbus_gpadl_put(chan->ring_gpadl);
		chan->ring_gpadl = NULL;
		chan_restore_signals(chan);
		chan_send_open_result(chan, open_id, HV_NTSTATUS_INVALID_PARAMETER);
		return;
	}
	chan->open_id = open_id;
	chan->target_vp = vp;
	memcpy(chan->user, open.user, sizeof(chan->user));
	if (server->open_delay_ns) {
		chan->state = CHAN_OPENING;
		loop_timer_arm(chan->open_timer, loop_now_ns() + server->open_delay_ns);
		return;
	}
	chan_finish_open(chan);
}

/* A guest closes the sub-channels first: their rings are part of what the primary has set up. */
static void chan_check_subs_closed(struct vmbus_chan *primary)
{
	for (struct vmbus_chan *sub = primary->server->chans; sub; sub = sub->next) {
		if (sub != primary && chan_is_same_device(primary, sub) &&
		    (sub->state == CHAN_OPEN || sub->state == CHAN_OPENING))
			hv_violation(primary->server, "close-subchannels",
				     "CLOSE of %s before that of %s", primary->stats->name,
				     sub->stats->name);
	}
}

void chan_msg_close(struct vmbus_server *server, const uint8_t *msg, size_t len)
{
	struct vmbus_msg_relid close;
	struct vmbus_chan *chan;

	(void)len;
	memcpy(&close, msg, sizeof(close));
	chan = chan_by_relid(server, le32toh(close.relid));
	if (!chan) {
		hv_violation(server, "relid-unknown", "CLOSE of relid %u", le32toh(close.relid));
		return;
	}
	if (chan->state == CHAN_REVOKED)
		return;
	if (chan->state != CHAN_OPEN) {
		hv_violation(server, "close-state", "CLOSE of %s, which is %s", chan->stats->name,
			     chan_state_name(chan->state));
		return;
	}
	chaos_step(chan, CHAOS_RESCIND_CLOSING);
	chan_get(chan);
	if (!chan->params.sub_index) {
		chan_check_subs_closed(chan);
		vmbus_subs_rescind(chan);
	}
	/* A device may rescind its channels when it loses one. */
	if (!chan->dead && chan->state == CHAN_OPEN)
		chan_close(chan);
	chan_put(chan);
}

/* ---------------------------------------------------------------- rescind and release */

static void chan_send_rescind(struct vmbus_chan *chan)
{
	struct vmbus_msg_relid rescind = {
		.header.type = htole32(VMBUS_MSG_RESCIND),
		.relid = htole32(chan->relid),
	};

	hv_trace("-> RESCIND %s relid %u", chan->stats->name, chan->relid);
	connection_send(chan->server, &rescind, sizeof(rescind));
}

static void chan_revoke(struct vmbus_chan *chan)
{
	chan_get(chan);
	/*
	 * What the guest has asked is still answered, and the answer reaches it before the RESCIND.
	 */
	if (chan->state == CHAN_OPEN && chan->server->conn.connected)
		packet_run(chan);
	chan_close(chan);
	/* The device may have rescinded the channel itself in one of the two. */
	if (chan->dead || chan->state == CHAN_REVOKED)
		goto out;
	/*
	 * Nobody to tell: the guest does not know the offer, or the connection is being taken
	 * apart.
	 */
	if (chan->state != CHAN_OFFERED || !chan->server->conn.connected) {
		chan_release(chan);
		goto out;
	}
	chan->stats->rescinds++;
	chan->state = CHAN_REVOKED;
	chan_drop_signals(chan);
	chan_send_rescind(chan);
out:
	chan_put(chan);
}

void vmbus_rescind(struct vmbus_chan *chan)
{
	chan_get(chan);
	if (!chan->params.sub_index)
		vmbus_subs_rescind(chan);
	if (!chan->dead)
		chan_revoke(chan);
	chan_put(chan);
}

void chan_msg_released(struct vmbus_server *server, const uint8_t *msg, size_t len)
{
	struct vmbus_msg_relid released;
	struct vmbus_chan *chan;

	(void)len;
	memcpy(&released, msg, sizeof(released));
	chan = chan_by_relid(server, le32toh(released.relid));
	if (!chan) {
		hv_violation(server, "relid-unknown", "RELID_RELEASED of relid %u",
			     le32toh(released.relid));
		return;
	}
	switch (chan->state) {
	case CHAN_REVOKED:
		chan_release(chan);
		return;
	case CHAN_OFFERED:
		if (gpadl_forget(server, chan))
			hv_violation(server, "release-gpadl",
				     "RELID_RELEASED of %s with GPADLs left", chan->stats->name);
		chan_drop_relid(chan);
		chan->state = CHAN_REFUSED;
		return;
	default:
		hv_violation(server, "release-state", "RELID_RELEASED of %s, which is %s",
			     chan->stats->name, chan_state_name(chan->state));
	}
}

void chan_msg_modify(struct vmbus_server *server, const uint8_t *msg, size_t len)
{
	struct vmbus_msg_modify_channel modify;
	struct vmbus_msg_modify_channel_response response = {
		.header.type = htole32(VMBUS_MSG_MODIFY_CHANNEL_RESPONSE),
	};
	struct vmbus_chan *chan;
	uint32_t vp, status = HV_NTSTATUS_UNSUCCESSFUL;

	(void)len;
	memcpy(&modify, msg, sizeof(modify));
	vp = le32toh(modify.target_vp);
	chan = chan_by_relid(server, le32toh(modify.relid));
	if (!chan) {
		hv_violation(server, "relid-unknown", "MODIFYCHANNEL of relid %u",
			     le32toh(modify.relid));
	} else if (vp >= server->config.nr_vps) {
		hv_violation(server, "modify-vp", "MODIFYCHANNEL of %s to VP %u of %u",
			     chan->stats->name, vp, server->config.nr_vps);
	} else if (chan->state == CHAN_OPEN) {
		chan->target_vp = vp;
		status = HV_STATUS_OK;
		server->stats.modify_channels++;
	} else if (chan->state != CHAN_REVOKED) {
		hv_violation(server, "modify-state", "MODIFYCHANNEL of %s, which is %s",
			     chan->stats->name, chan_state_name(chan->state));
	}
	if (!server->conn.kind->modify_response)
		return;
	response.relid = modify.relid;
	response.status = htole32(status);
	connection_send(server, &response, sizeof(response));
}

/* Channels for boot loaders and debuggers; this host has none. */
void chan_msg_reserved(struct vmbus_server *server, const uint8_t *msg, size_t len)
{
	struct vmbus_msg_relid request;

	(void)len;
	memcpy(&request, msg, sizeof(request));
	hv_violation(server, "reserved-channel", "%s for relid %u, which is not reserved",
		     message_name(le32toh(request.header.type)), le32toh(request.relid));
}

void chan_disconnect_all(struct vmbus_server *server)
{
	struct vmbus_chan *chan;

	/*
	 * From the start again after each callback: a device may rescind or offer channels in it.
	 */
	do {
		struct vmbus_chan *other;

		for (chan = NULL, other = server->chans; other; other = other->next) {
			if (other->state != CHAN_OPEN && other->state != CHAN_OPENING)
				continue;
			chan = other;
			/* Sub-channels before the primary, as everywhere. */
			if (chan->params.sub_index)
				break;
		}
		if (chan) {
			chan_get(chan);
			chan_close(chan);
			chan_put(chan);
		}
	} while (chan);
	do {
		for (chan = server->chans; chan; chan = chan->next) {
			if (chan->params.sub_index || chan->state == CHAN_REVOKED)
				break;
			chan_drop_relid(chan);
			chan->state = CHAN_RECORDED;
		}
		if (chan)
			chan_release(chan);
	} while (chan);
}

void chan_free_all(struct vmbus_server *server)
{
	chan_disconnect_all(server);
	while (server->chans)
		chan_release(server->chans);
	while (server->known) {
		struct known_offer *known = server->known;

		server->known = known->next;
		free(known->name);
		free(known);
	}
}

int vmbus_server_rescind_name(struct vmbus_server *server, const char *name, char err[HV_ERR_MAX])
{
	for (struct vmbus_chan *chan = server->chans; chan; chan = chan->next) {
		if (chan->state == CHAN_REVOKED || strcmp(chan->params.name, name))
			continue;
		vmbus_rescind(chan);
		return 0;
	}
	snprintf(err, HV_ERR_MAX, "no device %.64s is offered", name);
	return -1;
}

int vmbus_server_offer_name(struct vmbus_server *server, const char *name, char err[HV_ERR_MAX])
{
	struct known_offer *known = server->known;

	while (known && strcmp(known->name, name))
		known = known->next;
	if (!known) {
		snprintf(err, HV_ERR_MAX, "no device %.64s was ever offered", name);
		return -1;
	}
	if (!vmbus_offer(server, &known->params, known->ops, known->dev)) {
		snprintf(err, HV_ERR_MAX, "device %.64s is offered already", name);
		return -1;
	}
	return 0;
}

/*
 * ---------------------------------------------------------------- accessors of the device
 * interface
 */

struct vmbus_server *vmbus_chan_server(struct vmbus_chan *chan)
{
	return chan->server;
}

const char *vmbus_chan_name(struct vmbus_chan *chan)
{
	return chan->params.name;
}

bool vmbus_chan_is_open(struct vmbus_chan *chan)
{
	return chan->state == CHAN_OPEN;
}

uint32_t vmbus_chan_relid(struct vmbus_chan *chan)
{
	return chan->relid;
}

uint16_t vmbus_chan_sub_index(struct vmbus_chan *chan)
{
	return chan->params.sub_index;
}

uint32_t vmbus_chan_target_vp(struct vmbus_chan *chan)
{
	return chan->target_vp;
}
