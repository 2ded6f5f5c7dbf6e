// SPDX-License-Identifier: GPL-2.0
/* Messages of vPCI: length before type, type before fields. */
#include <endian.h>
#include <string.h>

#include "bytes.h"
#include "vpci_message.h"

/* Shortest form of each message a guest may send. */
static const struct {
	uint32_t type;
	size_t bytes;
	bool has_slot;
} vpci_forms[] = {
	{ VPCI_MSG_QUERY_PROTOCOL_VERSION, sizeof(struct vpci_query_version), false },
	{ VPCI_MSG_D0_ENTRY, sizeof(struct vpci_d0_entry), false },
	{ VPCI_MSG_D0_EXIT, 4, false },
	{ VPCI_MSG_QUERY_BUS_RELATIONS, 4, false },
	{ VPCI_MSG_DEVICE_POWER_STATE_CHANGE, sizeof(struct vpci_power_msg), true },
	{ VPCI_MSG_RESOURCE_REQUIREMENTS, sizeof(struct vpci_slot_msg), true },
	{ VPCI_MSG_GET_RESOURCES, sizeof(struct vpci_slot_msg), true },
	{ VPCI_MSG_EJECT_COMPLETE, sizeof(struct vpci_slot_msg), true },
	{ VPCI_MSG_RELEASE_RESOURCES, sizeof(struct vpci_slot_msg), true },
	{ VPCI_MSG_READ_BLOCK, sizeof(struct vpci_slot_msg), true },
	{ VPCI_MSG_WRITE_BLOCK, sizeof(struct vpci_slot_msg), true },
	{ VPCI_MSG_RESET_DEVICE, sizeof(struct vpci_slot_msg), true },
	{ VPCI_MSG_ASSIGNED_RESOURCES, sizeof(struct vpci_assigned), true },
	{ VPCI_MSG_ASSIGNED_RESOURCES2, sizeof(struct vpci_assigned), true },
	{ VPCI_MSG_ASSIGNED_RESOURCES3, sizeof(struct vpci_assigned), true },
	{ VPCI_MSG_CREATE_INTERRUPT, 8 + sizeof(struct vpci_msi1), true },
	{ VPCI_MSG_CREATE_INTERRUPT2, 8 + sizeof(struct vpci_msi2), true },
	{ VPCI_MSG_CREATE_INTERRUPT3, 8 + sizeof(struct vpci_msi3), true },
	{ VPCI_MSG_DELETE_INTERRUPT, sizeof(struct vpci_delete_interrupt), true },
	{ VPCI_MSG_DELETE_INTERRUPT2, sizeof(struct vpci_delete_interrupt), true },
};
#define VPCI_FORMS (sizeof(vpci_forms) / sizeof(vpci_forms[0]))

bool vpci_has_slot(uint32_t type)
{
	for (size_t i = 0; i < VPCI_FORMS; i++) {
		if (vpci_forms[i].type == type)
			return vpci_forms[i].has_slot;
	}
	return false;
}

static const char *vpci_check_wish(const struct vpci_interrupt_wish *wish, uint8_t mode)
{
	if (mode > VPCI_DELIVERY_LOWEST)
		return "interrupt with an unknown delivery mode";
	if (!wish->count || wish->count > VPCI_MSI_COUNT_MAX || wish->count & (wish->count - 1))
		return "interrupt with a bad number of vectors";
	if (wish->vector < 16 || wish->vector > 256 - wish->count)
		return "interrupt with a vector no processor takes";
	if (!wish->nr_cpus)
		return "interrupt for no processor";
	return NULL;
}

static const char *vpci_wish1(const uint8_t *bytes, struct vpci_interrupt_wish *wish)
{
	struct vpci_msi1 msi;
	uint64_t mask;

	memcpy(&msi, bytes, sizeof(msi));
	mask = le64toh(msi.cpu_mask);
	wish->vector = msi.vector;
	wish->count = le16toh(msi.count);
	wish->nr_cpus = 0;
	for (uint16_t cpu = 0; cpu < 64; cpu++) {
		if (!(mask >> cpu & 1))
			continue;
		if (wish->nr_cpus == VPCI_MSI_CPUS)
			return "interrupt for too many processors";
		wish->cpus[wish->nr_cpus++] = cpu;
	}
	return vpci_check_wish(wish, msi.delivery_mode);
}

static const char *vpci_wish_array(struct vpci_interrupt_wish *wish, uint8_t mode,
				   uint16_t nr_cpus, const uint8_t *cpus)
{
	if (nr_cpus > VPCI_MSI_CPUS)
		return "interrupt for too many processors";
	wish->nr_cpus = nr_cpus;
	for (unsigned int i = 0; i < nr_cpus; i++)
		wish->cpus[i] = get_le16(cpus + 2 * i);
	return vpci_check_wish(wish, mode);
}

static const char *vpci_wish2(const uint8_t *bytes, struct vpci_interrupt_wish *wish)
{
	struct vpci_msi2 msi;

	memcpy(&msi, bytes, sizeof(msi));
	wish->vector = msi.vector;
	wish->count = le16toh(msi.count);
	return vpci_wish_array(wish, msi.delivery_mode, le16toh(msi.nr_cpus),
			       bytes + offsetof(struct vpci_msi2, cpus));
}

