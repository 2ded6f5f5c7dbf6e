// SPDX-License-Identifier: GPL-2.0
/*
 * What the firmware of a generation 2 machine leaves behind for a kernel: system table, memory map,
 * runtime services that all decline, and the framebuffer it has set up. UEFI specification, system
 * table, runtime services, memory map.
 */
#include <asm/bootparam.h>
#include <string.h>

#include "internal.h"

/* Policy: the mode the firmware has set, as on a new machine. */
#define EFI_FB_WIDTH  1024u
#define EFI_FB_HEIGHT 768u

#define EFI_SYSTEM_TABLE_SIGNATURE     0x5453595320494249ull
#define EFI_RUNTIME_SERVICES_SIGNATURE 0x56524553544e5552ull
#define EFI_REVISION_2_40	       (2u << 16 | 40u)
#define EFI_LOADER_SIGNATURE_64	       0x34364c45u /* "EL64" */
#define EFI_VIDEO_TYPE_EFI	       0x70

enum efi_memory_type {
	EFI_RESERVED = 0,
	EFI_RUNTIME_CODE = 5,
	EFI_RUNTIME_DATA = 6,
	EFI_CONVENTIONAL = 7,
};

#define EFI_MEMORY_WB	   0x8ull
#define EFI_MEMORY_RUNTIME 0x8000000000000000ull

struct efi_header {
	uint64_t signature;
	uint32_t revision, size, crc, reserved;
};

struct efi_runtime {
	struct efi_header header;
	uint64_t services[14];
};

/* Place of SetVirtualAddressMap among the services: the one that must succeed. */
#define EFI_SERVICE_SET_VIRTUAL_MAP 4

struct efi_system {
	struct efi_header header;
	uint64_t vendor;
	uint32_t vendor_revision, reserved;
	uint64_t console[6];
	uint64_t runtime, boot;
	uint64_t tables, table;
};

struct efi_memory {
	uint32_t type, reserved;
	uint64_t gpa, virtual_address, pages, attributes;
};

_Static_assert(sizeof(struct efi_runtime) == 136, "EFI runtime services table");
_Static_assert(sizeof(struct efi_system) == 120, "EFI system table");
_Static_assert(sizeof(struct efi_memory) == 40, "EFI memory descriptor");

/* One page each */
#define EFI_TABLES_GPA	 MACHINE_EFI_GPA
#define EFI_RUNTIME_AT	 256u
#define EFI_VENDOR_AT	 512u
#define EFI_CODE_GPA	 (MACHINE_EFI_GPA + 0x1000u)
#define EFI_DECLINE_AT	 0u
#define EFI_SUCCEED_AT	 32u
#define EFI_MEMORY_GPA	 (MACHINE_EFI_GPA + 0x2000u)
#define EFI_MEMORY_ITEMS 8

bool efi_is_firmware(const struct machine *machine)
{
	return machine->device_memory.size >= EFI_FB_WIDTH * EFI_FB_HEIGHT * 4 &&
	       machine->device_memory.gpa == VMBUS_FIRMWARE_FRAMEBUFFER_GPA;
}

static void efi_memory_add(struct efi_memory *map, unsigned int *nr, enum efi_memory_type type,
			   uint64_t from, uint64_t to)
{
	bool runtime = type == EFI_RUNTIME_CODE || type == EFI_RUNTIME_DATA;

	map[(*nr)++] = (struct efi_memory){
		.type = type,
		.gpa = from,
		.pages = (to - from) / GUEST_PAGE_SIZE,
		.attributes = EFI_MEMORY_WB | (runtime ? EFI_MEMORY_RUNTIME : 0),
	};
}

static unsigned int efi_memory_map(const struct machine *machine, struct efi_memory *map)
{
	const struct guest_mem *mem = &machine->mem;
	unsigned int nr = 0;

	efi_memory_add(map, &nr, EFI_CONVENTIONAL, 0, MACHINE_EFI_GPA);
	efi_memory_add(map, &nr, EFI_RUNTIME_DATA, EFI_TABLES_GPA, EFI_CODE_GPA);
	efi_memory_add(map, &nr, EFI_RUNTIME_CODE, EFI_CODE_GPA, EFI_MEMORY_GPA);
	efi_memory_add(map, &nr, EFI_RESERVED, EFI_MEMORY_GPA, MACHINE_EFI_GPA + MACHINE_EFI_SIZE);
	efi_memory_add(map, &nr, EFI_CONVENTIONAL, MACHINE_EFI_GPA + MACHINE_EFI_SIZE,
		       MACHINE_LOW_USABLE_END & ~(uint64_t)(GUEST_PAGE_SIZE - 1));
	efi_memory_add(map, &nr, EFI_RESERVED, MACHINE_ACPI_GPA,
		       MACHINE_ACPI_GPA + MACHINE_ACPI_SIZE);
	efi_memory_add(map, &nr, EFI_CONVENTIONAL, 0x100000, mem->region[0].size);
	if (mem->nr > 1)
		efi_memory_add(map, &nr, EFI_CONVENTIONAL, mem->region[1].gpa,
			       mem->region[1].gpa + mem->region[1].size);
	return nr;
}

