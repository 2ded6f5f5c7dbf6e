// SPDX-License-Identifier: GPL-2.0
/*
 * ACPI tables in the BIOS area: RSDP, XSDT, FADT, FACS, MADT, the compiled DSDT and, as the machine is, the SRAT and the SSDTs
 * with the VMBus device and with S4. Layouts: ACPI specification, chapter 5.
 */
#include <string.h>

#include "dsdt.h"
#include "internal.h"
#include "s4.h"
#include "vmbus.h"

#define ACPI_ALIGN 64u

struct acpi_header {
	char signature[4];
	uint32_t length;
	uint8_t revision;
	uint8_t checksum;
	char oem_id[6];
	char oem_table_id[8];
	uint32_t oem_revision;
	char creator_id[4];
	uint32_t creator_revision;
} __attribute__((packed));

struct acpi_rsdp {
	char signature[8];
	uint8_t checksum;
	char oem_id[6];
	uint8_t revision;
	uint32_t rsdt;
	uint32_t length;
	uint64_t xsdt;
	uint8_t checksum_all;
	uint8_t reserved[3];
} __attribute__((packed));

struct acpi_address {
	uint8_t space, bits, offset, access;
	uint64_t address;
} __attribute__((packed));

#define ACPI_SPACE_IO 1

struct acpi_fadt {
	struct acpi_header header;
	uint32_t facs, dsdt;
	uint8_t reserved0, profile;
	uint16_t sci;
	uint32_t smi_command;
	uint8_t acpi_enable, acpi_disable, s4bios, pstate;
	uint32_t pm1a_event, pm1b_event, pm1a_control, pm1b_control, pm2_control, pm_timer, gpe0,
		gpe1;
	uint8_t pm1_event_len, pm1_control_len, pm2_control_len, pm_timer_len, gpe0_len, gpe1_len,
		gpe1_base, cstate;
	uint16_t c2_latency, c3_latency, flush_size, flush_stride;
	uint8_t duty_offset, duty_width, day_alarm, month_alarm, century;
	uint16_t boot_flags;
	uint8_t reserved1;
	uint32_t flags;
	struct acpi_address reset_register;
	uint8_t reset_value;
	uint16_t arm_flags;
	uint8_t minor;
	uint64_t x_facs, x_dsdt;
	struct acpi_address x_pm1a_event, x_pm1b_event, x_pm1a_control, x_pm1b_control,
		x_pm2_control, x_pm_timer, x_gpe0, x_gpe1, sleep_control, sleep_status;
} __attribute__((packed));

_Static_assert(sizeof(struct acpi_fadt) == 268, "FADT revision 5");

#define FADT_WBINVD	 (1u << 0)
#define FADT_PROC_C1	 (1u << 2)
#define FADT_PWR_BUTTON	 (1u << 4)
#define FADT_SLP_BUTTON	 (1u << 5)
#define FADT_TMR_VAL_EXT (1u << 8)
#define FADT_RESET_REG	 (1u << 10)

struct acpi_facs {
	char signature[4];
	uint32_t length;
	uint8_t zero[24];
	uint8_t version;
	uint8_t reserved[31];
} __attribute__((packed));

struct acpi_madt_lapic {
	uint8_t type, length, processor, apic_id;
	uint32_t flags;
} __attribute__((packed));

struct acpi_madt_ioapic {
	uint8_t type, length, id, reserved;
	uint32_t address, gsi_base;
} __attribute__((packed));

struct acpi_madt_override {
	uint8_t type, length, bus, irq;
	uint32_t gsi;
	uint16_t flags;
} __attribute__((packed));

#define MADT_LEVEL_HIGH 0x000d

struct acpi_srat_cpu {
	uint8_t type, length, node_low, apic_id;
	uint32_t flags;
	uint8_t sapic_eid, node_high[3];
	uint32_t clock;
} __attribute__((packed));

struct acpi_srat_memory {
	uint8_t type, length;
	uint32_t node;
	uint16_t reserved1;
	uint64_t base, size;
	uint32_t reserved2, flags;
	uint64_t reserved3;
} __attribute__((packed));

#define SRAT_TYPE_CPU	 0
#define SRAT_TYPE_MEMORY 1
#define SRAT_ENABLED	 1u
#define SRAT_ALIGN	 (2ull << 20)

struct acpi_writer {
	uint8_t *base; /* host view of MACHINE_ACPI_GPA */
	uint32_t used;
	bool full;
};

static uint8_t acpi_sum(const void *table, size_t len)
{
	const uint8_t *byte = table;
	uint8_t sum = 0;

	while (len--)
		sum += *byte++;
	return -sum;
}

