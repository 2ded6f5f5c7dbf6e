// SPDX-License-Identifier: GPL-2.0
/*
 * The virtual function of an 82599 or X540, which have the same registers: as in chapter 8.3 of Intel's
 * 82599 datasheet, advanced descriptors as in 7.1.6 and 7.2.3. Descriptors are guest memory: each is
 * copied once and the copy checked; a ring is never gone round more than once for one write of its tail.
 */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <hyperv/rndis.h>

#include "../hyperv/util.h"
#include "bytes.h"
#include "offload_sw.h"
#include "vf82599.h"

#define VF_VENDOR	 0x8086
/* On Hyper-V, where there is no mailbox */
#define VF_DEVICE_82599	 0x152e
#define VF_DEVICE_X540	 0x1530
#define VF_CLASS	 0x020000
#define VF_BAR		 0
#define VF_BAR_BYTES	 0x4000
#define VF_BAR_MSIX	 2
#define VF_VECTORS	 2
/* Where a guest of Hyper-V finds its address, behind ordinary configuration space */
#define VF_CONFIG_MAC	 0x201

/* Registers */
#define VFCTRL		 0x0000
#define VFCTRL_RESET	 0x04000000u
#define VFSTATUS	 0x0008
#define VFLINKS		 0x0010
#define VFLINKS_UP	 0x40000000u
#define VFLINKS_10G	 0x30000000u
#define VTEICR		 0x0100
#define VTEICS		 0x0104
#define VTEIMS		 0x0108
#define VTEIMC		 0x010c
#define VTEIAC		 0x0110
#define VTEIAM		 0x0114
#define VTIVAR		 0x0120
#define VTIVAR_MISC	 0x0140
#define VTIVAR_VALID	 0x80u
#define VFMAILBOX	 0x02fc
#define VFRDBAL		 0x1000
#define VFRDBAH		 0x1004
#define VFRDLEN		 0x1008
#define VFRDH		 0x1010
#define VFSRRCTL	 0x1014
#define VFSRRCTL_KIB	 0x1fu
#define VFRDT		 0x1018
#define VFRXDCTL	 0x1028
#define VFDCTL_ENABLE	 0x02000000u
#define VFTDBAL		 0x2000
#define VFTDBAH		 0x2004
#define VFTDLEN		 0x2008
#define VFTDH		 0x2010
#define VFTDT		 0x2018
#define VFTXDCTL	 0x2028
#define VFGPRC		 0x101c
#define VFGORC_LOW	 0x1020
#define VFGORC_HIGH	 0x1024
#define VFGPTC		 0x201c
#define VFGOTC_LOW	 0x2020
#define VFGOTC_HIGH	 0x2024

/* Descriptors */
#define DESC_BYTES	 16
#define DESC_MAX	 4096
#define TX_TYPE(v)	 ((v) >> 20 & 0xf)
#define TX_TYPE_CONTEXT	 2
#define TX_TYPE_DATA	 3
#define TX_END		 0x01000000u
#define TX_REPORT	 0x08000000u
#define TX_EXTENDED	 0x20000000u
#define TX_VLAN		 0x40000000u
#define TX_SEGMENT	 0x80000000u
#define TX_IP_CHECKSUM	 0x100u
#define TX_L4_CHECKSUM	 0x200u
#define TX_DONE		 1u
#define CONTEXT_IPV4	 0x400u
#define CONTEXT_L4(v)	 ((v) >> 11 & 3)
#define CONTEXT_UDP	 0
#define CONTEXT_TCP	 1
#define RX_DONE		 1u
#define RX_END		 2u

#define VF_ETHERNET_MTU	 1500
#define VF_ETH		 14
#define VF_TAG		 4
/* Policy: longest frame before segmentation, the longest IP packet with header. */
#define VF_FRAME_MAX	 (65535 + 64)

/* What the last context descriptor said: it holds for the frames behind it. */
struct vf_context {
	uint32_t vlan, type, mss;
};

struct vf82599 {
	struct pci_function function;
	uint32_t mtu;
	net_receive send;
	void *opaque;
	bool link;
	uint32_t regs[VF_BAR_BYTES / 4];
	uint32_t mask, cause; /* VTEIMS, VTEICR */

	struct vf_context context;
	uint32_t first_type, first_status; /* of the frame's first descriptor */
	size_t bytes;
	bool overlong;
	uint8_t frame[VF_TAG + VF_FRAME_MAX];

	struct vf82599_counts count;
};

static uint32_t *vf_reg(struct vf82599 *vf, uint32_t offset)
{
	return &vf->regs[offset / 4];
}

static uint64_t vf_base(struct vf82599 *vf, uint32_t low)
{
	return ((uint64_t)*vf_reg(vf, low + 4) << 32 | *vf_reg(vf, low)) & ~0x7full;
}

