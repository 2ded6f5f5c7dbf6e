/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a synthetic device (storvsp, netvsp, integration components) sees of the host: offers,
 * channels, packets, shared guest memory, counters, violations, and how it gets its options and
 * control commands. Nothing here or behind it knows KVM. All calls and callbacks happen in the
 * device thread (loop.h).
 */
#ifndef HVHOST_DEVICE_H
#define HVHOST_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include <hyperv/vmbus_msg.h>
#include <hyperv/vmbus_ring.h>

#include "guest_mem.h"
#include "loop.h"

struct cJSON;
struct vmbus_server;
struct vmbus_chan;
struct vmbus_gpadl;

#define HV_GUID_TEXT 37
/* Writes the 36-character text form, returns @text. */
const char *hv_guid_format(const struct hyperv_guid *guid, char text[HV_GUID_TEXT]);

/* ---------------------------------------------------------------- server */

struct loop *vmbus_server_loop(struct vmbus_server *server);
const struct guest_mem *vmbus_server_mem(struct vmbus_server *server);
unsigned int vmbus_server_nr_vps(struct vmbus_server *server);
/* Negotiated VMBus version, major << 16 | minor; 0 while the guest is not connected. */
uint32_t vmbus_server_version(struct vmbus_server *server);
/*
 * Newest version the host is to offer of an integration component ("kvp") or of the "framework",
 * major << 16 | minor; 0: no limit.
 */
uint32_t vmbus_server_ic_newest(struct vmbus_server *server, const char *component);
/* Partition reference time (MSR 0x40000020), 100 ns units. */
uint64_t vmbus_server_ref_time(struct vmbus_server *server);
/*
 * Wall clock the guest should have: host UTC plus the offset tests set, in 100 ns units since
 * 1601-01-01.
 */
uint64_t vmbus_server_wall_time(struct vmbus_server *server);
/* Let the wall clock given to the guest differ from the host's. */
void vmbus_server_set_wall_offset(struct vmbus_server *server, int64_t offset_100ns);

/**
 * vmbus_server_map - let the guest see memory of a device
 * @gpa: where, page aligned, inside the address space the bus hands out to devices
 * @size: bytes, multiple of a page; 0: nowhere any more
 * @hva: the memory, mapped for as long as the guest may see it
 *
 * There is one such piece of memory; a new place ends the old one. Before the guest runs it is
 * where firmware that knows a video device would have left it.
 *
 * Return: 0; -EINVAL not a place for device memory; an error of the platform.
 */
int vmbus_server_map(struct vmbus_server *server, uint64_t gpa, uint64_t size, void *hva);
/* Where firmware puts the framebuffer. */
#define VMBUS_FIRMWARE_FRAMEBUFFER_GPA 0xf8000000ull

/* Policy: windows of registers of all devices. */
#define VMBUS_MMIO_WINDOWS 64

/* A device's registers: @offset in its window, naturally aligned; @bytes is 1, 2, 4 or 8. */
struct vmbus_mmio_ops {
	uint64_t (*read)(void *opaque, uint64_t offset, unsigned int bytes);
	void (*write)(void *opaque, uint64_t offset, unsigned int bytes, uint64_t value);
};

/**
 * vmbus_mmio_add - let the guest find registers of a device
 * @gpa: where, inside the address space the bus hands out to devices
 * @bytes: of the window
 * @ops: called for every access that lies in the window and is naturally aligned; all others find
 * nothing: they read as ones
 * @opaque: for @ops, and what vmbus_mmio_del() knows the window by
 *
 * Return: 0; -EINVAL not a place for a device; -EBUSY another window is there; -ENOSPC too many.
 */
int vmbus_mmio_add(struct vmbus_server *server, uint64_t gpa, uint64_t bytes,
		   const struct vmbus_mmio_ops *ops, void *opaque);
/* Take away all windows that were added with @opaque. */
void vmbus_mmio_del(struct vmbus_server *server, const void *opaque);

/*
 * vmbus_server_interrupt - raise an edge-triggered interrupt that is not the bus's
 * @vp: below the number of VPs
 * @vector: 16 to 255
 */
void vmbus_server_interrupt(struct vmbus_server *server, unsigned int vp, uint8_t vector);

/*
 * The guest asks for a socket to @service (TL_CONNECT). Return: true if the offer that answers it
 * was made, false to have the request refused.
 */
typedef bool (*vmbus_socket_fn)(void *opaque, const struct hyperv_guid *endpoint,
				const struct hyperv_guid *service);
/* One device may serve sockets; without one all requests are refused. */
void vmbus_server_on_socket(struct vmbus_server *server, vmbus_socket_fn fn, void *opaque);

