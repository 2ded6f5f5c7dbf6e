// SPDX-License-Identifier: GPL-2.0
/*
 * Virtual PCI: version, power, bus relations, resources, interrupts, eject, and the window to
 * configuration space. One request is answered before the next is taken; what an answer finds no
 * room for waits.
 */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../hyperv/server.h"
#include "../hyperv/util.h"
#include "bytes.h"
#include "vpci.h"
#include "vpci_message.h"

/* Policy: interrupts a function may have at once, blocks of vectors counting as one. */
#define VPCI_INTERRUPTS 128
/* Where messages of created interrupts go: a range no guest uses for its own. */
#define VPCI_MSI_ADDRESS 0xfee00000ull
#define VPCI_MSI_DATA(i) (0x1000u + (i)*VPCI_MSI_COUNT_MAX)
/* Answers and messages that wait: two from one request, and an eject. */
#define VPCI_PENDING 4

enum vpci_state {
	VPCI_AWAY, /* not offered; left by vpci_offer() */
	VPCI_OFFERED, /* left by open() */
	VPCI_OPEN, /* no version yet; left by one that is accepted */
	VPCI_READY, /* left by D0 entry */
	VPCI_POWERED, /* the window is there; left by D0 exit */
	VPCI_STATES,
};

static const char *const vpci_state_names[VPCI_STATES] = {
	[VPCI_AWAY] = "away",	[VPCI_OFFERED] = "offered", [VPCI_OPEN] = "open",
	[VPCI_READY] = "ready", [VPCI_POWERED] = "powered",
};

struct vpci_interrupt {
	unsigned int count; /* 0: free */
	unsigned int vp;
	uint8_t vector;
};

/* Something for the ring. */
struct vpci_pending {
	bool completion;
	uint64_t xid;
	size_t bytes;
	uint8_t payload[VPCI_ANSWER_BYTES];
};

struct vpci {
	struct vmbus_server *server;
	struct vpci_params params;
	struct vmbus_chan *chan; /* the open channel or NULL */
	enum vpci_state state;
	uint32_t serial, version, slot;
	bool ejecting;
	struct vpci_interrupt interrupts[VPCI_INTERRUPTS];
	unsigned int nr_interrupts;
	struct vpci_pending pending[VPCI_PENDING];
	unsigned int nr_pending;
	struct loop_task remove_task;
	uint64_t requests, refused, created, deleted, delivered, lost, ejects;
};

static struct pci_function *vpci_function(struct vpci *vpci)
{
	return vpci->params.function;
}

/* ---------------------------------------------------------------- interrupts */

/* A message of the function: the interrupt it was created for. */
static void vpci_message(void *bus, uint64_t address, uint32_t data)
{
	struct vpci *vpci = bus;
	unsigned int i = (data - VPCI_MSI_DATA(0)) / VPCI_MSI_COUNT_MAX;
	unsigned int offset = (data - VPCI_MSI_DATA(0)) % VPCI_MSI_COUNT_MAX;

	if (address != VPCI_MSI_ADDRESS || data < VPCI_MSI_DATA(0) || i >= VPCI_INTERRUPTS ||
	    offset >= vpci->interrupts[i].count) {
		vpci->lost++;
		return;
	}
	vpci->delivered++;
	vmbus_server_interrupt(vpci->server, vpci->interrupts[i].vp,
			       (uint8_t)(vpci->interrupts[i].vector + offset));
}

static const char *vpci_create(struct vpci *vpci, const struct vpci_interrupt_wish *wish,
			       struct vpci_msi_remapped *msi)
{
	unsigned int vp = wish->cpus[0], i;

	for (i = 0; i < wish->nr_cpus; i++) {
		if (wish->cpus[i] >= vmbus_server_nr_vps(vpci->server))
			return "interrupt for a processor that is not there";
		/* One of them gets it: the lowest. */
		if (wish->cpus[i] < vp)
			vp = wish->cpus[i];
	}
	for (i = 0; i < VPCI_INTERRUPTS && vpci->interrupts[i].count; i++)
		;
	if (i == VPCI_INTERRUPTS)
		return "more interrupts than any function has";
	vpci->interrupts[i] = (struct vpci_interrupt){ .count = wish->count,
						       .vp = vp,
						       .vector = (uint8_t)wish->vector };
	vpci->nr_interrupts++;
	vpci->created++;
	*msi = (struct vpci_msi_remapped){ .count = htole16((uint16_t)wish->count),
					   .data = htole32(VPCI_MSI_DATA(i)),
					   .address = htole64(VPCI_MSI_ADDRESS) };
	return NULL;
}