/* Return: the table's GPA, 0 when it does not fit. */
static uint64_t acpi_put(struct acpi_writer *writer, const void *table, size_t len)
{
	uint32_t at = (writer->used + ACPI_ALIGN - 1) & ~(ACPI_ALIGN - 1);

	if (at > MACHINE_ACPI_SIZE || len > MACHINE_ACPI_SIZE - at) {
		writer->full = true;
		return 0;
	}
	memcpy(writer->base + at, table, len);
	writer->used = at + len;
	return MACHINE_ACPI_GPA + at;
}

static void acpi_header_init(struct acpi_header *header, const char *signature, uint8_t revision,
			     size_t len)
{
	memcpy(header->signature, signature, 4);
	header->length = len;
	header->revision = revision;
	memcpy(header->oem_id, "HVHOST", 6);
	memcpy(header->oem_table_id, "HVHOST  ", 8);
	header->oem_revision = 1;
	memcpy(header->creator_id, "HVHO", 4);
	header->creator_revision = 1;
}

/*
 * A processor's APIC id is its number, and KVM makes that its VP index too. Ids below 255 are those of both APIC modes: no
 * x2APIC entries.
 */
_Static_assert(MACHINE_MAX_VCPUS <= 255, "local APIC entries hold no greater id");

static uint64_t acpi_put_madt(struct acpi_writer *writer, unsigned int cpus)
{
	struct {
		struct acpi_header header;
		uint32_t lapic, flags;
		struct acpi_madt_ioapic ioapic;
		struct acpi_madt_override timer, sci;
		struct acpi_madt_lapic cpu[MACHINE_MAX_VCPUS];
	} __attribute__((packed)) madt = {
		.lapic = MACHINE_LAPIC_BASE,
		.flags = 1, /* there is also a dual 8259 */
		.ioapic = { .type = 1, .length = 12, .id = cpus, .address = MACHINE_IOAPIC_BASE },
		.timer = { .type = 2, .length = 10, .irq = 0, .gsi = 2 },
		.sci = { .type = 2,
			 .length = 10,
			 .irq = MACHINE_IRQ_SCI,
			 .gsi = MACHINE_IRQ_SCI,
			 .flags = MADT_LEVEL_HIGH },
	};
	size_t len = sizeof(madt) - (MACHINE_MAX_VCPUS - cpus) * sizeof(madt.cpu[0]);

	for (unsigned int i = 0; i < cpus; i++)
		madt.cpu[i] = (struct acpi_madt_lapic){
			.length = 8, .processor = i, .apic_id = i, .flags = 1
		};
	acpi_header_init(&madt.header, "APIC", 4, len);
	madt.header.checksum = acpi_sum(&madt, len);
	return acpi_put(writer, &madt, len);
}

/* The memory of a node: from its share of all memory on, in the order of the regions. */
static unsigned int srat_memory(const struct machine *machine, unsigned int node, struct acpi_srat_memory *entry)
{
	unsigned int nodes = machine->config.nodes, nr = 0;
	uint64_t total = 0, from, to, before = 0;

	for (unsigned int i = 0; i < machine->mem.nr; i++)
		total += machine->mem.region[i].size;
	from = total / nodes * node & ~(SRAT_ALIGN - 1);
	to = node == nodes - 1 ? total : total / nodes * (node + 1) & ~(SRAT_ALIGN - 1);
	for (unsigned int i = 0; i < machine->mem.nr; i++) {
		uint64_t size = machine->mem.region[i].size;
		uint64_t begin = from > before ? from - before : 0;
		uint64_t end = to > before ? to - before : 0;

		if (end > size)
			end = size;
		if (begin < end)
			entry[nr++] = (struct acpi_srat_memory){
				.type = SRAT_TYPE_MEMORY,
				.length = sizeof(*entry),
				.node = node,
				.base = machine->mem.region[i].gpa + begin,
				.size = end - begin,
				.flags = SRAT_ENABLED,
			};
		before += size;
	}
	return nr;
}

/* Nodes have equal shares of memory and of processors, these by their numbers. */
static uint64_t acpi_put_srat(struct acpi_writer *writer, const struct machine *machine)
{
	unsigned int cpus = machine->config.cpus, nodes = machine->config.nodes, nr_memory = 0;
	struct {
		struct acpi_header header;
		uint32_t one;
		uint64_t reserved;
		uint8_t entries[MACHINE_MAX_VCPUS * sizeof(struct acpi_srat_cpu) +
				MACHINE_MAX_NODES * GUEST_MEM_REGIONS * sizeof(struct acpi_srat_memory)];
	} __attribute__((packed)) srat = { .one = 1 };
	struct acpi_srat_memory memory[MACHINE_MAX_NODES * GUEST_MEM_REGIONS];
	uint8_t *end = srat.entries;
	size_t len;

	for (unsigned int i = 0; i < cpus; i++) {
		struct acpi_srat_cpu cpu = {
			.type = SRAT_TYPE_CPU,
			.length = sizeof(cpu),
			.node_low = i * nodes / cpus,
			.apic_id = i,
			.flags = SRAT_ENABLED,
		};

		memcpy(end, &cpu, sizeof(cpu));
		end += sizeof(cpu);
	}
	for (unsigned int node = 0; node < nodes; node++)
		nr_memory += srat_memory(machine, node, &memory[nr_memory]);
	memcpy(end, memory, nr_memory * sizeof(memory[0]));
	end += nr_memory * sizeof(memory[0]);
	len = end - (uint8_t *)&srat;
	acpi_header_init(&srat.header, "SRAT", 3, len);
	srat.header.checksum = acpi_sum(&srat, len);
	return acpi_put(writer, &srat, len);
}