static struct screen_info efi_screen(const struct machine *machine)
{
	return (struct screen_info){
		.orig_video_isVGA = EFI_VIDEO_TYPE_EFI,
		.lfb_width = EFI_FB_WIDTH,
		.lfb_height = EFI_FB_HEIGHT,
		.lfb_depth = 32,
		.lfb_linelength = EFI_FB_WIDTH * 4,
		.lfb_base = (uint32_t)machine->device_memory.gpa,
		.lfb_size = EFI_FB_WIDTH * EFI_FB_HEIGHT * 4,
		.red_size = 8,
		.red_pos = 16,
		.green_size = 8,
		.green_pos = 8,
		.blue_size = 8,
		.rsvd_size = 8,
		.rsvd_pos = 24,
		.pages = 1,
	};
}

int efi_build(struct machine *machine, struct boot_params *params)
{
	/* mov rax, EFI_UNSUPPORTED; ret - and: xor eax, eax; ret. Both begin as indirect targets. */
	static const uint8_t decline[] = { 0xf3, 0x0f, 0x1e, 0xfa, 0x48, 0xb8, 0x03, 0x00,
					   0x00, 0x00, 0x00, 0x00, 0x00, 0x80, 0xc3 };
	static const uint8_t succeed[] = { 0xf3, 0x0f, 0x1e, 0xfa, 0x31, 0xc0, 0xc3 };
	static const uint16_t vendor[] = { 'h', 'v', 'h', 'o', 's', 't', 0 };
	struct efi_memory map[EFI_MEMORY_ITEMS];
	struct efi_system system = {
		.header = { .signature = EFI_SYSTEM_TABLE_SIGNATURE,
			    .revision = EFI_REVISION_2_40,
			    .size = sizeof(system) },
		.vendor = EFI_TABLES_GPA + EFI_VENDOR_AT,
		.runtime = EFI_TABLES_GPA + EFI_RUNTIME_AT,
	};
	struct efi_runtime runtime = {
		.header = { .signature = EFI_RUNTIME_SERVICES_SIGNATURE,
			    .revision = EFI_REVISION_2_40,
			    .size = sizeof(runtime) },
	};
	unsigned int nr = efi_memory_map(machine, map);

	for (size_t i = 0; i < ARRAY_SIZE(runtime.services); i++)
		runtime.services[i] = EFI_CODE_GPA + EFI_DECLINE_AT;
	runtime.services[EFI_SERVICE_SET_VIRTUAL_MAP] = EFI_CODE_GPA + EFI_SUCCEED_AT;
	params->efi_info = (struct efi_info){
		.efi_loader_signature = EFI_LOADER_SIGNATURE_64,
		.efi_systab = EFI_TABLES_GPA,
		.efi_memdesc_size = sizeof(map[0]),
		.efi_memdesc_version = 1,
		.efi_memmap = EFI_MEMORY_GPA,
		.efi_memmap_size = nr * sizeof(map[0]),
	};
	params->screen_info = efi_screen(machine);
	return guest_mem_write(&machine->mem, EFI_TABLES_GPA, &system, sizeof(system)) ||
			       guest_mem_write(&machine->mem, EFI_TABLES_GPA + EFI_RUNTIME_AT,
					       &runtime, sizeof(runtime)) ||
			       guest_mem_write(&machine->mem, EFI_TABLES_GPA + EFI_VENDOR_AT,
					       vendor, sizeof(vendor)) ||
			       guest_mem_write(&machine->mem, EFI_CODE_GPA + EFI_DECLINE_AT,
					       decline, sizeof(decline)) ||
			       guest_mem_write(&machine->mem, EFI_CODE_GPA + EFI_SUCCEED_AT,
					       succeed, sizeof(succeed)) ||
			       guest_mem_write(&machine->mem, EFI_MEMORY_GPA, map,
					       nr * sizeof(map[0]))
		       ? -1
		       : 0;
}
