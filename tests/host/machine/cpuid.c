// SPDX-License-Identifier: GPL-2.0
/*
 * CPUID of a vCPU: what KVM supports, with the topology of this machine, the Hyper-V leaves and no
 * trace of KVM's own (a guest that sees both signatures picks KVM). TLFS, Feature and Interface
 * Discovery.
 */
#include <errno.h>
#include <hyperv/tlfs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "internal.h"

#define CPUID_MAX_ENTRIES 160

#define CPUID_1_ECX_VMX		 (1u << 5)
#define CPUID_1_ECX_X2APIC	 (1u << 21)
#define CPUID_1_ECX_TSC_DEADLINE (1u << 24)
#define CPUID_1_ECX_HYPERVISOR	 (1u << 31)
#define CPUID_1_EDX_HTT		 (1u << 28)
/*
 * XSAVE and all that needs it: AVX and its kin, MPX, protection keys, AMX. A software CPU below KVM
 * may not intercept XSETBV; then KVM loads a wrong XCR0 at each entry and the guest's tasks lose
 * registers. Without XSAVE the guest uses FXSAVE, and its CPU is the same on every machine.
 */
#define CPUID_1_ECX_XSTATE (1u << 12 | 1u << 26 | 1u << 27 | 1u << 28 | 1u << 29)
#define CPUID_7_EBX_XSTATE                                                                      \
	(1u << 5 | 1u << 14 | 1u << 16 | 1u << 17 | 1u << 21 | 1u << 26 | 1u << 27 | 1u << 28 | \
	 1u << 30 | 1u << 31)
#define CPUID_7_ECX_XSTATE                                                                 \
	(1u << 1 | 1u << 3 | 1u << 4 | 1u << 6 | 1u << 8 | 1u << 9 | 1u << 10 | 1u << 11 | \
	 1u << 12 | 1u << 14)
#define CPUID_7_EDX_XSTATE	  (1u << 2 | 1u << 3 | 1u << 8 | 1u << 22 | 1u << 23 | 1u << 24 | 1u << 25)
#define CPUID_80000001_ECX_SVM	  (1u << 2)
#define CPUID_6_EAX_ARAT	  (1u << 2)
#define CPUID_IS_HYPERVISOR(leaf) ((leaf) >> 16 == 0x4000)

struct cpuid_table {
	struct kvm_cpuid2 head;
	struct kvm_cpuid_entry2 entry[CPUID_MAX_ENTRIES];
};

static unsigned int cpuid_id_bits(unsigned int cpus)
{
	unsigned int bits = 0;

	while (1u << bits < cpus)
		bits++;
	return bits;
}

static void cpuid_fix_entry(const struct vcpu *vcpu, struct kvm_cpuid_entry2 *entry)
{
	unsigned int cpus = vcpu->machine->config.cpus, bits = cpuid_id_bits(cpus);

	switch (entry->function) {
	case 1:
		entry->ebx = (entry->ebx & 0xff00) | vcpu->index << 24 | cpus << 16 | 8 << 8;
		entry->ecx |= CPUID_1_ECX_HYPERVISOR;
		entry->ecx &= ~CPUID_1_ECX_VMX;
		/*
		 * Hyper-V has no deadline mode; a Linux that falls back from synthetic timers
		 * counts on the plain one.
		 */
		entry->ecx &= ~CPUID_1_ECX_TSC_DEADLINE;
		entry->ecx |= CPUID_1_ECX_X2APIC;
		entry->ecx &= ~CPUID_1_ECX_XSTATE;
		if (cpus > 1)
			entry->edx |= CPUID_1_EDX_HTT;
		else
			entry->edx &= ~CPUID_1_EDX_HTT;
		break;
	case 4:
		if (entry->eax & 0x1f)
			entry->eax = (entry->eax & 0x3ff) | ((1u << bits) - 1) << 26 |
				     (((entry->eax >> 5 & 7) == 3 ? (1u << bits) - 1 : 0) << 14);
		break;
	case 6:
		/*
		 * "The local APIC timer never stops" would let Linux take it for its broadcast
		 * device, and then nothing is left to replace the synthetic timers when the VMBus
		 * driver is unloaded.
		 */
		entry->eax &= ~CPUID_6_EAX_ARAT;
		break;
	case 7:
		if (entry->index == 0) {
			entry->ebx &= ~CPUID_7_EBX_XSTATE;
			entry->ecx &= ~CPUID_7_ECX_XSTATE;
			entry->edx &= ~CPUID_7_EDX_XSTATE;
		} else {
			entry->eax = entry->ebx = entry->ecx = entry->edx = 0;
		}
		break;
	case 0xd:
		entry->eax = entry->ebx = entry->ecx = entry->edx = 0;
		break;
	case 0xb:
	case 0x1f:
		entry->edx = vcpu->index;
		entry->ecx = entry->index;
		entry->eax = entry->ebx = 0;
		if (entry->index == 0) {
			entry->ebx = 1;
			entry->ecx |= 1 << 8;
		} else if (entry->index == 1) {
			entry->eax = bits;
			entry->ebx = cpus;
			entry->ecx |= 2 << 8;
		}
		break;
	case 0x80000001:
		entry->ecx &= ~CPUID_80000001_ECX_SVM;
		break;
	case 0x80000008:
		entry->ecx = (entry->ecx & ~0xf0ffu) | bits << 12 | (cpus - 1);
		break;
	case 0x8000001e:
		entry->eax = vcpu->index;
		entry->ebx = vcpu->index;
		entry->ecx = 0;
		break;
	}
}