/* Statuses for OPEN_RESULT and the like. */
#define HV_STATUS_OK		      0u
#define HV_NTSTATUS_UNSUCCESSFUL      0xc0000001u
#define HV_NTSTATUS_INVALID_PARAMETER 0xc000000du

/* ---------------------------------------------------------------- offers and channels */

struct vmbus_offer_params {
	/* "scsi0", "nic0", "heartbeat": what control commands and counters call it; copied */
	const char *name;
	struct hyperv_guid class_guid;
	struct hyperv_guid instance_guid;
	uint16_t flags; /* offer flags of the OFFER message */
	uint16_t mmio_mb;
	uint8_t user[120];
	uint16_t sub_index; /* 0: primary */
	bool monitored; /* the guest signals by the monitor page, not by hypercall */
};

/*
 * Callbacks of a device. @dev is what was given to vmbus_offer(). A channel goes
 *	offered -> open() -> work()... -> close() -> open() ... -> released()
 */
struct vmbus_dev_ops {
	/*
	 * The guest opens the channel; rings can be used from here on (packets sent here arrive
	 * after OPEN_RESULT).
	 * Return: 0, or the NTSTATUS for OPEN_RESULT (then the channel stays closed and close() is
	 * not called).
	 */
	uint32_t (*open)(struct vmbus_chan *chan, void *dev, const uint8_t user[120]);
	/*
	 * Closed by the guest, rescinded, unloaded or reset. After it: no ring use, no write to
	 * guest memory for this channel, all GPADL references dropped (inside the callback).
	 */
	void (*close)(struct vmbus_chan *chan, void *dev);
	/*
	 * The guest signalled, the ring has room again after -EAGAIN, or vmbus_kick() was called:
	 * take packets with vmbus_recv() until it returns 0, try again what could not be sent. A
	 * device that stops earlier (its own queue is full) is not called again for new packets
	 * until it calls vmbus_kick().
	 */
	void (*work)(struct vmbus_chan *chan, void *dev);
	/*
	 * The offer is gone for good (guest released the relid, or nobody had seen the offer);
	 * @chan dies on return. May be NULL. A primary channel may be offered again with
	 * vmbus_offer().
	 */
	void (*released)(struct vmbus_chan *chan, void *dev);
};

/**
 * vmbus_offer - offer a channel to the guest
 *
 * If the same (class, instance, sub_index) is rescinded but not yet released by the guest, the
 * OFFER waits for the release. Before the guest asks for offers the channel is only recorded. A
 * sub-channel is forgotten (released()) when the guest unloads or its primary is rescinded. @ops
 * must live as long as the channel.
 *
 * Return: the channel, or NULL when no relid is free or the same channel is already offered.
 */
struct vmbus_chan *vmbus_offer(struct vmbus_server *server, const struct vmbus_offer_params *params,
			       const struct vmbus_dev_ops *ops, void *dev);
/*
 * Revoke the offer at any moment: close() if open, RESCIND to the guest, released() once it lets
 * go. Rescinding a primary rescinds its sub-channels too. @chan may be dead after the call if the
 * guest never saw it.
 */
void vmbus_rescind(struct vmbus_chan *chan);

/* ---------------------------------------------------------------- sub-channels */

/* Policy: sub-channels of one device; more than any guest has processors to serve. */
#define VMBUS_SUBS_MAX 63

/**
 * vmbus_subs_offer - let the guest have the first sub-channels of a device
 * @primary: the device's primary channel, open
 * @count: how many in all, 1 to VMBUS_SUBS_MAX; those offered already stay as they are
 * @ops: callbacks of the new ones; NULL: those of the primary
 *
 * Each is offered with class, instance, flags and user bytes of the primary, its own index from 1
 * on, relid and connection, and has its own rings. Callbacks get the primary's @dev;
 * vmbus_chan_sub_index() and vmbus_chan_primary() tell the channels apart, vmbus_chan_name() is
 * "NAME/INDEX". All of them are rescinded before close() of the primary is called, whether the guest
 * closes it or the device goes: close() if open, then released() once the guest lets go. UNLOAD and
 * reset release them at once. While the guest holds on to one of before, that index is offered
 * after its release. May be called from any callback of the primary; the OFFERs leave in the order
 * of the indices, after all messages sent before.
 *
 * Return: how many were added, 0 if all were there; -ENODEV @primary is not an open primary
 * channel; -EINVAL bad @count; -EOPNOTSUPP the connection's version (below 2.4) has none.
 */
int vmbus_subs_offer(struct vmbus_chan *primary, unsigned int count,
		     const struct vmbus_dev_ops *ops);