/* Descriptors of a ring whose length register is @length; 0: none that can be used. */
static uint32_t vf_ring(struct vf82599 *vf, uint32_t length)
{
	uint32_t nr = *vf_reg(vf, length) / DESC_BYTES;

	return nr <= DESC_MAX ? nr : 0;
}

/* ---------------------------------------------------------------- interrupts */

static void vf_raise(struct vf82599 *vf)
{
	for (unsigned int vector = 0; vector < VF_VECTORS; vector++) {
		uint32_t bit = 1u << vector;

		if (!(vf->cause & vf->mask & bit))
			continue;
		/* Cleared and masked by themselves where the guest has asked for that. */
		vf->cause &= ~(bit & *vf_reg(vf, VTEIAC));
		vf->mask &= ~(bit & *vf_reg(vf, VTEIAM));
		pci_function_interrupt(&vf->function, vector);
	}
}

/* Something happened to what an entry of the vector table is for. */
static void vf_cause(struct vf82599 *vf, uint32_t entry)
{
	if (!(entry & VTIVAR_VALID) || (entry & 0x7f) >= VF_VECTORS)
		return;
	vf->cause |= 1u << (entry & 0x7f);
	vf_raise(vf);
}

/* ---------------------------------------------------------------- from the guest */

static void vf_fail(struct vf82599 *vf, const char *why)
{
	hv_violation(vf->function.server, "vf-descriptor", "%s: %s", vf->function.name, why);
	*vf_reg(vf, VFTXDCTL) &= ~VFDCTL_ENABLE;
	*vf_reg(vf, VFRXDCTL) &= ~VFDCTL_ENABLE;
}

static void vf_emit(void *opaque, const uint8_t *frame, size_t bytes)
{
	static uint8_t tagged[VF_TAG + VF_FRAME_MAX];
	struct vf82599 *vf = opaque;

	if (vf->first_type & TX_VLAN && bytes <= VF_FRAME_MAX) {
		memcpy(tagged, frame, 12);
		put_be16(tagged + 12, 0x8100);
		put_be16(tagged + 14, (uint16_t)(vf->context.vlan >> 16));
		memcpy(tagged + 12 + VF_TAG, frame + 12, bytes - 12);
		frame = tagged;
		bytes += VF_TAG;
	}
	vf->count.tx_frames++;
	vf->count.tx_bytes += bytes;
	vf->send(vf->opaque, frame, bytes);
}

/* A frame is whole. Return: what is wrong with it, NULL if nothing is. */
static const char *vf_transmit_frame(struct vf82599 *vf)
{
	bool ipv4 = vf->context.type & CONTEXT_IPV4;
	struct rndis_ppis wishes = { 0 };
	const char *why = NULL;

	if (vf->overlong || vf->bytes < VF_ETH)
		return "frame too long or too short";
	if (vf->first_type & TX_SEGMENT) {
		wishes.has_lso = true;
		wishes.lso = vf->context.mss >> 16 | RNDIS_LSO_V2 | (ipv4 ? 0 : RNDIS_LSO_IPV6);
		vf->count.tx_large++;
	} else if (vf->first_status & TX_L4_CHECKSUM &&
		   CONTEXT_L4(vf->context.type) <= CONTEXT_TCP) {
		wishes.has_checksum = true;
		wishes.checksum = (ipv4 ? RNDIS_TX_CSUM_IS_IPV4 : RNDIS_TX_CSUM_IS_IPV6) |
				  (CONTEXT_L4(vf->context.type) == CONTEXT_TCP ? RNDIS_TX_CSUM_TCP
									      : RNDIS_TX_CSUM_UDP);
		vf->count.tx_checksums++;
	}
	if (!(vf->first_type & TX_SEGMENT) && vf->bytes > vf->mtu + VF_ETH + VF_TAG)
		return "frame longer than the MTU";
	if (offload_transmit(vf->frame, vf->bytes, &wishes, vf->mtu, vf_emit, vf, &why) < 0)
		return why;
	return NULL;
}

