// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the command line: what is set without a word, what --host sets and what goes before it, and
 * one clear line for each thing that cannot be.
 */
#include "../options.h"

#include <errno.h>
#include <string.h>

#include "dev_unit.h"

#define WORDS 12

/* Device types bring their options along; there is no control socket here that a command could wait on. */
void hv_control_done(struct cJSON *reply, const char *err)
{
	(void)reply;
	(void)err;
}

static struct options options;
static char why[HV_ERR_MAX];

/* The words of @line as arguments. Return: what options_parse() does; @options is to be freed. */
static int parse(const char *line)
{
	static char text[512];
	char *argv[WORDS] = { "hvhost" }, *rest = text, *word;
	int argc = 1;

	snprintf(text, sizeof(text), "%s", line);
	while (argc < WORDS && (word = strsep(&rest, " ")))
		argv[argc++] = word;
	why[0] = '\0';
	return options_parse(&options, argc, argv, why);
}

static void without_a_word_there_is_a_modern_host(void)
{
	CHECK_EQ(parse("--kernel k"), 0);
	CHECK(!options.release);
	CHECK(!options.machine.cpuid);
	CHECK_EQ(options.vmbus_version, VMBUS_VERSION_5_3);
	CHECK_EQ(options.machine.cpus, 1);
	CHECK(options.machine.hyperv);
	CHECK(!options.chaos.on);
	options_free(&options);
}

static void a_release_sets_its_versions(void)
{
	const struct hv_release *release = hv_release_find("ws2012r2");

	CHECK_EQ(parse("--kernel k --host ws2012r2"), 0);
	CHECK(options.release == release);
	CHECK(options.machine.cpuid == &release->cpuid);
	CHECK_EQ(options.vmbus_version, VMBUS_VERSION_3_0);
	CHECK_EQ(hv_ic_limits_get(&options.ic_limits, "framework"), 3 << 16);
	options_free(&options);
	/* The last one counts, whichever way it is written. */
	CHECK_EQ(parse("--host ws2008 --kernel k --host=ws2016"), 0);
	CHECK(options.release == hv_release_find("ws2016"));
	CHECK_EQ(options.vmbus_version, VMBUS_VERSION_4_0);
	options_free(&options);
}

static void what_has_an_option_goes_before_the_release(void)
{
	static const char *const lines[] = {
		"--kernel k --host ws2008 --vmbus-version 5.2 --timers none --ic-version shutdown=3.2",
		"--kernel k --vmbus-version 5.2 --timers none --ic-version shutdown=3.2 --host ws2008",
		"--vmbus-version=5.2 --timers=none --host=ws2008 --ic-version=shutdown=3.2 --kernel=k",
	};

	for (unsigned int i = 0; i < 3; i++) {
		CHECK_EQ(parse(lines[i]), 0);
		CHECK(options.release == hv_release_find("ws2008"));
		CHECK_EQ(options.vmbus_version, VMBUS_VERSION_5_2);
		CHECK_EQ(options.machine.timers, MACHINE_TIMERS_NONE);
		CHECK_EQ(hv_ic_limits_get(&options.ic_limits, "shutdown"), 3 << 16 | 2);
		/* What it does not name stays the release's. */
		CHECK_EQ(hv_ic_limits_get(&options.ic_limits, "framework"), 1 << 16);
		options_free(&options);
	}
}

static void the_rate_of_faults_is_independent_of_the_rest(void)
{
	CHECK_EQ(parse("--kernel k --chaos 7"), 0);
	CHECK(options.chaos.on);
	CHECK(options.chaos.rate == CHAOS_RATE_DEFAULT);
	options_free(&options);
	CHECK_EQ(parse("--kernel k --rate 0.5 --chaos 7 --vmbus-version 5.0"), 0);
	CHECK(options.chaos.rate == 0.5);
	options_free(&options);
	CHECK_EQ(parse("--kernel k --rate 0.5 --chaos 7 --host ws2019"), 0);
	CHECK(options.chaos.rate == 0.5);
	options_free(&options);
}

static void what_cannot_be_is_one_line(void)
{
	static const struct {
		const char *line, *says;
	} cases[] = {
		{ "", "unknown argument" },
		{ "--memory 64M", "--kernel is missing" },
		{ "--kernel", "--kernel needs an argument" },
		{ "--kernel k --no-such", "unknown option --no-such" },
		{ "--kernel k --no-reboot=1", "--no-reboot takes no argument" },
		{ "kernel", "unknown argument" },
		{ "--kernel k --host ws2003", "--host: \"ws2003\" is none of" },
		{ "--kernel k --vmbus-version 9.9", "--vmbus-version: \"9.9\"" },
		{ "--kernel k --ic-version shutdown", "--ic-version: \"shutdown\"" },
		{ "--kernel k --timers often", "--timers: \"often\"" },
		{ "--kernel k --cpus 0", "--cpus" },
		{ "--kernel k --cpus 65", "--cpus" },
		{ "--kernel k --cpus 2 --numa 4", "--numa" },
		{ "--kernel k --rate 2", "--rate" },
		{ "--kernel k --on-crash perhaps", "--on-crash" },
	};

	for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CHECK_EQ(parse(cases[i].line), -1);
		CHECK(strstr(why, cases[i].says) != NULL);
		CHECK(!strchr(why, '\n'));
		options_free(&options);
	}
}

static const struct unit_case cases[] = {
	UNIT_CASE(without_a_word_there_is_a_modern_host),
	UNIT_CASE(a_release_sets_its_versions),
	UNIT_CASE(what_has_an_option_goes_before_the_release),
	UNIT_CASE(the_rate_of_faults_is_independent_of_the_rest),
	UNIT_CASE(what_cannot_be_is_one_line),
};

int main(void)
{
	return unit_main(cases, sizeof(cases) / sizeof(cases[0]));
}
