/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shared inside machine/ only. The only directory that includes <linux/kvm.h>.
 *
 * Threads: each vCPU has one; everything else is the device thread. A vCPU thread handles port I/O
 * itself and hands all Hyper-V work to the device thread.
 */
#ifndef HVHOST_MACHINE_INTERNAL_H
#define HVHOST_MACHINE_INTERNAL_H

#include <linux/kvm.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../hyperv/util.h"
#include "bzimage.h"
#include "machine.h"

/* Guest physical layout: RAM up to 3 GiB, devices below 4 GiB, the rest of RAM above. */
#define MACHINE_LOW_RAM_MAX   0xc0000000ull
#define MACHINE_HIGH_RAM_BASE 0x100000000ull
/* Windows for device memory, as the VMBus device's _CRS has them (vmbus.asl) */
#define MACHINE_MMIO_LOW_BASE  0xf8000000ull
#define MACHINE_MMIO_LOW_END   0xfec00000ull
#define MACHINE_MMIO_HIGH_BASE 0xfe0000000ull
#define MACHINE_MMIO_HIGH_END  0x1000000000ull
#define MACHINE_IOAPIC_BASE    0xfec00000u
#define MACHINE_LAPIC_BASE    0xfee00000u

/* Below 1 MiB */
#define MACHINE_GDT_GPA		0x500u
#define MACHINE_BOOT_PARAMS_GPA 0x7000u
#define MACHINE_PAGE_TABLES_GPA 0x9000u
#define MACHINE_CMDLINE_GPA	0x20000u
#define MACHINE_CMDLINE_MAX	0x10000u
#define MACHINE_EFI_GPA		0x30000u
#define MACHINE_EFI_SIZE	0x4000u
#define MACHINE_LOW_USABLE_END	0x9fc00u
#define MACHINE_ACPI_GPA	0xe0000u
#define MACHINE_ACPI_SIZE	0x20000u

/* Interrupts and ports */
#define MACHINE_IRQ_COM1	 4
#define MACHINE_IRQ_COM2	 3
#define MACHINE_IRQ_SCI		 9
#define MACHINE_PORT_COM1	 0x3f8
#define MACHINE_PORT_COM2	 0x2f8
#define MACHINE_PORT_PM1_EVENT	 0x600
#define MACHINE_PORT_PM1_CONTROL 0x604
#define MACHINE_PORT_PM_TIMER	 0x608
#define MACHINE_PORT_RESET	 0xcf9
#define MACHINE_RESET_VALUE	 0x06
#define MACHINE_SLEEP_TYPE_S4	 4 /* s4.asl */
#define MACHINE_SLEEP_TYPE_S5	 5 /* dsdt.asl */

/* One GSI behind the IOAPIC's for the VMBus SINT of each VP. */
#define MACHINE_GSI_SINT(vp) (24 + (vp))

struct serial;
struct platform_ports;
struct pci;

struct vcpu {
	struct machine *machine;
	unsigned int index;
	int fd;
	struct kvm_run *run;
	pthread_t thread;
	bool started;

	/*
	 * Holds off KVM_RUN while the device thread writes a message slot of this VP (legacy timers
	 * only).
	 */
	pthread_mutex_t run_lock;
	atomic_bool hold;

	/* Device thread: interrupt and end-of-message notification of the VMBus SINT. */
	int sint_fd;
	int eom_fd;
	bool eom_bound;
};

struct pio_handler {
	uint16_t port, len;
	uint32_t (*in)(void *opaque, uint16_t offset, unsigned int size);
	void (*out)(void *opaque, uint16_t offset, unsigned int size, uint32_t value);
	void *opaque;
};

#define MACHINE_MAX_PIO 16

struct machine {
	struct machine_config config;
	struct loop *loop;
	struct vmbus_server *server;

	int kvm_fd;
	int vm_fd; /* -1: stopped */
	size_t run_size;
	struct guest_mem mem;
	/* Memory of a device, outside RAM; size 0: none. Device thread. */
	struct {
		uint64_t gpa, size;
		void *hva;
	} device_memory;
	struct vcpu vcpu[MACHINE_MAX_VCPUS];
	unsigned int running; /* vCPU threads not yet ended; device thread */
	atomic_bool stop;
	unsigned int run; /* counts starts; constant while vCPU threads live */

	uint8_t *kernel, *initrd;
	size_t kernel_size, initrd_size;
	struct bzimage image; /* of kernel, once boot_check() is through */

	struct pio_handler pio[MACHINE_MAX_PIO];
	unsigned int nr_pio;
	struct serial *com1, *com2;
	struct platform_ports *ports;
	struct pci *pci;
};

/* vm.c */
void machine_irq_line(struct machine *machine, unsigned int irq, bool level);
/* Whether all of it lies in a window that the VMBus device's _CRS has. */
bool machine_is_device_space(uint64_t gpa, uint64_t size);
/* Device thread: as vmbus_server_map(). */
int machine_map(struct machine *machine, uint64_t gpa, uint64_t size, void *hva);
/* Any thread: tell the owner, in the device thread. Stops the vCPUs, except for a crash report. */
void machine_notify(struct machine *machine, enum machine_event event);

/* vcpu.c */
int vcpu_create(struct machine *machine, unsigned int index, char err[HV_ERR_MAX]);
int vcpu_start(struct vcpu *vcpu, char err[HV_ERR_MAX]);
void vcpu_kick(struct vcpu *vcpu);
void vcpu_destroy(struct vcpu *vcpu);
void vcpu_log(struct vcpu *vcpu);
void vcpu_install_signal(void);

/* cpuid.c */
int vcpu_set_cpuid(struct vcpu *vcpu, char err[HV_ERR_MAX]);

/* boot.c: checks without a VM; load into memory; first vCPU's registers */
int boot_check(struct machine *machine, char err[HV_ERR_MAX]);
int boot_load(struct machine *machine, char err[HV_ERR_MAX]);
int boot_set_registers(struct vcpu *vcpu, char err[HV_ERR_MAX]);

/* efi.c: what firmware of a generation 2 machine leaves behind, for one with a framebuffer */
struct boot_params;
bool efi_is_firmware(const struct machine *machine);
/* Return: 0, -1 if the tables do not fit. */
int efi_build(struct machine *machine, struct boot_params *params);

/* acpi.c: all tables at MACHINE_ACPI_GPA; Return: GPA of the RSDP, 0 if there is no room */
uint64_t acpi_build(struct machine *machine);

/* pio.c */
void pio_add(struct machine *machine, const struct pio_handler *handler);
void pio_access(struct machine *machine, bool out, uint16_t port, unsigned int size, void *data,
		unsigned int count);

/* serial.c */
struct serial_config {
	uint16_t port;
	unsigned int irq;
	int in_fd, out_fd; /* -1: none */
	bool escape; /* Ctrl-A x calls machine_config.escape */
};
struct serial *serial_new(struct machine *machine, const struct serial_config *config);
void serial_reset(struct serial *serial);
void serial_flush(struct serial *serial);
void serial_free(struct serial *serial);

/* ports.c: CMOS clock, PM1 block, reset ports */
struct platform_ports *platform_ports_new(struct machine *machine);
void platform_ports_reset(struct platform_ports *ports);
void platform_ports_free(struct platform_ports *ports);

/* pci.c: configuration ports with a host bridge; reset control register */
struct pci *pci_new(struct machine *machine);
void pci_reset(struct pci *pci);
void pci_free(struct pci *pci);

/* sint.c: VMBus SINT interrupts and end-of-message notification */
int sint_create(struct machine *machine, char err[HV_ERR_MAX]);
void sint_destroy(struct machine *machine);

#endif