/* Rescind all of them, highest index first; vmbus_rescind() takes a single one. */
void vmbus_subs_rescind(struct vmbus_chan *primary);
/* How many there are that are not rescinded, open or not. */
unsigned int vmbus_subs_count(struct vmbus_chan *primary);
/**
 * vmbus_sub - a channel of a device by its index
 * @primary: any channel of the device
 * @index: 0 for the primary
 *
 * Return: the channel, open or not; NULL: not offered, or rescinded.
 */
struct vmbus_chan *vmbus_sub(struct vmbus_chan *primary, uint16_t index);
/* The primary channel of @chan's device; @chan itself if it is that. NULL only once it is rescinded. */
struct vmbus_chan *vmbus_chan_primary(struct vmbus_chan *chan);

/* ---------------------------------------------------------------- facts of a channel */

struct vmbus_server *vmbus_chan_server(struct vmbus_chan *chan);
const char *vmbus_chan_name(struct vmbus_chan *chan);
bool vmbus_chan_is_open(struct vmbus_chan *chan);
uint32_t vmbus_chan_relid(struct vmbus_chan *chan);
uint16_t vmbus_chan_sub_index(struct vmbus_chan *chan);
uint32_t vmbus_chan_target_vp(struct vmbus_chan *chan);
/* Guest-to-host and host-to-guest ring data sizes in bytes; 0 when not open. */
uint32_t vmbus_chan_in_size(struct vmbus_chan *chan);
uint32_t vmbus_chan_out_size(struct vmbus_chan *chan);

/* ---------------------------------------------------------------- packets */

/*
 * One packet from the guest: a private copy, valid until the next vmbus_recv() on the channel or
 * the end of work().
 */
struct vmbus_pkt {
	uint16_t type; /* enum vmbus_packet_kind: 6, 9 or 11 */
	bool wants_completion;
	uint64_t xid;
	const uint8_t *payload;
	uint32_t len; /* multiple of 8: padding of the ring included */
	uint32_t nr_ranges; /* GPA direct only */
	/* Lengths, offsets and PFN counts agree; PFNs are checked when used. */
	const struct gpa_range *ranges;
};

/**
 * vmbus_recv - take the next packet
 *
 * The read index is given back to the guest, with the flow-control signal where due, when this
 * returns 0 or work() ends. Types other than 6, 9 and 11 from a guest are violations.
 *
 * Return: 1 with @pkt filled; 0 nothing there; -EPROTO the ring is corrupt (reported; the channel
 * carries no more packets until it is opened again); -ENODEV not open.
 */
int vmbus_recv(struct vmbus_chan *chan, struct vmbus_pkt *pkt);

/**
 * vmbus_send - put a packet into the ring to the guest
 * @type: enum vmbus_packet_kind
 * @flags: 0 or VMBUS_PACKET_FLAG_COMPLETION
 * @extra: descriptor bytes between the 16-byte header and the payload (transfer pages: set id,
 * count, ranges), or NULL
 * @extra_len: their number, multiple of 8
 *
 * The interrupt for the guest is raised once for all packets, at the end of the callback or at
 * vmbus_flush().
 *
 * Return: 0; -EAGAIN no room (work() is called when there is); -ENODEV not open; -EPROTO ring
 * corrupt; -EMSGSIZE can never fit.
 */
int vmbus_send(struct vmbus_chan *chan, uint16_t type, uint16_t flags, uint64_t xid,
	       const void *extra, size_t extra_len, const struct iovec *iov, int iovcnt);
/*
 * The two usual forms: in-band data, and the completion of the guest's packet @xid. Return: as
 * vmbus_send().
 */
int vmbus_send_inband(struct vmbus_chan *chan, uint16_t flags, uint64_t xid, const void *payload,
		      size_t len);
int vmbus_complete(struct vmbus_chan *chan, uint64_t xid, const void *payload, size_t len);
/*
 * Free bytes in the ring to the guest: what a packet's header, descriptor, payload and 8-byte
 * trailer may take.
 */
uint32_t vmbus_send_room(struct vmbus_chan *chan);
/*
 * Raise the interrupt now if packets written so far need one. Called by the core after each device
 * callback of a channel; a device needs it only when it sends from its own fd or timer callbacks.
 */
void vmbus_flush(struct vmbus_chan *chan);
/* Have work() called soon. */
void vmbus_kick(struct vmbus_chan *chan);

/* ---------------------------------------------------------------- GPADLs */

/**
 * vmbus_gpadl_get - take a reference to a GPADL the guest created on a device
 * @chan: channel the GPADL was created on, or a sub-channel of the same device
 *
 * While a reference is held the guest's teardown is not confirmed, so the pages stay the guest's
 * gift.
 *
 * Return: the GPADL, or NULL if @id is not a complete GPADL of this device (the caller reports the
 * violation).
 */
