/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The versions of the framework and of each component's messages that we speak.
 */
#ifndef HV_UTILS_VERSIONS_H
#define HV_UTILS_VERSIONS_H

#include "ic_msg.h"

extern const struct hv_ic_version_list hv_ic_framework_versions;
extern const struct hv_ic_version_list hv_ic_heartbeat_versions;
extern const struct hv_ic_version_list hv_ic_shutdown_versions;
extern const struct hv_ic_version_list hv_ic_timesync_versions;
extern const struct hv_ic_version_list hv_ic_kvp_versions;
extern const struct hv_ic_version_list hv_ic_vss_versions;
extern const struct hv_ic_version_list hv_ic_fcopy_versions;

#endif /* HV_UTILS_VERSIONS_H */
