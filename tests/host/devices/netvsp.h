/* SPDX-License-Identifier: GPL-2.0 */
/* The network provider: one synthetic NIC and its session with the guest. */
#ifndef HVHOST_DEVICES_NETVSP_H
#define HVHOST_DEVICES_NETVSP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../hyperv/device.h"
#include "net_backend.h"

struct netvsp;

/* Policy: what current hosts give at most. */
#define NETVSP_QUEUES_MAX 64u
/* Entries of a send-indirection table. */
#define NETVSP_SEND_TABLE 16u

/**
 * struct netvsp_params - what kind of NIC to be
 * @name: channel and counter group name, "nic0"
 * @index: tells the instances of one machine apart
 * @max_version: newest NVSP version accepted, NVSP_VERSION_*
 * @mac: address of the port
 * @mtu: greatest IP MTU
 * @link_speed_100bps: told to the guest
 * @queues: channels the NIC may have, 1 to NETVSP_QUEUES_MAX; 0 is 1
 * @grant: sub-channels given at most, whatever is asked for; 0: as many as there are queues
 * @no_coalescing: segments to the guest are never coalesced, as on hosts before that
 * @early: a notice is in the ring, and signalled, before the guest hears that its channel is open
 */
struct netvsp_params {
	const char *name;
	unsigned int index;
	uint32_t max_version;
	uint8_t mac[6];
	uint32_t mtu;
	uint32_t link_speed_100bps;
	unsigned int queues;
	unsigned int grant;
	bool no_coalescing;
	bool early;
};

/**
 * netvsp_new() - create a NIC and offer its channel
 * @server: VMBus server
 * @params: copied, but for @params->name, which must outlive the NIC
 *
 * Return: the NIC, or NULL if the channel cannot be offered.
 */
struct netvsp *netvsp_new(struct vmbus_server *server, const struct netvsp_params *params);

/* netvsp_free() - end the NIC; its channel and its backend must be gone already. */
void netvsp_free(struct netvsp *netvsp);

/* netvsp_plug() - where the guest's frames go; NULL drops them. */
void netvsp_plug(struct netvsp *netvsp, struct net_backend *backend);

/**
 * netvsp_receive() - a frame on its way to the guest; a net_receive
 * @opaque: the NIC
 * @frame: starting with the Ethernet header, valid during the call
 * @bytes: its length
 */
void netvsp_receive(void *opaque, const uint8_t *frame, size_t bytes);

/* netvsp_outstanding() - frames and pieces of frames that wait for the guest, or that it has and has not given back. */
unsigned int netvsp_outstanding(const struct netvsp *netvsp);

/* netvsp_set_link() - connect or disconnect the medium; an initialized guest is told. */
void netvsp_set_link(struct netvsp *netvsp, bool up);

/* netvsp_set_speed() - the medium's speed, in 100 bit/s; a guest that knows teaming is told. */
void netvsp_set_speed(struct netvsp *netvsp, uint32_t speed_100bps);

/*
 * netvsp_change_network() - tell the guest that it is on another network now. Return: 0, -ENOTCONN
 * if it does not listen.
 */
int netvsp_change_network(struct netvsp *netvsp);

/**
 * netvsp_set_send_table() - choose the channels the guest's flows go out on
 * @netvsp: the NIC
 * @table: channel number for each of NETVSP_SEND_TABLE hash remainders
 *
 * Numbers of channels that are not open are told, too: a guest has to bear them.
 *
 * Return: 0 the guest is told, -ENOTCONN it has no sub-channels yet.
 */
int netvsp_set_send_table(struct netvsp *netvsp, const uint32_t table[NETVSP_SEND_TABLE]);

/**
 * netvsp_set_vf() - a virtual function is there, or not
 * @netvsp: the NIC
 * @present: there
 * @serial: of the function, as its PCI slot tells the guest
 *
 * A guest that has announced SR-IOV is told, now or when its session begins. Without the function
 * the synthetic path is the active one.
 */
void netvsp_set_vf(struct netvsp *netvsp, bool present, uint32_t serial);

/*
 * netvsp_set_vf_receive() - who takes the frames for the guest while it uses the virtual function;
 * without @receive they are lost.
 */
void netvsp_set_vf_receive(struct netvsp *netvsp, net_receive receive, void *opaque);

/* netvsp_vf_send() - a frame the guest sent by the virtual function; a net_receive. */
void netvsp_vf_send(void *opaque, const uint8_t *frame, size_t bytes);

/*
 * netvsp_revert_data_path() - the host takes the data path back to the synthetic NIC and says so.
 * Return: 0, -ENOTCONN if the guest does not use the virtual function.
 */
int netvsp_revert_data_path(struct netvsp *netvsp);

/* What the query command shows of one channel. */
struct netvsp_queue_info {
	bool open;
	uint64_t rx_frames, tx_messages;
};

/**
 * struct netvsp_info - what the query command shows of a NIC
 * @mtu: IP MTU agreed on
 * @link_speed_100bps: as the guest may ask for it
 * @queues: channels the NIC may have
 * @granted: sub-channels given to the guest
 * @rss: receive-side scaling is on
 * @coalescing: the guest wants segments coalesced
 * @sriov: the guest has announced SR-IOV
 * @vf: a virtual function is there and the guest knows
 * @vf_serial: its serial number
 * @vf_path: the guest has switched to it
 */
struct netvsp_info {
	uint32_t mtu, link_speed_100bps;
	unsigned int queues, granted;
	bool rss, coalescing, sriov, vf, vf_path;
	uint32_t vf_serial;
};

/* netvsp_info() - fill in @info. */
void netvsp_info(const struct netvsp *netvsp, struct netvsp_info *info);
/* netvsp_queue_info() - fill in @info; @queue is less than the number of queues. */
void netvsp_queue_info(const struct netvsp *netvsp, unsigned int queue,
		       struct netvsp_queue_info *info);

/**
 * netvsp_retire() - take the NIC away, its medium first
 * @netvsp: the NIC
 *
 * The medium is disconnected, what the guest still sends is completed and dropped; when it has
 * fallen silent the channel is rescinded.
 *
 * Return: 0, -ENOTCONN if the guest does not use the NIC.
 */
int netvsp_retire(struct netvsp *netvsp);

/**
 * netvsp_refuse() - complete the guest's next packets with a status of choice, and send none of their frames
 * @netvsp: the NIC
 * @packets: how many, 0: none any more; control messages are not among them
 * @status: NVSP status of their completions
 */
void netvsp_refuse(struct netvsp *netvsp, uint64_t packets, uint32_t status);

/* netvsp_link_is_up() - whether the medium is connected. */
bool netvsp_link_is_up(const struct netvsp *netvsp);

/* netvsp_version() - NVSP version agreed on; 0 before. */
uint32_t netvsp_version(const struct netvsp *netvsp);

/* netvsp_state_name() - where the session stands, for the query command. */
const char *netvsp_state_name(const struct netvsp *netvsp);

/* netvsp_filter() - packet filter the guest has set. */
uint32_t netvsp_filter(const struct netvsp *netvsp);

#endif
