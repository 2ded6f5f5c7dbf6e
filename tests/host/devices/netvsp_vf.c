// SPDX-License-Identifier: GPL-2.0
/*
 * The virtual function beside a synthetic NIC (SR-IOV): the guest is told of its coming and going,
 * and says which of the two paths its frames take. The function itself is a PCI device and not
 * here (nic_function.c); while the guest uses it, the synthetic NIC carries nothing to the guest.
 */
#include <endian.h>
#include <errno.h>

#include "netvsp_internal.h"

/* As hosts number these two; the guest completes neither of them reliably, so none is asked for. */
#define NETVSP_XID_VF	     0x8000000000000000ull
#define NETVSP_XID_DATA_PATH 0x8000000000000001ull

static void netvsp_use_synthetic(struct netvsp *n)
{
	if (!n->vf_path)
		return;
	n->vf_path = false;
	n->count.data_path_switches++;
}

void netvsp_set_vf_receive(struct netvsp *n, net_receive receive, void *opaque)
{
	n->vf_receive = receive;
	n->vf_opaque = opaque;
}

void netvsp_vf_send(void *opaque, const uint8_t *frame, size_t bytes)
{
	struct netvsp *n = opaque;

	n->count.tx_vf++;
	if (n->backend && n->link_up)
		n->backend->ops->send(n->backend, frame, bytes);
}

/* Return: true if the guest is to hear of virtual functions. */
static bool netvsp_can_have_vf(const struct netvsp *n)
{
	return n->queues[0].chan && n->version >= NVSP_VERSION_4 && n->rndis.initialized &&
	       n->ndis_capabilities & NVSP_NDIS_CAP_SRIOV;
}

/* Return: true if the guest has been told. */
static bool netvsp_send_association(struct netvsp *n, bool present, uint32_t serial)
{
	struct nvsp_message notice = { .type = htole32(NVSP_MSG_SEND_VF_ASSOCIATION) };

	notice.vf_association.allocated = htole32(present);
	notice.vf_association.serial = htole32(serial);
	if (vmbus_send_inband(n->queues[0].chan, 0, NETVSP_XID_VF, &notice,
			      netvsp_message_bytes(n)))
		return false;
	n->vf_told = present;
	n->vf_serial_told = serial;
	n->count.vf_associations++;
	return true;
}

void netvsp_tell_vf(struct netvsp *n)
{
	if (!netvsp_can_have_vf(n))
		return;
	/* Another function: the old one goes first. */
	if (n->vf_told && (!n->vf_present || n->vf_serial_told != n->vf_serial)) {
		if (!netvsp_send_association(n, false, n->vf_serial_told))
			return;
		netvsp_use_synthetic(n);
	}
	if (n->vf_present && !n->vf_told)
		netvsp_send_association(n, true, n->vf_serial);
}

void netvsp_set_vf(struct netvsp *n, bool present, uint32_t serial)
{
	n->vf_present = present;
	n->vf_serial = serial;
	netvsp_flush(n);
}

void netvsp_data_path(struct netvsp_queue *q, const struct vmbus_pkt *pkt,
		      const struct nvsp_message *message)
{
	struct netvsp *n = q->nic;
	uint32_t path = le32toh(message->data_path.active);

	if (path > NVSP_DATA_PATH_VF) {
		hv_violation(n->server, "nvsp-data-path", "%s: data path %u", n->params.name, path);
	} else if (path == NVSP_DATA_PATH_VF && !n->vf_told) {
		hv_violation(n->server, "nvsp-no-vf", "%s: switch to a VF that was not associated",
			     n->params.name);
	} else if (path == NVSP_DATA_PATH_SYNTHETIC) {
		netvsp_use_synthetic(n);
	} else if (!n->vf_path) {
		n->vf_path = true;
		n->count.data_path_switches++;
		/* What is on its way by the synthetic path is delivered; nothing comes after it. */
	}
	netvsp_complete(q, pkt, NULL, 0);
}

int netvsp_revert_data_path(struct netvsp *n)
{
	struct nvsp_message notice = { .type = htole32(NVSP_MSG_SWITCH_DATA_PATH) };

	if (!n->vf_path)
		return -ENOTCONN;
	notice.data_path.active = htole32(NVSP_DATA_PATH_SYNTHETIC);
	if (vmbus_send_inband(n->queues[0].chan, 0, NETVSP_XID_DATA_PATH, &notice,
			      netvsp_message_bytes(n)))
		return -EAGAIN;
	netvsp_use_synthetic(n);
	vmbus_flush(n->queues[0].chan);
	return 0;
}

void netvsp_vf_forget(struct netvsp *n)
{
	n->vf_told = false;
	n->vf_path = false;
}
