/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Command line of hvhost: the core's own options, and those of the device types.
 */
#ifndef HVHOST_OPTIONS_H
#define HVHOST_OPTIONS_H

#include "hyperv/chaos.h"
#include "hyperv/ic_limit.h"
#include "hyperv/release.h"
#include "machine/machine.h"

/* Exit statuses */
enum hvhost_status {
	HVHOST_OK = 0, /* guest powered off or suspended to disk, or quit by the control socket */
	HVHOST_INTERRUPTED = 1, /* SIGINT, SIGTERM, Ctrl-A x */
	HVHOST_USAGE = 2, /* bad option, file or /dev/kvm; nothing was run */
	HVHOST_TIMEOUT = 3,
	HVHOST_CRASHED = 4, /* crash MSRs, triple fault, or KVM gave up */
	HVHOST_RESET = 5, /* reset with --no-reboot */
	HVHOST_VIOLATION = 6, /* would be 0 or 5, but for --fail-on-violation */
};

struct options {
	struct machine_config machine;
	const char *console; /* "stdio", "none" or a file */
	const char *results;
	const char *results_input;
	const char *control;
	const struct hv_release *release; /* NULL: none named */
	uint32_t vmbus_version;
	struct hv_ic_limits ic_limits;
	unsigned int timeout_s; /* 0: none */
	unsigned int offers_delay_ms, unload_delay_ms;
	bool short_offers;
	bool no_reboot;
	bool fail_on_violation;
	bool continue_after_crash;
	bool trace;
	struct chaos_config chaos;
	bool list_faults;
	const char *trace_file;
	bool help;
	void **device_config; /* by the order of device_types[] */
};

/* Return: 0, or -1 with one line in @err. */
int options_parse(struct options *options, int argc, char **argv, char err[HV_ERR_MAX]);
void options_free(struct options *options);
void options_help(void);

#endif
