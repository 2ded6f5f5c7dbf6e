// SPDX-License-Identifier: GPL-2.0
/* The list of device types; the order is that of the options in the help and of the start. */
#include "types.h"

const struct device_type *const device_types[] = {
	&storvsp_type,	&netvsp_type,	&ic_type,    &heartbeat_type,
	&shutdown_type, &timesync_type, &kvp_type,   &vss_type,
	&fcopy_type,	&keyboard_type, &mouse_type, &video_type,
	&dynmem_type,	&hvsock_type,	&echo_type,  NULL,
};
