// SPDX-License-Identifier: GPL-2.0
/*
 * A VMBus server for unit tests of devices: nothing but queues and counters behind the calls of
 * hyperv/device.h.
 */
#include "fake_vmbus.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "../hyperv/ic_limit.h"
#include "../hyperv/util.h"

struct fake_packet {
	struct fake_packet *next;
	struct vmbus_pkt pkt;
	struct fake_sent sent;
	uint8_t *payload, *extra;
	struct gpa_range *ranges;
};

struct vmbus_chan {
	struct vmbus_chan *next, *primary; /* itself for a primary */
	uint16_t sub_index;
	char *name;
	const struct vmbus_dev_ops *ops;
	void *dev;
	bool open, kicked, broken;
	unsigned int room;
	struct fake_packet *in, **in_end, *out, **out_end, *held_in, *held_out;
};

struct vmbus_gpadl {
	struct vmbus_gpadl *next;
	uint32_t id;
	uint64_t gpa, size;
	unsigned int refs;
};

struct fake_rule {
	struct fake_rule *next;
	char *rule;
	unsigned int count;
};

struct fake_group {
	struct fake_group *next;
	char *name;
	struct hv_counter *counters;
	size_t nr;
};

struct vmbus_server {
	struct loop *loop;
	struct guest_mem mem;
	struct vmbus_chan *chans;
	struct vmbus_gpadl *gpadls;
	struct fake_rule *rules;
	struct fake_group *groups;
	int64_t offset;
	uint64_t map_gpa, map_size;
	void *map_hva;
	struct {
		uint64_t gpa, bytes;
		const struct vmbus_mmio_ops *ops;
		void *opaque;
	} mmio[VMBUS_MMIO_WINDOWS];
	unsigned int interrupts;
	uint8_t vector;
	vmbus_socket_fn socket_fn;
	void *socket_opaque;
	struct hv_ic_limits ic_limits;
};

struct vmbus_server *fake_server(void)
{
	static struct vmbus_server *server;

	if (!server) {
		server = xcalloc(1, sizeof(*server));
		server->loop = loop_new();
		server->mem.nr = 1;
		server->mem.region[0].size = FAKE_RAM_BYTES;
		server->mem.region[0].hva = xcalloc(1, FAKE_RAM_BYTES);
	}
	return server;
}

uint8_t *fake_ram(void)
{
	return fake_server()->mem.region[0].hva;
}

struct loop *vmbus_server_loop(struct vmbus_server *server)
{
	return server->loop;
}

const struct guest_mem *vmbus_server_mem(struct vmbus_server *server)
{
	return &server->mem;
}

unsigned int vmbus_server_nr_vps(struct vmbus_server *server)
{
	(void)server;
	return 1;
}

uint32_t vmbus_server_version(struct vmbus_server *server)
{
	(void)server;
	return 5u << 16 | 3;
}

uint32_t vmbus_server_ic_newest(struct vmbus_server *server, const char *component)
{
	return hv_ic_limits_get(&server->ic_limits, component);
}

void fake_limit_ic(const char *text)
{
	memset(&fake_server()->ic_limits, 0, sizeof(struct hv_ic_limits));
	if (text)
		hv_ic_limits_set(&fake_server()->ic_limits, text);
}

uint64_t vmbus_server_ref_time(struct vmbus_server *server)
{
	(void)server;
	return 1234567;
}

uint64_t vmbus_server_wall_time(struct vmbus_server *server)
{
	return 132000000000000000ull + (uint64_t)server->offset;
}

int vmbus_server_map(struct vmbus_server *server, uint64_t gpa, uint64_t size, void *hva)
{
	if (size && gpa < FAKE_RAM_BYTES)
		return -EINVAL;
	server->map_gpa = gpa;
	server->map_size = size;
	server->map_hva = hva;
	return 0;
}

int vmbus_mmio_add(struct vmbus_server *server, uint64_t gpa, uint64_t bytes,
		   const struct vmbus_mmio_ops *ops, void *opaque)
{
	if (!bytes || gpa < FAKE_DEVICE_SPACE || gpa + bytes < gpa)
		return -EINVAL;
	for (size_t i = 0; i < ARRAY_SIZE(server->mmio); i++) {
		if (server->mmio[i].bytes)
			continue;
		server->mmio[i].gpa = gpa;
		server->mmio[i].bytes = bytes;
		server->mmio[i].ops = ops;
		server->mmio[i].opaque = opaque;
		return 0;
	}
	return -ENOSPC;
}

