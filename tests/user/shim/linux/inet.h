/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_INET_H
#define SHIM_LINUX_INET_H

#include <string.h>
#include <sys/socket.h>
#include <linux/types.h>

/* of <arpa/inet.h>, whose other names are the kernel's */
int inet_pton(int family, const char *text, void *address);

/*
 * @length and @delimiter are -1. As the kernel's they take the address that a string begins with, whatever follows it, and say
 * where it ends.
 */
static inline int shim_pton(int family, const char *text, u8 *address, const char **end)
{
	char part[64];
	size_t bytes;

	for (bytes = strnlen(text, sizeof(part) - 1); bytes; bytes--) {
		memcpy(part, text, bytes);
		part[bytes] = 0;
		if (inet_pton(family, part, address) == 1) {
			*end = text + bytes;
			return 1;
		}
	}
	return 0;
}

static inline int in4_pton(const char *text, int length, u8 *address, int delimiter, const char **end)
{
	return shim_pton(AF_INET, text, address, end);
}

static inline int in6_pton(const char *text, int length, u8 *address, int delimiter, const char **end)
{
	return shim_pton(AF_INET6, text, address, end);
}

#endif
