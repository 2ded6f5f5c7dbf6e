// SPDX-License-Identifier: GPL-2.0
/*
 * The newest version the host offers of each integration component and of their framework, as
 * options and the release say. Knows no component but by name.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ic_limit.h"
#include "util.h"

static const char *const components[HV_IC_COMPONENTS] = {
	"framework", "heartbeat", "shutdown", "timesync", "kvp", "vss", "fcopy",
};

int hv_ic_limits_set(struct hv_ic_limits *limits, const char *text)
{
	unsigned int major, minor;
	const char *equals = strchr(text, '=');
	char check[32];

	if (!equals || sscanf(equals + 1, "%u.%u", &major, &minor) != 2 || !major ||
	    major > UINT16_MAX || minor > UINT16_MAX)
		return -EINVAL;
	/* Nothing but the two numbers, in the only way to write them. */
	snprintf(check, sizeof(check), "%u.%u", major, minor);
	if (strcmp(check, equals + 1))
		return -EINVAL;
	for (size_t i = 0; i < ARRAY_SIZE(components); i++) {
		if (strlen(components[i]) != (size_t)(equals - text) ||
		    strncmp(components[i], text, equals - text))
			continue;
		limits->newest[i] = major << 16 | minor;
		return 0;
	}
	return -EINVAL;
}

uint32_t hv_ic_limits_get(const struct hv_ic_limits *limits, const char *component)
{
	for (size_t i = 0; i < ARRAY_SIZE(components); i++) {
		if (!strcmp(components[i], component))
			return limits->newest[i];
	}
	return 0;
}
