/* SPDX-License-Identifier: GPL-2.0 */
/* The kinds of devices this host has; types.c lists them for the core. */
#ifndef HVHOST_DEVICES_TYPES_H
#define HVHOST_DEVICES_TYPES_H

#include "../hyperv/device.h"

extern const struct device_type storvsp_type;
extern const struct device_type netvsp_type;
extern const struct device_type ic_type;
extern const struct device_type heartbeat_type;
extern const struct device_type shutdown_type;
extern const struct device_type timesync_type;
extern const struct device_type kvp_type;
extern const struct device_type vss_type;
extern const struct device_type fcopy_type;
extern const struct device_type keyboard_type;
extern const struct device_type mouse_type;
extern const struct device_type video_type;
extern const struct device_type dynmem_type;
extern const struct device_type hvsock_type;
extern const struct device_type echo_type;

#endif
