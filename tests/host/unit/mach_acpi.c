// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of what the guest learns from ACPI, and of the PM1 control block it goes to sleep with: tables walked as a guest walks
 * them, for every number of processors.
 */
#include <stdlib.h>
#include <string.h>

#include "../machine/acpi.c"
#include "../machine/pio.c"
#include "../machine/ports.c"
#include "dev_unit.h"

static struct machine machine;
static int notices[8];

void machine_notify(struct machine *of, enum machine_event event)
{
	CHECK(of == &machine);
	notices[event]++;
}

static void fresh_machine(unsigned int cpus, bool hyperv, bool hibernation)
{
	static uint8_t *ram;

	free(ram);
	/* Ends with the tables: what would be written behind them is seen. */
	ram = calloc(1, MACHINE_ACPI_GPA + MACHINE_ACPI_SIZE);
	memset(&machine, 0, sizeof(machine));
	memset(notices, 0, sizeof(notices));
	machine.mem.region[0].hva = ram;
	machine.mem.region[0].size = MACHINE_ACPI_GPA + MACHINE_ACPI_SIZE;
	machine.mem.nr = 1;
	machine.config.cpus = cpus;
	machine.config.hyperv = hyperv;
	machine.config.hibernation = hibernation;
}

static const void *at(uint64_t gpa, uint64_t len)
{
	const void *bytes = guest_mem_ptr(&machine.mem, gpa, len);

	CHECK(bytes);
	return bytes;
}

/* The Nth table of the XSDT; NULL behind the last one. Each table's length and checksum are checked on the way. */
static const struct acpi_header *table(uint64_t rsdp_gpa, unsigned int n)
{
	const struct acpi_rsdp *rsdp = at(rsdp_gpa, sizeof(*rsdp));
	const struct acpi_header *xsdt = at(rsdp->xsdt, sizeof(*xsdt)), *found;
	uint64_t gpa;

	CHECK_EQ(acpi_sum(rsdp, 20), 0);
	CHECK_EQ(acpi_sum(rsdp, sizeof(*rsdp)), 0);
	CHECK_EQ(acpi_sum(xsdt, xsdt->length), 0);
	if (n >= (xsdt->length - sizeof(*xsdt)) / sizeof(gpa))
		return NULL;
	memcpy(&gpa, (const uint8_t *)(xsdt + 1) + n * sizeof(gpa), sizeof(gpa));
	found = at(gpa, sizeof(*found));
	CHECK_EQ(acpi_sum(found, found->length), 0);
	return found;
}

static const struct acpi_header *table_called(uint64_t rsdp_gpa, const char *signature, const char *id)
{
	const struct acpi_header *found;

	for (unsigned int n = 0; (found = table(rsdp_gpa, n)); n++) {
		if (!memcmp(found->signature, signature, 4) && (!id || !memcmp(found->oem_table_id, id, 8)))
			return found;
	}
	return NULL;
}

static void every_processor_is_listed_once(void)
{
	for (unsigned int cpus = 1; cpus <= MACHINE_MAX_VCPUS; cpus++) {
		const struct acpi_header *madt;
		const uint8_t *entry, *end;
		uint64_t rsdp, seen = 0;

		fresh_machine(cpus, true, true);
		rsdp = acpi_build(&machine);
		CHECK(rsdp);
		madt = table_called(rsdp, "APIC", NULL);
		CHECK(madt);
		if (!madt)
			return;
		end = (const uint8_t *)madt + madt->length;
		for (entry = (const uint8_t *)(madt + 1) + 8; entry + 2 <= end && entry[1] >= 2; entry += entry[1]) {
			if (entry[0] != 0)
				continue;
			CHECK_EQ(entry[2], entry[3]);
			CHECK(entry[3] < cpus && !(seen >> entry[3] & 1));
			seen |= 1ull << entry[3];
		}
		CHECK(entry == end);
		CHECK(seen == UINT64_MAX >> (64 - cpus));
	}
}

