// SPDX-License-Identifier: GPL-2.0
/*
 * The host around a hostile guest: platform, devices by their own options, control commands. The
 * linker hands this file what has to be the input's and not the machine's: the clock, the log, the
 * way to the network and to the disk (--wrap, see the Makefile).
 */
#include <cjson/cJSON.h>
#include <hyperv/tlfs.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "../devices/net_backend.h"
#include "../devices/slirp_backend.h"
#include "../hyperv/chaos.h"
#include "../hyperv/util.h"
#include "world.h"

/* Policy: the image behind the fuzzer's disks. */
#define WORLD_DISK_BYTES (256u << 10)
#define WORLD_TYPES	 32

struct world world;

static void *configs[WORLD_TYPES];
static size_t started;
static uint64_t clock_ns = 1000000000;
static char images[3][64], command_add[128];

/* ---------------------------------------------------------------- wrapped */

int __real_clock_gettime(clockid_t id, struct timespec *now);
int __wrap_clock_gettime(clockid_t id, struct timespec *now);
int __wrap_fdatasync(int fd);
void __wrap_hv_log(const char *fmt, ...);
struct net_backend *__wrap_slirp_backend_new(struct loop *loop, const struct slirp_options *options,
					     net_receive receive, void *opaque, char *error,
					     size_t error_bytes);

int __wrap_clock_gettime(clockid_t id, struct timespec *now)
{
	if (id != CLOCK_MONOTONIC)
		return __real_clock_gettime(id, now);
	now->tv_sec = clock_ns / 1000000000u;
	now->tv_nsec = clock_ns % 1000000000u;
	return 0;
}

/* The images are not for keeping. */
int __wrap_fdatasync(int fd)
{
	(void)fd;
	return 0;
}

void __wrap_hv_log(const char *fmt, ...)
{
	char line[512];
	va_list ap;

	/* The text is made all the same: it prints what the guest wrote. */
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (getenv("HVHOST_FUZZ_LOG"))
		dprintf(STDERR_FILENO, "%s\n", line);
}

/* The network of a NIC under test: what the guest sends comes back. */
static void mirror_send(struct net_backend *backend, const uint8_t *frame, size_t bytes)
{
	backend->receive(backend->opaque, frame, bytes);
}

static void mirror_free(struct net_backend *backend)
{
	free(backend);
}

static const struct net_backend_ops mirror_ops = { .send = mirror_send, .free = mirror_free };

struct net_backend *__wrap_slirp_backend_new(struct loop *loop, const struct slirp_options *options,
					     net_receive receive, void *opaque, char *error,
					     size_t error_bytes)
{
	struct net_backend *backend = xcalloc(1, sizeof(*backend));

	(void)loop;
	(void)options;
	(void)error;
	(void)error_bytes;
	backend->ops = &mirror_ops;
	backend->receive = receive;
	backend->opaque = opaque;
	return backend;
}

/* ---------------------------------------------------------------- platform */

static void world_kick(void *platform, unsigned int vp)
{
	(void)platform;
	(void)vp;
}

static void world_watch_eom(void *platform, unsigned int vp, bool on)
{
	(void)platform;
	(void)vp;
	(void)on;
}

static int world_event_add(void *platform, uint32_t connection_id, int fd)
{
	(void)platform;
	for (size_t i = 0; i < ARRAY_SIZE(world.events); i++) {
		if (world.events[i].connection_id)
			continue;
		world.events[i].connection_id = connection_id;
		world.events[i].fd = fd;
		return 0;
	}
	return -1;
}

static void world_event_del(void *platform, uint32_t connection_id, int fd)
{
	(void)platform;
	for (size_t i = 0; i < ARRAY_SIZE(world.events); i++) {
		if (world.events[i].connection_id == connection_id && world.events[i].fd == fd)
			world.events[i].connection_id = 0;
	}
}

static uint64_t world_ref_time(void *platform)
{
	(void)platform;
	return clock_ns / 100;
}

static int world_map(void *platform, uint64_t gpa, uint64_t size, void *hva)
{
	(void)platform;
	(void)gpa;
	/* The guest sees all of it: so it must be there. */
	if (size)
		(void)*((volatile uint8_t *)hva + size - 1);
	return 0;
}

static bool world_is_device_space(void *platform, uint64_t gpa, uint64_t size)
{
	(void)platform;
	return gpa >= FUZZ_DEVICE_GPA && gpa < FUZZ_DEVICE_GPA + FUZZ_DEVICE_BYTES &&
	       size <= FUZZ_DEVICE_GPA + FUZZ_DEVICE_BYTES - gpa;
}

