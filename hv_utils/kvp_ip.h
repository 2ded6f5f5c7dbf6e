/* SPDX-License-Identifier: GPL-2.0 */
/*
 * IP configurations between the host's messages, which are text up to version 4.0 and binary from 5.0 on, and those of
 * hv_kvp_daemon, which are text. Pure: bytes in, bytes out.
 */
#ifndef HV_UTILS_KVP_IP_H
#define HV_UTILS_KVP_IP_H

#include <linux/types.h>

struct kvp_daemon_ip;

bool kvp_ip_take_question(struct kvp_daemon_ip *ip, const u8 *body, u32 version);
bool kvp_ip_take_order(struct kvp_daemon_ip *ip, const u8 *body, u32 version);
void kvp_ip_give(u8 *body, const struct kvp_daemon_ip *from, u32 version);

#endif /* HV_UTILS_KVP_IP_H */
