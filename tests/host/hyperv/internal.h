/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shared inside hyperv/ only. No lock anywhere: all state belongs to the device thread, except the
 * hypercall port, whose queue has its own (port.c).
 *
 * Levels, low to high: guest_mem, ring, report, version < synic, port < gpadl < channel, subchannel,
 * packet, interrupt_page, monitor < connection < message, server.
 */
#ifndef HVHOST_HYPERV_INTERNAL_H
#define HVHOST_HYPERV_INTERNAL_H

#include <endian.h>
#include <hyperv/tlfs.h>
#include <hyperv/vmbus_msg.h>
#include <hyperv/vmbus_ring.h>
#include <pthread.h>

#include "chaos.h"
#include "device.h"
#include "platform.h"
#include "ring.h"
#include "server.h"
#include "trace.h"
#include "util.h"

#define HV_MAX_VPS 64

/* ---------------------------------------------------------------- version.c */

struct vmbus_version_kind {
	uint32_t version;
	/* Interrupts both ways by the interrupt page, all to VP 0; no target VP, no sub-channels. */
	bool shared_page;
	/* A channel has a connection of its own for the guest's signals. */
	bool dedicated;
	bool unload_response;
	bool any_message_vp; /* target VP of INITIATE_CONTACT is honoured; else VP 0 */
	/* Contact on connection 4, response names the connection; SINT replaces the page. */
	bool own_connection;
	bool modify_response;
	uint32_t features; /* VMBUS_FEATURE_* this host has */
};

/* NULL: none of the table. */
const struct vmbus_version_kind *vmbus_version_find(uint32_t version);

/* ---------------------------------------------------------------- synic.c */

struct hv_message {
	uint8_t payload[TLFS_MESSAGE_PAYLOAD_BYTES];
	uint8_t len;
	struct hv_message *next;
};

struct hv_synic_vp {
	struct hv_synic_regs regs;
	struct hv_message *head, **tail; /* waiting for the slot, oldest first */
	bool watching; /* for end of message */
};

/* Raise the channel's event flag on a VP. Return: true if the guest was interrupted. */
bool hv_synic_set_event(struct vmbus_server *server, uint32_t vp, uint32_t flag);
/* Queue a VMBus message for a VP; it is lost, as on Hyper-V, if the VP has no message page. */
void hv_synic_post(struct vmbus_server *server, uint32_t vp, const void *payload, size_t len);
void hv_synic_drop(struct vmbus_server *server, uint32_t vp);

/* ---------------------------------------------------------------- port.c */

/*
 * Policy: messages the port holds before HvPostMessage reports insufficient buffers (as QEMU's and
 * Hyper-V's ports).
 */
#define HV_PORT_DEPTH 16

struct hv_port_message {
	uint32_t connection_id;
	uint32_t type;
	uint32_t len;
	uint8_t payload[TLFS_MESSAGE_PAYLOAD_BYTES];
};

struct hv_port {
	pthread_mutex_t lock; /* protects the fields below, against the VPs' threads */
	struct hv_port_message queue[HV_PORT_DEPTH];
	unsigned int head, count;
	bool scheduled; /* hv_port_drain() is on its way */
	uint64_t posted, refused, unknown_signals;
	bool stray; /* port_report_stray() is on its way */
};

void hv_port_init(struct vmbus_server *server);
void hv_port_destroy(struct vmbus_server *server);
void hv_port_clear(struct vmbus_server *server);
/* Go on with the queue after it was held up. */
void hv_port_resume(struct vmbus_server *server);

/* ---------------------------------------------------------------- gpadl.c */

struct vmbus_gpadl {
	struct vmbus_server *server;
	struct vmbus_chan *chan; /* it was created on; NULL once that is gone */
	uint32_t id;
	uint32_t relid;
	uint16_t nr_ranges;
	uint32_t words, words_have; /* of the range list: expected and received */
	uint64_t *list; /* as sent: range headers and PFNs */
	struct gpa_range *ranges; /* once complete */
	bool complete;
	bool tearing_down; /* the guest waits for TORNDOWN, which waits for refs */
	unsigned int refs;
	struct vmbus_gpadl *next;
};

void gpadl_msg_header(struct vmbus_server *server, const uint8_t *msg, size_t len);
void gpadl_msg_body(struct vmbus_server *server, const uint8_t *msg, size_t len);
void gpadl_msg_teardown(struct vmbus_server *server, const uint8_t *msg, size_t len);
/*
 * Forget all GPADLs of a channel (NULL: all there are) without a word to the guest. Return: how
 * many.
 */
unsigned int gpadl_forget(struct vmbus_server *server, const struct vmbus_chan *chan);

/* ---------------------------------------------------------------- channel.c */