static const char *vpci_delete(struct vpci *vpci, const struct vpci_msi_remapped *msi)
{
	uint32_t data = le32toh(msi->data);
	unsigned int i = (data - VPCI_MSI_DATA(0)) / VPCI_MSI_COUNT_MAX;

	if (le64toh(msi->address) != VPCI_MSI_ADDRESS || data < VPCI_MSI_DATA(0) ||
	    i >= VPCI_INTERRUPTS || data != VPCI_MSI_DATA(i) || !vpci->interrupts[i].count)
		return "deletion of an interrupt that was not created";
	vpci->interrupts[i].count = 0;
	vpci->nr_interrupts--;
	vpci->deleted++;
	return NULL;
}

/* ---------------------------------------------------------------- the window */

static uint64_t vpci_window_read(void *opaque, uint64_t offset, unsigned int bytes)
{
	struct vpci *vpci = opaque;

	if (offset < VPCI_WINDOW_CONFIG)
		return offset || bytes != 4 ? UINT64_MAX : vpci->slot;
	if (vpci->slot || bytes > 4)
		return UINT64_MAX;
	return pci_function_config_read(vpci_function(vpci),
					(unsigned int)(offset - VPCI_WINDOW_CONFIG), bytes);
}

static void vpci_window_write(void *opaque, uint64_t offset, unsigned int bytes, uint64_t value)
{
	struct vpci *vpci = opaque;

	if (offset < VPCI_WINDOW_CONFIG) {
		if (offset || bytes != 4)
			hv_violation(vpci->server, "vpci-window", "%s: %u bytes at %#llx",
				     vpci->params.name, bytes, (unsigned long long)offset);
		else
			vpci->slot = (uint32_t)value;
		return;
	}
	if (!vpci->slot && bytes <= 4)
		pci_function_config_write(vpci_function(vpci),
					  (unsigned int)(offset - VPCI_WINDOW_CONFIG), bytes,
					  (uint32_t)value);
}

static const struct vmbus_mmio_ops vpci_window_ops = {
	.read = vpci_window_read,
	.write = vpci_window_write,
};

static void vpci_power_off(struct vpci *vpci)
{
	vmbus_mmio_del(vpci->server, vpci);
	vpci->slot = 0;
	if (vpci->state == VPCI_POWERED)
		vpci->state = VPCI_READY;
}

static const char *vpci_power_on(struct vpci *vpci, uint64_t window)
{
	vpci_power_off(vpci);
	if (window % GUEST_PAGE_SIZE ||
	    vmbus_mmio_add(vpci->server, window, VPCI_WINDOW_BYTES, &vpci_window_ops, vpci))
		return "configuration window where no device can be";
	vpci->state = VPCI_POWERED;
	return NULL;
}

/* The function is the guest's no longer: as after power-on. */
static void vpci_release(struct vpci *vpci)
{
	pci_function_attach(vpci->params.function, NULL, NULL);
	pci_function_attach(vpci->params.function, vpci_message, vpci);
	memset(vpci->interrupts, 0, sizeof(vpci->interrupts));
	vpci->nr_interrupts = 0;
}

/* ---------------------------------------------------------------- to the guest */

static void vpci_put(struct vpci *vpci, bool completion, uint64_t xid, const void *payload,
		     size_t bytes)
{
	struct vpci_pending *pending;

	/* There is room: requests are taken only while nothing waits, and one eject is asked for. */
	if (vpci->nr_pending == VPCI_PENDING)
		return;
	pending = &vpci->pending[vpci->nr_pending++];
	pending->completion = completion;
	pending->xid = xid;
	pending->bytes = bytes;
	memcpy(pending->payload, payload, bytes);
}

