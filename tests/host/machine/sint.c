// SPDX-License-Identifier: GPL-2.0
/*
 * What the Hyper-V side asks of the machine, on KVM: interrupts of the VMBus SINT through an irqfd
 * for each VP, end of message through the irqfd's resample eventfd, signals of the guest through
 * KVM_HYPERV_EVENTFD, the reference clock, interrupts of functions. It must not know what the
 * interrupts are for.
 */
#include <errno.h>
#include <hyperv/tlfs.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "internal.h"

#define SINT_ROUTES (16 + 24 + MACHINE_MAX_VCPUS)

static int sint_irqfd(struct vcpu *vcpu, bool resample, bool deassign)
{
	struct kvm_irqfd irqfd = {
		.fd = vcpu->sint_fd,
		.gsi = MACHINE_GSI_SINT(vcpu->index),
		.flags = (resample ? KVM_IRQFD_FLAG_RESAMPLE : 0) |
			 (deassign ? KVM_IRQFD_FLAG_DEASSIGN : 0),
		.resamplefd = resample ? vcpu->eom_fd : 0,
	};

	return ioctl(vcpu->machine->vm_fd, KVM_IRQFD, &irqfd) < 0 ? -errno : 0;
}

static void sint_eom_ready(int fd, uint32_t events, void *opaque)
{
	struct vcpu *vcpu = opaque;
	uint64_t count;

	(void)events;
	if (read(fd, &count, sizeof(count)) < 0)
		return;
	vmbus_server_eom(vcpu->machine->server, vcpu->index);
}

/*
 * The routing table replaces KVM's default one, so the wires of the PC come first: IRQ 0 is pin 2
 * of the IOAPIC.
 */
static int sint_set_routes(struct machine *machine)
{
	struct {
		struct kvm_irq_routing head;
		struct kvm_irq_routing_entry entry[SINT_ROUTES];
	} routes = { 0 };
	unsigned int nr = 0;

	for (unsigned int irq = 0; irq < 16; irq++) {
		struct kvm_irq_routing_entry *entry = &routes.entry[nr++];

		entry->gsi = irq;
		entry->type = KVM_IRQ_ROUTING_IRQCHIP;
		entry->u.irqchip.irqchip = irq < 8 ? KVM_IRQCHIP_PIC_MASTER : KVM_IRQCHIP_PIC_SLAVE;
		entry->u.irqchip.pin = irq % 8;
	}
	for (unsigned int gsi = 0; gsi < 24; gsi++) {
		struct kvm_irq_routing_entry *entry = &routes.entry[nr];

		if (gsi == 2)
			continue;
		nr++;
		entry->gsi = gsi;
		entry->type = KVM_IRQ_ROUTING_IRQCHIP;
		entry->u.irqchip.irqchip = KVM_IRQCHIP_IOAPIC;
		entry->u.irqchip.pin = gsi ? gsi : 2;
	}
	for (unsigned int vp = 0; machine->config.hyperv && vp < machine->config.cpus; vp++) {
		struct kvm_irq_routing_entry *entry = &routes.entry[nr++];

		entry->gsi = MACHINE_GSI_SINT(vp);
		entry->type = KVM_IRQ_ROUTING_HV_SINT;
		entry->u.hv_sint.vcpu = vp;
		entry->u.hv_sint.sint = VMBUS_SINT;
	}
	routes.head.nr = nr;
	return ioctl(machine->vm_fd, KVM_SET_GSI_ROUTING, &routes) < 0 ? -errno : 0;
}

int sint_create(struct machine *machine, char err[HV_ERR_MAX])
{
	int ret = sint_set_routes(machine);

	if (ret) {
		snprintf(err, HV_ERR_MAX, "/dev/kvm: KVM_SET_GSI_ROUTING: %s", strerror(-ret));
		return -1;
	}
	if (!machine->config.hyperv)
		return 0;
	for (unsigned int vp = 0; vp < machine->config.cpus; vp++) {
		struct vcpu *vcpu = &machine->vcpu[vp];

		vcpu->sint_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		vcpu->eom_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		if (vcpu->sint_fd < 0 || vcpu->eom_fd < 0 ||
		    loop_fd_add(machine->loop, vcpu->eom_fd, 0, sint_eom_ready, vcpu)) {
			snprintf(err, HV_ERR_MAX, "cannot create event descriptors: %s",
				 strerror(errno));
			return -1;
		}
		ret = sint_irqfd(vcpu, false, false);
		if (ret) {
			snprintf(err, HV_ERR_MAX, "/dev/kvm: KVM_IRQFD: %s", strerror(-ret));
			return -1;
		}
	}
	return 0;
}

void sint_destroy(struct machine *machine)
{
	for (unsigned int vp = 0; vp < MACHINE_MAX_VCPUS; vp++) {
		struct vcpu *vcpu = &machine->vcpu[vp];

		if (vcpu->eom_fd >= 0) {
			loop_fd_del(machine->loop, vcpu->eom_fd);
			close(vcpu->eom_fd);
		}
		if (vcpu->sint_fd >= 0)
			close(vcpu->sint_fd);
		vcpu->eom_fd = vcpu->sint_fd = -1;
		vcpu->eom_bound = false;
	}
}

