// SPDX-License-Identifier: GPL-2.0
/*
 * Direct boot of a 64-bit bzImage as Documentation/arch/x86/boot.rst ("64-bit boot protocol") asks:
 * kernel, initrd, command line, e820 map and boot parameters in memory, first vCPU in long mode at
 * the 64-bit entry.
 */
#include <asm/bootparam.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "internal.h"

#define BOOT_HEADER_MAGIC  0x53726448u /* "HdrS" */
#define BOOT_MIN_PROTOCOL  0x020c /* first with a 64-bit entry */
#define BOOT_HEADER_OFFSET 0x1f1
#define BOOT_SETUP_MAX	   (64 * 512)
#define BOOT_ENTRY_64	   0x200
#define BOOT_E820_RAM	   1
#define BOOT_E820_RESERVED 2
#define BOOT_CODE_SELECTOR 0x10
#define BOOT_DATA_SELECTOR 0x18

static void boot_header(const struct machine *machine, struct setup_header *header)
{
	memset(header, 0, sizeof(*header));
	memcpy(header, machine->kernel + BOOT_HEADER_OFFSET, sizeof(*header));
}

static size_t boot_setup_bytes(const struct setup_header *header)
{
	return ((header->setup_sects ? header->setup_sects : 4) + 1u) * 512u;
}

/* Highest initrd address the kernel allows, inside low memory. */
static uint64_t boot_initrd_gpa(const struct machine *machine, const struct setup_header *header)
{
	uint64_t top = machine->mem.region[0].size;

	if (top > (uint64_t)header->initrd_addr_max + 1)
		top = (uint64_t)header->initrd_addr_max + 1;
	if (machine->initrd_size > top)
		return 0;
	return (top - machine->initrd_size) & ~(uint64_t)(GUEST_PAGE_SIZE - 1);
}

int boot_check(struct machine *machine, char err[HV_ERR_MAX])
{
	const char *name = machine->config.kernel;
	struct setup_header header;
	uint64_t kernel_end;

	if (machine->kernel_size < BOOT_HEADER_OFFSET + sizeof(header)) {
		snprintf(err, HV_ERR_MAX, "kernel %.180s: not a bzImage (too short)", name);
		return -1;
	}
	boot_header(machine, &header);
	if (header.header != BOOT_HEADER_MAGIC || header.version < BOOT_MIN_PROTOCOL ||
	    boot_setup_bytes(&header) >= machine->kernel_size) {
		snprintf(err, HV_ERR_MAX, "kernel %.180s: not an x86 bzImage", name);
		return -1;
	}
	if (!(header.xloadflags & XLF_KERNEL_64)) {
		snprintf(err, HV_ERR_MAX, "kernel %.180s: has no 64-bit entry", name);
		return -1;
	}
	if (strlen(machine->config.append) >= header.cmdline_size ||
	    strlen(machine->config.append) >= MACHINE_CMDLINE_MAX) {
		snprintf(err, HV_ERR_MAX, "--append: command line too long for this kernel");
		return -1;
	}
	kernel_end = header.pref_address + header.init_size;
	if (kernel_end > machine->mem.region[0].size ||
	    (machine->initrd_size && boot_initrd_gpa(machine, &header) < kernel_end)) {
		snprintf(err, HV_ERR_MAX, "--memory: too little for this kernel and initrd");
		return -1;
	}
	return 0;
}

static void boot_e820(struct boot_params *params, uint64_t from, uint64_t to, uint32_t type)
{
	struct boot_e820_entry *entry = &params->e820_table[params->e820_entries++];

	entry->addr = from;
	entry->size = to - from;
	entry->type = type;
}

static void boot_tables(struct machine *machine)
{
	static const uint64_t gdt[] = { 0, 0, 0x00af9b000000ffffull, 0x00cf93000000ffffull };
	uint64_t table[512] = { 0 };
	uint64_t gpa = MACHINE_PAGE_TABLES_GPA;

	guest_mem_write(&machine->mem, MACHINE_GDT_GPA, gdt, sizeof(gdt));
	/*
	 * First 4 GiB one to one in 2 MiB pages: one level-4 page, one level-3 page, four level-2
	 * pages.
	 */
	table[0] = (gpa + 0x1000) | 3;
	guest_mem_write(&machine->mem, gpa, table, sizeof(table));
	for (unsigned int i = 0; i < 4; i++)
		table[i] = (gpa + 0x2000 + i * 0x1000) | 3;
	guest_mem_write(&machine->mem, gpa + 0x1000, table, sizeof(table));
	for (uint64_t i = 0; i < 4; i++) {
		for (uint64_t j = 0; j < 512; j++)
			table[j] = (i << 30 | j << 21) | 0x83;
		guest_mem_write(&machine->mem, gpa + 0x2000 + i * 0x1000, table, sizeof(table));
	}
}