/* Return: whether all that waited is in the ring. */
static bool vpci_flush(struct vpci *vpci)
{
	unsigned int sent;

	for (sent = 0; sent < vpci->nr_pending; sent++) {
		struct vpci_pending *p = &vpci->pending[sent];
		int ret = p->completion ?
				  vmbus_complete(vpci->chan, p->xid, p->payload, p->bytes) :
				  vmbus_send_inband(vpci->chan, 0, p->xid, p->payload, p->bytes);

		if (ret == -EAGAIN)
			break;
	}
	vpci->nr_pending -= sent;
	memmove(vpci->pending, vpci->pending + sent, vpci->nr_pending * sizeof(vpci->pending[0]));
	return !vpci->nr_pending;
}

static void vpci_put_relations(struct vpci *vpci)
{
	bool second = vpci->version >= VPCI_VERSION_1_3;
	const struct pci_function *f = vpci_function(vpci);
	struct {
		struct vpci_relations head;
		struct vpci_device2 device;
	} relations = {
		.head.type = htole32(second ? VPCI_MSG_BUS_RELATIONS2 : VPCI_MSG_BUS_RELATIONS),
		.head.count = htole32(1),
		.device.common = {
			.vendor = htole16((uint16_t)pci_function_config_read(f, 0x00, 2)),
			.device = htole16((uint16_t)pci_function_config_read(f, 0x02, 2)),
			.revision = (uint8_t)pci_function_config_read(f, 0x08, 1),
			.prog_if = (uint8_t)pci_function_config_read(f, 0x09, 1),
			.sub_class = (uint8_t)pci_function_config_read(f, 0x0a, 1),
			.base_class = (uint8_t)pci_function_config_read(f, 0x0b, 1),
			.sub_vendor = htole16((uint16_t)pci_function_config_read(f, 0x2c, 2)),
			.sub_system = htole16((uint16_t)pci_function_config_read(f, 0x2e, 2)),
			.serial = htole32(vpci->serial),
		},
	};

	vpci_put(vpci, false, 0, &relations,
		 sizeof(relations.head) +
			 (second ? sizeof(relations.device) : sizeof(relations.device.common)));
}

static void vpci_put_eject(struct vpci *vpci)
{
	struct vpci_slot_msg eject = { .type = htole32(VPCI_MSG_EJECT) };

	vpci->ejects++;
	vpci_put(vpci, false, 0, &eject, sizeof(eject));
}

/* ---------------------------------------------------------------- requests */

/* The answer to a request; @bytes of it count. */
struct vpci_answer {
	size_t bytes;
	uint8_t payload[VPCI_ANSWER_BYTES];
};

static void vpci_answer_put(struct vpci_answer *answer, const void *bytes, size_t count)
{
	memcpy(answer->payload + answer->bytes, bytes, count);
	answer->bytes += count;
}

static const char *vpci_do_version(struct vpci *vpci, const struct vpci_request *request,
				   struct vpci_answer *answer)
{
	bool accepted = request->version >= VPCI_VERSION_1_1 &&
			request->version <= vpci->params.max_version;
	struct vpci_version_reply reply = {
		.status = htole32(accepted ? VPCI_STATUS_SUCCESS : VPCI_STATUS_REVISION_MISMATCH),
		.version = htole32(vpci->params.max_version),
	};

	if (vpci->state != VPCI_OPEN)
		return "version asked for twice";
	if (accepted) {
		vpci->version = request->version;
		vpci->state = VPCI_READY;
	}
	vpci_answer_put(answer, &reply, sizeof(reply));
	return NULL;
}

static const char *vpci_do_assigned(struct vpci *vpci, const struct vpci_request *request,
				    struct vpci_answer *answer)
{
	size_t each = request->type == VPCI_MSG_ASSIGNED_RESOURCES ? VPCI_MSI1_BYTES :
								     VPCI_MSI2_BYTES;
	struct pci_function *f = vpci_function(vpci);
	struct vpci_assigned reply = { .slot = htole32(request->slot),
				       .nr_msi = htole32(request->nr_wishes) };
	uint64_t gpa, bytes;

