/* SPDX-License-Identifier: GPL-2.0 */
/* A TAP device of the machine hvhost runs on. */
#ifndef HVHOST_DEVICES_TAP_BACKEND_H
#define HVHOST_DEVICES_TAP_BACKEND_H

#include "net_backend.h"

struct loop;

/*
 * tap_name_error() - whether a TAP device of this name can be there. Return: NULL, or what is wrong
 * with the name.
 */
const char *tap_name_error(const char *name);

/**
 * tap_backend_new() - attach to a TAP device that exists
 * @loop: event loop it lives in
 * @name: of the device
 * @receive: gets the frames for the guest
 * @opaque: for @receive
 * @error: gets one line without a newline that says what is wrong
 * @error_bytes: room in @error
 *
 * None is created: a name mistyped would be a network with nobody on it.
 *
 * Return: the backend, or NULL with @error filled in.
 */
struct net_backend *tap_backend_new(struct loop *loop, const char *name, net_receive receive,
				    void *opaque, char *error, size_t error_bytes);

#endif
