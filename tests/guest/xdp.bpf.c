// SPDX-License-Identifier: GPL-2.0
/*
 * A program for XDP, built once for each ACTION: what it does with ICMP echo requests. All other frames pass. For XDP_TX and
 * XDP_REDIRECT it answers them itself.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>

#define SEC(name) __attribute__((section(name), used))

static long (*bpf_redirect)(__u32 ifindex, __u64 flags) = (void *)BPF_FUNC_redirect;

struct echo {
	__u8 type, code;
	__u16 checksum;
};

#define ECHO_REQUEST 8
#define PROTOCOL_ICMP 1

static __attribute__((always_inline)) void swap(__u8 *a, __u8 *b, int bytes)
{
	int i;

	for (i = 0; i < bytes; i++) {
		__u8 was = a[i];

		a[i] = b[i];
		b[i] = was;
	}
}

SEC("xdp") int echo(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct echo *icmp = (void *)(ip + 1);
	__u32 sum;

	if ((void *)(icmp + 1) > end || eth->h_proto != __builtin_bswap16(ETH_P_IP) || ip->ihl != 5 ||
	    ip->protocol != PROTOCOL_ICMP || icmp->type != ECHO_REQUEST)
		return XDP_PASS;
	if (ACTION == XDP_TX || ACTION == XDP_REDIRECT) {
		swap(eth->h_dest, eth->h_source, ETH_ALEN);
		swap((__u8 *)&ip->saddr, (__u8 *)&ip->daddr, 4);
		icmp->type = 0;
		sum = icmp->checksum + __builtin_bswap16(ECHO_REQUEST << 8);
		icmp->checksum = sum + (sum >> 16);
	}
	if (ACTION == XDP_REDIRECT)
		return bpf_redirect(ctx->ingress_ifindex, 0);
	return ACTION;
}

SEC("license") char gpl[] = "GPL";