	for (unsigned int i = 0; i < VPCI_BARS; i++) {
		const struct vpci_bar_place *place = &request->bars[i];

		if (!place->bytes)
			continue;
		bytes = pci_function_bar(f, i, &gpa);
		if (place->bytes > bytes || place->gpa & (bytes - 1))
			return "memory for a BAR that is not there, too large or misaligned";
		pci_function_set_bar(f, i, place->gpa);
		vpci_resource_put(&reply.bars[i], place);
	}
	vpci_answer_put(answer, &reply, sizeof(reply));
	for (unsigned int i = 0; i < request->nr_wishes; i++) {
		uint8_t room[VPCI_MSI3_BYTES] = { 0 };
		struct vpci_msi_remapped msi;
		const char *why = vpci_create(vpci, &request->wishes[i], &msi);

		if (why)
			return why;
		memcpy(room, &msi, sizeof(msi));
		vpci_answer_put(answer, room, each);
	}
	return NULL;
}

static void vpci_do_resources(struct vpci *vpci, struct vpci_answer *answer)
{
	struct vpci_resource_list list = { .version = htole16(1),
					   .revision = htole16(1),
					   .count = htole32(VPCI_BARS) };

	for (unsigned int i = 0; i < VPCI_BARS; i++) {
		struct vpci_bar_place place = { 0 };

		place.bytes = pci_function_bar(vpci_function(vpci), i, &place.gpa);
		/* One that was never placed is nowhere. */
		if (!place.gpa)
			place.bytes = 0;
		vpci_resource_put(&list.bars[i], &place);
	}
	vpci_answer_put(answer, &list, sizeof(list));
}

static void vpci_do_requirements(struct vpci *vpci, struct vpci_answer *answer)
{
	struct vpci_requirements_reply reply = { .status = htole32(VPCI_STATUS_SUCCESS) };

	for (unsigned int i = 0; i < VPCI_BARS; i++)
		reply.bars[i] = htole32(pci_function_bar_mask(vpci_function(vpci), i));
	vpci_answer_put(answer, &reply, sizeof(reply));
}

static const char *vpci_do_interrupt(struct vpci *vpci, const struct vpci_request *request,
				     struct vpci_answer *answer)
{
	struct vpci_create_reply reply = { .status = htole32(VPCI_STATUS_SUCCESS) };
	const char *why = vpci_create(vpci, &request->wishes[0], &reply.msi);

	if (!why)
		vpci_answer_put(answer, &reply, sizeof(reply));
	return why;
}

/* The guest has let go: the offer ends, after what is being done. */
static const char *vpci_do_ejected(struct vpci *vpci)
{
	if (!vpci->ejecting)
		return "end of an eject that was not asked for";
	loop_task_queue(vmbus_server_loop(vpci->server), &vpci->remove_task);
	return NULL;
}

/* Requests of a version that is not the one agreed on. */
static bool vpci_is_too_new(const struct vpci *vpci, uint32_t type)
{
	switch (type) {
	case VPCI_MSG_ASSIGNED_RESOURCES2:
	case VPCI_MSG_CREATE_INTERRUPT2:
	case VPCI_MSG_DELETE_INTERRUPT2:
		return vpci->version < VPCI_VERSION_1_2;
	case VPCI_MSG_ASSIGNED_RESOURCES3:
	case VPCI_MSG_CREATE_INTERRUPT3:
		return vpci->version < VPCI_VERSION_1_4;
	}
	return false;
}

