/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The line between the Hyper-V side (hyperv/) and whatever runs the virtual processors (machine/,
 * or a unit test): what the one asks of the other. Nothing here knows KVM.
 */
#ifndef HVHOST_PLATFORM_H
#define HVHOST_PLATFORM_H

#include <stdbool.h>
#include <stdint.h>

#include "guest_mem.h"

struct vmbus_server;

/* Called by the device thread. */
struct hv_platform_ops {
	/* Raise the interrupt of VMBUS_SINT on a VP. */
	void (*kick)(void *platform, unsigned int vp);
	/*
	 * Have vmbus_server_eom() called after each end of message or interrupt of VMBUS_SINT on
	 * this VP, or stop that.
	 */
	void (*watch_eom)(void *platform, unsigned int vp, bool on);
	/*
	 * Around each write to a message slot. Where something else writes message slots too
	 * (legacy timers) the VP does not run in between.
	 */
	void (*slot_lock)(void *platform, unsigned int vp);
	void (*slot_unlock)(void *platform, unsigned int vp);
	/* Signals of the guest on a connection id count up an eventfd. Return: 0 or -errno. */
	int (*event_add)(void *platform, uint32_t connection_id, int fd);
	void (*event_del)(void *platform, uint32_t connection_id, int fd);
	/* Partition reference time, 100 ns units. */
	uint64_t (*ref_time)(void *platform);
	/* As vmbus_server_map(). NULL: a platform without devices that have memory. */
	int (*map)(void *platform, uint64_t gpa, uint64_t size, void *hva);
	/* Return: whether devices may be found at @size bytes from @gpa on. NULL: nowhere. */
	bool (*is_device_space)(void *platform, uint64_t gpa, uint64_t size);
	/* Interrupt @vector, 16 to 255, edge triggered, for a VP. */
	void (*interrupt)(void *platform, unsigned int vp, uint8_t vector);
};

/* State of a VP's SynIC as its MSRs say. */
struct hv_synic_regs {
	uint64_t scontrol;
	uint64_t siefp;
	uint64_t simp;
};

/* The guest changed SynIC registers of a VP. Context: device thread, the VP does not run. */
void vmbus_server_synic_changed(struct vmbus_server *server, unsigned int vp,
				const struct hv_synic_regs *regs);
/* The guest wrote EOM or ended the interrupt. Context: device thread. */
void vmbus_server_eom(struct vmbus_server *server, unsigned int vp);

/**
 * vmbus_server_hypercall - HvPostMessage, HvSignalEvent and what else the hypervisor passes on
 * @control: hypercall control word (RCX)
 * @params: input GPA or fast qword 0; output GPA or fast qword 1
 *
 * Context: any VP's thread. Return: the hypercall result word.
 */
uint64_t vmbus_server_hypercall(struct vmbus_server *server, uint64_t control,
				const uint64_t params[2]);

/**
 * vmbus_server_mmio - the guest read or wrote where neither RAM nor device memory is
 * @gpa: first byte
 * @bytes: 1, 2, 4 or 8
 * @data: what is written, or filled with what is read: all ones where no device is
 *
 * Context: device thread, the VP waits.
 */
void vmbus_server_mmio(struct vmbus_server *server, uint64_t gpa, unsigned int bytes, bool write,
		       void *data);

#endif
