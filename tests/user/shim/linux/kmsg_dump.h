/* SPDX-License-Identifier: GPL-2.0 */
/* The end of the kernel's log is what the test says it is. */
#ifndef SHIM_LINUX_KMSG_DUMP_H
#define SHIM_LINUX_KMSG_DUMP_H

#include <linux/kernel.h>

enum kmsg_dump_reason { KMSG_DUMP_PANIC = 1 };

struct kmsg_dump_detail {
	enum kmsg_dump_reason reason;
};

struct kmsg_dump_iter { int unused; };

struct kmsg_dumper {
	void (*dump)(struct kmsg_dumper *dumper, struct kmsg_dump_detail *detail);
	enum kmsg_dump_reason max_reason;
};

static const char *shim_log = "";
static struct kmsg_dumper *shim_dumper;
/* What kmsg_dump_register() returns, for the test to set. */
static int shim_dumper_error;

#define kmsg_dump_rewind(iter)	((void)(iter))
#define kmsg_dump_unregister(d)	((void)(d), (void)(shim_dumper = NULL))

static inline int kmsg_dump_register(struct kmsg_dumper *dumper)
{
	if (!shim_dumper_error)
		shim_dumper = dumper;
	return shim_dumper_error;
}

static inline bool kmsg_dump_get_buffer(struct kmsg_dump_iter *iter, bool syslog, char *buf, size_t size, size_t *bytes)
{
	*bytes = min(strlen(shim_log), size);
	memcpy(buf, shim_log, *bytes);
	return *bytes;
}

#endif
