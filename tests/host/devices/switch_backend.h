/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An Ethernet switch between NICs, of this process or of several: all that name the same socket
 * are on it. The first process runs the switch, the others are joined to it over the socket; when
 * it ends, one of the others takes over.
 */
#ifndef HVHOST_DEVICES_SWITCH_BACKEND_H
#define HVHOST_DEVICES_SWITCH_BACKEND_H

#include "net_backend.h"

struct loop;

/* Policy: NICs on one switch. */
#define SWITCH_PORTS 64

/*
 * switch_path_error() - whether a path can be the switch's socket. Return: NULL, or what is wrong
 * with it.
 */
const char *switch_path_error(const char *path);

/**
 * switch_backend_new() - join the switch at @path, or begin it
 * @loop: event loop it lives in
 * @path: of the Unix socket; must outlive the backend
 * @receive: gets the frames for the guest
 * @opaque: for @receive
 * @error: gets one line without a newline that says what is wrong
 * @error_bytes: room in @error
 *
 * A file "@path.lock" beside the socket tells who runs the switch.
 *
 * Return: the backend, or NULL with @error filled in.
 */
struct net_backend *switch_backend_new(struct loop *loop, const char *path, net_receive receive,
				       void *opaque, char *error, size_t error_bytes);

#endif
