// SPDX-License-Identifier: GPL-2.0
/*
 * The virtual machine as a whole: checks of /dev/kvm and the files, memory, interrupt chips, start
 * and stop. A reset is a stop and a start: everything of the VM is made anew, so nothing of the old
 * guest can survive but RAM, which is given back to the system.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

/* Policy: the biggest kernel or initrd read. */
#define MACHINE_FILE_MAX (2ull << 30)

static int machine_read_file(const char *what, const char *name, uint8_t **bytes, size_t *size,
			     char err[HV_ERR_MAX])
{
	struct stat st;
	size_t done = 0;
	int fd = open(name, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) < 0) {
		snprintf(err, HV_ERR_MAX, "%s %.160s: %s", what, name, strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	if (!S_ISREG(st.st_mode) || !st.st_size || (uint64_t)st.st_size > MACHINE_FILE_MAX) {
		snprintf(err, HV_ERR_MAX, "%s %.160s: %s", what, name,
			 S_ISREG(st.st_mode) ? "empty or too large" : "not a regular file");
		close(fd);
		return -1;
	}
	*bytes = xcalloc(1, st.st_size);
	while (done < (size_t)st.st_size) {
		ssize_t n = read(fd, *bytes + done, st.st_size - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			snprintf(err, HV_ERR_MAX, "%s %.160s: %s", what, name,
				 n ? strerror(errno) : "became shorter");
			close(fd);
			return -1;
		}
		done += n;
	}
	close(fd);
	*size = done;
	return 0;
}

static int machine_open_kvm(struct machine *machine, char err[HV_ERR_MAX])
{
	static const struct {
		long cap;
		bool hyperv;
		const char *name;
	} needed[] = {
		{ KVM_CAP_USER_MEMORY, false, "user memory" },
		{ KVM_CAP_IRQCHIP, false, "an in-kernel interrupt controller" },
		{ KVM_CAP_IRQ_ROUTING, false, "interrupt routing" },
		{ KVM_CAP_PIT2, false, "an in-kernel PIT" },
		{ KVM_CAP_IRQFD_RESAMPLE, false, "irqfd with resampling" },
		{ KVM_CAP_IMMEDIATE_EXIT, false, "immediate exit" },
		{ KVM_CAP_SIGNAL_MSI, true, "message signalled interrupts" },
		{ KVM_CAP_HYPERV, true, "Hyper-V emulation" },
		{ KVM_CAP_HYPERV_SYNIC2, true, "the Hyper-V SynIC (HYPERV_SYNIC2)" },
		{ KVM_CAP_HYPERV_EVENTFD, true, "Hyper-V event connections (HYPERV_EVENTFD)" },
		{ KVM_CAP_HYPERV_CPUID, true, "Hyper-V CPUID (HYPERV_CPUID)" },
	};
	int size, most;

	machine->kvm_fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (machine->kvm_fd < 0) {
		snprintf(err, HV_ERR_MAX, "/dev/kvm: %s", strerror(errno));
		return -1;
	}
	if (ioctl(machine->kvm_fd, KVM_GET_API_VERSION, 0) != KVM_API_VERSION) {
		snprintf(err, HV_ERR_MAX,
			 "/dev/kvm: not the KVM interface this program was written for");
		return -1;
	}
	for (size_t i = 0; i < ARRAY_SIZE(needed); i++) {
		if (needed[i].hyperv && !machine->config.hyperv)
			continue;
		if (ioctl(machine->kvm_fd, KVM_CHECK_EXTENSION, needed[i].cap) <= 0) {
			snprintf(err, HV_ERR_MAX, "/dev/kvm: lacks %s%s", needed[i].name,
				 needed[i].hyperv
					 ? " (tests/e2e/run emulates a machine that has it)"
					 : "");
			return -1;
		}
	}
	most = ioctl(machine->kvm_fd, KVM_CHECK_EXTENSION, KVM_CAP_MAX_VCPUS);
	if (most > 0 && machine->config.cpus > (unsigned int)most) {
		snprintf(err, HV_ERR_MAX, "--cpus: /dev/kvm has no more than %d", most);
		return -1;
	}
	size = ioctl(machine->kvm_fd, KVM_GET_VCPU_MMAP_SIZE, 0);
	if (size <= 0) {
		snprintf(err, HV_ERR_MAX, "/dev/kvm: KVM_GET_VCPU_MMAP_SIZE: %s", strerror(errno));
		return -1;
	}
	machine->run_size = size;
	return 0;
}

static int machine_alloc_ram(struct machine *machine, char err[HV_ERR_MAX])
{
	uint64_t low = machine->config.memory;
	struct guest_mem *mem = &machine->mem;
	uint8_t *ram = mmap(NULL, low, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (ram == MAP_FAILED) {
		snprintf(err, HV_ERR_MAX, "--memory: cannot get that much: %s", strerror(errno));
		return -1;
	}
	if (low > MACHINE_LOW_RAM_MAX)
		low = MACHINE_LOW_RAM_MAX;
	mem->region[0].hva = ram;
	mem->region[0].size = low;
	mem->nr = 1;
	if (machine->config.memory > low) {
		mem->region[1].gpa = MACHINE_HIGH_RAM_BASE;
		mem->region[1].hva = ram + low;
		mem->region[1].size = machine->config.memory - low;
		mem->nr = 2;
	}
	return 0;
}

struct machine *machine_new(struct loop *loop, const struct machine_config *config,
			    char err[HV_ERR_MAX])
{
	struct machine *machine = xcalloc(1, sizeof(*machine));

	machine->loop = loop;
	machine->config = *config;
	machine->vm_fd = machine->kvm_fd = -1;
	for (unsigned int i = 0; i < MACHINE_MAX_VCPUS; i++) {
		struct vcpu *vcpu = &machine->vcpu[i];

		vcpu->fd = vcpu->sint_fd = vcpu->eom_fd = -1;
		pthread_mutex_init(&vcpu->run_lock, NULL);
	}
	if (machine_read_file("kernel", config->kernel, &machine->kernel, &machine->kernel_size,
			      err) ||
	    (config->initrd && machine_read_file("initrd", config->initrd, &machine->initrd,
						 &machine->initrd_size, err)) ||
	    machine_alloc_ram(machine, err) || boot_check(machine, err) ||
	    machine_open_kvm(machine, err)) {
		machine_free(machine);
		return NULL;
	}
	vcpu_install_signal();
	machine->ports = platform_ports_new(machine);
	machine->pci = pci_new(machine);
	return machine;
}

void machine_free(struct machine *machine)
{
	if (!machine)
		return;
	machine_stop(machine);
	pci_free(machine->pci);
	platform_ports_free(machine->ports);
	serial_free(machine->com2);
	serial_free(machine->com1);
	if (machine->mem.nr)
		munmap(machine->mem.region[0].hva, machine->config.memory);
	if (machine->kvm_fd >= 0)
		close(machine->kvm_fd);
	for (unsigned int i = 0; i < MACHINE_MAX_VCPUS; i++)
		pthread_mutex_destroy(&machine->vcpu[i].run_lock);
	free(machine->initrd);
	free(machine->kernel);
	free(machine);
}

void machine_set_serial(struct machine *machine, int console_in, int console_out, int results_in,
			int results_out)
{
	machine->com1 = serial_new(machine, &(struct serial_config){ .port = MACHINE_PORT_COM1,
								     .irq = MACHINE_IRQ_COM1,
								     .in_fd = console_in,
								     .out_fd = console_out,
								     .escape = true });
	machine->com2 = serial_new(machine, &(struct serial_config){ .port = MACHINE_PORT_COM2,
								     .irq = MACHINE_IRQ_COM2,
								     .in_fd = results_in,
								     .out_fd = results_out });
}

void machine_set_server(struct machine *machine, struct vmbus_server *server)
{
	machine->server = server;
}

const struct guest_mem *machine_mem(struct machine *machine)
{
	return &machine->mem;
}

static int machine_set_memory(struct machine *machine, char err[HV_ERR_MAX])
{
	for (unsigned int i = 0; i < machine->mem.nr; i++) {
		struct kvm_userspace_memory_region region = {
			.slot = i,
			.guest_phys_addr = machine->mem.region[i].gpa,
			.memory_size = machine->mem.region[i].size,
			.userspace_addr = (uintptr_t)machine->mem.region[i].hva,
		};

		if (ioctl(machine->vm_fd, KVM_SET_USER_MEMORY_REGION, &region) < 0) {
			snprintf(err, HV_ERR_MAX, "/dev/kvm: KVM_SET_USER_MEMORY_REGION: %s",
				 strerror(errno));
			return -1;
		}
	}
	return 0;
}

/* One slot behind those of RAM. */
static int machine_set_device_memory(struct machine *machine, uint64_t gpa, uint64_t size,
				     void *hva)
{
	struct kvm_userspace_memory_region region = {
		.slot = GUEST_MEM_REGIONS,
		.guest_phys_addr = gpa,
		.memory_size = size,
		.userspace_addr = (uintptr_t)hva,
	};

	return ioctl(machine->vm_fd, KVM_SET_USER_MEMORY_REGION, &region) < 0 ? -errno : 0;
}

bool machine_is_device_space(uint64_t gpa, uint64_t size)
{
	return (gpa >= MACHINE_MMIO_LOW_BASE && gpa < MACHINE_MMIO_LOW_END &&
		size <= MACHINE_MMIO_LOW_END - gpa) ||
	       (gpa >= MACHINE_MMIO_HIGH_BASE && gpa < MACHINE_MMIO_HIGH_END &&
		size <= MACHINE_MMIO_HIGH_END - gpa);
}

int machine_map(struct machine *machine, uint64_t gpa, uint64_t size, void *hva)
{
	int ret = 0;

	if (size && !machine_is_device_space(gpa, size))
		return -EINVAL;
	/* KVM moves no slot to other memory: out and in again. */
	if (machine->device_memory.size && machine->vm_fd >= 0)
		machine_set_device_memory(machine, machine->device_memory.gpa, 0, NULL);
	machine->device_memory.size = 0;
	if (size && machine->vm_fd >= 0)
		ret = machine_set_device_memory(machine, gpa, size, hva);
	if (ret)
		return ret;
	machine->device_memory.gpa = gpa;
	machine->device_memory.size = size;
	machine->device_memory.hva = hva;
	return 0;
}

static int machine_create_vm(struct machine *machine, char err[HV_ERR_MAX])
{
	struct kvm_pit_config pit = { .flags = KVM_PIT_SPEAKER_DUMMY };
	uint64_t identity_map = 0xfeffc000;

	do {
		machine->vm_fd = ioctl(machine->kvm_fd, KVM_CREATE_VM, 0);
	} while (machine->vm_fd < 0 && errno == EINTR);
	if (machine->vm_fd < 0) {
		snprintf(err, HV_ERR_MAX, "/dev/kvm: KVM_CREATE_VM: %s", strerror(errno));
		return -1;
	}
	/* Three pages Intel hosts need outside of RAM; an AMD host ignores both calls. */
	ioctl(machine->vm_fd, KVM_SET_IDENTITY_MAP_ADDR, &identity_map);
	ioctl(machine->vm_fd, KVM_SET_TSS_ADDR, 0xfeffd000);
	if (machine_set_memory(machine, err))
		return -1;
	if (machine->device_memory.size &&
	    machine_set_device_memory(machine, machine->device_memory.gpa,
				      machine->device_memory.size, machine->device_memory.hva)) {
		snprintf(err, HV_ERR_MAX, "/dev/kvm: cannot map device memory: %s",
			 strerror(errno));
		return -1;
	}
	if (ioctl(machine->vm_fd, KVM_CREATE_IRQCHIP, 0) < 0 ||
	    ioctl(machine->vm_fd, KVM_CREATE_PIT2, &pit) < 0) {
		snprintf(err, HV_ERR_MAX, "/dev/kvm: cannot create the interrupt controllers: %s",
			 strerror(errno));
		return -1;
	}
	return 0;
}

int machine_start(struct machine *machine, char err[HV_ERR_MAX])
{
	atomic_store(&machine->stop, false);
	machine->run++;
	if (boot_load(machine, err) || machine_create_vm(machine, err))
		goto failed;
	for (unsigned int i = 0; i < machine->config.cpus; i++) {
		if (vcpu_create(machine, i, err))
			goto failed;
	}
	/* After the SynICs: KVM ties a SINT to its route only if it is active. */
	if (sint_create(machine, err))
		goto failed;
	for (unsigned int i = 0; i < machine->config.cpus; i++) {
		if (vcpu_start(&machine->vcpu[i], err))
			goto failed;
	}
	return 0;
failed:
	machine_stop(machine);
	return -1;
}

static void machine_end_vcpus(struct machine *machine)
{
	atomic_store(&machine->stop, true);
	for (unsigned int i = 0; i < MACHINE_MAX_VCPUS; i++)
		vcpu_kick(&machine->vcpu[i]);
	/* A vCPU may be waiting for the device thread, which is this one. */
	while (machine->running)
		loop_run_calls(machine->loop);
	for (unsigned int i = 0; i < MACHINE_MAX_VCPUS; i++) {
		struct vcpu *vcpu = &machine->vcpu[i];

		if (vcpu->started)
			pthread_join(vcpu->thread, NULL);
		vcpu->started = false;
	}
}

void machine_log_vcpus(struct machine *machine)
{
	machine_end_vcpus(machine);
	for (unsigned int i = 0; machine->vm_fd >= 0 && i < machine->config.cpus; i++)
		vcpu_log(&machine->vcpu[i]);
}

void machine_stop(struct machine *machine)
{
	machine_end_vcpus(machine);
	for (unsigned int i = 0; i < MACHINE_MAX_VCPUS; i++) {
		if (machine->vcpu[i].machine)
			vcpu_destroy(&machine->vcpu[i]);
	}
	if (machine->vm_fd >= 0) {
		sint_destroy(machine);
		close(machine->vm_fd);
		machine->vm_fd = -1;
		serial_reset(machine->com1);
		serial_reset(machine->com2);
		platform_ports_reset(machine->ports);
		pci_reset(machine->pci);
		for (unsigned int i = 0; i < machine->mem.nr; i++)
			madvise(machine->mem.region[i].hva, machine->mem.region[i].size,
				MADV_DONTNEED);
	}
}

void machine_flush_console(struct machine *machine)
{
	serial_flush(machine->com1);
	serial_flush(machine->com2);
}

void machine_irq_line(struct machine *machine, unsigned int irq, bool level)
{
	struct kvm_irq_level line = { .irq = irq, .level = level };

	if (machine->vm_fd >= 0)
		ioctl(machine->vm_fd, KVM_IRQ_LINE, &line);
}

struct machine_notice {
	struct machine *machine;
	enum machine_event event;
	unsigned int run;
};

static void machine_deliver_notice(void *opaque)
{
	struct machine_notice *notice = opaque;

	struct machine *machine = notice->machine;

	/* What a VM said that is gone meanwhile is no news. */
	if (machine->vm_fd >= 0 && notice->run == machine->run)
		machine->config.event(machine->config.opaque, notice->event);
	free(notice);
}

void machine_notify(struct machine *machine, enum machine_event event)
{
	struct machine_notice *notice = xcalloc(1, sizeof(*notice));

	/* The guest is over: no vCPU may run on while the device thread gets there. */
	if (event != MACHINE_CRASHED)
		atomic_store(&machine->stop, true);
	notice->machine = machine;
	notice->event = event;
	notice->run = machine->run;
	loop_call(machine->loop, machine_deliver_notice, notice);
}
