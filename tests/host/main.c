// SPDX-License-Identifier: GPL-2.0
/*
 * hvhost: start order and its reverse, and what happens when the guest powers off, resets or
 * crashes.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "hvhost.h"
#include "hyperv/util.h"

/* Policy: how long a guest that reported a crash may go on printing. */
#define CRASH_GRACE_NS 3000000000ull

static struct termios saved_terminal;
static bool terminal_is_raw;

static void terminal_restore(void)
{
	if (terminal_is_raw)
		tcsetattr(STDIN_FILENO, TCSANOW, &saved_terminal);
	terminal_is_raw = false;
}

static void terminal_set_raw(void)
{
	struct termios raw;

	if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &saved_terminal))
		return;
	raw = saved_terminal;
	raw.c_iflag &= ~(ICRNL | IXON | INLCR | IGNCR);
	raw.c_lflag &= ~(ECHO | ICANON | ISIG | IEXTEN);
	if (tcsetattr(STDIN_FILENO, TCSANOW, &raw))
		return;
	terminal_is_raw = true;
	atexit(terminal_restore);
}

void hvhost_quit(struct hvhost *host, enum hvhost_status status)
{
	if (!host->running)
		return;
	host->running = false;
	host->status = status;
	loop_quit(host->loop);
}

int hvhost_reset(struct hvhost *host)
{
	char err[HV_ERR_MAX] = "";

	host->resets++;
	machine_stop(host->machine);
	vmbus_server_reset(host->server);
	for (size_t t = 0; t < host->types_started; t++) {
		if (device_types[t]->reset)
			device_types[t]->reset(host->options.device_config[t]);
	}
	if (!machine_start(host->machine, err))
		return 0;
	hv_log("%s", err);
	hvhost_quit(host, HVHOST_CRASHED);
	return -1;
}

static void hvhost_crash_timeout(void *opaque)
{
	hvhost_quit(opaque, HVHOST_CRASHED);
}

static void hvhost_machine_event(void *opaque, enum machine_event event)
{
	struct hvhost *host = opaque;

	switch (event) {
	case MACHINE_HIBERNATED:
		hv_log("the guest has suspended to disk: start it again with the same options");
		/* fall through */
	case MACHINE_POWERED_OFF:
		hvhost_quit(host, host->crashed ? HVHOST_CRASHED : HVHOST_OK);
		break;
	case MACHINE_RESET:
		if (host->crashed)
			hvhost_quit(host, HVHOST_CRASHED);
		else if (host->options.no_reboot)
			hvhost_quit(host, HVHOST_RESET);
		else
			hvhost_reset(host);
		break;
	case MACHINE_CRASHED:
		host->crashes++;
		if (host->options.continue_after_crash)
			break;
		host->crashed = true;
		loop_timer_arm(host->crash_timer, loop_now_ns() + CRASH_GRACE_NS);
		break;
	case MACHINE_TRIPLE_FAULT:
	case MACHINE_BROKEN:
		hvhost_quit(host, HVHOST_CRASHED);
		break;
	}
}

static void hvhost_escape(void *opaque)
{
	hvhost_quit(opaque, HVHOST_INTERRUPTED);
}

static void hvhost_timeout(void *opaque)
{
	struct hvhost *host = opaque;

	hv_log("timeout: the guest did not end within %u s", host->options.timeout_s);
	machine_log_vcpus(host->machine);
	hvhost_quit(host, HVHOST_TIMEOUT);
}

static void hvhost_signal(int fd, uint32_t events, void *opaque)
{
	struct signalfd_siginfo info;

	(void)events;
	if (read(fd, &info, sizeof(info)) == sizeof(info))
		hvhost_quit(opaque, HVHOST_INTERRUPTED);
}

/* Blocked before any thread exists, so that only the descriptor sees them. */
static int hvhost_watch_signals(struct hvhost *host)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd >= 0)
		loop_fd_add(host->loop, fd, EPOLLIN, hvhost_signal, host);
	return fd;
}

static int hvhost_open_output(const char *option, const char *name, char err[HV_ERR_MAX])
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0)
		snprintf(err, HV_ERR_MAX, "--%s: %.160s: %s", option, name, strerror(errno));
	return fd;
}