static void sint_kick(void *platform, unsigned int vp)
{
	struct machine *machine = platform;
	uint64_t one = 1;

	/* A full counter means an interrupt is on its way already. */
	if (machine->vm_fd < 0 || write(machine->vcpu[vp].sint_fd, &one, sizeof(one)) < 0)
		return;
}

/*
 * The resample notification comes with each end of interrupt, not only with end of message. So only
 * a VP that has received messages gets it, and it is listened to only while messages wait for the
 * slot.
 */
static void sint_watch_eom(void *platform, unsigned int vp, bool on)
{
	struct machine *machine = platform;
	struct vcpu *vcpu = &machine->vcpu[vp];
	uint64_t count;

	if (machine->vm_fd < 0)
		return;
	if (on && !vcpu->eom_bound) {
		int ret = sint_irqfd(vcpu, false, true);

		if (!ret)
			ret = sint_irqfd(vcpu, true, false);
		if (ret) {
			hv_log("/dev/kvm: KVM_IRQFD with resample: %s", strerror(-ret));
			machine_notify(machine, MACHINE_BROKEN);
			return;
		}
		vcpu->eom_bound = true;
	}
	if (!vcpu->eom_bound)
		return;
	/* What was counted while nobody listened is no news. */
	if (on && read(vcpu->eom_fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
		return;
	loop_fd_mod(machine->loop, vcpu->eom_fd, on ? EPOLLIN : 0);
}

static void sint_slot_lock(void *platform, unsigned int vp)
{
	struct machine *machine = platform;
	struct vcpu *vcpu = &machine->vcpu[vp];

	if (machine->config.timers != MACHINE_TIMERS_LEGACY || machine->vm_fd < 0)
		return;
	atomic_store(&vcpu->hold, true);
	vcpu_kick(vcpu);
	pthread_mutex_lock(&vcpu->run_lock);
}

static void sint_slot_unlock(void *platform, unsigned int vp)
{
	struct machine *machine = platform;
	struct vcpu *vcpu = &machine->vcpu[vp];

	if (machine->config.timers != MACHINE_TIMERS_LEGACY || machine->vm_fd < 0)
		return;
	atomic_store(&vcpu->hold, false);
	pthread_mutex_unlock(&vcpu->run_lock);
}

static int sint_event(struct machine *machine, uint32_t connection_id, int fd, uint32_t flags)
{
	struct kvm_hyperv_eventfd event = { .conn_id = connection_id, .fd = fd, .flags = flags };

	if (machine->vm_fd < 0)
		return -ENODEV;
	return ioctl(machine->vm_fd, KVM_HYPERV_EVENTFD, &event) < 0 ? -errno : 0;
}

static int sint_event_add(void *platform, uint32_t connection_id, int fd)
{
	return sint_event(platform, connection_id, fd, 0);
}

static void sint_event_del(void *platform, uint32_t connection_id, int fd)
{
	sint_event(platform, connection_id, fd, KVM_HYPERV_EVENTFD_DEASSIGN);
}

/* KVM's own reference counter runs on the VM clock. */
static uint64_t sint_ref_time(void *platform)
{
	struct machine *machine = platform;
	struct kvm_clock_data clock = { 0 };

	if (machine->vm_fd < 0 || ioctl(machine->vm_fd, KVM_GET_CLOCK, &clock) < 0)
		return 0;
	return clock.clock / 100;
}

static int sint_map(void *platform, uint64_t gpa, uint64_t size, void *hva)
{
	return machine_map(platform, gpa, size, hva);
}

static bool sint_is_device_space(void *platform, uint64_t gpa, uint64_t size)
{
	(void)platform;
	return machine_is_device_space(gpa, size);
}

/* A message of the local APIC: fixed, edge, to one processor, whose APIC id is its VP index. */
static void sint_interrupt(void *platform, unsigned int vp, uint8_t vector)
{
	struct machine *machine = platform;
	struct kvm_msi msi = { .address_lo = MACHINE_LAPIC_BASE | vp << 12, .data = vector };

	if (machine->vm_fd >= 0)
		ioctl(machine->vm_fd, KVM_SIGNAL_MSI, &msi);
}

const struct hv_platform_ops *machine_platform_ops(void)
{
	static const struct hv_platform_ops ops = {
		.kick = sint_kick,
		.watch_eom = sint_watch_eom,
		.slot_lock = sint_slot_lock,
		.slot_unlock = sint_slot_unlock,
		.event_add = sint_event_add,
		.event_del = sint_event_del,
		.ref_time = sint_ref_time,
		.map = sint_map,
		.is_device_space = sint_is_device_space,
		.interrupt = sint_interrupt,
	};

	return &ops;
}