void vmbus_mmio_del(struct vmbus_server *server, const void *opaque)
{
	for (size_t i = 0; i < ARRAY_SIZE(server->mmio); i++) {
		if (server->mmio[i].opaque == opaque)
			server->mmio[i].bytes = 0;
	}
}

uint64_t fake_mmio_read(uint64_t gpa, unsigned int bytes)
{
	struct vmbus_server *server = fake_server();

	for (size_t i = 0; i < ARRAY_SIZE(server->mmio); i++) {
		if (gpa >= server->mmio[i].gpa && gpa - server->mmio[i].gpa < server->mmio[i].bytes)
			return server->mmio[i].ops->read(server->mmio[i].opaque,
							 gpa - server->mmio[i].gpa, bytes);
	}
	return UINT64_MAX;
}

void fake_mmio_write(uint64_t gpa, unsigned int bytes, uint64_t value)
{
	struct vmbus_server *server = fake_server();

	for (size_t i = 0; i < ARRAY_SIZE(server->mmio); i++) {
		if (gpa >= server->mmio[i].gpa && gpa - server->mmio[i].gpa < server->mmio[i].bytes) {
			server->mmio[i].ops->write(server->mmio[i].opaque,
						   gpa - server->mmio[i].gpa, bytes, value);
			return;
		}
	}
}

void vmbus_server_interrupt(struct vmbus_server *server, unsigned int vp, uint8_t vector)
{
	(void)vp;
	server->interrupts++;
	server->vector = vector;
}

unsigned int fake_interrupts(uint8_t *vector)
{
	if (vector)
		*vector = fake_server()->vector;
	return fake_server()->interrupts;
}

uint8_t *fake_mapped(uint64_t *gpa)
{
	*gpa = fake_server()->map_gpa;
	return fake_server()->map_size ? fake_server()->map_hva : NULL;
}

void vmbus_server_on_socket(struct vmbus_server *server, vmbus_socket_fn fn, void *opaque)
{
	server->socket_fn = fn;
	server->socket_opaque = opaque;
}

bool fake_call(const struct hyperv_guid *endpoint, const struct hyperv_guid *service)
{
	struct vmbus_server *server = fake_server();

	return server->socket_fn && server->socket_fn(server->socket_opaque, endpoint, service);
}

void vmbus_server_set_wall_offset(struct vmbus_server *server, int64_t offset_100ns)
{
	server->offset = offset_100ns;
}

struct vmbus_chan *vmbus_offer(struct vmbus_server *server, const struct vmbus_offer_params *params,
			       const struct vmbus_dev_ops *ops, void *dev)
{
	struct vmbus_chan *chan = xcalloc(1, sizeof(*chan));

	chan->name = xstrdup(params->name);
	chan->ops = ops;
	chan->dev = dev;
	chan->primary = chan;
	chan->in_end = &chan->in;
	chan->out_end = &chan->out;
	chan->next = server->chans;
	server->chans = chan;
	return chan;
}

struct vmbus_chan *fake_chan(const char *name)
{
	struct vmbus_chan *chan;

	for (chan = fake_server()->chans; chan; chan = chan->next)
		if (!strcmp(chan->name, name))
			return chan;
	return NULL;
}

static void fake_packet_free(struct fake_packet *packet)
{
	if (!packet)
		return;
	free(packet->payload);
	free(packet->extra);
	free(packet->ranges);
	free(packet);
}

static void fake_empty(struct vmbus_chan *chan)
{
	struct fake_packet *packet;

	while ((packet = chan->in)) {
		chan->in = packet->next;
		fake_packet_free(packet);
	}
	while ((packet = chan->out)) {
		chan->out = packet->next;
		fake_packet_free(packet);
	}
	chan->in_end = &chan->in;
	chan->out_end = &chan->out;
	fake_packet_free(chan->held_in);
	fake_packet_free(chan->held_out);
	chan->held_in = chan->held_out = NULL;
}

void fake_open(struct vmbus_chan *chan)
{
	static const uint8_t user[120];

	fake_open_with(chan, user);
}

void fake_open_with(struct vmbus_chan *chan, const uint8_t user[120])
{
	chan->open = true;
	chan->room = ~0u;
	if (chan->ops->open(chan, chan->dev, user))
		chan->open = false;
}

