// SPDX-License-Identifier: GPL-2.0
/*
 * Options: one table for parsing and help alike. Devices bring their own (struct device_option).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hyperv/server.h"
#include "hyperv/util.h"
#include "options.h"

/*
 * Policy: the least memory a distribution kernel starts in, and the most one would want to test
 * with.
 */
#define OPTIONS_MEMORY_MIN     (64ull << 20)
#define OPTIONS_MEMORY_MAX     (64ull << 30)
#define OPTIONS_MEMORY_DEFAULT (512ull << 20)

struct core_option {
	const char *name, *arg, *help;
	int (*parse)(struct options *options, const char *arg, char err[HV_ERR_MAX]);
};

static int parse_number(const char *option, const char *arg, unsigned int min, unsigned int max,
			unsigned int *value, char err[HV_ERR_MAX])
{
	unsigned long number;
	char *end;

	errno = 0;
	number = strtoul(arg, &end, 10);
	if (*arg < '0' || *arg > '9' || *end || errno || number < min || number > max) {
		snprintf(err, HV_ERR_MAX, "--%s: \"%.64s\" is not a number from %u to %u", option,
			 arg, min, max);
		return -1;
	}
	*value = number;
	return 0;
}

static int parse_kernel(struct options *options, const char *arg, char err[HV_ERR_MAX])
{
	(void)err;
	options->machine.kernel = arg;
	return 0;
}

static int parse_initrd(struct options *options, const char *arg, char err[HV_ERR_MAX])
{
	(void)err;
	options->machine.initrd = arg;
	return 0;
}

static int parse_append(struct options *options, const char *arg, char err[HV_ERR_MAX])
{
	(void)err;
	options->machine.append = arg;
	return 0;
}

static int parse_memory(struct options *options, const char *arg, char err[HV_ERR_MAX])
{
	unsigned long long number;
	char *end;

	errno = 0;
	number = strtoull(arg, &end, 10);
	if (*arg < '0' || *arg > '9' || errno || number > OPTIONS_MEMORY_MAX)
		goto bad;
	if (!*end || !strcmp(end, "M"))
		number <<= 20;
	else if (!strcmp(end, "G"))
		number <<= 30;
	else
		goto bad;
	if (number < OPTIONS_MEMORY_MIN || number > OPTIONS_MEMORY_MAX)
		goto bad;
	options->machine.memory = number & ~((2ull << 20) - 1);
	return 0;
bad:
	snprintf(err, HV_ERR_MAX, "--memory: \"%.64s\" is not a size from 64M to 64G", arg);
	return -1;
}

static int parse_cpus(struct options *options, const char *arg, char err[HV_ERR_MAX])
{
	return parse_number("cpus", arg, 1, MACHINE_MAX_VCPUS, &options->machine.cpus, err);
}

static int parse_numa(struct options *options, const char *arg, char err[HV_ERR_MAX])
{
	return parse_number("numa", arg, 1, MACHINE_MAX_NODES, &options->machine.nodes, err);
}

static int parse_console(struct options *options, const char *arg, char err[HV_ERR_MAX])
{
	(void)err;
	options->console = arg;
	return 0;
}

static int parse_results(struct options *options, const char *arg, char err[HV_ERR_MAX])
{
	(void)err;
	options->results = arg;
	return 0;
}

static int parse_results_input(struct options *options, const char *arg, char err[HV_ERR_MAX])
{
	(void)err;
	options->results_input = arg;
	return 0;
}

static int parse_control(struct options *options, const char *arg, char err[HV_ERR_MAX])
{
	(void)err;
	options->control = arg;
	return 0;
}

/* What it sets is set before all other options: options_apply_release(). */
static int parse_host(struct options *options, const char *arg, char err[HV_ERR_MAX])
{
	char list[128];

	options->release = hv_release_find(arg);
	if (options->release)
		return 0;
	snprintf(err, HV_ERR_MAX, "--host: \"%.32s\" is none of %s", arg,
		 hv_release_list(list, sizeof(list)));
	return -1;
}

static int parse_ic_version(struct options *options, const char *arg, char err[HV_ERR_MAX])
{
	if (!hv_ic_limits_set(&options->ic_limits, arg))
		return 0;
	snprintf(err, HV_ERR_MAX,
		 "--ic-version: \"%.32s\" is not COMPONENT=VERSION, such as shutdown=3.0", arg);
	return -1;
}