/* Return: what is wrong with it, NULL if nothing is. */
static const char *vf_transmit_desc(struct vf82599 *vf, uint64_t at)
{
	const struct guest_mem *mem = vmbus_server_mem(vf->function.server);
	uint8_t desc[DESC_BYTES], done[4];
	uint32_t type, status, bytes;
	const char *why = NULL;

	if (guest_mem_read(mem, at, desc, sizeof(desc)))
		return "transmit ring outside guest memory";
	type = get_le32(desc + 8);
	status = get_le32(desc + 12);
	if (!(type & TX_EXTENDED))
		return "legacy transmit descriptor";
	if (TX_TYPE(type) == TX_TYPE_CONTEXT) {
		vf->context = (struct vf_context){ .vlan = get_le32(desc),
						   .type = type,
						   .mss = get_le32(desc + 12) };
		return NULL;
	}
	if (TX_TYPE(type) != TX_TYPE_DATA)
		return "transmit descriptor of an unknown type";
	bytes = type & 0xffff;
	if (!vf->bytes) {
		vf->first_type = type;
		vf->first_status = status;
	}
	if (bytes > VF_FRAME_MAX - vf->bytes)
		vf->overlong = true;
	else if (guest_mem_read(mem, get_le64(desc), vf->frame + vf->bytes, bytes))
		return "frame outside guest memory";
	else
		vf->bytes += bytes;
	if (type & TX_END) {
		why = vf_transmit_frame(vf);
		vf->bytes = 0;
		vf->overlong = false;
	}
	if (!why && type & TX_REPORT) {
		put_le32(done, TX_DONE);
		if (guest_mem_write(mem, at + 12, done, sizeof(done)))
			return "transmit ring outside guest memory";
	}
	return why;
}

/* The tail does not move meanwhile: the guest that writes it waits. */
static void vf_transmit(struct vf82599 *vf)
{
	uint32_t nr = vf_ring(vf, VFTDLEN), *head = vf_reg(vf, VFTDH), *tail = vf_reg(vf, VFTDT);
	uint32_t taken;

	if (!nr || *head >= nr || *tail >= nr)
		return;
	for (taken = 0; taken < nr && *head != *tail; taken++) {
		const char *why;

		if (!(*vf_reg(vf, VFTXDCTL) & VFDCTL_ENABLE))
			return;
		why = vf_transmit_desc(vf, vf_base(vf, VFTDBAL) + (uint64_t)*head * DESC_BYTES);
		if (why) {
			vf_fail(vf, why);
			return;
		}
		*head = *head + 1 == nr ? 0 : *head + 1;
	}
	if (taken)
		vf_cause(vf, *vf_reg(vf, VTIVAR) >> 8 & 0xff);
}

/* ---------------------------------------------------------------- to the guest */

/* One descriptor's share of a frame. Return: 0, -EFAULT. */
static int vf_fill(struct vf82599 *vf, uint64_t at, const uint8_t *part, uint32_t bytes, bool last)
{
	const struct guest_mem *mem = vmbus_server_mem(vf->function.server);
	uint8_t desc[8], zero[8] = { 0 };
	uint64_t *second = guest_mem_ptr(mem, at + 8, 8);

	if (!second || guest_mem_read(mem, at, desc, sizeof(desc)) ||
	    guest_mem_write(mem, get_le64(desc), part, bytes) ||
	    guest_mem_write(mem, at, zero, sizeof(zero)))
		return -EFAULT;
	/* Length and "done" last, at once: the guest looks at either. */
	__atomic_store_n(second, htole64((uint64_t)bytes << 32 | RX_DONE | (last ? RX_END : 0)),
			 __ATOMIC_RELEASE);
	return 0;
}

void vf82599_receive(struct vf82599 *vf, const uint8_t *frame, size_t bytes)
{
	uint32_t nr = vf_ring(vf, VFRDLEN), *head = vf_reg(vf, VFRDH), tail = *vf_reg(vf, VFRDT);
	uint32_t room = (*vf_reg(vf, VFSRRCTL) & VFSRRCTL_KIB) << 10, need, free;

	if (!(*vf_reg(vf, VFRXDCTL) & VFDCTL_ENABLE) || !vf->link || !room || !nr || *head >= nr ||
	    tail >= nr || bytes < VF_ETH || bytes > VF_FRAME_MAX) {
		vf->count.rx_dropped++;
		return;
	}
	need = (uint32_t)((bytes + room - 1) / room);
	free = tail >= *head ? tail - *head : nr - *head + tail;
	if (need > free) {
		vf->count.rx_dropped++;
		return;
	}
	vf->count.rx_frames++;
	vf->count.rx_bytes += bytes;
	while (bytes) {
		uint32_t part = bytes < room ? (uint32_t)bytes : room;

		if (vf_fill(vf, vf_base(vf, VFRDBAL) + (uint64_t)*head * DESC_BYTES, frame, part,
			    part == bytes)) {
			vf_fail(vf, "receive ring or buffer outside guest memory");
			return;
		}
		*head = *head + 1 == nr ? 0 : *head + 1;
		frame += part;
		bytes -= part;
	}
	vf_cause(vf, *vf_reg(vf, VTIVAR) & 0xff);
}

void vf82599_set_link(struct vf82599 *vf, bool up)
{
	if (vf->link == up)
		return;
	vf->link = up;
	vf_cause(vf, *vf_reg(vf, VTIVAR_MISC) & 0xff);
}

