// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of virtual PCI and of PCI functions: versions, the window, BARs, interrupts, eject, and what a guest must not do.
 * Messages are written out as bytes.
 */
#include <errno.h>
#include <string.h>

#include "../devices/bytes.h"
#include "../devices/vpci.h"
#include "../devices/vpci_message.h"
#include "dev_unit.h"
#include "fake_vmbus.h"

#define WINDOW (FAKE_DEVICE_SPACE + 0x10000)
#define BAR    (FAKE_DEVICE_SPACE + 0x20000)
#define TABLE  (FAKE_DEVICE_SPACE + 0x30000)

static struct pci_function function;
static uint64_t written;
static unsigned int resets, gone;
static struct vpci *vpci;

static uint64_t device_read(void *dev, unsigned int bar, uint64_t offset, unsigned int bytes)
{
	(void)dev;
	return bar << 16 | offset << 4 | bytes;
}

static void device_write(void *dev, unsigned int bar, uint64_t offset, unsigned int bytes,
			 uint64_t value)
{
	(void)dev;
	(void)bar;
	(void)offset;
	(void)bytes;
	written = value;
}

static void device_reset(void *dev)
{
	(void)dev;
	resets++;
}

static void on_gone(void *opaque)
{
	(void)opaque;
	gone++;
}

static void begin(uint32_t max_version)
{
	static const struct pci_function_ops ops = { device_read, device_write, device_reset };
	static const struct pci_ids ids = { .vendor = 0x1234, .device = 0x5678, .class = 0x020000 };

	pci_function_init(&function, fake_server(), "function", &ids, &ops, NULL);
	pci_function_add_bar(&function, 0, 0x4000);
	pci_function_add_msix(&function, 2, 3);
	vpci = vpci_new(fake_server(), &(struct vpci_params){ .name = "bus",
							      .max_version = max_version,
							      .function = &function,
							      .gone = on_gone });
	gone = resets = 0;
	written = 0;
	fake_forget_violations();
	CHECK_EQ(vpci_offer(vpci, 7), 0);
	CHECK_EQ(vpci_offer(vpci, 7), -EBUSY);
	fake_open(fake_chan("bus"));
}

static void end(void)
{
	struct vmbus_chan *chan = fake_chan("bus");

	if (chan) {
		if (fake_is_open(chan))
			fake_close(chan);
		fake_release(chan);
	}
	vpci_free(vpci);
}

/* A message of words, answered. Return: the first word of the answer. */
static uint32_t ask(const uint32_t *words, size_t nr, struct fake_sent *answer)
{
	static uint8_t bytes[256];

	for (size_t i = 0; i < nr; i++)
		put_le32(bytes + 4 * i, words[i]);
	fake_push(fake_chan("bus"), VMBUS_PACKET_INBAND, true, 77, bytes, 4 * nr, NULL, 0);
	fake_run(fake_chan("bus"));
	/* Bus relations come before the answer. */
	do {
		if (!fake_take(fake_chan("bus"), answer)) {
			CHECK(!"an answer");
			return ~0u;
		}
	} while (answer->type != VMBUS_PACKET_COMPLETION);
	CHECK_EQ(answer->xid, 77);
	return get_le32(answer->payload);
}

#define ASK(...)                                                                          \
	ask((const uint32_t[]){ __VA_ARGS__ }, sizeof((uint32_t[]){ __VA_ARGS__ }) / 4, \
	    &answer)

static void power_on(void)
{
	struct fake_sent answer;

	CHECK_EQ(ASK(VPCI_MSG_QUERY_PROTOCOL_VERSION, VPCI_VERSION_1_4), 0);
	CHECK_EQ(ASK(VPCI_MSG_D0_ENTRY, 0, (uint32_t)WINDOW, 0), 0);
}