static void world_interrupt(void *platform, unsigned int vp, uint8_t vector)
{
	(void)platform;
	if (vp >= FUZZ_VPS || vector < 16)
		abort();
}

static const struct hv_platform_ops platform_ops = {
	.kick = world_kick,
	.watch_eom = world_watch_eom,
	.slot_lock = world_kick,
	.slot_unlock = world_kick,
	.event_add = world_event_add,
	.event_del = world_event_del,
	.ref_time = world_ref_time,
	.map = world_map,
	.is_device_space = world_is_device_space,
	.interrupt = world_interrupt,
};

void world_signal(uint32_t connection_id)
{
	uint64_t one = 1;

	/* By the interrupt page, for whatever channel there may be. */
	if (connection_id == VMBUS_CONNECTION_EVENT)
		memset(world.ram + FUZZ_INTERRUPT_GPA + VMBUS_INTERRUPT_PAGE_TO_HOST, 0xff, 2048);
	for (size_t i = 0; i < ARRAY_SIZE(world.events); i++) {
		if (connection_id && world.events[i].connection_id == connection_id &&
		    write(world.events[i].fd, &one, sizeof(one)) < 0)
			return;
	}
}

void world_pass(uint64_t ns)
{
	clock_ns += ns;
}

/* ---------------------------------------------------------------- concurrent changes */

static _Atomic(uint64_t *) race_word;
static uint64_t race_values[2];
static pthread_mutex_t race_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t race_cond = PTHREAD_COND_INITIALIZER;

static void *race_thread(void *unused)
{
	(void)unused;
	for (;;) {
		uint64_t *word;

		pthread_mutex_lock(&race_lock);
		while (!atomic_load(&race_word))
			pthread_cond_wait(&race_cond, &race_lock);
		pthread_mutex_unlock(&race_lock);
		for (unsigned int i = 0; (word = atomic_load(&race_word)); i++)
			__atomic_store_n(word, race_values[i % 2], __ATOMIC_RELAXED);
	}
	return NULL;
}

void world_run(unsigned int turns, uint64_t *word, const uint64_t values[2])
{
	static pthread_t thread;

	if (word) {
		if (!thread && pthread_create(&thread, NULL, race_thread, NULL))
			abort();
		pthread_mutex_lock(&race_lock);
		memcpy(race_values, values, sizeof(race_values));
		atomic_store(&race_word, word);
		pthread_cond_signal(&race_cond);
		pthread_mutex_unlock(&race_lock);
	}
	while (turns--)
		loop_run_once(world.loop, 0);
	atomic_store(&race_word, NULL);
}

/* ---------------------------------------------------------------- devices */

/* As on the command line; an option no type has is left out. */
static const struct {
	const char *name, *arg;
} options[] = {
	{ "disk", "IMAGE0" },
	{ "disk", "IMAGE1,lun=3,ro,block=4096" },
	{ "scsi-sub-channels", "2" },
	{ "dvd", "none" },
	{ "ide", "IMAGE2" },
	{ "fc", "5001405012345678" },
	{ "kvp", NULL },
	{ "vss", NULL },
	{ "fcopy", NULL },
	{ "nic", "user,queues=4,vf=7" },
	{ "nic", "none" },
	{ "keyboard", NULL },
	{ "mouse", NULL },
	{ "video", "3.5" },
	{ "dynamic-memory", "3.0" },
	{ "hvsock", "5000=echo" },
	{ "echo", NULL },
};

static void device_option(const char *name, const char *arg)
{
	char err[HV_ERR_MAX];

	for (size_t t = 0; device_types[t]; t++) {
		const struct device_option *option = device_types[t]->options;

		for (; option && option->name; option++) {
			if (strcmp(option->name, name))
				continue;
			if (option->parse(configs[t], arg, err)) {
				fprintf(stderr, "fuzz: --%s %s: %s\n", name, arg ? arg : "", err);
				abort();
			}
			return;
		}
	}
}

static void devices_configure(void)
{
	/* They are kept by the types as they are given. */
	static char args[ARRAY_SIZE(options)][128];

	for (size_t t = 0; device_types[t] && t < WORLD_TYPES; t++)
		configs[t] = xcalloc(1, device_types[t]->config_size);
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		const char *arg = options[i].arg;

		if (arg && !strncmp(arg, "IMAGE", 5)) {
			snprintf(args[i], sizeof(args[i]), "%s%s", images[arg[5] - '0'], arg + 6);
			arg = args[i];
		}
		device_option(options[i].name, arg);
	}
}

