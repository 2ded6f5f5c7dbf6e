// SPDX-License-Identifier: GPL-2.0
/*
 * The few PC ports a guest needs beside the serial lines: CMOS clock (UTC, read only), ACPI PM1
 * event and control block and timer (power-off by S5, suspend to disk by S4), and the keyboard controller's reset pulse.
 * The reset control register CF9, which is also the ACPI reset register, is in pci.c.
 */
#include <stdlib.h>
#include <time.h>

#include "internal.h"

#define PM1_CONTROL_SCI_ENABLE	  0x0001
#define PM1_CONTROL_SLEEP_TYPE(v) ((v) >> 10 & 7)
#define PM1_CONTROL_SLEEP_ENABLE  0x2000
#define PM_TIMER_HZ		  3579545u

#define I8042_PULSE_RESET 0xfe

#define CMOS_STATUS_A 0x0a
#define CMOS_STATUS_B 0x0b
#define CMOS_STATUS_D 0x0d
#define CMOS_CENTURY  0x32
#define CMOS_B_24H    0x02
#define CMOS_D_VALID  0x80

struct platform_ports {
	struct machine *machine;
	atomic_uint cmos_index;
	atomic_uint pm1_enable, pm1_control;
};

/* Linux takes the clock for BCD whatever status B says. */
static uint8_t cmos_bcd(int value)
{
	return value / 10 << 4 | value % 10;
}

static uint8_t cmos_read(unsigned int index)
{
	struct timespec now;
	struct tm utc;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	switch (index) {
	case 0:
		return cmos_bcd(utc.tm_sec);
	case 2:
		return cmos_bcd(utc.tm_min);
	case 4:
		return cmos_bcd(utc.tm_hour);
	case 6:
		return cmos_bcd(utc.tm_wday + 1);
	case 7:
		return cmos_bcd(utc.tm_mday);
	case 8:
		return cmos_bcd(utc.tm_mon + 1);
	case 9:
		return cmos_bcd(utc.tm_year % 100);
	case CMOS_CENTURY:
		return cmos_bcd((utc.tm_year + 1900) / 100);
	case CMOS_STATUS_A:
		return 0x26;
	case CMOS_STATUS_B:
		return CMOS_B_24H;
	case CMOS_STATUS_D:
		return CMOS_D_VALID;
	}
	return 0;
}

static uint32_t cmos_in(void *opaque, uint16_t offset, unsigned int size)
{
	struct platform_ports *ports = opaque;

	(void)size;
	return offset ? cmos_read(atomic_load(&ports->cmos_index)) : 0xff;
}

static void cmos_out(void *opaque, uint16_t offset, unsigned int size, uint32_t value)
{
	struct platform_ports *ports = opaque;

	(void)size;
	if (!offset)
		atomic_store(&ports->cmos_index, value & 0x7f);
}

static uint32_t pm1_event_in(void *opaque, uint16_t offset, unsigned int size)
{
	struct platform_ports *ports = opaque;
	uint32_t value = atomic_load(&ports->pm1_enable) << 16;

	(void)size;
	return value >> (offset * 8);
}

static void pm1_event_out(void *opaque, uint16_t offset, unsigned int size, uint32_t value)
{
	struct platform_ports *ports = opaque;

	/* No event ever becomes pending, so the status half needs no storage. */
	if (offset == 2)
		atomic_store(&ports->pm1_enable, value & 0xffff);
	else if (size == 4)
		atomic_store(&ports->pm1_enable, value >> 16);
}

static uint32_t pm1_control_in(void *opaque, uint16_t offset, unsigned int size)
{
	struct platform_ports *ports = opaque;

	(void)size;
	return (atomic_load(&ports->pm1_control) | PM1_CONTROL_SCI_ENABLE) >> (offset * 8);
}

static void pm1_control_out(void *opaque, uint16_t offset, unsigned int size, uint32_t value)
{
	struct platform_ports *ports = opaque;

	if (offset || size < 2)
		return;
	atomic_store(&ports->pm1_control, value & ~PM1_CONTROL_SLEEP_ENABLE & 0xffff);
	if (!(value & PM1_CONTROL_SLEEP_ENABLE))
		return;
	if (PM1_CONTROL_SLEEP_TYPE(value) == MACHINE_SLEEP_TYPE_S5)
		machine_notify(ports->machine, MACHINE_POWERED_OFF);
	else if (PM1_CONTROL_SLEEP_TYPE(value) == MACHINE_SLEEP_TYPE_S4 &&
		 ports->machine->config.hibernation)
		machine_notify(ports->machine, MACHINE_HIBERNATED);
}

static uint32_t pm_timer_in(void *opaque, uint16_t offset, unsigned int size)
{
	uint64_t now = loop_now_ns();

	(void)opaque;
	(void)size;
	return (uint32_t)((unsigned __int128)now * PM_TIMER_HZ / 1000000000u) >> (offset * 8);
}

/*
 * There is no keyboard controller: its status reads as an empty bus, only the reset pulse is
 * understood.
 */
static void i8042_out(void *opaque, uint16_t offset, unsigned int size, uint32_t value)
{
	struct platform_ports *ports = opaque;

	(void)offset;
	(void)size;
	if ((value & 0xff) == I8042_PULSE_RESET)
		machine_notify(ports->machine, MACHINE_RESET);
}

struct platform_ports *platform_ports_new(struct machine *machine)
{
	struct platform_ports *ports = xcalloc(1, sizeof(*ports));
	const struct pio_handler handlers[] = {
		{ .port = 0x70, .len = 2, .in = cmos_in, .out = cmos_out, .opaque = ports },
		{ .port = MACHINE_PORT_PM1_EVENT,
		  .len = 4,
		  .in = pm1_event_in,
		  .out = pm1_event_out,
		  .opaque = ports },
		{ .port = MACHINE_PORT_PM1_CONTROL,
		  .len = 2,
		  .in = pm1_control_in,
		  .out = pm1_control_out,
		  .opaque = ports },
		{ .port = MACHINE_PORT_PM_TIMER, .len = 4, .in = pm_timer_in, .opaque = ports },
		{ .port = 0x64, .len = 1, .out = i8042_out, .opaque = ports },
	};

	ports->machine = machine;
	for (size_t i = 0; i < ARRAY_SIZE(handlers); i++)
		pio_add(machine, &handlers[i]);
	return ports;
}

void platform_ports_reset(struct platform_ports *ports)
{
	atomic_store(&ports->pm1_enable, 0);
	atomic_store(&ports->pm1_control, 0);
}

void platform_ports_free(struct platform_ports *ports)
{
	free(ports);
}
