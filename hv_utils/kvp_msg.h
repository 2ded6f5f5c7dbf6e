/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Key-value pairs between the host's messages and those of hv_kvp_daemon. Pure: bytes in, bytes out. It knows no channel
 * and no device node.
 */
#ifndef HV_UTILS_KVP_MSG_H
#define HV_UTILS_KVP_MSG_H

#include <linux/build_bug.h>
#include <linux/stddef.h>
#include <linux/types.h>

/* What user space knows as struct hv_kvp_msg of <linux/hyperv.h>: text is UTF-8 with a NUL, numbers are native. */
struct kvp_daemon_value {
	u32 type;
	u32 key_bytes;
	u32 value_bytes;
	u8 key[512];
	u8 value[2048];
};

struct kvp_daemon_delete {
	u32 key_bytes;
	u8 key[512];
};

struct kvp_daemon_enumerate {
	u32 index;
	struct kvp_daemon_value value;
};

struct kvp_daemon_ip {
	u8 adapter[256];
	u8 family;
	u8 dhcp;
	u8 addresses[2048];
	u8 subnets[2048];
	u8 gateways[1024];
	u8 dns[2048];
};

struct kvp_daemon_msg {
	union {
		struct {
			u8 operation;
			u8 pool;
			u16 reserved;
		};
		s32 status;	/* in what the daemon writes */
	};
	union {
		u8 version[512];
		struct kvp_daemon_value value;
		struct kvp_daemon_delete delete;
		struct kvp_daemon_enumerate enumerate;
		struct kvp_daemon_ip ip;
	};
};

#define KVP_DAEMON_BYTES	7432
static_assert(sizeof(struct kvp_daemon_msg) == KVP_DAEMON_BYTES, "hv_kvp_daemon writes and reads this many bytes");
static_assert(offsetof(struct kvp_daemon_msg, value.value) == 528, "value of get and set");
static_assert(offsetof(struct kvp_daemon_msg, enumerate.value.value) == 532, "value of enumerate");
static_assert(offsetof(struct kvp_daemon_msg, ip.family) == 260, "address family");
static_assert(offsetof(struct kvp_daemon_msg, ip.dns) == 5382, "DNS servers");

u32 kvp_msg_to_daemon(const u8 *body, u32 body_bytes, u32 version, struct kvp_daemon_msg *msg);
u32 kvp_msg_from_daemon(const struct kvp_daemon_msg *msg, u32 version, u8 *body);

#endif /* HV_UTILS_KVP_MSG_H */