static const char *vpci_wish3(const uint8_t *bytes, struct vpci_interrupt_wish *wish)
{
	struct vpci_msi3 msi;

	memcpy(&msi, bytes, sizeof(msi));
	wish->vector = le32toh(msi.vector);
	wish->count = le16toh(msi.count);
	return vpci_wish_array(wish, msi.delivery_mode, le16toh(msi.nr_cpus),
			       bytes + offsetof(struct vpci_msi3, cpus));
}

static const char *vpci_place(const uint8_t *bytes, struct vpci_bar_place *place)
{
	struct vpci_resource resource;
	unsigned int shift = 0;
	uint16_t flags;

	memcpy(&resource, bytes, sizeof(resource));
	flags = le16toh(resource.flags);
	switch (resource.type) {
	case VPCI_RESOURCE_MEMORY:
		break;
	case VPCI_RESOURCE_MEMORY_LARGE:
		if (flags & VPCI_RESOURCE_LARGE_40)
			shift = 8;
		else if (flags & VPCI_RESOURCE_LARGE_48)
			shift = 16;
		else if (flags & VPCI_RESOURCE_LARGE_64)
			shift = 32;
		else
			return "large memory resource without its unit";
		break;
	default:
		return NULL;
	}
	place->gpa = le64toh(resource.address);
	place->bytes = (uint64_t)le32toh(resource.length) << shift;
	return NULL;
}

static const char *vpci_parse_assigned(const uint8_t *bytes, size_t len,
				       struct vpci_request *request)
{
	struct vpci_assigned assigned;
	size_t at = sizeof(assigned), each;
	const char *why = NULL;

	memcpy(&assigned, bytes, sizeof(assigned));
	each = request->type == VPCI_MSG_ASSIGNED_RESOURCES  ? VPCI_MSI1_BYTES :
	       request->type == VPCI_MSG_ASSIGNED_RESOURCES2 ? VPCI_MSI2_BYTES :
							       VPCI_MSI3_BYTES;
	for (unsigned int i = 0; !why && i < VPCI_BARS; i++)
		why = vpci_place(bytes + offsetof(struct vpci_assigned, bars) +
					 i * sizeof(struct vpci_resource),
				 &request->bars[i]);
	if (why)
		return why;
	if (le32toh(assigned.nr_msi) > VPCI_ASSIGNED_MSIS ||
	    le32toh(assigned.nr_msi) > (len - at) / each)
		return "more interrupts than the message has room for";
	for (unsigned int i = 0; !why && i < le32toh(assigned.nr_msi); i++, at += each) {
		struct vpci_interrupt_wish *wish = &request->wishes[request->nr_wishes];

		why = request->type == VPCI_MSG_ASSIGNED_RESOURCES  ? vpci_wish1(bytes + at, wish) :
		      request->type == VPCI_MSG_ASSIGNED_RESOURCES2 ? vpci_wish2(bytes + at, wish) :
								      vpci_wish3(bytes + at, wish);
		request->nr_wishes++;
	}
	return why;
}

const char *vpci_request_parse(const uint8_t *bytes, size_t len, struct vpci_request *request)
{
	size_t form;

	memset(request, 0, sizeof(*request));
	if (len < 4)
		return "message without a type";
	request->type = get_le32(bytes);
	for (form = 0; form < VPCI_FORMS && vpci_forms[form].type != request->type; form++)
		;
	if (form == VPCI_FORMS)
		return "message of an unknown type";
	if (len < vpci_forms[form].bytes)
		return "message too short for its type";
	if (vpci_forms[form].has_slot)
		request->slot = get_le32(bytes + 4);
	switch (request->type) {
	case VPCI_MSG_QUERY_PROTOCOL_VERSION:
		request->version = get_le32(bytes + 4);
		return NULL;
	case VPCI_MSG_D0_ENTRY:
		request->window = get_le64(bytes + 8);
		return NULL;
	case VPCI_MSG_DEVICE_POWER_STATE_CHANGE:
		request->power = get_le32(bytes + 8);
		return NULL;
	case VPCI_MSG_ASSIGNED_RESOURCES:
	case VPCI_MSG_ASSIGNED_RESOURCES2:
	case VPCI_MSG_ASSIGNED_RESOURCES3:
		return vpci_parse_assigned(bytes, len, request);
	case VPCI_MSG_CREATE_INTERRUPT:
		request->nr_wishes = 1;
		return vpci_wish1(bytes + 8, &request->wishes[0]);
	case VPCI_MSG_CREATE_INTERRUPT2:
		request->nr_wishes = 1;
		return vpci_wish2(bytes + 8, &request->wishes[0]);
	case VPCI_MSG_CREATE_INTERRUPT3:
		request->nr_wishes = 1;
		return vpci_wish3(bytes + 8, &request->wishes[0]);
	case VPCI_MSG_DELETE_INTERRUPT:
	case VPCI_MSG_DELETE_INTERRUPT2:
		memcpy(&request->msi, bytes + 8, sizeof(request->msi));
		return NULL;
	}
	return NULL;
}

void vpci_resource_put(struct vpci_resource *resource, const struct vpci_bar_place *place)
{
	memset(resource, 0, sizeof(*resource));
	if (!place->bytes)
		return;
	/* No BAR here is as large as what needs the other form. */
	resource->type = VPCI_RESOURCE_MEMORY;
	resource->address = htole64(place->gpa);
	resource->length = htole32((uint32_t)place->bytes);
}
