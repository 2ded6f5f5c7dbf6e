/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a NIC with offloads would do, in software: complete checksums and cut large TCP segments for
 * frames on their way out, verify checksums of frames on their way in. Pure functions over private
 * memory.
 */
#ifndef HVHOST_DEVICES_OFFLOAD_SW_H
#define HVHOST_DEVICES_OFFLOAD_SW_H

#include <stddef.h>
#include <stdint.h>

#include "rndis_packet.h"

/* Takes one finished frame; it is valid during the call only. */
typedef void (*offload_emit)(void *opaque, const uint8_t *frame, size_t bytes);

/**
 * offload_transmit() - do what the per-packet info asks for, then pass the frame on
 * @frame: the guest's frame, starting with the Ethernet header; private, modified
 * @bytes: its length
 * @ppis: checksum and LSO requests
 * @mtu: IP bytes that fit a frame; bounds the segments
 * @emit: called for each resulting frame, in order
 * @opaque: for @emit
 * @why: what is wrong, for the report
 *
 * Return: frames passed on, or -EPROTO with @why set: what is asked for does not fit the frame,
 * nothing was passed on.
 */
int offload_transmit(uint8_t *frame, size_t bytes, const struct rndis_ppis *ppis, uint32_t mtu,
		     offload_emit emit, void *opaque, const char **why);

/**
 * offload_receive() - verify the checksums of a frame
 * @frame: starting with the Ethernet header
 * @bytes: its length
 *
 * Return: RNDIS_RX_CSUM_*_GOOD for each sum that was verified, _FAILED for each that is wrong, 0
 * for all that has none.
 */
uint32_t offload_receive(const uint8_t *frame, size_t bytes);

#endif