void fake_close(struct vmbus_chan *chan)
{
	if (!chan->sub_index)
		vmbus_subs_rescind(chan);
	if (chan->open)
		chan->ops->close(chan, chan->dev);
	chan->open = false;
	fake_empty(chan);
}

void fake_release(struct vmbus_chan *chan)
{
	struct vmbus_chan **link = &fake_server()->chans;

	fake_close(chan);
	while (*link != chan)
		link = &(*link)->next;
	*link = chan->next;
	free(chan->name);
	free(chan);
}

void vmbus_rescind(struct vmbus_chan *chan)
{
	if (!chan->sub_index)
		vmbus_subs_rescind(chan);
	fake_close(chan);
}

int vmbus_server_rescind_name(struct vmbus_server *server, const char *name, char err[HV_ERR_MAX])
{
	(void)server;
	(void)err;
	if (!fake_chan(name))
		return -1;
	vmbus_rescind(fake_chan(name));
	return 0;
}

struct vmbus_chan *vmbus_sub(struct vmbus_chan *primary, uint16_t index)
{
	struct vmbus_chan *chan;

	for (chan = fake_server()->chans; chan; chan = chan->next)
		if (chan->primary == primary->primary && chan->sub_index == index)
			return chan;
	return NULL;
}

struct vmbus_chan *vmbus_chan_primary(struct vmbus_chan *chan)
{
	return chan->primary;
}

uint16_t vmbus_chan_sub_index(struct vmbus_chan *chan)
{
	return chan->sub_index;
}

unsigned int vmbus_subs_count(struct vmbus_chan *primary)
{
	struct vmbus_chan *chan;
	unsigned int count = 0;

	for (chan = fake_server()->chans; chan; chan = chan->next)
		count += chan->sub_index && chan->primary == primary;
	return count;
}

int vmbus_subs_offer(struct vmbus_chan *primary, unsigned int count,
		     const struct vmbus_dev_ops *ops)
{
	int added = 0;

	if (primary->sub_index || !primary->open)
		return -ENODEV;
	if (!count || count > VMBUS_SUBS_MAX)
		return -EINVAL;
	for (unsigned int index = 1; index <= count; index++) {
		char name[128];
		struct vmbus_offer_params params = { .name = name };
		struct vmbus_chan *sub;

		if (vmbus_sub(primary, index))
			continue;
		snprintf(name, sizeof(name), "%s/%u", primary->name, index);
		sub = vmbus_offer(fake_server(), &params, ops ? ops : primary->ops, primary->dev);
		sub->primary = primary;
		sub->sub_index = index;
		added++;
	}
	return added;
}

/* Nobody holds on to a channel here: they are released at once. */
void vmbus_subs_rescind(struct vmbus_chan *primary)
{
	for (unsigned int index = VMBUS_SUBS_MAX; index; index--) {
		struct vmbus_chan *sub = vmbus_sub(primary, index);

		if (!sub)
			continue;
		fake_close(sub);
		if (sub->ops->released)
			sub->ops->released(sub, sub->dev);
		fake_release(sub);
	}
}

bool fake_is_open(struct vmbus_chan *chan)
{
	return chan->open;
}

struct vmbus_server *vmbus_chan_server(struct vmbus_chan *chan)
{
	(void)chan;
	return fake_server();
}

uint32_t vmbus_chan_out_size(struct vmbus_chan *chan)
{
	return chan->open ? 16384 : 0;
}

uint32_t vmbus_send_room(struct vmbus_chan *chan)
{
	return chan->open && chan->room ? 16384 - 8 : 0;
}

void fake_push(struct vmbus_chan *chan, uint16_t type, bool wants_completion, uint64_t xid,
	       const void *payload, size_t len, const struct gpa_range *ranges, uint32_t nr_ranges)
{
	struct fake_packet *packet = xcalloc(1, sizeof(*packet));
	size_t padded = (len + 7) & ~(size_t)7;

	/* A block of the exact size: a device that reads on is caught. */
	packet->payload = xcalloc(1, padded);
	if (len)
		memcpy(packet->payload, payload, len);
	packet->pkt.type = type;
	packet->pkt.wants_completion = wants_completion;
	packet->pkt.xid = xid;
	packet->pkt.payload = packet->payload;
	packet->pkt.len = (uint32_t)padded;
	if (nr_ranges) {
		packet->ranges = xcalloc(nr_ranges, sizeof(*ranges));
		memcpy(packet->ranges, ranges, nr_ranges * sizeof(*ranges));
	}
	packet->pkt.ranges = packet->ranges;
	packet->pkt.nr_ranges = nr_ranges;
	*chan->in_end = packet;
	chan->in_end = &packet->next;
}

