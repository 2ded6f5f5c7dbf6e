/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ethernet frames into a pcapng file, as Wireshark reads it: one section, one interface, one block
 * for each frame. Bytes only: where they go is the caller's.
 */
#ifndef HVHOST_DEVICES_PCAPNG_H
#define HVHOST_DEVICES_PCAPNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Policy: bytes kept of a frame. */
#define PCAPNG_SNAP 65536u

/* Room for the start of a file, whatever the name; and for what stands around a frame. */
#define PCAPNG_START_MAX 128u
#define PCAPNG_AROUND	 48u

/**
 * pcapng_start - section header and description of the interface
 * @bytes: PCAPNG_START_MAX of room
 * @name: of the interface, cut to 31 bytes
 *
 * Time stamps of the frames are nanoseconds. Return: bytes written, a multiple of 4.
 */
size_t pcapng_start(uint8_t *bytes, const char *name);
/**
 * pcapng_frame - an enhanced packet block
 * @bytes: PCAPNG_AROUND + @len of room, @len as it is cut to PCAPNG_SNAP
 * @time_ns: since 1970
 * @inbound: on its way to the guest
 *
 * Return: bytes written, a multiple of 4.
 */
size_t pcapng_frame(uint8_t *bytes, uint64_t time_ns, bool inbound, const uint8_t *frame, size_t len);

#endif