enum vmbus_chan_state {
	/* vmbus_offer(): the guest has not asked for offers, or an unreleased predecessor holds it up */
	CHAN_RECORDED,
	/* OFFER sent or CLOSE received; the relid is valid from here to CHAN_REVOKED */
	CHAN_OFFERED,
	CHAN_OPENING, /* OPEN received, result held back by the open delay */
	CHAN_OPEN, /* OPEN_RESULT(0) sent; rings in use */
	CHAN_REVOKED, /* RESCIND sent; waits for RELID_RELEASED */
	/* RELID_RELEASED without RESCIND: nothing more until the guest connects again */
	CHAN_REFUSED,
};

struct chan_stats {
	char *name;
	uint64_t packets_in, packets_out, bytes_in, bytes_out;
	uint64_t signals, needless_signals, interrupts, send_full;
	uint64_t opens, closes, rescinds;
	struct hv_histogram completion; /* a packet that wants a completion until that is sent */
	struct hv_histogram reaction; /* an interrupt until the guest's next packet */
	struct chan_stats *next;
};

struct vmbus_chan {
	struct vmbus_server *server;
	struct vmbus_offer_params params; /* name owned by stats */
	const struct vmbus_dev_ops *ops;
	void *dev;
	struct chan_stats *stats;
	unsigned int refs; /* callers up the stack; memory is freed with the last */
	bool dead;

	enum vmbus_chan_state state;
	uint32_t relid; /* 0: none */
	uint32_t connection_id; /* of the OFFER; 0 below 1.1 */
	uint32_t signal_id; /* where event_fd listens: connection_id, or the one OPEN named */
	uint16_t event_flag; /* raised for the guest: the relid, or the one OPEN named */
	uint8_t monitor_id; /* VMBUS_MONITOR_ID_NONE: signals come by event_fd */
	int event_fd; /* counts HvSignalEvent; -1: no relid, or signals come by the interrupt page */

	/* From OPEN on */
	uint32_t open_id;
	uint32_t target_vp;
	uint8_t user[VMBUS_OFFER_USER_BYTES];
	struct vmbus_gpadl *ring_gpadl; /* reference held */
	struct hv_ring_in in;
	struct hv_ring_out out;
	bool corrupt; /* a ring is beyond use until the next OPEN */
	bool drained; /* the device has seen vmbus_recv() return 0 since the last packet */
	bool in_work;
	bool losing_subs; /* vmbus_subs_rescind() is at work: no new ones */
	bool unmasked; /* since the last packet: the guest has to signal the next one */
	unsigned int signal_credit; /* signals the guest may send without being needless */
	struct gpa_range *ranges; /* of the packet last received */
	uint32_t max_ranges;
	struct chan_latency *latency; /* since the first packet */
	struct loop_task run_task;
	struct loop_timer *open_timer, *retry_timer;

	struct vmbus_chan *next;
};

/* A primary channel once offered, so that control commands can offer it again by name. */
struct known_offer {
	char *name;
	struct vmbus_offer_params params;
	const struct vmbus_dev_ops *ops;
	void *dev;
	struct known_offer *next;
};

void chan_msg_open(struct vmbus_server *server, const uint8_t *msg, size_t len);
void chan_msg_close(struct vmbus_server *server, const uint8_t *msg, size_t len);
void chan_msg_released(struct vmbus_server *server, const uint8_t *msg, size_t len);
void chan_msg_modify(struct vmbus_server *server, const uint8_t *msg, size_t len);
void chan_msg_reserved(struct vmbus_server *server, const uint8_t *msg, size_t len);
/* Send the OFFERs of all recorded channels. */
void chan_offer_all(struct vmbus_server *server);
/* The connection is over: close all, forget relids, drop sub-channels and revoked ones. */
void chan_disconnect_all(struct vmbus_server *server);
void chan_free_all(struct vmbus_server *server);
struct vmbus_chan *chan_by_relid(struct vmbus_server *server, uint32_t relid);
void chan_get(struct vmbus_chan *chan);
void chan_put(struct vmbus_chan *chan);
const char *chan_state_name(enum vmbus_chan_state state);
bool chan_is_same_device(const struct vmbus_chan *a, const struct vmbus_chan *b);

/* ---------------------------------------------------------------- packet.c */

/* Rings at open and close. Return: 0, -EINVAL the layout is impossible. */
int packet_open(struct vmbus_chan *chan, uint32_t downstream_page);
void packet_close(struct vmbus_chan *chan);
void packet_signalled(struct vmbus_chan *chan, uint64_t count);
void packet_run(void *chan);
/* The channel's interrupt, without a look at the ring. Return: true if the guest was interrupted. */
bool packet_raise(struct vmbus_chan *chan);
/* The packet in @iov, @bytes in all, descriptor first, into the ring. Return: as vmbus_send(). */
int packet_put(struct vmbus_chan *chan, const struct iovec *iov, int nr, uint32_t bytes);

/* ---------------------------------------------------------------- interrupt_page.c */