struct vmbus_gpadl *vmbus_gpadl_get(struct vmbus_chan *chan, uint32_t id);
void vmbus_gpadl_put(struct vmbus_gpadl *gpadl);
/* Bytes of its first range. */
uint64_t vmbus_gpadl_size(const struct vmbus_gpadl *gpadl);
/* Return: 0, -ERANGE outside the GPADL, -EFAULT a page outside RAM. */
int vmbus_gpadl_read(struct vmbus_gpadl *gpadl, uint64_t off, void *buf, size_t len);
int vmbus_gpadl_write(struct vmbus_gpadl *gpadl, uint64_t off, const void *buf, size_t len);
/* Return: as gpa_range_iov(). */
int vmbus_gpadl_iov(struct vmbus_gpadl *gpadl, uint64_t off, uint64_t len, struct iovec *iov,
		    int max);

/* ---------------------------------------------------------------- reports and counters */

/**
 * hv_violation - the guest broke a rule of the protocol
 * @rule: short name in kebab case, stable, e.g. "vstor-length"; scenarios match on it
 *
 * Printed on stderr as "hvhost: guest violation: RULE: details", counted by rule, shown by the
 * control query.
 */
void hv_violation(struct vmbus_server *server, const char *rule, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* One line on stderr, "hvhost: ...". */
void hv_log(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* As hv_log(), only with --trace. */
void hv_trace(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
bool hv_trace_enabled(void);

struct hv_counter {
	const char *name; /* "reads", "bytes_read" */
	const uint64_t *value; /* must stay valid until the group is removed */
};

/*
 * Names a group of counters, as "GROUP": {"NAME": value, ...} in the reply to the counters command.
 * Adding a group that exists replaces it. The array is copied, the values are read when asked for.
 */
void hv_counters_add(struct vmbus_server *server, const char *group,
		     const struct hv_counter *counters, size_t nr);
void hv_counters_remove(struct vmbus_server *server, const char *group);

/* ---------------------------------------------------------------- options and control commands */

#define HV_ERR_MAX 256

struct device_option {
	const char *name; /* "disk" for --disk */
	const char *arg; /* "FILE[,ro]" as help shows it; NULL: no argument */
	const char *help; /* one or more lines, with an example */
	/*
	 * Called once for each use of the option. Checks everything that can be checked; opens
	 * nothing for writing.
	 * Return: 0, or -1 with one line of text in @err.
	 */
	int (*parse)(void *config, const char *arg, char err[HV_ERR_MAX]);
};

/* A control command whose answer takes the guest: see struct device_type. */
#define HV_CONTROL_LATER 2

/**
 * hv_control_done() - answer a control command that was kept
 * @reply: what control() was given, with the fields of the answer; no longer the caller's
 * @err: one line why the command failed, NULL when it has not; the fields are sent all the same
 *
 * The client that asked may be gone by now. Until here it was sent nothing else, and no further
 * command of its was begun.
 *
 * Context: device thread, not inside control().
 */
void hv_control_done(struct cJSON *reply, const char *err);

struct device_type {
	const char *name; /* "storvsp" */
	/* Zeroed memory for the type's options and state, @config below; freed after stop(). */
	size_t config_size;
	const struct device_option *options; /* ends with a NULL name; may be NULL */
	/*
	 * After all options of all types were accepted and before the guest runs: open files, offer
	 * channels.
	 * Return: 0, or -1 with one line in @err (hvhost then ends with status 2).
	 */
	int (*start)(void *config, struct vmbus_server *server, char err[HV_ERR_MAX]);
	/*
	 * The type's control commands for the help, one a line as "NAME KEY=VALUE... what it does";
	 * NULL: none.
	 */
	const char *commands;
	/*
	 * A control command, {"cmd": CMD, ...}. "offer" and "rescind" with a "device" that is the
	 * name of a channel some type offered before are done by the core when no type claims them.
	 * Return: 1 done (reply fields put into @reply), 0 not this type's command, -1 failed with
	 * one line in @err, HV_CONTROL_LATER the device keeps @reply and answers with
	 * hv_control_done().
	 */
	int (*control)(void *config, const char *cmd, const struct cJSON *request,
		       struct cJSON *reply, char err[HV_ERR_MAX]);
	/*
	 * Adds the type's state to the reply of query: one object under its own name. May be NULL.
	 */
	void (*query)(void *config, struct cJSON *reply);
	/* The guest was reset; channels were closed before. May be NULL. */
	void (*reset)(void *config);
	/* End of the program; channels were closed and released before. May be NULL. */
	void (*stop)(void *config);
};

/* All types, ends with NULL; defined by devices/types.c. */
extern const struct device_type *const device_types[];

#endif