static uint64_t acpi_put_fadt(struct acpi_writer *writer, uint64_t facs, uint64_t dsdt)
{
	struct acpi_fadt fadt = {
		.facs = facs,
		.dsdt = dsdt,
		.sci = MACHINE_IRQ_SCI,
		.pm1a_event = MACHINE_PORT_PM1_EVENT,
		.pm1a_control = MACHINE_PORT_PM1_CONTROL,
		.pm_timer = MACHINE_PORT_PM_TIMER,
		.pm1_event_len = 4,
		.pm1_control_len = 2,
		.pm_timer_len = 4,
		.c2_latency = 0xffff,
		.c3_latency = 0xffff,
		.century = 0x32,
		.flags = FADT_WBINVD | FADT_PROC_C1 | FADT_PWR_BUTTON | FADT_SLP_BUTTON |
			 FADT_TMR_VAL_EXT | FADT_RESET_REG,
		.reset_register = { .space = ACPI_SPACE_IO,
				    .bits = 8,
				    .access = 1,
				    .address = MACHINE_PORT_RESET },
		.reset_value = MACHINE_RESET_VALUE,
		.x_dsdt = dsdt,
		.x_pm1a_event = { .space = ACPI_SPACE_IO,
				  .bits = 32,
				  .access = 2,
				  .address = MACHINE_PORT_PM1_EVENT },
		.x_pm1a_control = { .space = ACPI_SPACE_IO,
				    .bits = 16,
				    .access = 2,
				    .address = MACHINE_PORT_PM1_CONTROL },
		.x_pm_timer = { .space = ACPI_SPACE_IO,
				.bits = 32,
				.access = 3,
				.address = MACHINE_PORT_PM_TIMER },
	};

	acpi_header_init(&fadt.header, "FACP", 5, sizeof(fadt));
	fadt.header.checksum = acpi_sum(&fadt, sizeof(fadt));
	return acpi_put(writer, &fadt, sizeof(fadt));
}

uint64_t acpi_build(struct machine *machine)
{
	struct acpi_writer writer = { .base = guest_mem_ptr(&machine->mem, MACHINE_ACPI_GPA,
							    MACHINE_ACPI_SIZE) };
	struct acpi_facs facs = { .signature = "FACS", .length = sizeof(facs), .version = 2 };
	struct acpi_rsdp rsdp = {
		.signature = "RSD PTR ", .oem_id = "HVHOST", .revision = 2, .length = sizeof(rsdp)
	};
	struct {
		struct acpi_header header;
		uint64_t table[5];
	} __attribute__((packed)) xsdt = { 0 };
	unsigned int nr = 0;
	uint64_t dsdt;
	size_t len;

	if (!writer.base)
		return 0;
	memset(writer.base, 0, MACHINE_ACPI_SIZE);
	/*
	 * The RSDP comes first, where a scan of the BIOS area finds it too; its place is filled at
	 * the end.
	 */
	writer.used = sizeof(rsdp);

	dsdt = acpi_put(&writer, dsdt_aml_code, sizeof(dsdt_aml_code));
	xsdt.table[nr++] = acpi_put_fadt(&writer, acpi_put(&writer, &facs, sizeof(facs)), dsdt);
	xsdt.table[nr++] = acpi_put_madt(&writer, machine->config.cpus);
	if (machine->config.nodes)
		xsdt.table[nr++] = acpi_put_srat(&writer, machine);
	if (machine->config.hyperv)
		xsdt.table[nr++] = acpi_put(&writer, vmbus_aml_code, sizeof(vmbus_aml_code));
	if (machine->config.hibernation)
		xsdt.table[nr++] = acpi_put(&writer, s4_aml_code, sizeof(s4_aml_code));
	len = sizeof(xsdt.header) + nr * sizeof(xsdt.table[0]);
	acpi_header_init(&xsdt.header, "XSDT", 1, len);
	xsdt.header.checksum = acpi_sum(&xsdt, len);
	rsdp.xsdt = acpi_put(&writer, &xsdt, len);
	rsdp.checksum = acpi_sum(&rsdp, 20);
	rsdp.checksum_all = acpi_sum(&rsdp, sizeof(rsdp));
	memcpy(writer.base, &rsdp, sizeof(rsdp));
	return writer.full ? 0 : MACHINE_ACPI_GPA;
}