static const char *const commands[] = {
	"{\"cmd\":\"rescind\",\"device\":\"scsi0\"}",
	"{\"cmd\":\"rescind\",\"device\":\"scsi0\",\"orderly\":true}",
	"{\"cmd\":\"offer\",\"device\":\"scsi0\"}",
	"{\"cmd\":\"rescind\",\"device\":\"nic0\"}",
	"{\"cmd\":\"rescind\",\"device\":\"nic0\",\"orderly\":true}",
	"{\"cmd\":\"offer\",\"device\":\"nic0\"}",
	"{\"cmd\":\"rescind\",\"device\":\"heartbeat\"}",
	"{\"cmd\":\"offer\",\"device\":\"heartbeat\"}",
	"{\"cmd\":\"rescind\",\"device\":\"timesync\"}",
	"{\"cmd\":\"offer\",\"device\":\"timesync\"}",
	command_add,
	"{\"cmd\":\"disk-remove\",\"lun\":0}",
	"{\"cmd\":\"disk-resized\",\"lun\":0}",
	"{\"cmd\":\"disk-fault\",\"lun\":0,\"first\":0,\"last\":8,\"key\":3,\"asc\":17,\"count\":2}",
	"{\"cmd\":\"disk-answer\",\"lun\":0,\"copies\":2,\"count\":2}",
	"{\"cmd\":\"disk-answer\",\"lun\":0,\"copies\":0,\"count\":2}",
	"{\"cmd\":\"link\",\"device\":\"nic0\",\"up\":false}",
	"{\"cmd\":\"link\",\"device\":\"nic0\",\"up\":true}",
	"{\"cmd\":\"shutdown\",\"mode\":\"poweroff\"}",
	"{\"cmd\":\"timesync\",\"offset_s\":5,\"sync\":true}",
	"{\"cmd\":\"key\",\"code\":30}",
	"{\"cmd\":\"mouse\",\"x\":1,\"y\":32767,\"buttons\":1}",
	"{\"cmd\":\"balloon\",\"mib\":1}",
	"{\"cmd\":\"hvsock-connect\",\"port\":1024}",
	"{\"cmd\":\"query\"}",
	"{\"cmd\":\"disk-fault\",\"lun\":0,\"kind\":\"busy\",\"count\":2}",
	"{\"cmd\":\"disk-fault\",\"lun\":0,\"kind\":\"timeout\",\"count\":1}",
	"{\"cmd\":\"disk-fault\",\"lun\":0,\"kind\":\"gone\"}",
	"{\"cmd\":\"link\",\"device\":\"nic0\",\"change\":true}",
	"{\"cmd\":\"send-table\",\"device\":\"nic0\",\"table\":\"0,1,2\"}",
	"{\"cmd\":\"vf\",\"device\":\"nic0\",\"present\":true,\"serial\":1}",
	"{\"cmd\":\"vf\",\"device\":\"nic0\",\"present\":false,\"serial\":1}",
	"{\"cmd\":\"vf\",\"device\":\"nic0\",\"present\":true,\"serial\":7,\"function\":true}",
	"{\"cmd\":\"vf\",\"device\":\"nic0\",\"present\":false,\"surprise\":true}",
	"{\"cmd\":\"synthetic-path\",\"device\":\"nic0\"}",
	"{\"cmd\":\"ic-renegotiate\",\"device\":\"heartbeat\"}",
	"{\"cmd\":\"kvp-enumerate\",\"pool\":1}",
	"{\"cmd\":\"kvp-get\",\"pool\":1,\"key\":\"a\"}",
	"{\"cmd\":\"kvp-set\",\"pool\":1,\"key\":\"a\",\"value\":\"b\"}",
	"{\"cmd\":\"ip-get\",\"adapter\":\"00:15:5d:00:00:10\"}",
	"{\"cmd\":\"vss\",\"op\":\"check\"}",
	"{\"cmd\":\"vss\",\"op\":\"create\"}",
	"{\"cmd\":\"fcopy\",\"from\":\"/etc/passwd\",\"to\":\"/tmp/x\",\"overwrite\":true}",
	"{\"cmd\":\"fcopy-cancel\"}",
	"{\"cmd\":\"counters\"}",
};

unsigned int world_commands(void)
{
	return ARRAY_SIZE(commands);
}