/* Could it be one? */
bool interrupt_page_is_good(struct vmbus_server *server, uint64_t gpa);
/* Return: 0, -1 no event can be had (reported). */
int interrupt_page_start(struct vmbus_server *server, uint64_t gpa);
void interrupt_page_stop(struct vmbus_server *server);
/* Interrupt the guest for a channel. Return: whether it was. */
bool interrupt_page_raise(struct vmbus_server *server, uint32_t relid);
/* Return: whether the guest's bit of a channel was set; clears it. */
bool interrupt_page_take(struct vmbus_server *server, uint32_t relid);

/* ---------------------------------------------------------------- monitor.c */

/* Look at the guest's trigger page from now on, as long as a monitored channel is open. */
void monitor_start(struct vmbus_server *server);
void monitor_init(struct vmbus_server *server);
void monitor_free(struct vmbus_server *server);

/* ---------------------------------------------------------------- connection.c */

struct held_message {
	size_t len;
	uint8_t payload[TLFS_MESSAGE_PAYLOAD_BYTES];
	struct held_message *next;
};

struct vmbus_connection {
	bool connected;
	bool offers_requested;
	uint32_t version;
	const struct vmbus_version_kind *kind; /* valid while connected */
	uint32_t features; /* agreed on: VMBUS_FEATURE_* */
	struct hyperv_guid client_id; /* with VMBUS_FEATURE_CLIENT_ID */
	uint64_t interrupt_page; /* below 2.4; 0: none */
	bool paused; /* messages are held back until RESUME */
	struct held_message *held, **held_end;
	uint32_t message_vp;
	uint32_t message_connection_id; /* the guest's messages have to use */
	uint64_t monitor_page[2];
};

void connection_msg_contact(struct vmbus_server *server, const uint8_t *msg, size_t len);
void connection_msg_request_offers(struct vmbus_server *server, const uint8_t *msg, size_t len);
void connection_init(struct vmbus_server *server);
void connection_free(struct vmbus_server *server);
void connection_msg_unload(struct vmbus_server *server, const uint8_t *msg, size_t len);
void connection_msg_modify(struct vmbus_server *server, const uint8_t *msg, size_t len);
void connection_msg_pause(struct vmbus_server *server, const uint8_t *msg, size_t len);
void connection_msg_resume(struct vmbus_server *server, const uint8_t *msg, size_t len);
void connection_msg_tl_connect(struct vmbus_server *server, const uint8_t *msg, size_t len);
void connection_close(struct vmbus_server *server);
bool connection_id_exists(const struct vmbus_server *server, uint32_t connection_id);
/* Send a control message about a channel, GPADL or offer: only while connected. */
void connection_send(struct vmbus_server *server, const void *msg, size_t len);
/* Send a control message about the connection itself. */
void connection_reply(struct vmbus_server *server, const void *msg, size_t len);

/* ---------------------------------------------------------------- message.c */

void message_receive(struct vmbus_server *server, const struct hv_port_message *message);
const char *message_name(uint32_t type);

/* ---------------------------------------------------------------- report.c */

struct violation_rule {
	char *name;
	uint64_t count;
	struct violation_rule *next;
};

struct counter_group {
	char *name;
	struct hv_counter *counters;
	size_t nr;
	struct counter_group *next;
};

struct chan_stats *report_chan_stats(struct vmbus_server *server, const char *name,
				     uint16_t sub_index);
void report_free(struct vmbus_server *server);

/* ---------------------------------------------------------------- server.c */

struct bus_stats {
	uint64_t messages_in, messages_out, messages_dropped;
	uint64_t signals, needless_signals, interrupts, events_dropped;
	uint64_t packets_in, packets_out, bytes_in, bytes_out;
	uint64_t contacts, unloads, late_releases, modify_channels, violations;
	uint64_t excused; /* violations of a guest that was lied to */
};

struct vmbus_server {
	struct vmbus_server_config config;
	struct hv_synic_vp vp[HV_MAX_VPS];
	struct hv_port port;
	struct vmbus_connection conn;
	struct vmbus_gpadl *gpadls;
	unsigned int nr_gpadls;
	struct vmbus_chan *chans;
	struct vmbus_chan *by_relid[VMBUS_RELID_MAX + 1];
	uint32_t last_relid;
	struct known_offer *known;
	uint64_t open_delay_ns;
	struct loop_timer *offers_timer, *unload_timer;
	int64_t wall_offset_100ns;
	unsigned int waiting_messages; /* for slots, all VPs */
	struct loop_timer *monitor_timer;
	int shared_event_fd; /* connection 2, below 2.4; -1: none */
	struct mmio_window {
		uint64_t gpa, bytes; /* bytes 0: free */
		const struct vmbus_mmio_ops *ops;
		void *opaque;
	} mmio[VMBUS_MMIO_WINDOWS];
	vmbus_socket_fn socket_fn; /* NULL: no sockets */
	void *socket_opaque;

	struct bus_stats stats;
	struct violation_rule *rules;
	struct counter_group *groups;
	struct chaos *chaos; /* NULL: never asked for */
	struct churn *churn; /* NULL: never asked for */
	struct hv_trace_file *trace; /* NULL: no trace is written */
	struct chan_stats *chan_stats;
};

#endif
