// SPDX-License-Identifier: GPL-2.0
/*
 * One virtual processor: its thread, and what it does when KVM hands control back. It forwards:
 * port I/O to the port registry, everything of Hyper-V and registers of devices to the device
 * thread.
 */
#include <errno.h>
#include <hyperv/tlfs.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "internal.h"

#define VCPU_SIGNAL SIGUSR1

static __thread struct kvm_run *vcpu_this_run;

/* Arriving outside of KVM_RUN it makes the next KVM_RUN return at once. */
static void vcpu_signal(int number)
{
	(void)number;
	if (vcpu_this_run)
		vcpu_this_run->immediate_exit = 1;
}

void vcpu_install_signal(void)
{
	struct sigaction action = { .sa_handler = vcpu_signal };
	sigset_t signals;

	sigaction(VCPU_SIGNAL, &action, NULL);
	/* Inherited by the vCPU threads, which unblock it once they can take it. */
	sigemptyset(&signals);
	sigaddset(&signals, VCPU_SIGNAL);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
}

void vcpu_kick(struct vcpu *vcpu)
{
	if (vcpu->started)
		pthread_kill(vcpu->thread, VCPU_SIGNAL);
}

struct synic_change {
	struct vcpu *vcpu;
	struct hv_synic_regs regs;
};

static void vcpu_synic_changed(void *opaque)
{
	struct synic_change *change = opaque;

	vmbus_server_synic_changed(change->vcpu->machine->server, change->vcpu->index,
				   &change->regs);
}

static void vcpu_exit_hyperv(struct vcpu *vcpu)
{
	struct kvm_hyperv_exit *exit = &vcpu->run->hyperv;
	struct synic_change change = { .vcpu = vcpu };

	switch (exit->type) {
	case KVM_EXIT_HYPERV_SYNIC:
		change.regs.scontrol = exit->u.synic.control;
		change.regs.siefp = exit->u.synic.evt_page;
		change.regs.simp = exit->u.synic.msg_page;
		/* Waits: the guest may reuse a page as soon as its disabling returns. */
		loop_call_wait(vcpu->machine->loop, vcpu_synic_changed, &change);
		break;
	case KVM_EXIT_HYPERV_HCALL: {
		uint64_t params[2] = { exit->u.hcall.params[0], exit->u.hcall.params[1] };

		exit->u.hcall.result =
			vmbus_server_hypercall(vcpu->machine->server, exit->u.hcall.input, params);
		break;
	}
	case KVM_EXIT_HYPERV_SYNDBG:
		exit->u.syndbg.status = UINT32_MAX;
		break;
	}
}

static void vcpu_mmio(void *opaque)
{
	struct vcpu *vcpu = opaque;
	struct kvm_run *run = vcpu->run;

	vmbus_server_mmio(vcpu->machine->server, run->mmio.phys_addr, run->mmio.len,
			  run->mmio.is_write, run->mmio.data);
}

static void vcpu_exit_mmio(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;

	/* Waits: a write is done when the instruction is. */
	if (vcpu->machine->server && machine_is_device_space(run->mmio.phys_addr, run->mmio.len))
		loop_call_wait(vcpu->machine->loop, vcpu_mmio, vcpu);
	else if (!run->mmio.is_write)
		/* Nothing is mapped there: reads see an empty bus. */
		memset(run->mmio.data, 0xff, sizeof(run->mmio.data));
}

static void vcpu_exit_io(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;

	pio_access(vcpu->machine, run->io.direction == KVM_EXIT_IO_OUT, run->io.port, run->io.size,
		   (uint8_t *)run + run->io.data_offset, run->io.count);
}