void world_command(unsigned int index)
{
	cJSON *request = cJSON_Parse(commands[index % ARRAY_SIZE(commands)]);
	cJSON *reply = cJSON_CreateObject();
	char err[HV_ERR_MAX];
	const char *cmd = cJSON_GetStringValue(cJSON_GetObjectItem(request, "cmd"));
	const char *device = cJSON_GetStringValue(cJSON_GetObjectItem(request, "device"));
	int ret = 0;

	for (size_t t = 0; !ret && t < started; t++) {
		if (device_types[t]->control)
			ret = device_types[t]->control(configs[t], cmd, request, reply, err);
	}
	if (!ret && !strcmp(cmd, "rescind"))
		vmbus_server_rescind_name(world.server, device, err);
	else if (!ret && !strcmp(cmd, "offer"))
		vmbus_server_offer_name(world.server, device, err);
	else if (!strcmp(cmd, "counters"))
		vmbus_server_counters(world.server, reply);
	if (!strcmp(cmd, "query")) {
		vmbus_server_query(world.server, reply);
		for (size_t t = 0; t < started; t++) {
			if (device_types[t]->query)
				device_types[t]->query(configs[t], reply);
		}
	}
	/* A device that answers later keeps the reply. */
	if (ret != HV_CONTROL_LATER)
		cJSON_Delete(reply);
	cJSON_Delete(request);
}

void hv_control_done(struct cJSON *reply, const char *err)
{
	(void)err;
	cJSON_Delete(reply);
}

void world_chaos(uint64_t seed, unsigned int rate)
{
	chaos_set(world.server, &(struct chaos_config){ .on = rate,
							.seed = seed,
							.rate = rate / 255.0,
							.enabled = (1ull << CHAOS_FAULTS) - 1 });
}

/* ---------------------------------------------------------------- begin and end */

/* Memory with nothing readable before and behind it. */
static uint8_t *world_memory(size_t bytes)
{
	uint8_t *all = mmap(NULL, bytes + (2u << 20), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (all == MAP_FAILED || mprotect(all + (1u << 20), bytes, PROT_READ | PROT_WRITE))
		abort();
	return all + (1u << 20);
}

static void world_end_of_program(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(images); i++)
		unlink(images[i]);
}

/* Images without a trace of what an earlier guest wrote. */
static void world_clear_images(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(images); i++) {
		if (truncate(images[i], 0) || truncate(images[i], WORLD_DISK_BYTES))
			abort();
	}
}

static void world_make(void)
{
	world.ram = world_memory(FUZZ_RAM_BYTES);
	world.high = world_memory(FUZZ_HIGH_BYTES);
	world.mem = (struct guest_mem){
		.nr = 2,
		.region[0] = { .size = FUZZ_RAM_BYTES, .hva = world.ram },
		.region[1] = { .gpa = FUZZ_HIGH_GPA, .size = FUZZ_HIGH_BYTES, .hva = world.high },
	};
	for (size_t i = 0; i < ARRAY_SIZE(images); i++) {
		int fd;

		snprintf(images[i], sizeof(images[i]), "/tmp/hvhost-fuzz-XXXXXX");
		fd = mkstemp(images[i]);
		if (fd < 0)
			abort();
		close(fd);
	}
	atexit(world_end_of_program);
	snprintf(command_add, sizeof(command_add), "{\"cmd\":\"disk-add\",\"lun\":5,\"file\":\"%s\",\"ro\":true}",
		 images[1]);
}

void world_begin(void)
{
	struct vmbus_server_config config = { .mem = &world.mem,
					      .nr_vps = FUZZ_VPS,
					      .max_version = vmbus_version_newest(),
					      .ops = &platform_ops };
	char err[HV_ERR_MAX];

	if (!world.ram)
		world_make();
	memset(world.ram, 0, FUZZ_RAM_BYTES);
	memset(world.high, 0, FUZZ_HIGH_BYTES);
	memset(world.events, 0, sizeof(world.events));
	world_clear_images();
	world.loop = config.loop = loop_new();
	world.server = vmbus_server_new(&config);
	devices_configure();
	for (started = 0; device_types[started]; started++) {
		if (device_types[started]->start &&
		    device_types[started]->start(configs[started], world.server, err)) {
			fprintf(stderr, "fuzz: %s: %s\n", device_types[started]->name, err);
			abort();
		}
	}
}

void world_reset(void)
{
	vmbus_server_reset(world.server);
	for (size_t t = 0; t < started; t++) {
		if (device_types[t]->reset)
			device_types[t]->reset(configs[t]);
	}
}

void world_end(void)
{
	vmbus_server_reset(world.server);
	while (started) {
		started--;
		if (device_types[started]->stop)
			device_types[started]->stop(configs[started]);
	}
	vmbus_server_free(world.server);
	loop_free(world.loop);
	for (size_t t = 0; device_types[t]; t++) {
		free(configs[t]);
		configs[t] = NULL;
	}
}
