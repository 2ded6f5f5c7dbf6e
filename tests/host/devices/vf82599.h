/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The virtual function of an Intel 82599 network card (device 152e), or for jumbo frames of an X540 (1530),
 * as Hyper-V hands it to guests: who asks no physical function by mailbox but finds its address in
 * configuration space and its link in a register. One pair of queues, two interrupts. Frames come and go by calls.
 */
#ifndef HVHOST_DEVICES_VF82599_H
#define HVHOST_DEVICES_VF82599_H

#include "net_backend.h"
#include "pci_function.h"

struct vf82599;

/* What it did since it was made. */
struct vf82599_counts {
	uint64_t tx_frames, tx_bytes, tx_large, tx_checksums, rx_frames, rx_bytes, rx_dropped;
};

/* vf82599_info - what the query command shows. */
struct vf82599_info {
	bool transmits, receives; /* the guest has switched the queue on */
};

/**
 * vf82599_new() - a card, not on a bus yet
 * @name: for reports; must outlive it
 * @mac: its address
 * @mtu: greatest IP MTU of its port; above 1500 it is an X540's
 * @send: gets the guest's frames, with @opaque
 */
struct vf82599 *vf82599_new(struct vmbus_server *server, const char *name, const uint8_t mac[6],
			    uint32_t mtu, net_receive send, void *opaque);
void vf82599_free(struct vf82599 *vf);

/* vf82599_function() - the function it is, for a bus. */
struct pci_function *vf82599_function(struct vf82599 *vf);

/* vf82599_receive() - a frame for the guest; without a buffer for it, it is lost. */
void vf82599_receive(struct vf82599 *vf, const uint8_t *frame, size_t bytes);

/* vf82599_set_link() - the medium is there or not; the guest is interrupted. */
void vf82599_set_link(struct vf82599 *vf, bool up);

/* vf82599_counts() - valid as long as the card. */
struct vf82599_counts *vf82599_counts(struct vf82599 *vf);
void vf82599_info(const struct vf82599 *vf, struct vf82599_info *info);

#endif