static void versions_are_agreed_on(void)
{
	struct fake_sent answer;

	begin(VPCI_VERSION_1_2);
	CHECK_EQ(ASK(VPCI_MSG_QUERY_PROTOCOL_VERSION, VPCI_VERSION_1_4),
		 VPCI_STATUS_REVISION_MISMATCH);
	CHECK_EQ(get_le32(answer.payload + 4), VPCI_VERSION_1_2);
	CHECK_EQ(ASK(VPCI_MSG_QUERY_PROTOCOL_VERSION, 0x00010000), VPCI_STATUS_REVISION_MISMATCH);
	CHECK_EQ(fake_violations(NULL), 0);
	/* Nothing else before that. */
	CHECK_EQ(ASK(VPCI_MSG_D0_ENTRY, 0, (uint32_t)WINDOW, 0), VPCI_STATUS_BAD_DATA);
	CHECK_EQ(fake_violations("vpci-request"), 1);
	CHECK_EQ(ASK(VPCI_MSG_QUERY_PROTOCOL_VERSION, VPCI_VERSION_1_2), 0);
	CHECK_EQ(ASK(VPCI_MSG_QUERY_PROTOCOL_VERSION, VPCI_VERSION_1_2), VPCI_STATUS_BAD_DATA);
	/* Of 1.4 */
	CHECK_EQ(ASK(VPCI_MSG_CREATE_INTERRUPT3, 0, 0x30, 0x10000, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		     0, 0, 0, 0, 0, 0),
		 VPCI_STATUS_BAD_DATA);
	end();
}

static void relations_tell_the_serial_number(void)
{
	static const uint32_t versions[] = { VPCI_VERSION_1_1, VPCI_VERSION_1_4 };
	struct fake_sent answer;

	for (unsigned int i = 0; i < 2; i++) {
		uint8_t message[64];

		begin(VPCI_VERSION_1_4);
		CHECK_EQ(ASK(VPCI_MSG_QUERY_PROTOCOL_VERSION, versions[i]), 0);
		memset(message, 0, sizeof(message));
		put_le32(message, VPCI_MSG_D0_ENTRY);
		put_le64(message + 8, WINDOW);
		fake_push(fake_chan("bus"), VMBUS_PACKET_INBAND, true, 5, message, 16, NULL, 0);
		fake_run(fake_chan("bus"));
		CHECK(fake_take(fake_chan("bus"), &answer));
		CHECK_EQ(answer.type, VMBUS_PACKET_INBAND);
		CHECK_EQ(get_le32(answer.payload),
			 i ? VPCI_MSG_BUS_RELATIONS2 : VPCI_MSG_BUS_RELATIONS);
		CHECK_EQ(answer.len, i ? 36 : 28);
		CHECK_EQ(get_le32(answer.payload + 4), 1);
		CHECK_EQ(get_le16(answer.payload + 8), 0x1234);
		CHECK_EQ(answer.payload[15], 2);
		CHECK_EQ(get_le32(answer.payload + 24), 7);
		CHECK(fake_take(fake_chan("bus"), &answer));
		CHECK_EQ(answer.type, VMBUS_PACKET_COMPLETION);
		end();
	}
}

static void the_window_is_configuration_space(void)
{
	struct fake_sent answer;

	begin(VPCI_VERSION_1_4);
	CHECK_EQ(fake_mmio_read(WINDOW + 0x1000, 4), UINT64_MAX);
	power_on();
	CHECK_EQ(fake_mmio_read(WINDOW + 0x1000, 4), 0x56781234);
	CHECK_EQ(fake_mmio_read(WINDOW + 0x1002, 2), 0x5678);
	/* Another slot is empty. */
	fake_mmio_write(WINDOW, 4, 1);
	CHECK_EQ(fake_mmio_read(WINDOW + 0x1000, 4), UINT64_MAX);
	fake_mmio_write(WINDOW, 4, 0);
	/* What a BAR is as large as */
	fake_mmio_write(WINDOW + 0x1010, 4, 0xffffffff);
	fake_mmio_write(WINDOW + 0x1014, 4, 0xffffffff);
	CHECK_EQ(fake_mmio_read(WINDOW + 0x1010, 4), 0xffffc004);
	CHECK_EQ(fake_mmio_read(WINDOW + 0x1014, 4), 0xffffffff);
	CHECK_EQ(ASK(VPCI_MSG_RESOURCE_REQUIREMENTS, 0), 0);
	CHECK_EQ(get_le32(answer.payload + 4), 0xffffc004);
	CHECK_EQ(get_le32(answer.payload + 12), 0xfffff004);
	CHECK_EQ(get_le32(answer.payload + 20), 0);
	/* Ids cannot be written, the end of the space is zero. */
	fake_mmio_write(WINDOW + 0x1000, 4, 0);
	CHECK_EQ(fake_mmio_read(WINDOW + 0x1000, 4), 0x56781234);
	CHECK_EQ(fake_mmio_read(WINDOW + 0x1ffc, 4), 0);
	CHECK_EQ(fake_violations(NULL), 0);
	fake_mmio_write(WINDOW + 8, 4, 0);
	CHECK_EQ(fake_violations("vpci-window"), 1);
	CHECK_EQ(ASK(VPCI_MSG_D0_EXIT), 0);
	CHECK_EQ(fake_mmio_read(WINDOW + 0x1000, 4), UINT64_MAX);
	CHECK_EQ(ASK(VPCI_MSG_D0_ENTRY, 0, 0x1000, 0), VPCI_STATUS_BAD_DATA);
	CHECK_EQ(ASK(VPCI_MSG_D0_ENTRY, 0, (uint32_t)WINDOW + 4, 0), VPCI_STATUS_BAD_DATA);
	end();
}