static int parse_vmbus_version(struct options *options, const char *arg, char err[HV_ERR_MAX])
{
	char list[96];

	options->vmbus_version = vmbus_version_parse(arg);
	if (options->vmbus_version)
		return 0;
	snprintf(err, HV_ERR_MAX, "--vmbus-version: \"%.32s\" is none of %s", arg,
		 vmbus_version_list(list, sizeof(list)));
	return -1;
}

static int parse_offers_delay(struct options *options, const char *arg, char err[HV_ERR_MAX])
{
	return parse_number("offers-delay", arg, 0, 600000, &options->offers_delay_ms, err);
}

static int parse_unload_delay(struct options *options, const char *arg, char err[HV_ERR_MAX])
{
	return parse_number("unload-delay", arg, 0, 600000, &options->unload_delay_ms, err);
}

static int parse_short_offers(struct options *options, const char *arg, char err[HV_ERR_MAX])
{
	(void)arg;
	(void)err;
	options->short_offers = true;
	return 0;
}

static int parse_timeout(struct options *options, const char *arg, char err[HV_ERR_MAX])
{
	return parse_number("timeout", arg, 1, 1000000, &options->timeout_s, err);
}

static int parse_no_reboot(struct options *options, const char *arg, char err[HV_ERR_MAX])
{
	(void)arg;
	(void)err;
	options->no_reboot = true;
	return 0;
}

static int parse_no_hyperv(struct options *options, const char *arg, char err[HV_ERR_MAX])
{
	(void)arg;
	(void)err;
	options->machine.hyperv = false;
	return 0;
}

static int parse_hibernation(struct options *options, const char *arg, char err[HV_ERR_MAX])
{
	(void)arg;
	(void)err;
	options->machine.hibernation = true;
	return 0;
}

static int parse_timers(struct options *options, const char *arg, char err[HV_ERR_MAX])
{
	static const char *const names[] = {
		[MACHINE_TIMERS_DIRECT] = "direct",
		[MACHINE_TIMERS_LEGACY] = "legacy",
		[MACHINE_TIMERS_NONE] = "none",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(arg, names[i]))
			continue;
		options->machine.timers = i;
		return 0;
	}
	snprintf(err, HV_ERR_MAX, "--timers: \"%.64s\" is none of direct, legacy, none", arg);
	return -1;
}

static int parse_on_crash(struct options *options, const char *arg, char err[HV_ERR_MAX])
{
	options->continue_after_crash = !strcmp(arg, "continue");
	if (options->continue_after_crash || !strcmp(arg, "stop"))
		return 0;
	snprintf(err, HV_ERR_MAX, "--on-crash: \"%.64s\" is neither stop nor continue", arg);
	return -1;
}

static int parse_fail_on_violation(struct options *options, const char *arg, char err[HV_ERR_MAX])
{
	(void)arg;
	(void)err;
	options->fail_on_violation = true;
	return 0;
}

static int parse_trace(struct options *options, const char *arg, char err[HV_ERR_MAX])
{
	(void)arg;
	(void)err;
	options->trace = true;
	return 0;
}

static int parse_trace_file(struct options *options, const char *arg, char err[HV_ERR_MAX])
{
	(void)err;
	options->trace_file = arg;
	return 0;
}

static int parse_chaos(struct options *options, const char *arg, char err[HV_ERR_MAX])
{
	return chaos_parse(&options->chaos, arg, err);
}

static int parse_rate(struct options *options, const char *arg, char err[HV_ERR_MAX])
{
	char why[HV_ERR_MAX];

	if (!chaos_parse_rate(&options->chaos, arg, why))
		return 0;
	snprintf(err, HV_ERR_MAX, "--rate: %.200s", why);
	return -1;
}

static int parse_faults(struct options *options, const char *arg, char err[HV_ERR_MAX])
{
	(void)arg;
	(void)err;
	options->list_faults = true;
	return 0;
}

static int parse_help(struct options *options, const char *arg, char err[HV_ERR_MAX])
{
	(void)arg;
	(void)err;
	options->help = true;
	return 0;
}