static int cpuid_fix_hyperv(const struct vcpu *vcpu, struct kvm_cpuid_entry2 *entry)
{
	enum machine_timers timers = vcpu->machine->config.timers;

	switch (entry->function) {
	case TLFS_CPUID_MAX_LEAF:
		entry->eax = TLFS_CPUID_NESTED;
		entry->ebx = TLFS_SIGNATURE_EBX;
		entry->ecx = TLFS_SIGNATURE_ECX;
		entry->edx = TLFS_SIGNATURE_EDX;
		break;
	case TLFS_CPUID_INTERFACE:
		entry->eax = TLFS_INTERFACE_HV1;
		break;
	case TLFS_CPUID_FEATURES:
		/* Extended hypercalls are not answered, so they are not offered. */
		entry->ebx = TLFS_PRIV_POST_MESSAGES | TLFS_PRIV_SIGNAL_EVENTS;
		entry->edx &= ~TLFS_FEATURE_DIRECT_STIMER;
		if (timers == MACHINE_TIMERS_DIRECT)
			entry->edx |= TLFS_FEATURE_DIRECT_STIMER;
		if (timers == MACHINE_TIMERS_NONE)
			entry->eax &= ~TLFS_MSR_STIMER_OK;
		break;
	case TLFS_CPUID_HINTS:
		/*
		 * Only what helps the guest: no enlightened VMCS and the like, a guest of ours is
		 * not a hypervisor.
		 */
		entry->eax &= ~(1u << 12 | 1u << 14);
		entry->eax |= TLFS_HINT_RELAXED_TIMING | TLFS_HINT_DEPRECATE_AUTOEOI;
		entry->ebx = UINT32_MAX;
		break;
	case TLFS_CPUID_LIMITS:
		entry->eax = vcpu->machine->config.cpus;
		entry->ebx = vcpu->machine->config.cpus;
		break;
	case TLFS_CPUID_NESTED:
		entry->eax = entry->ebx = 0;
		break;
	default:
		return entry->function > TLFS_CPUID_NESTED ? 0 : 1;
	}
	return 1;
}

/* What of it a release has. Return: 0, the leaf is not there. */
static int cpuid_fix_release(const struct hv_release_cpuid *release,
			     struct kvm_cpuid_entry2 *entry)
{
	if (entry->function > release->max_leaf)
		return 0;
	switch (entry->function) {
	case TLFS_CPUID_MAX_LEAF:
		if (entry->eax > release->max_leaf)
			entry->eax = release->max_leaf;
		break;
	case TLFS_CPUID_VERSION:
		entry->eax = release->build;
		entry->ebx = release->version;
		entry->ecx = release->pack;
		entry->edx = release->branch;
		break;
	case TLFS_CPUID_FEATURES:
		entry->eax &= release->privileges;
		entry->edx &= release->features;
		break;
	case TLFS_CPUID_HINTS:
		/*
		 * That AutoEOI is better not used holds for every host that is KVM, and for none of
		 * the guests is it new.
		 */
		entry->eax &= release->hints | TLFS_HINT_DEPRECATE_AUTOEOI;
		break;
	}
	return 1;
}

static int cpuid_read(int fd, unsigned long request, struct cpuid_table *table)
{
	memset(table, 0, sizeof(*table));
	table->head.nent = CPUID_MAX_ENTRIES;
	return ioctl(fd, request, table);
}

int vcpu_set_cpuid(struct vcpu *vcpu, char err[HV_ERR_MAX])
{
	struct cpuid_table *all = xcalloc(2, sizeof(*all)), *hyperv = all + 1;
	const struct hv_release_cpuid *release = vcpu->machine->config.cpuid;
	unsigned int nr = 0;
	int ret = -1;

	if (cpuid_read(vcpu->machine->kvm_fd, KVM_GET_SUPPORTED_CPUID, all) < 0) {
		snprintf(err, HV_ERR_MAX, "/dev/kvm: KVM_GET_SUPPORTED_CPUID: %s", strerror(errno));
		goto out;
	}
	for (unsigned int i = 0; i < all->head.nent; i++) {
		if (CPUID_IS_HYPERVISOR(all->entry[i].function))
			continue;
		all->entry[nr] = all->entry[i];
		cpuid_fix_entry(vcpu, &all->entry[nr]);
		nr++;
	}
	if (vcpu->machine->config.hyperv) {
		if (cpuid_read(vcpu->fd, KVM_GET_SUPPORTED_HV_CPUID, hyperv) < 0) {
			snprintf(err, HV_ERR_MAX, "/dev/kvm: KVM_GET_SUPPORTED_HV_CPUID: %s",
				 strerror(errno));
			goto out;
		}
		for (unsigned int i = 0; i < hyperv->head.nent && nr < CPUID_MAX_ENTRIES; i++) {
			if (cpuid_fix_hyperv(vcpu, &hyperv->entry[i]) &&
			    (!release || cpuid_fix_release(release, &hyperv->entry[i])))
				all->entry[nr++] = hyperv->entry[i];
		}
	}
	all->head.nent = nr;
	if (ioctl(vcpu->fd, KVM_SET_CPUID2, all) < 0) {
		snprintf(err, HV_ERR_MAX, "/dev/kvm: KVM_SET_CPUID2: %s", strerror(errno));
		goto out;
	}
	ret = 0;
out:
	free(all);
	return ret;
}