static void bars_follow_command_and_place(void)
{
	struct fake_sent answer;

	begin(VPCI_VERSION_1_4);
	power_on();
	fake_mmio_write(WINDOW + 0x1010, 4, (uint32_t)BAR);
	CHECK_EQ(fake_mmio_read(BAR + 8, 4), UINT64_MAX);
	fake_mmio_write(WINDOW + 0x1004, 2, 2);
	CHECK_EQ(fake_mmio_read(BAR + 8, 4), 8 << 4 | 4);
	fake_mmio_write(BAR, 4, 0xabcd);
	CHECK_EQ(written, 0xabcd);
	fake_mmio_write(WINDOW + 0x1010, 4, (uint32_t)BAR + 0x4000);
	CHECK_EQ(fake_mmio_read(BAR + 8, 4), UINT64_MAX);
	CHECK_EQ(fake_mmio_read(BAR + 0x4008, 4), 8 << 4 | 4);
	/* RAM is no place. */
	fake_mmio_write(WINDOW + 0x1010, 4, 0x4000);
	CHECK_EQ(fake_mmio_read(BAR + 0x4008, 4), UINT64_MAX);
	CHECK_EQ(ASK(VPCI_MSG_DEVICE_POWER_STATE_CHANGE, 0, VPCI_POWER_D3), 0);
	CHECK_EQ(fake_mmio_read(WINDOW + 0x1004, 2), 0);
	CHECK_EQ(ASK(VPCI_MSG_DEVICE_POWER_STATE_CHANGE, 0, 2), VPCI_STATUS_BAD_DATA);
	end();
}

static void interrupts_are_what_was_created(void)
{
	struct fake_sent answer;
	unsigned int before = fake_interrupts(NULL);
	uint32_t data;
	uint8_t vector;

	begin(VPCI_VERSION_1_4);
	power_on();
	fake_mmio_write(WINDOW + 0x1018, 4, (uint32_t)TABLE);
	fake_mmio_write(WINDOW + 0x1004, 2, 2);
	CHECK_EQ(ASK(VPCI_MSG_CREATE_INTERRUPT3, 0, 0x41, 0x10000, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		     0, 0, 0, 0, 0, 0, 0),
		 0);
	data = get_le32(answer.payload + 12);
	/* Entry 1: address, data, not masked; MSI-X on */
	fake_mmio_write(TABLE + 16, 4, get_le32(answer.payload + 16));
	fake_mmio_write(TABLE + 20, 4, 0);
	fake_mmio_write(TABLE + 24, 4, data);
	fake_mmio_write(TABLE + 28, 4, 1);
	fake_mmio_write(WINDOW + 0x1042, 2, 0x8000);
	pci_function_interrupt(&function, 1);
	CHECK_EQ(fake_interrupts(NULL), before);
	CHECK_EQ(fake_mmio_read(TABLE + 0x800, 4), 2);
	/* It comes when it is let through. */
	fake_mmio_write(TABLE + 28, 4, 0);
	CHECK_EQ(fake_interrupts(&vector), before + 1);
	CHECK_EQ(vector, 0x41);
	CHECK_EQ(fake_mmio_read(TABLE + 0x800, 4), 0);
	pci_function_interrupt(&function, 9);
	CHECK_EQ(fake_interrupts(NULL), before + 1);
	CHECK_EQ(ASK(VPCI_MSG_DELETE_INTERRUPT, 0, 0x10000, data + 1, 0xfee00000, 0),
		 VPCI_STATUS_BAD_DATA);
	CHECK_EQ(ASK(VPCI_MSG_DELETE_INTERRUPT, 0, 0x10000, data, 0xfee00000, 0), 0);
	CHECK_EQ(ASK(VPCI_MSG_DELETE_INTERRUPT, 0, 0x10000, data, 0xfee00000, 0),
		 VPCI_STATUS_BAD_DATA);
	pci_function_interrupt(&function, 1);
	CHECK_EQ(fake_interrupts(NULL), before + 1);
	CHECK_EQ(fake_counter("bus", "interrupts_lost"), 1);
	end();
}