static const struct core_option core_options[] = {
	{ "kernel", "FILE",
	  "bzImage to boot, 64-bit or 32-bit.\nExample: --kernel /boot/vmlinuz-6.1.0-56-cloud-amd64",
	  parse_kernel },
	{ "initrd", "FILE",
	  "initial RAM disk.\nExample: --initrd /boot/initrd.img-6.1.0-56-cloud-amd64",
	  parse_initrd },
	{ "append", "TEXT", "kernel command line.\nExample: --append \"console=ttyS0 quiet\"",
	  parse_append },
	{ "memory", "SIZE",
	  "guest memory in MiB, or with M or G behind (default 512M).\nExample: --memory 1G",
	  parse_memory },
	{ "cpus", "N", "virtual processors, 1 to 64 (default 1).\nExample: --cpus 4", parse_cpus },
	{ "numa", "N",
	  "NUMA nodes with equal shares of processors and memory, 1 to 8 (default: nothing is\n"
	  "said of nodes).\nExample: --cpus 4 --numa 2",
	  parse_numa },
	{ "console", "stdio|none|FILE",
	  "first serial port (ttyS0); Ctrl-A x ends hvhost (default stdio).\n"
	  "Example: --console guest.log",
	  parse_console },
	{ "results", "FILE",
	  "what the guest writes to its second serial port (ttyS1).\nExample: --results "
	  "results.tap",
	  parse_results },
	{ "results-input", "FIFO",
	  "what the guest reads from its second serial port (ttyS1).\nExample: --results-input "
	  "answers.fifo",
	  parse_results_input },
	{ "control", "SOCKET",
	  "listen for control commands, one JSON object a line (see below).\n"
	  "Example: --control /tmp/hvhost.sock",
	  parse_control },
	{ "host", "RELEASE",
	  "be this Windows Server: ws2008 ws2008r2 ws2012 ws2012r2 ws2016 ws2019 ws2022 ws2025\n"
	  "azure. Sets the versions of VMBus, storage, network and integration components, CPUID\n"
	  "and timers as it has them; options of their own go before it, wherever they stand.\n"
	  "Example: --host ws2012r2",
	  parse_host },
	{ "vmbus-version", "V",
	  "highest VMBus version accepted: 0.13 1.1 2.4 3.0 4.0 4.1 5.0 5.1 5.2 5.3 6.0\n"
	  "(default 5.3).\n"
	  "Example: --vmbus-version 4.0 (Windows Server 2016)",
	  parse_vmbus_version },
	{ "ic-version", "COMPONENT=V",
	  "newest version offered of an integration component (heartbeat, shutdown, timesync,\n"
	  "kvp, vss, fcopy) or of their framework; may be given for each.\n"
	  "Example: --ic-version framework=1.0 --ic-version shutdown=3.0",
	  parse_ic_version },
	{ "offers-delay", "MS",
	  "hold back the offers that the guest asks for at start.\nExample: --offers-delay 500",
	  parse_offers_delay },
	{ "unload-delay", "MS",
	  "hold back the answer to UNLOAD, as a host that still writes to its disks.\n"
	  "Example: --unload-delay 30000",
	  parse_unload_delay },
	{ "short-offers", NULL,
	  "to a guest that speaks VMBus 0.13, send OFFER messages of 190 bytes, without the fields\n"
	  "that came with 1.1. Linux up to 5.10 drops these.\nExample: --short-offers",
	  parse_short_offers },
	{ "timeout", "SECONDS",
	  "stop the guest after this time, exit status 3.\nExample: --timeout 120", parse_timeout },
	{ "no-reboot", NULL,
	  "end with status 5 when the guest resets, instead of booting it again.\n"
	  "Example: --no-reboot",
	  parse_no_reboot },
	{ "no-hyperv", NULL,
	  "a plain KVM machine: no Hyper-V interface, no VMBus.\nExample: --no-hyperv",
	  parse_no_hyperv },
	{ "hibernation", NULL,
	  "offer suspend to disk (ACPI S4); the guest comes back when hvhost is started\n"
	  "again with the same options.\nExample: --hibernation",
	  parse_hibernation },
	{ "timers", "direct|legacy|none",
	  "synthetic timers: with an interrupt of their own (default), as messages in the\n"
	  "SynIC slots as on old hosts, or hidden.\nExample: --timers legacy",
	  parse_timers },
	{ "on-crash", "stop|continue",
	  "after the guest reports a crash: stop it soon with status 4, or let it go on,\n"
	  "for a crash kernel (default stop).\nExample: --on-crash continue",
	  parse_on_crash },
	{ "fail-on-violation", NULL,
	  "exit status 6 if the guest broke a rule of the protocol.\n"
	  "Example: --fail-on-violation",
	  parse_fail_on_violation },
	{ "trace", NULL, "log every control message.\nExample: --trace", parse_trace },
	{ "trace-file", "FILE",
	  "write control messages, packets, interrupts and signals to FILE; hvhost-trace prints it.\n"
	  "Example: --trace-file guest.trace",
	  parse_trace_file },
	{ "chaos", "SEED[,only=NAME+NAME...][,devices=NAME+NAME...]",
	  "lie to the guest: faults drawn by the seed, of these names or groups (packet, completion,\n"
	  "ring, interrupt, message, offer, rescind), on these devices.\n"
	  "Example: --chaos 7,only=interrupt+packet-xid,devices=scsi0",
	  parse_chaos },
	{ "rate", "R",
	  "the part of the opportunities for a fault that --chaos uses, 0 to 1 (default 0.01).\n"
	  "Example: --rate 0.002",
	  parse_rate },
	{ "faults", NULL, "list all faults and end.\nExample: --faults", parse_faults },
	{ "help", NULL, "this text.\nExample: --help", parse_help },
};

