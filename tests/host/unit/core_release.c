// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the table of releases and of the limits to integration components: every entry is one the
 * host knows, and a newer release never has less.
 */
#include <errno.h>

#include "../hyperv/ic_limit.h"
#include "../hyperv/release.h"
#include "core_guest.h"

static const char *const names[] = { "ws2008", "ws2008r2", "ws2012", "ws2012r2", "ws2016",
				     "ws2019", "ws2022",   "ws2025" };
#define NAMES (sizeof(names) / sizeof(names[0]))

static void every_release_is_found(void)
{
	char list[128];

	CHECK(!strcmp(hv_release_list(list, sizeof(list)),
		      "ws2008 ws2008r2 ws2012 ws2012r2 ws2016 ws2019 ws2022 ws2025 azure"));
	for (unsigned int i = 0; i < NAMES; i++) {
		CHECK(hv_release_find(names[i]) != NULL);
		CHECK(!strcmp(hv_release_find(names[i])->name, names[i]));
	}
	CHECK(hv_release_find("azure") != NULL);
	CHECK(!hv_release_find("ws2003"));
	CHECK(!hv_release_find(""));
	/* A list that is too long for its buffer is cut, and ended. */
	hv_release_list(list, 10);
	CHECK(strlen(list) < 10);
}

static void releases_speak_versions_of_the_table(void)
{
	static const char *const versions[] = { "0.13", "1.1", "2.4", "3.0",
						"4.0",	"5.2", "5.3", "6.0" };

	for (unsigned int i = 0; i < NAMES; i++) {
		const struct hv_release *release = hv_release_find(names[i]);

		CHECK(!strcmp(release->vmbus_version, versions[i]));
		CHECK(vmbus_version_parse(release->vmbus_version) != 0);
		CHECK(release->vstor_version && release->nvsp_version && release->timers &&
		      release->timesync_version);
	}
	CHECK(!strcmp(hv_release_find("azure")->vmbus_version, "5.3"));
}

static void newer_releases_have_no_less(void)
{
	static const char *const components[] = { "framework", "heartbeat", "shutdown",
						  "kvp",       "vss",	    "fcopy" };
	const struct hv_release_cpuid *before = NULL;
	struct hv_ic_limits limits_before = { 0 };

	for (unsigned int i = 0; i < NAMES; i++) {
		const struct hv_release *release = hv_release_find(names[i]);
		const struct hv_release_cpuid *cpuid = &release->cpuid;
		struct hv_ic_limits limits = { 0 };

		for (unsigned int j = 0; release->ic_versions[j]; j++)
			CHECK_EQ(hv_ic_limits_set(&limits, release->ic_versions[j]), 0);
		/* What Linux wants to take the machine for Hyper-V */
		CHECK(cpuid->max_leaf >= 0x40000005);
		CHECK_EQ(cpuid->privileges & 0x66, 0x66);
		if (before) {
			CHECK(cpuid->build > before->build);
			CHECK(cpuid->version >= before->version);
			CHECK_EQ(before->privileges & ~cpuid->privileges, 0);
			CHECK_EQ(before->features & ~cpuid->features, 0);
			CHECK_EQ(before->hints & ~cpuid->hints, 0);
			for (unsigned int j = 0; j < 6; j++)
				CHECK(hv_ic_limits_get(&limits, components[j]) >=
				      hv_ic_limits_get(&limits_before, components[j]));
		}
		before = cpuid;
		limits_before = limits;
	}
}

static void limits_are_parsed_exactly(void)
{
	static const char *const bad[] = { "",		"=",		"shutdown",   "shutdown=",
					   "shutdown=3", "shutdown=3.", "shutdown=.0", "shutdown=3.0 ",
					   "shutdown= 3.0", "shutdown=03.0", "shutdown=-1.0",
					   "shutdown=0.1", "shutdow=3.0", "shutdown2=3.0",
					   "shutdown=65536.0", "shutdown=3.65536", "=3.0" };
	struct hv_ic_limits limits = { 0 };

	for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK_EQ(hv_ic_limits_set(&limits, bad[i]), -EINVAL);
	CHECK_EQ(hv_ic_limits_get(&limits, "shutdown"), 0);
	CHECK_EQ(hv_ic_limits_set(&limits, "shutdown=3.2"), 0);
	CHECK_EQ(hv_ic_limits_get(&limits, "shutdown"), 3 << 16 | 2);
	CHECK_EQ(hv_ic_limits_set(&limits, "shutdown=1.0"), 0);
	CHECK_EQ(hv_ic_limits_get(&limits, "shutdown"), 1 << 16);
	CHECK_EQ(hv_ic_limits_get(&limits, "kvp"), 0);
	CHECK_EQ(hv_ic_limits_get(&limits, "nothing"), 0);
}

static const struct unit_case cases[] = {
	UNIT_CASE(every_release_is_found),
	UNIT_CASE(releases_speak_versions_of_the_table),
	UNIT_CASE(newer_releases_have_no_less),
	UNIT_CASE(limits_are_parsed_exactly),
};

int main(void)
{
	return unit_main(cases, sizeof(cases) / sizeof(cases[0]));
}
