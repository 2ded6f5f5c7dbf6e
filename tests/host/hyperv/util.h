/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Small things every file of the host may use: allocation that does not fail, array sizes,
 * barriers.
 */
#ifndef HVHOST_UTIL_H
#define HVHOST_UTIL_H

#include <stdarg.h>
#include <stddef.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define container_of(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

/* End the program with one line when memory is exhausted. */
void *xcalloc(size_t nr, size_t size);
void *xrealloc(void *ptr, size_t nr, size_t size);
char *xstrdup(const char *text);

void hv_trace_set(int on);
void hv_vlog(const char *fmt, va_list ap) __attribute__((format(printf, 1, 0)));

#endif