static void help_entry(const char *name, const char *arg, const char *text)
{
	printf("  --%s%s%s\n", name, arg ? " " : "", arg ? arg : "");
	while (*text) {
		size_t len = strcspn(text, "\n");

		printf("        %.*s\n", (int)len, text);
		text += len + (text[len] == '\n');
	}
}

static void help_commands(const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");

		printf("  %.*s\n", (int)len, text);
		text += len + (text[len] == '\n');
	}
}

void options_help(void)
{
	printf("hvhost - run a Linux guest on KVM as if on Hyper-V\n\n"
	       "Usage: hvhost --kernel FILE [OPTION...]\n"
	       "  or:  hvhost ctl SOCKET COMMAND [KEY=VALUE...] [PATH]\n\n"
	       "Machine options:\n");
	for (size_t i = 0; i < ARRAY_SIZE(core_options); i++)
		help_entry(core_options[i].name, core_options[i].arg, core_options[i].help);
	for (const struct device_type *const *type = device_types; *type; type++) {
		const struct device_option *option = (*type)->options;

		if (!option || !option->name)
			continue;
		printf("\nOptions of %s:\n", (*type)->name);
		for (; option->name; option++)
			help_entry(option->name, option->arg, option->help);
	}
	printf("\nControl commands, as {\"cmd\": COMMAND, KEY: VALUE...} on the socket or with "
	       "hvhost ctl:\n"
	       "  query                     state of the machine, VMBus, channels and devices\n"
	       "  counters                  messages, signals, interrupts, packets, bytes, "
	       "violations\n"
	       "  rescind device=NAME       take a device away (scsi0, nic0, heartbeat ...)\n"
	       "  offer device=NAME         offer it again\n"
	       "  reset, quit               reset the guest; end hvhost with status 0\n"
	       "  time-offset seconds=N     let the host's clock differ for the guest\n"
	       "  open-delay ms=N           hold back the answer to each OPEN\n"
	       "  trace on=true|false       log every control message\n"
	       "  chaos on=true seed=N rate=R only=NAMES devices=NAMES quiet=true burst=N\n"
	       "                            lie to the guest, as --chaos and --rate; on=false stops it;\n"
	       "                            with quiet the log does not tell each event,\n"
	       "                            with burst what is added is added N times, 1 to 64\n"
	       "  fault name=NAME device=NAME count=N\n"
	       "                            this fault at the next N opportunities (default 1)\n"
	       "  churn device=NAME rounds=N when=offered|open\n"
	       "                            take it away and offer it again N times, each time\n"
	       "                            when the guest has opened it (default), or at once\n");
	for (const struct device_type *const *type = device_types; *type; type++)
		if ((*type)->commands)
			help_commands((*type)->commands);
	printf("The reply is one line, {\"ok\": true, ...} or {\"ok\": false, \"error\": TEXT}.\n"
	       "A PATH after the command prints one value of the reply:\n"
	       "  hvhost ctl /tmp/hvhost.sock counters bus.needless_signals\n"
	       "  hvhost ctl /tmp/hvhost.sock query channels.scsi0.state\n\n"
	       "Exit status: 0 guest powered off or suspended to disk, or quit; 1 interrupted; 2 bad option, file or "
	       "/dev/kvm; 3 timeout;\n"
	       "4 guest crashed; 5 guest reset and --no-reboot; 6 violation and "
	       "--fail-on-violation.\n");
}

