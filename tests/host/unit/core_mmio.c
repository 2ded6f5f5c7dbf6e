// SPDX-License-Identifier: GPL-2.0
/* Tests of registers in the guest's address space: whose an access is, and what belongs to nobody. */
#include <errno.h>
#include <string.h>

#include "../hyperv/server.h"
#include "dev_unit.h"

#define SPACE 0xf8000000ull

static unsigned int raised_vp, raised_vector, raised;
static uint64_t last_offset, last_value;

static bool test_is_device_space(void *platform, uint64_t gpa, uint64_t size)
{
	(void)platform;
	return gpa >= SPACE && size <= 0x100000 && gpa - SPACE <= 0x100000 - size;
}

static void test_interrupt(void *platform, unsigned int vp, uint8_t vector)
{
	(void)platform;
	raised_vp = vp;
	raised_vector = vector;
	raised++;
}

static uint64_t test_read(void *opaque, uint64_t offset, unsigned int bytes)
{
	(void)bytes;
	return *(const uint64_t *)opaque + offset;
}

static void test_write(void *opaque, uint64_t offset, unsigned int bytes, uint64_t value)
{
	(void)opaque;
	(void)bytes;
	last_offset = offset;
	last_value = value;
}

static const struct vmbus_mmio_ops mmio_ops = { .read = test_read, .write = test_write };
static const struct hv_platform_ops with_devices = { .is_device_space = test_is_device_space,
						     .interrupt = test_interrupt };
static const struct hv_platform_ops without = { 0 };
static struct vmbus_server *server;
static struct loop *loop;

static void begin(const struct hv_platform_ops *ops)
{
	static struct guest_mem mem;

	loop = loop_new();
	server = vmbus_server_new(&(struct vmbus_server_config){
		.loop = loop, .mem = &mem, .nr_vps = 2, .max_version = 5u << 16 | 3, .ops = ops });
}

/* As the program ends, but without SynICs to end. */
static void end(void)
{
	vmbus_server_free(server);
	loop_free(loop);
}

static uint64_t read_of(uint64_t gpa, unsigned int bytes)
{
	uint64_t value = 0;

	vmbus_server_mmio(server, gpa, bytes, false, &value);
	return value;
}

static void an_access_finds_its_window(void)
{
	uint64_t one = 0x100, two = 0x200, value = 0x1122334455667788;

	begin(&with_devices);
	CHECK_EQ(vmbus_mmio_add(server, SPACE, 0x1000, &mmio_ops, &one), 0);
	CHECK_EQ(vmbus_mmio_add(server, SPACE + 0x1000, 0x1000, &mmio_ops, &two), 0);
	CHECK_EQ(read_of(SPACE + 8, 4), 0x108);
	CHECK_EQ(read_of(SPACE + 0x1010, 2), 0x210);
	vmbus_server_mmio(server, SPACE + 0x1ffc, 4, true, &value);
	CHECK_EQ(last_offset, 0xffc);
	CHECK_EQ(last_value, 0x55667788);
	/* Across the end of nothing: misaligned, of a strange size, behind the last, in a window that is gone */
	CHECK_EQ(read_of(SPACE + 2, 4), 0xffffffff);
	CHECK_EQ(read_of(SPACE, 3), 0xffffff);
	CHECK_EQ(read_of(SPACE + 0x2000, 1), 0xff);
	vmbus_mmio_del(server, &one);
	CHECK_EQ(read_of(SPACE + 8, 4), 0xffffffff);
	CHECK_EQ(read_of(SPACE + 0x1008, 4), 0x208);
	end();
}

static void windows_lie_apart_in_device_space(void)
{
	uint64_t one = 1;

	begin(&with_devices);
	CHECK_EQ(vmbus_mmio_add(server, 0x1000, 0x1000, &mmio_ops, &one), -EINVAL);
	CHECK_EQ(vmbus_mmio_add(server, SPACE, 0, &mmio_ops, &one), -EINVAL);
	CHECK_EQ(vmbus_mmio_add(server, SPACE + 0xff000, 0x2000, &mmio_ops, &one), -EINVAL);
	CHECK_EQ(vmbus_mmio_add(server, ~0xfffull, 0x2000, &mmio_ops, &one), -EINVAL);
	CHECK_EQ(vmbus_mmio_add(server, SPACE + 0x2000, 0x2000, &mmio_ops, &one), 0);
	CHECK_EQ(vmbus_mmio_add(server, SPACE, 0x2001, &mmio_ops, &one), -EBUSY);
	CHECK_EQ(vmbus_mmio_add(server, SPACE + 0x3fff, 0x10, &mmio_ops, &one), -EBUSY);
	CHECK_EQ(vmbus_mmio_add(server, SPACE, 0x10000, &mmio_ops, &one), -EBUSY);
	for (unsigned int i = 1; i < VMBUS_MMIO_WINDOWS; i++)
		CHECK_EQ(vmbus_mmio_add(server, SPACE + 0x10000 + i, 1, &mmio_ops, &one), 0);
	CHECK_EQ(vmbus_mmio_add(server, SPACE + 0x20000, 1, &mmio_ops, &one), -ENOSPC);
	vmbus_mmio_del(server, &one);
	CHECK_EQ(vmbus_mmio_add(server, SPACE, 0x100000, &mmio_ops, &one), 0);
	end();
	begin(&without);
	CHECK_EQ(vmbus_mmio_add(server, SPACE, 0x1000, &mmio_ops, &one), -EINVAL);
	vmbus_server_interrupt(server, 0, 0x30);
	end();
}

static void interrupts_are_for_processors_that_are_there(void)
{
	begin(&with_devices);
	raised = 0;
	vmbus_server_interrupt(server, 1, 0x30);
	CHECK_EQ(raised, 1);
	CHECK_EQ(raised_vp, 1);
	CHECK_EQ(raised_vector, 0x30);
	vmbus_server_interrupt(server, 2, 0x30);
	vmbus_server_interrupt(server, 0, 15);
	CHECK_EQ(raised, 1);
	end();
}

static const struct unit_case cases[] = {
	UNIT_CASE(an_access_finds_its_window),
	UNIT_CASE(windows_lie_apart_in_device_space),
	UNIT_CASE(interrupts_are_for_processors_that_are_there),
};

int main(void)
{
	return unit_main(cases, sizeof(cases) / sizeof(cases[0]));
}
