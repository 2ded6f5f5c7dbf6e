/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The control side of RNDIS as a host plays it: one request in, one answer out, and what the guest
 * has set. Knows neither NVSP nor how a message travels.
 */
#ifndef HVHOST_DEVICES_RNDIS_HOST_H
#define HVHOST_DEVICES_RNDIS_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rss_hash.h"

/* Policy: longest request and answer; far more than any OID here needs. */
#define RNDIS_HOST_MESSAGE_BYTES 2048
/* Customary values of Hyper-V's switch. */
#define RNDIS_HOST_PACKETS_PER_MESSAGE 8
#define RNDIS_HOST_ALIGNMENT_FACTOR    3
#define RNDIS_HOST_LSO_MAX_BYTES       0xf53cu
#define RNDIS_HOST_LSO_MIN_SEGMENTS    2
#define RNDIS_HOST_RSS_ENTRIES	       128
/* Policy: group addresses a guest may name. */
#define RNDIS_HOST_GROUPS 32

/* What the guest may use per packet after its offload parameters were accepted. */
struct rndis_offloads {
	bool tx_ip4_header, tx_tcp4, tx_udp4, tx_tcp6, tx_udp6;
	bool rx_ip4_header, rx_tcp4, rx_udp4, rx_tcp6, rx_udp6;
	bool lso4, lso6;
	bool rsc4, rsc6;
};

/**
 * struct rndis_host - one RNDIS session
 * @name: for reports
 * @mac_permanent: address of the port
 * @mac: address in use
 * @mtu: IP MTU told to the guest
 * @link_speed_100bps: told to the guest
 * @link_up: whether the medium is connected; set by the owner
 * @offload_revision: of NDIS_OFFLOAD, 1..3, from the NVSP version
 * @can_coalesce: segments to the guest may be coalesced if it wants that (NVSP 6.1)
 * @receive_queues: how many receive queues there may be, at least 1
 * @initialized: INITIALIZE was answered and no HALT came since
 * @filter: packet filter, 0: deliver nothing
 * @offloads_set: the guest has set offload parameters, @offloads is in force
 * @offloads: which offloads the guest may use
 * @rss: receive-side scaling as the guest has set it
 * @nr_groups: how many of @groups are set
 * @groups: group addresses of the guest; without any the multicast filter passes them all
 * @queries: counter
 * @sets: counter
 * @refused: counter: requests answered with a failure
 *
 * The owner fills in what it knows and leaves the rest zero; rndis_host_reset() leads back to that.
 */
struct rndis_host {
	const char *name;
	uint8_t mac_permanent[6];
	uint8_t mac[6];
	uint32_t mtu;
	uint32_t link_speed_100bps;
	bool link_up;
	unsigned int offload_revision;
	bool can_coalesce;
	unsigned int receive_queues;

	bool initialized;
	uint32_t filter;
	bool offloads_set;
	struct rndis_offloads offloads;
	struct rss rss;
	unsigned int nr_groups;
	uint8_t groups[RNDIS_HOST_GROUPS][6];

	uint64_t queries, sets, refused;
};

/* rndis_host_reset() - forget what the guest has set; counters and the port's own facts stay. */
void rndis_host_reset(struct rndis_host *host);

/**
 * rndis_host_request() - answer a control message
 * @host: the session
 * @message: private copy of the message
 * @bytes: its length, at least what the message says
 * @answer: room for RNDIS_HOST_MESSAGE_BYTES
 * @why: what is wrong, for the report
 *
 * Return: bytes of the answer, 0 if none is due (HALT), -EPROTO with @why set if the message is
 * malformed or unknown.
 */
int rndis_host_request(struct rndis_host *host, const uint8_t *message, size_t bytes,
		       uint8_t *answer, const char **why);

/**
 * rndis_host_indicate() - build a status indication
 * @status: NDIS_STATUS_*
 * @info: status buffer, or NULL
 * @info_bytes: its length
 * @message: room for RNDIS_HOST_MESSAGE_BYTES
 *
 * Return: bytes of the message.
 */
size_t rndis_host_indicate(uint32_t status, const void *info, size_t info_bytes, uint8_t *message);

/**
 * rndis_host_accepts() - whether a frame passes the packet filter
 * @host: the session
 * @frame: starting with the destination address
 *
 * Return: true if the guest wants it.
 */
bool rndis_host_accepts(const struct rndis_host *host, const uint8_t *frame);

#endif