/* Return: what is wrong, NULL if nothing is; @status is the answer's if it has no other. */
static const char *vpci_do(struct vpci *vpci, const struct vpci_request *request,
			   struct vpci_answer *answer, uint32_t *status)
{
	if (request->type == VPCI_MSG_QUERY_PROTOCOL_VERSION)
		return vpci_do_version(vpci, request, answer);
	if (vpci->state < VPCI_READY)
		return "request before a version is agreed on";
	if (vpci_has_slot(request->type) && request->slot)
		return "request for a slot without a function";
	if (vpci_is_too_new(vpci, request->type))
		return "request of a newer version than agreed on";
	switch (request->type) {
	case VPCI_MSG_D0_ENTRY: {
		const char *why = vpci_power_on(vpci, request->window);

		if (!why)
			vpci_put_relations(vpci);
		return why;
	}
	case VPCI_MSG_D0_EXIT:
		vpci_power_off(vpci);
		return NULL;
	case VPCI_MSG_QUERY_BUS_RELATIONS:
		vpci_put_relations(vpci);
		return NULL;
	case VPCI_MSG_EJECT_COMPLETE:
		return vpci_do_ejected(vpci);
	case VPCI_MSG_RESOURCE_REQUIREMENTS:
		vpci_do_requirements(vpci, answer);
		return NULL;
	case VPCI_MSG_GET_RESOURCES:
		vpci_do_resources(vpci, answer);
		return NULL;
	case VPCI_MSG_ASSIGNED_RESOURCES:
	case VPCI_MSG_ASSIGNED_RESOURCES2:
	case VPCI_MSG_ASSIGNED_RESOURCES3:
		return vpci_do_assigned(vpci, request, answer);
	case VPCI_MSG_RELEASE_RESOURCES:
		vpci_release(vpci);
		return NULL;
	case VPCI_MSG_CREATE_INTERRUPT:
	case VPCI_MSG_CREATE_INTERRUPT2:
	case VPCI_MSG_CREATE_INTERRUPT3:
		return vpci_do_interrupt(vpci, request, answer);
	case VPCI_MSG_DELETE_INTERRUPT:
	case VPCI_MSG_DELETE_INTERRUPT2:
		return vpci_delete(vpci, &request->msi);
	case VPCI_MSG_DEVICE_POWER_STATE_CHANGE:
		if (request->power != VPCI_POWER_D0 && request->power != VPCI_POWER_D3)
			return "unknown power state";
		pci_function_set_power(vpci_function(vpci), request->power == VPCI_POWER_D0);
		return NULL;
	}
	/* Blocks of configuration and resets are for functions that have them. */
	*status = VPCI_STATUS_NOT_SUPPORTED;
	return NULL;
}

static void vpci_request(struct vpci *vpci, const struct vmbus_pkt *pkt)
{
	uint32_t status = VPCI_STATUS_SUCCESS;
	struct vpci_answer answer = { 0 };
	struct vpci_request request;
	const char *why = vpci_request_parse(pkt->payload, pkt->len, &request);

	vpci->requests++;
	if (!why)
		why = vpci_do(vpci, &request, &answer, &status);
	if (why) {
		hv_violation(vpci->server, "vpci-request", "%s: %s (type %#x)", vpci->params.name,
			     why, request.type);
		vpci->refused++;
		answer.bytes = 0;
		status = VPCI_STATUS_BAD_DATA;
	}
	if (!answer.bytes) {
		status = htole32(status);
		vpci_answer_put(&answer, &status, sizeof(status));
	}
	if (pkt->wants_completion)
		vpci_put(vpci, true, pkt->xid, answer.payload, answer.bytes);
}

/* ---------------------------------------------------------------- the channel */

static void vpci_work(struct vmbus_chan *chan, void *dev)
{
	struct vpci *vpci = dev;
	struct vmbus_pkt pkt;

	while (vpci_flush(vpci) && vmbus_recv(chan, &pkt) == 1) {
		if (pkt.type == VMBUS_PACKET_INBAND)
			vpci_request(vpci, &pkt);
		else
			hv_violation(vpci->server, "vpci-packet", "%s: packet of type %u",
				     vpci->params.name, pkt.type);
	}
}

static uint32_t vpci_open(struct vmbus_chan *chan, void *dev, const uint8_t user[120])
{
	struct vpci *vpci = dev;

	(void)user;
	/* The offer of before, which has not ended yet, or has been made again by somebody else */
	if (vpci->state != VPCI_OFFERED)
		return HV_NTSTATUS_UNSUCCESSFUL;
	vpci->chan = chan;
	vpci->state = VPCI_OPEN;
	vpci->version = 0;
	vpci->nr_pending = 0;
	vpci_release(vpci);
	return HV_STATUS_OK;
}

