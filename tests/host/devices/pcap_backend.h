/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A wire tap: a network backend in front of another one that writes what passes, both ways, to a
 * pcapng file.
 */
#ifndef HVHOST_DEVICES_PCAP_BACKEND_H
#define HVHOST_DEVICES_PCAP_BACKEND_H

#include "net_backend.h"

/**
 * pcap_backend_new() - tap a NIC
 * @path: file, created or emptied
 * @name: of the NIC
 * @receive: gets the frames for the guest
 * @opaque: for @receive
 * @error: gets one line without a newline that says what is wrong
 * @error_bytes: room in @error
 *
 * Until pcap_backend_plug() frames of the guest go nowhere.
 *
 * Return: the tap, or NULL with @error filled in.
 */
struct net_backend *pcap_backend_new(const char *path, const char *name, net_receive receive,
				     void *opaque, char *error, size_t error_bytes);
/* What the tap is in front of; it stays the caller's. */
void pcap_backend_plug(struct net_backend *tap, struct net_backend *inner);
/* The net_receive of the inner backend, with the tap as its opaque. */
void pcap_backend_receive(void *tap, const uint8_t *frame, size_t bytes);

#endif