static void bad_messages_are_refused(void)
{
	static const struct {
		size_t bytes;
		uint32_t words[8];
	} bad[] = {
		{ 2, { 0 } },
		{ 8, { 0x42490099, 0 } },
		{ 8, { VPCI_MSG_D0_ENTRY, 0 } },
		{ 8, { VPCI_MSG_GET_RESOURCES, 1 } },
		{ 16, { VPCI_MSG_DELETE_INTERRUPT, 0, 0, 0 } },
		/* No vector, a vector of the processor's own, no processor, one that is not there */
		{ 24, { VPCI_MSG_CREATE_INTERRUPT, 0, 0x00000030, 0, 1, 0 } },
		{ 24, { VPCI_MSG_CREATE_INTERRUPT, 0, 0x0001000f, 0, 1, 0 } },
		{ 24, { VPCI_MSG_CREATE_INTERRUPT, 0, 0x00010030, 0, 0, 0 } },
		{ 24, { VPCI_MSG_CREATE_INTERRUPT, 0, 0x00010030, 0, 0, 1 } },
		/* More vectors than there are, or than one interrupt has */
		{ 24, { VPCI_MSG_CREATE_INTERRUPT, 0, 0x000200ff, 0, 1, 0 } },
		{ 24, { VPCI_MSG_CREATE_INTERRUPT, 0, 0x00400030, 0, 1, 0 } },
		{ 8, { VPCI_MSG_EJECT_COMPLETE, 0 } },
	};
	struct fake_sent answer;

	begin(VPCI_VERSION_1_4);
	power_on();
	for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		fake_forget_violations();
		fake_push(fake_chan("bus"), VMBUS_PACKET_INBAND, true, 77, bad[i].words, bad[i].bytes,
			  NULL, 0);
		fake_run(fake_chan("bus"));
		CHECK(fake_take(fake_chan("bus"), &answer));
		CHECK_EQ(get_le32(answer.payload), VPCI_STATUS_BAD_DATA);
		CHECK_EQ(fake_violations("vpci-request"), 1);
	}
	CHECK_EQ(ASK(VPCI_MSG_RESET_DEVICE, 0), VPCI_STATUS_NOT_SUPPORTED);
	CHECK(vpci_has_slot(VPCI_MSG_GET_RESOURCES) && !vpci_has_slot(VPCI_MSG_D0_EXIT));
	end();
}