/* Of every number of nodes: each processor is on one, and their memory is all there is, without a gap. */
static void nodes_share_processors_and_memory(void)
{
	for (unsigned int cpus = 1; cpus <= MACHINE_MAX_VCPUS; cpus++) {
		for (unsigned int nodes = 1; nodes <= MACHINE_MAX_NODES && nodes <= cpus; nodes++) {
			const uint64_t high = 1ull << 32, low_size = 48ull << 20, high_size = 34ull << 20;
			uint64_t rsdp, seen = 0, node_mask = 0, low_end = 0, high_end = high, memory_nodes = 0;
			const struct acpi_header *srat;
			const uint8_t *entry, *end;

			fresh_machine(cpus, true, true);
			machine.config.nodes = nodes;
			/* A second region, which no table is in. */
			machine.mem.region[0].size = low_size;
			machine.mem.region[1].gpa = high;
			machine.mem.region[1].size = high_size;
			machine.mem.nr = 2;
			rsdp = acpi_build(&machine);
			CHECK(rsdp);
			srat = table_called(rsdp, "SRAT", NULL);
			CHECK(srat);
			if (!srat)
				return;
			end = (const uint8_t *)srat + srat->length;
			for (entry = (const uint8_t *)(srat + 1) + 12; entry + 2 <= end && entry[1] >= 2; entry += entry[1]) {
				struct acpi_srat_memory memory;

				if (entry[0] == SRAT_TYPE_CPU) {
					CHECK_EQ(entry[1], 16);
					CHECK(entry[2] < nodes && !(seen >> entry[3] & 1));
					seen |= 1ull << entry[3];
					node_mask |= 1ull << entry[2];
					continue;
				}
				CHECK_EQ(entry[0], SRAT_TYPE_MEMORY);
				CHECK_EQ(entry[1], 40);
				memcpy(&memory, entry, sizeof(memory));
				CHECK(memory.node < nodes);
				memory_nodes |= 1ull << memory.node;
				if (memory.base < high) {
					CHECK_EQ(memory.base, low_end);
					low_end += memory.size;
				} else {
					CHECK_EQ(memory.base, high_end);
					high_end += memory.size;
				}
			}
			CHECK(entry == end);
			CHECK(seen == UINT64_MAX >> (64 - cpus));
			CHECK_EQ(node_mask, (1ull << nodes) - 1);
			CHECK_EQ(memory_nodes, (1ull << nodes) - 1);
			CHECK_EQ(low_end, low_size);
			CHECK_EQ(high_end, high + high_size);
		}
	}
}

static void devices_are_as_configured(void)
{
	static const struct {
		bool hyperv, hibernation;
	} cases[] = { { false, false }, { false, true }, { true, false }, { true, true } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t rsdp;

		fresh_machine(2, cases[i].hyperv, cases[i].hibernation);
		rsdp = acpi_build(&machine);
		CHECK(table_called(rsdp, "FACP", NULL));
		CHECK(!table_called(rsdp, "SRAT", NULL));
		CHECK_EQ(!!table_called(rsdp, "SSDT", "VMBUS   "), cases[i].hyperv);
		CHECK_EQ(!!table_called(rsdp, "SSDT", "S4      "), cases[i].hibernation);
	}
}

static void control(uint16_t value)
{
	pio_access(&machine, true, MACHINE_PORT_PM1_CONTROL, 2, &value, 1);
}

static void sleep_is_entered_as_offered(void)
{
	struct platform_ports *ports;

	fresh_machine(1, true, false);
	ports = platform_ports_new(&machine);
	control(5 << 10);
	CHECK_EQ(notices[MACHINE_POWERED_OFF], 0);
	control(5 << 10 | PM1_CONTROL_SLEEP_ENABLE);
	CHECK_EQ(notices[MACHINE_POWERED_OFF], 1);
	/* Not offered, so it does not exist; nor do other types. */
	for (unsigned int type = 0; type < 5; type++)
		control(type << 10 | PM1_CONTROL_SLEEP_ENABLE);
	CHECK_EQ(notices[MACHINE_POWERED_OFF], 1);
	CHECK_EQ(notices[MACHINE_HIBERNATED], 0);
	machine.config.hibernation = true;
	control(4 << 10);
	CHECK_EQ(notices[MACHINE_HIBERNATED], 0);
	control(4 << 10 | PM1_CONTROL_SLEEP_ENABLE);
	CHECK_EQ(notices[MACHINE_HIBERNATED], 1);
	CHECK_EQ(notices[MACHINE_POWERED_OFF], 1);
	platform_ports_free(ports);
}

static const struct unit_case cases[] = {
	UNIT_CASE(every_processor_is_listed_once),
	UNIT_CASE(nodes_share_processors_and_memory),
	UNIT_CASE(devices_are_as_configured),
	UNIT_CASE(sleep_is_entered_as_offered),
};

int main(void)
{
	int status = unit_main(cases, sizeof(cases) / sizeof(cases[0]));

	fresh_machine(1, false, false);
	free(machine.mem.region[0].hva);
	return status;
}