static int options_apply(struct options *options, const char *name, const char *arg,
			 bool *takes_arg, char err[HV_ERR_MAX])
{
	for (size_t i = 0; i < ARRAY_SIZE(core_options); i++) {
		if (strcmp(core_options[i].name, name))
			continue;
		*takes_arg = core_options[i].arg;
		if (*takes_arg && !arg)
			goto missing;
		return core_options[i].parse(options, arg, err);
	}
	for (size_t t = 0; device_types[t]; t++) {
		const struct device_option *option = device_types[t]->options;

		for (; option && option->name; option++) {
			if (strcmp(option->name, name))
				continue;
			*takes_arg = option->arg;
			if (*takes_arg && !arg)
				goto missing;
			return option->parse(options->device_config[t], arg, err);
		}
	}
	snprintf(err, HV_ERR_MAX, "unknown option --%.64s (hvhost --help lists all)", name);
	return -1;
missing:
	snprintf(err, HV_ERR_MAX, "--%.64s needs an argument", name);
	return -1;
}

/* --host NAME or --host=NAME: the last one, as far as it names a release. */
static const struct hv_release *options_find_release(int argc, char **argv)
{
	const struct hv_release *release = NULL;

	for (int i = 1; i < argc; i++) {
		const char *name = NULL;

		if (!strcmp(argv[i], "--host") && i + 1 < argc)
			name = argv[i + 1];
		else if (!strncmp(argv[i], "--host=", 7))
			name = argv[i] + 7;
		if (name && hv_release_find(name))
			release = hv_release_find(name);
	}
	return release;
}

static int options_apply_release(struct options *options, const struct hv_release *release,
				 char err[HV_ERR_MAX])
{
	const char *const settings[][2] = {
		{ "vmbus-version", release->vmbus_version },
		{ "vstor-version", release->vstor_version },
		{ "nvsp-version", release->nvsp_version },
		{ "timesync-version", release->timesync_version },
		{ "timers", release->timers },
	};
	bool takes_arg;

	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		if (options_apply(options, settings[i][0], settings[i][1], &takes_arg, err))
			return -1;
	}
	for (size_t i = 0; release->ic_versions[i]; i++) {
		if (options_apply(options, "ic-version", release->ic_versions[i], &takes_arg, err))
			return -1;
	}
	options->machine.cpuid = &release->cpuid;
	return 0;
}

int options_parse(struct options *options, int argc, char **argv, char err[HV_ERR_MAX])
{
	const struct hv_release *release = options_find_release(argc, argv);
	size_t nr_types = 0;

	memset(options, 0, sizeof(*options));
	options->machine.append = "console=ttyS0";
	options->machine.memory = OPTIONS_MEMORY_DEFAULT;
	options->machine.cpus = 1;
	options->machine.hyperv = true;
	options->console = "stdio";
	options->vmbus_version = VMBUS_VERSION_5_3;
	options->chaos.rate = CHAOS_RATE_DEFAULT;
	while (device_types[nr_types])
		nr_types++;
	options->device_config = xcalloc(nr_types + 1, sizeof(void *));
	for (size_t t = 0; t < nr_types; t++)
		options->device_config[t] = xcalloc(1, device_types[t]->config_size);

	if (release && options_apply_release(options, release, err))
		return -1;
	for (int i = 1; i < argc; i++) {
		const char *arg = i + 1 < argc ? argv[i + 1] : NULL;
		bool takes_arg = false;
		char *name, *equals;
		int ret;

		if (strncmp(argv[i], "--", 2) || !argv[i][2]) {
			snprintf(err, HV_ERR_MAX,
				 "unknown argument \"%.64s\" (hvhost --help lists all)", argv[i]);
			return -1;
		}
		name = xstrdup(argv[i] + 2);
		equals = strchr(name, '=');
		if (equals) {
			*equals = '\0';
			arg = strchr(argv[i], '=') + 1;
		}
		ret = options_apply(options, name, arg, &takes_arg, err);
		if (!ret && equals && !takes_arg) {
			snprintf(err, HV_ERR_MAX, "--%.64s takes no argument", name);
			ret = -1;
		}
		free(name);
		if (ret)
			return -1;
		if (takes_arg && !equals)
			i++;
	}
	if (!options->machine.kernel && !options->help && !options->list_faults) {
		snprintf(err, HV_ERR_MAX, "--kernel is missing (hvhost --help explains)");
		return -1;
	}
	if (options->machine.nodes > options->machine.cpus) {
		snprintf(err, HV_ERR_MAX, "--numa: %u nodes need as many processors (--cpus)", options->machine.nodes);
		return -1;
	}
	return 0;
}

void options_free(struct options *options)
{
	for (size_t t = 0; options->device_config && device_types[t]; t++)
		free(options->device_config[t]);
	free(options->device_config);
}
