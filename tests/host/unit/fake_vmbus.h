/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The channel interface of hyperv/device.h without a guest: packets are pushed in and taken out by
 * the test, guest memory is a block of the heap, reports are counted by rule.
 */
#ifndef HVHOST_UNIT_FAKE_VMBUS_H
#define HVHOST_UNIT_FAKE_VMBUS_H

#include "../hyperv/device.h"

#define FAKE_RAM_BYTES (8u << 20)

/* One packet a device sent; valid until the next call of fake_take(). */
struct fake_sent {
	uint16_t type, flags;
	uint64_t xid;
	const uint8_t *extra, *payload;
	size_t extra_len, len;
};

struct vmbus_server *fake_server(void);
uint8_t *fake_ram(void);

/* The channel a device offered by this name, "nic0", or "nic0/1" for a sub-channel; NULL if there is none. */
struct vmbus_chan *fake_chan(const char *name);
void fake_open(struct vmbus_chan *chan);
/* With these user data in OPEN. */
void fake_open_with(struct vmbus_chan *chan, const uint8_t user[120]);
void fake_close(struct vmbus_chan *chan);
/* False also after the device rescinded it. */
bool fake_is_open(struct vmbus_chan *chan);
/* Forget the channel, as the core does before devices are stopped. */
void fake_release(struct vmbus_chan *chan);

/* Put a packet from the guest into the ring; the payload is padded to 8 bytes as rings do. */
void fake_push(struct vmbus_chan *chan, uint16_t type, bool wants_completion, uint64_t xid,
	       const void *payload, size_t len, const struct gpa_range *ranges, uint32_t nr_ranges);
/* Let the device work, and everything it queued in the loop. */
void fake_run(struct vmbus_chan *chan);
/* Return: true with @sent filled by the oldest packet the device sent. */
bool fake_take(struct vmbus_chan *chan, struct fake_sent *sent);
/* Packets the ring to the guest still takes before it is full. */
void fake_set_room(struct vmbus_chan *chan, unsigned int packets);
/* Packets pushed that the device has not taken. */
unsigned int fake_left(struct vmbus_chan *chan);

/* Guest memory that the guest shares as a GPADL. */
void fake_gpadl(uint32_t id, uint64_t gpa, uint64_t size);
/* References devices hold to GPADLs. */
unsigned int fake_gpadl_refs(void);

/* Device memory as vmbus_server_map() left it; NULL: none. */
uint8_t *fake_mapped(uint64_t *gpa);
/* Device memory may be at any place from here on. */
#define FAKE_DEVICE_SPACE 0xf8000000ull
/* The guest reads or writes registers of a device. Return: what it reads, all ones if nothing is there. */
uint64_t fake_mmio_read(uint64_t gpa, unsigned int bytes);
void fake_mmio_write(uint64_t gpa, unsigned int bytes, uint64_t value);
/* Interrupts raised by vmbus_server_interrupt() so far; @vector (may be NULL) is set to the last one's. */
unsigned int fake_interrupts(uint8_t *vector);

/* The guest asks for a socket. Return: whether a device answered with an offer. */
bool fake_call(const struct hyperv_guid *endpoint, const struct hyperv_guid *service);

/* As --ic-version, for components made from now on; NULL: no limits. */
void fake_limit_ic(const char *text);

/*
 * The answer a device gave last with hv_control_done(): its reply, valid until the next one; @err
 * (may be NULL) is set to why the command failed, NULL if it has not. Return: NULL if there was none
 * since the last call.
 */
struct cJSON *fake_answer(const char **err);

/* Reports by this rule since the last fake_forget_violations(); NULL: all of them. */
unsigned int fake_violations(const char *rule);
void fake_forget_violations(void);

/* Value of a counter, ~0 if there is none of that name. */
uint64_t fake_counter(const char *group, const char *name);

#endif