/* ---------------------------------------------------------------- registers */

static void vf_reset(void *dev)
{
	struct vf82599 *vf = dev;

	memset(vf->regs, 0, sizeof(vf->regs));
	memset(&vf->context, 0, sizeof(vf->context));
	vf->mask = vf->cause = 0;
	vf->bytes = 0;
	vf->overlong = false;
}

static uint32_t vf_read_register(struct vf82599 *vf, uint32_t offset)
{
	uint32_t cause = vf->cause;

	switch (offset) {
	case VFCTRL:
	case VFSTATUS:
	case VFMAILBOX:
		return 0;
	case VFLINKS:
		return vf->link ? VFLINKS_UP | VFLINKS_10G : 0;
	case VTEICR:
		vf->cause = 0;
		return cause;
	case VTEICS:
		return cause;
	case VTEIMS:
	case VTEIMC:
		return vf->mask;
	case VFGPRC:
		return (uint32_t)vf->count.rx_frames;
	case VFGPTC:
		return (uint32_t)vf->count.tx_frames;
	case VFGORC_LOW:
		return (uint32_t)vf->count.rx_bytes;
	case VFGORC_HIGH:
		return (uint32_t)(vf->count.rx_bytes >> 32) & 0xf;
	case VFGOTC_LOW:
		return (uint32_t)vf->count.tx_bytes;
	case VFGOTC_HIGH:
		return (uint32_t)(vf->count.tx_bytes >> 32) & 0xf;
	}
	return *vf_reg(vf, offset);
}

static void vf_write_register(struct vf82599 *vf, uint32_t offset, uint32_t value)
{
	switch (offset) {
	case VFCTRL:
		if (value & VFCTRL_RESET)
			vf_reset(vf);
		return;
	case VTEICR:
		vf->cause &= ~value;
		return;
	case VTEICS:
		vf->cause |= value;
		vf_raise(vf);
		return;
	case VTEIMS:
		vf->mask |= value;
		vf_raise(vf);
		return;
	case VTEIMC:
		vf->mask &= ~value;
		return;
	}
	*vf_reg(vf, offset) = value;
	if (offset == VFTDT)
		vf_transmit(vf);
}

static uint64_t vf_read(void *dev, unsigned int bar, uint64_t offset, unsigned int bytes)
{
	(void)bar;
	return bytes == 4 ? vf_read_register(dev, (uint32_t)offset) : UINT64_MAX;
}

static void vf_write(void *dev, unsigned int bar, uint64_t offset, unsigned int bytes,
		     uint64_t value)
{
	(void)bar;
	if (bytes == 4)
		vf_write_register(dev, (uint32_t)offset, (uint32_t)value);
}

static const struct pci_function_ops vf_ops = {
	.read = vf_read,
	.write = vf_write,
	.reset = vf_reset,
};

struct vf82599 *vf82599_new(struct vmbus_server *server, const char *name, const uint8_t mac[6],
			    uint32_t mtu, net_receive send, void *opaque)
{
	/* Without a mailbox the 82599's driver takes no MTU beyond Ethernet's own. */
	uint16_t device = mtu > VF_ETHERNET_MTU ? VF_DEVICE_X540 : VF_DEVICE_82599;
	struct pci_ids ids = {
		.vendor = VF_VENDOR,
		.device = device,
		.sub_vendor = VF_VENDOR,
		.sub_device = device,
		.revision = 1,
		.class = VF_CLASS,
	};
	struct vf82599 *vf = xcalloc(1, sizeof(*vf));

	vf->mtu = mtu;
	vf->send = send;
	vf->opaque = opaque;
	vf->link = true;
	pci_function_init(&vf->function, server, name, &ids, &vf_ops, vf);
	pci_function_add_bar(&vf->function, VF_BAR, VF_BAR_BYTES);
	pci_function_add_msix(&vf->function, VF_BAR_MSIX, VF_VECTORS);
	memcpy(&vf->function.config[VF_CONFIG_MAC], mac, 6);
	return vf;
}

void vf82599_free(struct vf82599 *vf)
{
	if (!vf)
		return;
	pci_function_attach(&vf->function, NULL, NULL);
	free(vf);
}

struct pci_function *vf82599_function(struct vf82599 *vf)
{
	return &vf->function;
}

struct vf82599_counts *vf82599_counts(struct vf82599 *vf)
{
	return &vf->count;
}

void vf82599_info(const struct vf82599 *vf, struct vf82599_info *info)
{
	info->transmits = vf->regs[VFTXDCTL / 4] & VFDCTL_ENABLE;
	info->receives = vf->regs[VFRXDCTL / 4] & VFDCTL_ENABLE;
}