/* The parameters the guest left in the crash MSRs: TLFS, Guest Crash Enlightenment. */
static void vcpu_log_crash(struct vcpu *vcpu)
{
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry entry[5];
	} msrs = { .head.nmsrs = 5 };

	for (unsigned int i = 0; i < 5; i++)
		msrs.entry[i].index = TLFS_MSR_CRASH_P0 + i;
	if (ioctl(vcpu->fd, KVM_GET_MSRS, &msrs) != 5)
		memset(msrs.entry, 0, sizeof(msrs.entry));
	hv_log("guest crash reported by VP %u: %#llx %#llx %#llx %#llx %#llx", vcpu->index,
	       msrs.entry[0].data, msrs.entry[1].data, msrs.entry[2].data, msrs.entry[3].data,
	       msrs.entry[4].data);
}

static void vcpu_exit_system_event(struct vcpu *vcpu)
{
	switch (vcpu->run->system_event.type) {
	case KVM_SYSTEM_EVENT_CRASH:
		vcpu_log_crash(vcpu);
		machine_notify(vcpu->machine, MACHINE_CRASHED);
		break;
	case KVM_SYSTEM_EVENT_RESET:
		machine_notify(vcpu->machine, MACHINE_RESET);
		break;
	case KVM_SYSTEM_EVENT_SHUTDOWN:
		machine_notify(vcpu->machine, MACHINE_POWERED_OFF);
		break;
	}
}

static void vcpu_exit(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;

	switch (run->exit_reason) {
	case KVM_EXIT_IO:
		vcpu_exit_io(vcpu);
		break;
	case KVM_EXIT_MMIO:
		vcpu_exit_mmio(vcpu);
		break;
	case KVM_EXIT_HYPERV:
		vcpu_exit_hyperv(vcpu);
		break;
	case KVM_EXIT_SYSTEM_EVENT:
		vcpu_exit_system_event(vcpu);
		break;
	case KVM_EXIT_SHUTDOWN:
		hv_log("guest triple fault (VP %u)", vcpu->index);
		machine_notify(vcpu->machine, MACHINE_TRIPLE_FAULT);
		break;
	case KVM_EXIT_INTR:
		break;
	case KVM_EXIT_INTERNAL_ERROR:
		hv_log("/dev/kvm: internal error %u on VP %u", run->internal.suberror, vcpu->index);
		machine_notify(vcpu->machine, MACHINE_BROKEN);
		break;
	case KVM_EXIT_FAIL_ENTRY:
		hv_log("/dev/kvm: cannot enter the guest: reason %#" PRIx64 " on VP %u",
		       (uint64_t)run->fail_entry.hardware_entry_failure_reason, vcpu->index);
		machine_notify(vcpu->machine, MACHINE_BROKEN);
		break;
	default:
		hv_log("/dev/kvm: unexpected exit %u on VP %u", run->exit_reason, vcpu->index);
		machine_notify(vcpu->machine, MACHINE_BROKEN);
		break;
	}
}

static void vcpu_ended(void *opaque)
{
	struct machine *machine = opaque;

	machine->running--;
}

static void *vcpu_thread(void *opaque)
{
	struct vcpu *vcpu = opaque;
	struct machine *machine = vcpu->machine;
	sigset_t signals;

	vcpu_this_run = vcpu->run;
	sigemptyset(&signals);
	sigaddset(&signals, VCPU_SIGNAL);
	pthread_sigmask(SIG_UNBLOCK, &signals, NULL);

	while (!atomic_load(&machine->stop)) {
		int ret;

		/*
		 * Gives way to a device thread that waits for run_lock; it clears hold while it has
		 * the lock.
		 */
		while (atomic_load(&vcpu->hold) && !atomic_load(&machine->stop))
			sched_yield();
		pthread_mutex_lock(&vcpu->run_lock);
		ret = ioctl(vcpu->fd, KVM_RUN, 0) < 0 ? errno : 0;
		pthread_mutex_unlock(&vcpu->run_lock);
		if (ret == EINTR || ret == EAGAIN) {
			vcpu->run->immediate_exit = 0;
			continue;
		}
		if (ret) {
			hv_log("/dev/kvm: KVM_RUN on VP %u: %s", vcpu->index, strerror(ret));
			machine_notify(machine, MACHINE_BROKEN);
			break;
		}
		vcpu_exit(vcpu);
	}
	loop_call(machine->loop, vcpu_ended, machine);
	return NULL;
}

