// SPDX-License-Identifier: GPL-2.0
/*
 * Direct boot of a bzImage as Documentation/arch/x86/boot.rst asks: kernel, initrd, command line, e820 map and boot parameters in
 * memory, first vCPU in long mode at the 64-bit entry, or, for a kernel that has none, in protected mode at the 32-bit one.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "internal.h"

#define BOOT_E820_RAM	   1
#define BOOT_E820_RESERVED 2
#define BOOT_CODE_SELECTOR 0x10
#define BOOT_DATA_SELECTOR 0x18

int boot_check(struct machine *machine, char err[HV_ERR_MAX])
{
	const uint64_t low = machine->mem.region[0].size;
	struct bzimage *image = &machine->image;

	if (bzimage_parse(image, machine->kernel, machine->kernel_size, machine->config.kernel, err))
		return -1;
	if (strlen(machine->config.append) >= image->header.cmdline_size ||
	    strlen(machine->config.append) >= MACHINE_CMDLINE_MAX) {
		snprintf(err, HV_ERR_MAX, "--append: command line too long for this kernel");
		return -1;
	}
	if (image->end > low ||
	    (machine->initrd_size && !bzimage_initrd_gpa(image, low, machine->initrd_size))) {
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
	const uint64_t gdt[] = { 0, 0, machine->image.is_64bit ? 0x00af9b000000ffffull : 0x00cf9b000000ffffull,
				 0x00cf93000000ffffull };
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
	const struct bzimage *image = &machine->image;
	uint64_t initrd = bzimage_initrd_gpa(image, mem->region[0].size, machine->initrd_size), rsdp;

	*header = image->header;
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
	    guest_mem_write(mem, image->load, machine->kernel + image->setup,
			    machine->kernel_size - image->setup) ||
	    guest_mem_write(mem, initrd, machine->initrd, machine->initrd_size)) {
		snprintf(err, HV_ERR_MAX, "--memory: too little for this kernel and initrd");
		return -1;
	}
	return 0;
}

static struct kvm_segment boot_segment(uint16_t selector, bool code, bool is_64bit)
{
	return (struct kvm_segment){
		.limit = 0xffffffff,
		.selector = selector,
		.type = code ? 11 : 3,
		.present = 1,
		.s = 1,
		.g = 1,
		.l = code && is_64bit,
		.db = !(code && is_64bit),
	};
}

int boot_set_registers(struct vcpu *vcpu, char err[HV_ERR_MAX])
{
	const struct bzimage *image = &vcpu->machine->image;
	struct kvm_sregs sregs;
	struct kvm_regs regs = { .rflags = 2, .rsi = MACHINE_BOOT_PARAMS_GPA, .rip = image->entry };

	if (ioctl(vcpu->fd, KVM_GET_SREGS, &sregs) < 0)
		goto failed;
	sregs.gdt = (struct kvm_dtable){ .base = MACHINE_GDT_GPA, .limit = 4 * 8 - 1 };
	sregs.cs = boot_segment(BOOT_CODE_SELECTOR, true, image->is_64bit);
	sregs.ds = boot_segment(BOOT_DATA_SELECTOR, false, image->is_64bit);
	sregs.es = sregs.fs = sregs.gs = sregs.ss = sregs.ds;
	if (image->is_64bit) {
		sregs.cr3 = MACHINE_PAGE_TABLES_GPA;
		sregs.cr4 = 0x20; /* PAE */
		sregs.cr0 = 0x80050033; /* PG, WP, AM off; PE, MP, ET, NE */
		sregs.efer = 0x500; /* LME, LMA */
	} else {
		sregs.cr0 = 0x33; /* PE, MP, ET, NE: no paging */
	}
	if (ioctl(vcpu->fd, KVM_SET_SREGS, &sregs) < 0 || ioctl(vcpu->fd, KVM_SET_REGS, &regs) < 0)
		goto failed;
	return 0;
failed:
	snprintf(err, HV_ERR_MAX, "/dev/kvm: cannot set boot registers: %s", strerror(errno));
	return -1;
}
