/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_INET_H
#define SHIM_LINUX_INET_H

#include <sys/socket.h>
#include <linux/types.h>

/* of <arpa/inet.h>, whose other names are the kernel's */
int inet_pton(int family, const char *text, void *address);

/* Whole strings only: @length and @delimiter are -1. */
static inline int in4_pton(const char *text, int length, u8 *address, int delimiter, const char **end)
{
	return inet_pton(AF_INET, text, address) == 1;
}

static inline int in6_pton(const char *text, int length, u8 *address, int delimiter, const char **end)
{
	return inet_pton(AF_INET6, text, address) == 1;
}

#endif