int vmbus_recv(struct vmbus_chan *chan, struct vmbus_pkt *pkt)
{
	if (!chan->open)
		return -ENODEV;
	fake_packet_free(chan->held_in);
	chan->held_in = chan->in;
	if (!chan->in)
		return 0;
	chan->in = chan->in->next;
	if (!chan->in)
		chan->in_end = &chan->in;
	*pkt = chan->held_in->pkt;
	return 1;
}

void fake_run(struct vmbus_chan *chan)
{
	unsigned int i;

	for (i = 0; i < 1000 && (i < 2 || chan->kicked); i++) {
		chan->kicked = false;
		if (chan->open)
			chan->ops->work(chan, chan->dev);
		loop_run_once(fake_server()->loop, 0);
	}
}

unsigned int fake_left(struct vmbus_chan *chan)
{
	struct fake_packet *packet;
	unsigned int n = 0;

	for (packet = chan->in; packet; packet = packet->next)
		n++;
	return n;
}

void fake_set_room(struct vmbus_chan *chan, unsigned int packets)
{
	chan->room = packets;
}

int vmbus_send(struct vmbus_chan *chan, uint16_t type, uint16_t flags, uint64_t xid,
	       const void *extra, size_t extra_len, const struct iovec *iov, int iovcnt)
{
	struct fake_packet *packet;
	size_t len = 0;
	int i;

	if (!chan->open)
		return -ENODEV;
	if (!chan->room)
		return -EAGAIN;
	if (chan->room != ~0u)
		chan->room--;
	for (i = 0; i < iovcnt; i++)
		len += iov[i].iov_len;
	packet = xcalloc(1, sizeof(*packet));
	packet->payload = xcalloc(1, len + 1);
	packet->extra = xcalloc(1, extra_len + 1);
	for (i = 0, len = 0; i < iovcnt; len += iov[i++].iov_len)
		if (iov[i].iov_len)
			memcpy(packet->payload + len, iov[i].iov_base, iov[i].iov_len);
	if (extra_len)
		memcpy(packet->extra, extra, extra_len);
	packet->sent = (struct fake_sent){
		.type = type,
		.flags = flags,
		.xid = xid,
		.extra = packet->extra,
		.payload = packet->payload,
		.extra_len = extra_len,
		.len = len,
	};
	*chan->out_end = packet;
	chan->out_end = &packet->next;
	return 0;
}

int vmbus_send_inband(struct vmbus_chan *chan, uint16_t flags, uint64_t xid, const void *payload,
		      size_t len)
{
	struct iovec iov = { .iov_base = (void *)payload, .iov_len = len };

	return vmbus_send(chan, VMBUS_PACKET_INBAND, flags, xid, NULL, 0, &iov, 1);
}

int vmbus_complete(struct vmbus_chan *chan, uint64_t xid, const void *payload, size_t len)
{
	struct iovec iov = { .iov_base = (void *)payload, .iov_len = len };

	return vmbus_send(chan, VMBUS_PACKET_COMPLETION, 0, xid, NULL, 0, &iov, 1);
}

bool fake_take(struct vmbus_chan *chan, struct fake_sent *sent)
{
	fake_packet_free(chan->held_out);
	chan->held_out = chan->out;
	if (!chan->out)
		return false;
	chan->out = chan->out->next;
	if (!chan->out)
		chan->out_end = &chan->out;
	*sent = chan->held_out->sent;
	return true;
}

void vmbus_flush(struct vmbus_chan *chan)
{
	(void)chan;
}

void vmbus_kick(struct vmbus_chan *chan)
{
	chan->kicked = true;
}

void fake_gpadl(uint32_t id, uint64_t gpa, uint64_t size)
{
	struct vmbus_server *server = fake_server();
	struct vmbus_gpadl *gpadl;

	for (gpadl = server->gpadls; gpadl; gpadl = gpadl->next)
		if (gpadl->id == id)
			break;
	if (!gpadl) {
		gpadl = xcalloc(1, sizeof(*gpadl));
		gpadl->next = server->gpadls;
		server->gpadls = gpadl;
	}
	gpadl->id = id;
	gpadl->gpa = gpa;
	gpadl->size = size;
}

