/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Addresses of hvsock: a port of a virtual socket as the service GUID Linux gives it, and back.
 * Pure.
 */
#ifndef HVHOST_DEVICES_HVSOCK_ADDRESS_H
#define HVHOST_DEVICES_HVSOCK_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

#include <hyperv/types.h>

struct hyperv_guid hvsock_service_guid(uint32_t port);
/* Return: true with @port set; false if the GUID is not that of a port. */
bool hvsock_service_port(const struct hyperv_guid *guid, uint32_t *port);

#endif
