// SPDX-License-Identifier: GPL-2.0
/*
 * The versions of the VMBus protocol: one table of what differs between them. A contact for a
 * version that is not here is refused. VMBus, protocol versions.
 */
#include <stdio.h>
#include <string.h>

#include "internal.h"

/*
 * Of the features of 6.0, what a host without a paravisor has for a guest that is not isolated: no
 * second set of SynIC pages interrupts could be redirected to, nobody to trust with confidential
 * channels, no monitor pages of the server's own, no pinning.
 */
#define VERSION_FEATURES_6_0                                                       \
	(VMBUS_FEATURE_GUEST_SIGNAL_PARAMETERS | VMBUS_FEATURE_MODIFY_CONNECTION | \
	 VMBUS_FEATURE_CLIENT_ID | VMBUS_FEATURE_PAUSE_RESUME)

/* Oldest first. */
static const struct vmbus_version_kind kinds[] = {
	{ .version = VMBUS_VERSION_0_13, .shared_page = true },
	{ .version = VMBUS_VERSION_1_1,
	  .shared_page = true,
	  .dedicated = true,
	  .unload_response = true },
	{ .version = VMBUS_VERSION_2_4, .dedicated = true, .unload_response = true },
	{ .version = VMBUS_VERSION_3_0,
	  .dedicated = true,
	  .unload_response = true,
	  .any_message_vp = true },
	{ .version = VMBUS_VERSION_4_0,
	  .dedicated = true,
	  .unload_response = true,
	  .any_message_vp = true },
	{ .version = VMBUS_VERSION_4_1,
	  .dedicated = true,
	  .unload_response = true,
	  .any_message_vp = true },
	{ .version = VMBUS_VERSION_5_0,
	  .dedicated = true,
	  .unload_response = true,
	  .any_message_vp = true,
	  .own_connection = true },
	{ .version = VMBUS_VERSION_5_1,
	  .dedicated = true,
	  .unload_response = true,
	  .any_message_vp = true,
	  .own_connection = true },
	{ .version = VMBUS_VERSION_5_2,
	  .dedicated = true,
	  .unload_response = true,
	  .any_message_vp = true,
	  .own_connection = true },
	{ .version = VMBUS_VERSION_5_3,
	  .dedicated = true,
	  .unload_response = true,
	  .any_message_vp = true,
	  .own_connection = true,
	  .modify_response = true },
	{ .version = VMBUS_VERSION_6_0,
	  .dedicated = true,
	  .unload_response = true,
	  .any_message_vp = true,
	  .own_connection = true,
	  .modify_response = true,
	  .features = VERSION_FEATURES_6_0 },
};

uint32_t vmbus_version_newest(void)
{
	return kinds[ARRAY_SIZE(kinds) - 1].version;
}

uint32_t vmbus_version_parse(const char *text)
{
	char name[16];

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		snprintf(name, sizeof(name), "%u.%u", kinds[i].version >> 16,
			 kinds[i].version & 0xffff);
		if (!strcmp(name, text))
			return kinds[i].version;
	}
	return 0;
}

const char *vmbus_version_list(char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(kinds) && used < size; i++)
		used += snprintf(text + used, size - used, "%s%u.%u", i ? " " : "",
				 kinds[i].version >> 16, kinds[i].version & 0xffff);
	return text;
}

const struct vmbus_version_kind *vmbus_version_find(uint32_t version)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (kinds[i].version == version)
			return &kinds[i];
	}
	return NULL;
}