/* Return: a descriptor that never ends, also while nobody has the FIFO open for writing. */
static int hvhost_open_fifo(const char *option, const char *name, char err[HV_ERR_MAX])
{
	int fd = open(name, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	struct stat stat;

	if (fd < 0) {
		snprintf(err, HV_ERR_MAX, "--%s: %.160s: %s", option, name, strerror(errno));
		return -1;
	}
	if (fstat(fd, &stat) || !S_ISFIFO(stat.st_mode)) {
		snprintf(err, HV_ERR_MAX, "--%s: %.160s is not a FIFO", option, name);
		close(fd);
		return -1;
	}
	return fd;
}

static int hvhost_open_serial(struct hvhost *host, char err[HV_ERR_MAX])
{
	const struct options *options = &host->options;
	int in = -1, out = -1, results_in = -1, results = -1;

	if (!strcmp(options->console, "stdio")) {
		in = STDIN_FILENO;
		out = STDOUT_FILENO;
		terminal_set_raw();
	} else if (strcmp(options->console, "none")) {
		out = hvhost_open_output("console", options->console, err);
		if (out < 0)
			return -1;
	}
	if (options->results) {
		results = hvhost_open_output("results", options->results, err);
		if (results < 0)
			return -1;
	}
	if (options->results_input) {
		results_in = hvhost_open_fifo("results-input", options->results_input, err);
		if (results_in < 0)
			return -1;
	}
	machine_set_serial(host->machine, in, out, results_in, results);
	return 0;
}

static int hvhost_start(struct hvhost *host, char err[HV_ERR_MAX])
{
	struct vmbus_server_config config = {
		.loop = host->loop,
		.nr_vps = host->options.machine.cpus,
		.max_version = host->options.vmbus_version,
		.ic_limits = host->options.ic_limits,
		.offers_delay_ns = host->options.offers_delay_ms * 1000000ull,
		.unload_delay_ns = host->options.unload_delay_ms * 1000000ull,
		.short_offers = host->options.short_offers,
		.ops = machine_platform_ops(),
	};

	host->options.machine.event = hvhost_machine_event;
	host->options.machine.escape = hvhost_escape;
	host->options.machine.opaque = host;
	host->machine = machine_new(host->loop, &host->options.machine, err);
	if (!host->machine)
		return -1;
	config.mem = machine_mem(host->machine);
	config.platform = host->machine;
	host->server = vmbus_server_new(&config);
	machine_set_server(host->machine, host->server);
	if (host->options.trace_file && trace_open(host->server, host->options.trace_file, err))
		return -1;
	if (host->options.chaos.on)
		chaos_set(host->server, &host->options.chaos);
	for (; device_types[host->types_started]; host->types_started++) {
		const struct device_type *type = device_types[host->types_started];

		if (type->start && type->start(host->options.device_config[host->types_started],
					       host->server, err)) {
			/* A type that failed half-way undoes its own part in stop(). */
			host->types_started++;
			return -1;
		}
	}
	if (host->options.control) {
		host->control = control_new(host, host->options.control, err);
		if (!host->control)
			return -1;
	}
	if (hvhost_open_serial(host, err))
		return -1;
	if (host->options.timeout_s) {
		host->timeout_timer = loop_timer_new(host->loop, hvhost_timeout, host);
		loop_timer_arm(host->timeout_timer,
			       loop_now_ns() + host->options.timeout_s * 1000000000ull);
	}
	host->crash_timer = loop_timer_new(host->loop, hvhost_crash_timeout, host);
	host->running = true;
	return machine_start(host->machine, err);
}

static void hvhost_stop(struct hvhost *host)
{
	if (host->machine)
		machine_stop(host->machine);
	control_free(host->control);
	if (host->server)
		vmbus_server_reset(host->server);
	while (host->types_started) {
		const struct device_type *type = device_types[--host->types_started];

		if (type->stop)
			type->stop(host->options.device_config[host->types_started]);
	}
	vmbus_server_free(host->server);
	machine_free(host->machine);
	loop_timer_free(host->crash_timer);
	loop_timer_free(host->timeout_timer);
}

static enum hvhost_status hvhost_final_status(struct hvhost *host)
{
	uint64_t violations = vmbus_server_violations(host->server);

	if (violations)
		hv_log("%llu guest violations in all", (unsigned long long)violations);
	if (violations && host->options.fail_on_violation &&
	    (host->status == HVHOST_OK || host->status == HVHOST_RESET))
		return HVHOST_VIOLATION;
	return host->status;
}

int main(int argc, char **argv)
{
	struct hvhost host = { 0 };
	char err[HV_ERR_MAX] = "";
	enum hvhost_status status = HVHOST_USAGE;
	int signal_fd = -1;

	if (argc > 1 && !strcmp(argv[1], "ctl"))
		return ctl_main(argc - 2, argv + 2);
	if (options_parse(&host.options, argc, argv, err)) {
		hv_log("%s", err);
		goto out_options;
	}
	if (host.options.help) {
		options_help();
		status = HVHOST_OK;
		goto out_options;
	}
	if (host.options.list_faults) {
		hvhost_list_faults();
		status = HVHOST_OK;
		goto out_options;
	}
	hv_trace_set(host.options.trace);
	host.loop = loop_new();
	if (!host.loop) {
		hv_log("cannot create the event loop: %s", strerror(errno));
		goto out_options;
	}
	signal_fd = hvhost_watch_signals(&host);
	if (hvhost_start(&host, err)) {
		terminal_restore();
		hv_log("%s", err);
		goto out_host;
	}
	loop_run(host.loop);
	terminal_restore();
	status = hvhost_final_status(&host);
out_host:
	hvhost_stop(&host);
	if (signal_fd >= 0) {
		loop_fd_del(host.loop, signal_fd);
		close(signal_fd);
	}
	loop_free(host.loop);
out_options:
	options_free(&host.options);
	return status;
}
