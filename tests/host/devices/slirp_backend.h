/* SPDX-License-Identifier: GPL-2.0 */
/*
 * User-mode network by libslirp: NAT to the outside, DHCP, DNS, and a file server inside the
 * program. Guests get 10.0.2.15, the gateway is 10.0.2.2, the name server 10.0.2.3, the file server
 * 10.0.2.100.
 */
#ifndef HVHOST_DEVICES_SLIRP_BACKEND_H
#define HVHOST_DEVICES_SLIRP_BACKEND_H

#include <stdbool.h>

#include "net_backend.h"

struct loop;

/**
 * struct slirp_options - what the network offers
 * @mtu: IP MTU
 * @restricted: keep the guest away from everything outside this program
 * @serve: file that GET http://10.0.2.100/ delivers, or NULL
 * @store: file that PUT http://10.0.2.100/ writes, or NULL
 */
struct slirp_options {
	unsigned int mtu;
	bool restricted;
	const char *serve;
	const char *store;
};

/**
 * slirp_backend_new() - start a user-mode network
 * @loop: event loop it lives in
 * @options: what it offers; the strings must outlive it
 * @receive: gets the frames for the guest
 * @opaque: for @receive
 * @error: gets one line without a newline that says what is wrong
 * @error_bytes: room in @error
 *
 * Return: the backend, or NULL with @error filled in.
 */
struct net_backend *slirp_backend_new(struct loop *loop, const struct slirp_options *options,
				      net_receive receive, void *opaque, char *error,
				      size_t error_bytes);

#endif