int boot_load(struct machine *machine, char err[HV_ERR_MAX])
{
	struct boot_params params = { 0 };
	struct setup_header *header = &params.hdr;
	const struct guest_mem *mem = &machine->mem;
	size_t setup, header_len;
	uint64_t initrd, rsdp;

	/* The header ends where the jump at its start leads to. */
	header_len = 0x202 + machine->kernel[0x201] - BOOT_HEADER_OFFSET;
	if (header_len > sizeof(*header))
		header_len = sizeof(*header);
	memcpy(header, machine->kernel + BOOT_HEADER_OFFSET, header_len);
	setup = boot_setup_bytes(header);
	initrd = boot_initrd_gpa(machine, header);

	header->type_of_loader = 0xff;
	header->cmd_line_ptr = MACHINE_CMDLINE_GPA;
	if (machine->initrd_size) {
		header->ramdisk_image = initrd;
		header->ramdisk_size = machine->initrd_size;
	}
	rsdp = acpi_build(machine);
	if (!rsdp) {
		snprintf(err, HV_ERR_MAX, "ACPI tables do not fit");
		return -1;
	}
	params.acpi_rsdp_addr = rsdp;
	if (efi_is_firmware(machine)) {
		if (efi_build(machine, &params)) {
			snprintf(err, HV_ERR_MAX, "firmware tables do not fit");
			return -1;
		}
		boot_e820(&params, 0, MACHINE_EFI_GPA, BOOT_E820_RAM);
		boot_e820(&params, MACHINE_EFI_GPA, MACHINE_EFI_GPA + MACHINE_EFI_SIZE,
			  BOOT_E820_RESERVED);
		boot_e820(&params, MACHINE_EFI_GPA + MACHINE_EFI_SIZE, MACHINE_LOW_USABLE_END,
			  BOOT_E820_RAM);
	} else {
		boot_e820(&params, 0, MACHINE_LOW_USABLE_END, BOOT_E820_RAM);
	}
	boot_e820(&params, MACHINE_ACPI_GPA, MACHINE_ACPI_GPA + MACHINE_ACPI_SIZE,
		  BOOT_E820_RESERVED);
	boot_e820(&params, 0x100000, mem->region[0].size, BOOT_E820_RAM);
	if (mem->nr > 1)
		boot_e820(&params, mem->region[1].gpa, mem->region[1].gpa + mem->region[1].size,
			  BOOT_E820_RAM);
	boot_tables(machine);

	if (guest_mem_write(mem, MACHINE_BOOT_PARAMS_GPA, &params, sizeof(params)) ||
	    guest_mem_write(mem, MACHINE_CMDLINE_GPA, machine->config.append,
			    strlen(machine->config.append) + 1) ||
	    guest_mem_write(mem, header->pref_address, machine->kernel + setup,
			    machine->kernel_size - setup) ||
	    guest_mem_write(mem, initrd, machine->initrd, machine->initrd_size)) {
		snprintf(err, HV_ERR_MAX, "--memory: too little for this kernel and initrd");
		return -1;
	}
	return 0;
}

static struct kvm_segment boot_segment(uint16_t selector, bool code)
{
	return (struct kvm_segment){
		.limit = 0xffffffff,
		.selector = selector,
		.type = code ? 11 : 3,
		.present = 1,
		.s = 1,
		.g = 1,
		.l = code,
		.db = !code,
	};
}

int boot_set_registers(struct vcpu *vcpu, char err[HV_ERR_MAX])
{
	struct machine *machine = vcpu->machine;
	struct setup_header header;
	struct kvm_sregs sregs;
	struct kvm_regs regs = { .rflags = 2, .rsi = MACHINE_BOOT_PARAMS_GPA };

	boot_header(machine, &header);
	if (ioctl(vcpu->fd, KVM_GET_SREGS, &sregs) < 0)
		goto failed;
	sregs.gdt = (struct kvm_dtable){ .base = MACHINE_GDT_GPA, .limit = 4 * 8 - 1 };
	sregs.cs = boot_segment(BOOT_CODE_SELECTOR, true);
	sregs.ds = boot_segment(BOOT_DATA_SELECTOR, false);
	sregs.es = sregs.fs = sregs.gs = sregs.ss = sregs.ds;
	sregs.cr3 = MACHINE_PAGE_TABLES_GPA;
	sregs.cr4 = 0x20; /* PAE */
	sregs.cr0 = 0x80050033; /* PG, WP, AM off; PE, MP, ET, NE */
	sregs.efer = 0x500; /* LME, LMA */
	regs.rip = header.pref_address + BOOT_ENTRY_64;
	if (ioctl(vcpu->fd, KVM_SET_SREGS, &sregs) < 0 || ioctl(vcpu->fd, KVM_SET_REGS, &regs) < 0)
		goto failed;
	return 0;
failed:
	snprintf(err, HV_ERR_MAX, "/dev/kvm: cannot set boot registers: %s", strerror(errno));
	return -1;
}