/*
 * All processors count time from the same moment, however far apart they were created: KVM by itself aligns only those that
 * come within a second. A KVM that cannot do it here (before Linux 5.16) is left to that.
 */
static void vcpu_align_tsc(struct vcpu *vcpu)
{
	uint64_t offset;
	struct kvm_device_attr attr = {
		.group = KVM_VCPU_TSC_CTRL,
		.attr = KVM_VCPU_TSC_OFFSET,
		.addr = (uintptr_t)&offset,
	};

	if (!ioctl(vcpu->machine->vcpu[0].fd, KVM_GET_DEVICE_ATTR, &attr))
		ioctl(vcpu->fd, KVM_SET_DEVICE_ATTR, &attr);
}

int vcpu_create(struct machine *machine, unsigned int index, char err[HV_ERR_MAX])
{
	struct vcpu *vcpu = &machine->vcpu[index];
	struct kvm_enable_cap synic = { .cap = KVM_CAP_HYPERV_SYNIC2 };

	vcpu->machine = machine;
	vcpu->index = index;
	atomic_store(&vcpu->hold, false);
	vcpu->fd = ioctl(machine->vm_fd, KVM_CREATE_VCPU, index);
	if (vcpu->fd < 0) {
		snprintf(err, HV_ERR_MAX, "/dev/kvm: KVM_CREATE_VCPU: %s", strerror(errno));
		return -1;
	}
	vcpu->run = mmap(NULL, machine->run_size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu->fd, 0);
	if (vcpu->run == MAP_FAILED) {
		vcpu->run = NULL;
		snprintf(err, HV_ERR_MAX, "/dev/kvm: cannot map a vCPU: %s", strerror(errno));
		return -1;
	}
	if (machine->config.hyperv && ioctl(vcpu->fd, KVM_ENABLE_CAP, &synic) < 0) {
		snprintf(err, HV_ERR_MAX, "/dev/kvm: cannot enable the Hyper-V SynIC: %s",
			 strerror(errno));
		return -1;
	}
	if (vcpu_set_cpuid(vcpu, err))
		return -1;
	if (index == 0)
		return boot_set_registers(vcpu, err);
	vcpu_align_tsc(vcpu);
	return 0;
}

int vcpu_start(struct vcpu *vcpu, char err[HV_ERR_MAX])
{
	int ret = pthread_create(&vcpu->thread, NULL, vcpu_thread, vcpu);

	if (ret) {
		snprintf(err, HV_ERR_MAX, "cannot create a thread: %s", strerror(ret));
		return -1;
	}
	vcpu->started = true;
	vcpu->machine->running++;
	return 0;
}

void vcpu_log(struct vcpu *vcpu)
{
	struct kvm_mp_state mp = { 0 };
	struct kvm_regs regs = { 0 };

	if (ioctl(vcpu->fd, KVM_GET_REGS, &regs) < 0 || ioctl(vcpu->fd, KVM_GET_MP_STATE, &mp) < 0)
		return;
	hv_log("VP %u: %s at %#" PRIx64 ", stack %#" PRIx64 ", interrupts %s", vcpu->index,
	       mp.mp_state == KVM_MP_STATE_HALTED     ? "halted"
	       : mp.mp_state == KVM_MP_STATE_RUNNABLE ? "running"
						      : "not started",
	       (uint64_t)regs.rip, (uint64_t)regs.rsp, regs.rflags & 0x200 ? "on" : "off");
}

void vcpu_destroy(struct vcpu *vcpu)
{
	if (vcpu->run)
		munmap(vcpu->run, vcpu->machine->run_size);
	if (vcpu->fd >= 0)
		close(vcpu->fd);
	vcpu->run = NULL;
	vcpu->fd = -1;
}