static void vpci_close(struct vmbus_chan *chan, void *dev)
{
	struct vpci *vpci = dev;

	if (vpci->chan != chan)
		return;
	vpci_power_off(vpci);
	vpci_release(vpci);
	vpci->chan = NULL;
	vpci->nr_pending = 0;
	vpci->version = 0;
	if (vpci->state != VPCI_AWAY)
		vpci->state = VPCI_OFFERED;
	/* Whoever closes the bus has let go of what is on it. */
	if (vpci->ejecting)
		loop_task_queue(vmbus_server_loop(vpci->server), &vpci->remove_task);
}

static const struct vmbus_dev_ops vpci_ops = {
	.open = vpci_open,
	.close = vpci_close,
	.work = vpci_work,
};

int vpci_offer(struct vpci *vpci, uint32_t serial)
{
	const struct vmbus_offer_params offer = {
		.name = vpci->params.name,
		.class_guid = HYPERV_GUID_INIT(0x44c4f61d, 0x4444, 0x4400, 0x9d, 0x52, 0x80, 0x2e,
					       0x27, 0xed, 0xe1, 0x9f),
		/* As hosts have it: the serial number first; guests make the domain of the next. */
		.instance_guid = HYPERV_GUID_INIT(serial, 0x7600u + vpci->params.index, 0x4876,
						  0x80, 0x00, 0x00, 0x15, 0x5d, 0x00, 0x01,
						  vpci->params.index & 0xff),
	};

	if (vpci->state != VPCI_AWAY)
		return -EBUSY;
	vpci->serial = serial;
	vpci->ejecting = false;
	vpci->state = VPCI_OFFERED;
	if (vmbus_offer(vpci->server, &offer, &vpci_ops, vpci))
		return 0;
	vpci->state = VPCI_AWAY;
	return -EBUSY;
}

void vpci_remove(struct vpci *vpci)
{
	char err[HV_ERR_MAX];

	loop_task_cancel(vmbus_server_loop(vpci->server), &vpci->remove_task);
	if (vpci->state == VPCI_AWAY)
		return;
	vpci->ejecting = false;
	vpci->state = VPCI_AWAY;
	/* By its name: somebody else may have rescinded it, then there is nothing to do. */
	vmbus_server_rescind_name(vpci->server, vpci->params.name, err);
	if (vpci->params.gone)
		vpci->params.gone(vpci->params.opaque);
}

static void vpci_remove_task(void *opaque)
{
	vpci_remove(opaque);
}

int vpci_eject(struct vpci *vpci)
{
	if (vpci->state == VPCI_AWAY)
		return -ENOENT;
	if (vpci->ejecting)
		return -EBUSY;
	vpci->ejecting = true;
	if (vpci->state < VPCI_POWERED) {
		/* The guest has not heard of the function yet. */
		loop_task_queue(vmbus_server_loop(vpci->server), &vpci->remove_task);
		return 0;
	}
	vpci_put_eject(vpci);
	vpci_flush(vpci);
	vmbus_flush(vpci->chan);
	return 0;
}

struct vpci *vpci_new(struct vmbus_server *server, const struct vpci_params *params)
{
	struct vpci *vpci = xcalloc(1, sizeof(*vpci));
	const struct hv_counter counters[] = {
		{ "requests", &vpci->requests },   { "refused", &vpci->refused },
		{ "interrupts_created", &vpci->created },
		{ "interrupts_deleted", &vpci->deleted },
		{ "interrupts", &vpci->delivered }, { "interrupts_lost", &vpci->lost },
		{ "ejects", &vpci->ejects },
	};

	vpci->server = server;
	vpci->params = *params;
	vpci->remove_task.fn = vpci_remove_task;
	vpci->remove_task.opaque = vpci;
	hv_counters_add(server, params->name, counters, ARRAY_SIZE(counters));
	return vpci;
}

void vpci_free(struct vpci *vpci)
{
	if (!vpci)
		return;
	loop_task_cancel(vmbus_server_loop(vpci->server), &vpci->remove_task);
	vmbus_mmio_del(vpci->server, vpci);
	hv_counters_remove(vpci->server, vpci->params.name);
	free(vpci);
}

void vpci_info(const struct vpci *vpci, struct vpci_info *info)
{
	*info = (struct vpci_info){
		.state = vpci_state_names[vpci->state],
		.version = vpci->version,
		.serial = vpci->serial,
		.interrupts = vpci->nr_interrupts,
	};
}
