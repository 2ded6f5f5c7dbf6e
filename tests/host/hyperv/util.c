// SPDX-License-Identifier: GPL-2.0
/*
 * Allocation that does not fail, and the log: one write per line, so that lines of several threads
 * do not mix.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "device.h"
#include "util.h"

static atomic_int trace_on;

static void out_of_memory(void)
{
	static const char text[] = "hvhost: out of memory\n";

	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		_exit(2);
	_exit(2);
}

void *xcalloc(size_t nr, size_t size)
{
	void *ptr = calloc(nr ? nr : 1, size ? size : 1);

	if (!ptr)
		out_of_memory();
	return ptr;
}

void *xrealloc(void *old, size_t nr, size_t size)
{
	void *ptr = reallocarray(old, nr ? nr : 1, size ? size : 1);

	if (!ptr)
		out_of_memory();
	return ptr;
}

char *xstrdup(const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		out_of_memory();
	return copy;
}

void hv_trace_set(int on)
{
	atomic_store_explicit(&trace_on, on, memory_order_relaxed);
}

bool hv_trace_enabled(void)
{
	return atomic_load_explicit(&trace_on, memory_order_relaxed);
}

void hv_vlog(const char *fmt, va_list ap)
{
	char line[1024];
	int used = snprintf(line, sizeof(line), "hvhost: ");
	int n = vsnprintf(line + used, sizeof(line) - used - 1, fmt, ap);

	if (n < 0)
		return;
	used += n;
	if ((size_t)used > sizeof(line) - 2)
		used = sizeof(line) - 2;
	line[used++] = '\n';
	/* A log that cannot be written has no other place to be reported. */
	if (write(STDERR_FILENO, line, used) < 0)
		return;
}

void hv_log(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	hv_vlog(fmt, ap);
	va_end(ap);
}

void hv_trace(const char *fmt, ...)
{
	va_list ap;

	if (!hv_trace_enabled())
		return;
	va_start(ap, fmt);
	hv_vlog(fmt, ap);
	va_end(ap);
}

const char *hv_guid_format(const struct hyperv_guid *guid, char text[HV_GUID_TEXT])
{
	const uint8_t *b = guid->b;

	snprintf(text, HV_GUID_TEXT,
		 "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[3], b[2],
		 b[1], b[0], b[5], b[4], b[7], b[6], b[8], b[9], b[10], b[11], b[12], b[13], b[14],
		 b[15]);
	return text;
}