struct vmbus_gpadl *vmbus_gpadl_get(struct vmbus_chan *chan, uint32_t id)
{
	struct vmbus_gpadl *gpadl;

	(void)chan;
	for (gpadl = fake_server()->gpadls; gpadl; gpadl = gpadl->next) {
		if (gpadl->id == id) {
			gpadl->refs++;
			return gpadl;
		}
	}
	return NULL;
}

void vmbus_gpadl_put(struct vmbus_gpadl *gpadl)
{
	gpadl->refs--;
}

unsigned int fake_gpadl_refs(void)
{
	struct vmbus_gpadl *gpadl;
	unsigned int refs = 0;

	for (gpadl = fake_server()->gpadls; gpadl; gpadl = gpadl->next)
		refs += gpadl->refs;
	return refs;
}

uint64_t vmbus_gpadl_size(const struct vmbus_gpadl *gpadl)
{
	return gpadl->size;
}

int vmbus_gpadl_read(struct vmbus_gpadl *gpadl, uint64_t off, void *buf, size_t len)
{
	if (off > gpadl->size || len > gpadl->size - off)
		return -ERANGE;
	return guest_mem_read(&fake_server()->mem, gpadl->gpa + off, buf, len);
}

int vmbus_gpadl_write(struct vmbus_gpadl *gpadl, uint64_t off, const void *buf, size_t len)
{
	if (off > gpadl->size || len > gpadl->size - off)
		return -ERANGE;
	return guest_mem_write(&fake_server()->mem, gpadl->gpa + off, buf, len);
}

void hv_violation(struct vmbus_server *server, const char *rule, const char *fmt, ...)
{
	struct fake_rule *entry;
	char line[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	for (entry = server->rules; entry; entry = entry->next)
		if (!strcmp(entry->rule, rule))
			break;
	if (!entry) {
		entry = xcalloc(1, sizeof(*entry));
		entry->rule = xstrdup(rule);
		entry->next = server->rules;
		server->rules = entry;
	}
	entry->count++;
}

unsigned int fake_violations(const char *rule)
{
	struct fake_rule *entry;
	unsigned int count = 0;

	for (entry = fake_server()->rules; entry; entry = entry->next)
		if (!rule || !strcmp(entry->rule, rule))
			count += entry->count;
	return count;
}

void fake_forget_violations(void)
{
	struct fake_rule *entry;

	for (entry = fake_server()->rules; entry; entry = entry->next)
		entry->count = 0;
}

void hv_counters_add(struct vmbus_server *server, const char *name,
		     const struct hv_counter *counters, size_t nr)
{
	struct fake_group *group = xcalloc(1, sizeof(*group));

	hv_counters_remove(server, name);
	group->name = xstrdup(name);
	group->counters = xcalloc(nr, sizeof(*counters));
	memcpy(group->counters, counters, nr * sizeof(*counters));
	group->nr = nr;
	group->next = server->groups;
	server->groups = group;
}

void hv_counters_remove(struct vmbus_server *server, const char *name)
{
	struct fake_group **link, *group;

	for (link = &server->groups; (group = *link); link = &group->next) {
		if (strcmp(group->name, name))
			continue;
		*link = group->next;
		free(group->name);
		free(group->counters);
		free(group);
		return;
	}
}

static struct cJSON *fake_done, *fake_shown;
static char fake_done_err[HV_ERR_MAX];
static bool fake_done_failed;

void hv_control_done(struct cJSON *reply, const char *err)
{
	cJSON_Delete(fake_done);
	fake_done = reply;
	fake_done_failed = err;
	snprintf(fake_done_err, sizeof(fake_done_err), "%s", err ? err : "");
}

struct cJSON *fake_answer(const char **err)
{
	struct cJSON *reply = fake_done;

	fake_done = NULL;
	cJSON_Delete(fake_shown);
	fake_shown = reply;
	if (err)
		*err = reply && fake_done_failed ? fake_done_err : NULL;
	return reply;
}

uint64_t fake_counter(const char *name, const char *counter)
{
	struct fake_group *group;
	size_t i;

	for (group = fake_server()->groups; group; group = group->next)
		for (i = 0; i < group->nr && !strcmp(group->name, name); i++)
			if (!strcmp(group->counters[i].name, counter))
				return *group->counters[i].value;
	return ~0ull;
}
