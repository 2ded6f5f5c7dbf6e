/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The virtual machine as main.c sees it: configuration, start, stop, reset, and what can happen to
 * it.
 */
#ifndef HVHOST_MACHINE_H
#define HVHOST_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include "../hyperv/device.h"
#include "../hyperv/platform.h"
#include "../hyperv/release.h"

struct machine;

#define MACHINE_MAX_VCPUS 64
#define MACHINE_MAX_NODES 8

enum machine_event {
	MACHINE_POWERED_OFF, /* ACPI S5 */
	MACHINE_HIBERNATED, /* ACPI S4: off as well, and the guest means to come back */
	MACHINE_RESET, /* ACPI reset register, CF9, i8042, Hyper-V reset MSR */
	MACHINE_CRASHED, /* the guest reported a crash through the crash MSRs; it still runs */
	MACHINE_TRIPLE_FAULT,
	MACHINE_BROKEN, /* KVM cannot go on; the reason was printed */
};

/* Synthetic timers the guest sees. */
enum machine_timers {
	MACHINE_TIMERS_DIRECT, /* interrupt by a vector of their own */
	MACHINE_TIMERS_LEGACY, /* deliver messages into the SynIC slots; direct mode is hidden */
	MACHINE_TIMERS_NONE, /* hidden; the guest uses the local APIC */
};

struct machine_config {
	const char *kernel; /* bzImage */
	const char *initrd; /* or NULL */
	const char *append;
	uint64_t memory; /* bytes */
	unsigned int cpus;
	unsigned int nodes; /* NUMA nodes, at most as many as processors; 0: nothing is said of nodes */
	bool hibernation; /* offer ACPI S4 */
	bool hyperv; /* false: a plain KVM machine without any Hyper-V interface */
	enum machine_timers timers;
	const struct hv_release_cpuid *cpuid; /* of a release; NULL: all that KVM has */
	void (*event)(void *opaque, enum machine_event event); /* device thread */
	void (*escape)(void *opaque); /* the user typed Ctrl-A x on the console; device thread */
	void *opaque;
};

/**
 * machine_new - check everything and build the machine, not yet running
 * @err: filled with one line on failure
 *
 * Opens /dev/kvm and the kernel and initrd files, reads them, allocates guest memory.
 *
 * Return: the machine, or NULL.
 */
struct machine *machine_new(struct loop *loop, const struct machine_config *config,
			    char err[HV_ERR_MAX]);
void machine_free(struct machine *machine);

/*
 * Connect the serial ports, once: COM1 in and out, COM2 in and out; -1: not connected. Before the
 * first machine_start().
 */
void machine_set_serial(struct machine *machine, int console_in, int console_out, int results_in,
			int results_out);
/* Bind the Hyper-V side; before the first machine_start(). */
void machine_set_server(struct machine *machine, struct vmbus_server *server);
const struct hv_platform_ops *machine_platform_ops(void);
const struct guest_mem *machine_mem(struct machine *machine);

/* Load the kernel into memory and let the vCPUs run. Return: 0, or -1 with one line in @err. */
int machine_start(struct machine *machine, char err[HV_ERR_MAX]);
/*
 * Stop all vCPUs and destroy the VM, keeping the configuration: machine_start() begins with a fresh
 * one.
 */
void machine_stop(struct machine *machine);

/* Stop all vCPUs and log where each of them was. The machine can only be stopped afterwards. */
void machine_log_vcpus(struct machine *machine);

/* Print what of the console output is still buffered. */
void machine_flush_console(struct machine *machine);

#endif