static void resources_are_assigned(void)
{
	uint32_t words[2 + 30 + 2] = { VPCI_MSG_ASSIGNED_RESOURCES2, 0 };
	struct fake_sent answer;

	begin(VPCI_VERSION_1_4);
	power_on();
	/* BAR 0: memory, its place, its length */
	words[2] = VPCI_RESOURCE_MEMORY;
	words[3] = (uint32_t)BAR;
	words[5] = 0x4000;
	CHECK_EQ(ask(words, 34, &answer), 0);
	CHECK_EQ(answer.len, 136);
	CHECK_EQ(get_le32(answer.payload + 12), (uint32_t)BAR);
	CHECK_EQ(ASK(VPCI_MSG_GET_RESOURCES, 0), 1 << 16 | 1);
	CHECK_EQ(get_le32(answer.payload + 8 + 4), (uint32_t)BAR);
	CHECK_EQ(get_le32(answer.payload + 8 + 12), 0x4000);
	words[5] = 0x8000;
	CHECK_EQ(ask(words, 34, &answer), VPCI_STATUS_BAD_DATA);
	words[5] = 0x4000;
	words[3] = (uint32_t)BAR + 0x1000;
	CHECK_EQ(ask(words, 34, &answer), VPCI_STATUS_BAD_DATA);
	/* One MSI in a message that ends before it */
	words[3] = (uint32_t)BAR;
	words[32] = 1;
	CHECK_EQ(ask(words, 34, &answer), VPCI_STATUS_BAD_DATA);
	resets = 0;
	CHECK_EQ(ASK(VPCI_MSG_RELEASE_RESOURCES, 0), 0);
	CHECK_EQ(resets, 1);
	CHECK_EQ(fake_mmio_read(WINDOW + 0x1010, 4), 4);
	end();
}

static void an_eject_waits_for_the_guest(void)
{
	uint8_t done[8] = { 0 };
	struct fake_sent answer;
	struct vpci_info info;

	begin(VPCI_VERSION_1_4);
	power_on();
	CHECK_EQ(vpci_eject(vpci), 0);
	CHECK_EQ(vpci_eject(vpci), -EBUSY);
	CHECK(fake_take(fake_chan("bus"), &answer));
	CHECK_EQ(get_le32(answer.payload), VPCI_MSG_EJECT);
	CHECK_EQ(gone, 0);
	put_le32(done, VPCI_MSG_EJECT_COMPLETE);
	fake_push(fake_chan("bus"), VMBUS_PACKET_INBAND, false, 0, done, sizeof(done), NULL, 0);
	fake_run(fake_chan("bus"));
	CHECK_EQ(gone, 1);
	vpci_info(vpci, &info);
	CHECK(!strcmp(info.state, "away"));
	CHECK(!fake_is_open(fake_chan("bus")));
	/* What was offered before is not opened again. */
	fake_open(fake_chan("bus"));
	vpci_info(vpci, &info);
	CHECK(!strcmp(info.state, "away"));
	CHECK_EQ(fake_violations(NULL), 0);
	end();
}

static void answers_wait_for_room(void)
{
	struct fake_sent answer;
	uint8_t message[8] = { 0 };

	begin(VPCI_VERSION_1_4);
	power_on();
	fake_set_room(fake_chan("bus"), 0);
	put_le32(message, VPCI_MSG_RESOURCE_REQUIREMENTS);
	for (unsigned int i = 0; i < 3; i++)
		fake_push(fake_chan("bus"), VMBUS_PACKET_INBAND, true, i, message, 8, NULL, 0);
	fake_run(fake_chan("bus"));
	CHECK(!fake_take(fake_chan("bus"), &answer));
	CHECK_EQ(fake_left(fake_chan("bus")), 2);
	fake_set_room(fake_chan("bus"), 100);
	fake_run(fake_chan("bus"));
	for (unsigned int i = 0; i < 3; i++) {
		CHECK(fake_take(fake_chan("bus"), &answer));
		CHECK_EQ(answer.xid, i);
	}
	end();
}

static const struct unit_case cases[] = {
	UNIT_CASE(versions_are_agreed_on),
	UNIT_CASE(relations_tell_the_serial_number),
	UNIT_CASE(the_window_is_configuration_space),
	UNIT_CASE(bars_follow_command_and_place),
	UNIT_CASE(interrupts_are_what_was_created),
	UNIT_CASE(bad_messages_are_refused),
	UNIT_CASE(resources_are_assigned),
	UNIT_CASE(an_eject_waits_for_the_guest),
	UNIT_CASE(answers_wait_for_room),
};

int main(void)
{
	return unit_main(cases, sizeof(cases) / sizeof(cases[0]));
}
