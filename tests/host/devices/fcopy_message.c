// SPDX-License-Identifier: GPL-2.0
/* Builds the bodies of file copy messages. Knows no file. */
#include "fcopy_message.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#include "ic_utf16.h"

/* Longest path: each unit of both names in three bytes. */
#define FCOPY_PATH_MAX (2 * 3 * FCOPY_NAME_UNITS)

static int fcopy_bad(const char **why, const char *text)
{
	*why = text;
	return -EINVAL;
}

int fcopy_start_build(struct fcopy_start *body, const char *path, uint32_t flags, uint64_t size,
		      const char **why)
{
	char directory[FCOPY_PATH_MAX + 1];
	uint32_t bytes;
	const char *name;
	size_t length;
	int err;

	memset(body, 0, sizeof(*body));
	if (*path != '/')
		return fcopy_bad(why, "not an absolute path");
	name = strrchr(path, '/') + 1;
	if (!*name)
		return fcopy_bad(why, "no file name at the end of the path");
	length = (size_t)(name - path);
	if (length > FCOPY_PATH_MAX)
		return fcopy_bad(why, "the directory is longer than 259 UTF-16 units");
	/* With the slash at its end, as hosts send it. */
	memcpy(directory, path, length);
	directory[length] = '\0';
	err = ic_utf16_put((uint8_t *)body->directory, sizeof(body->directory), directory, &bytes);
	if (err == -EMSGSIZE)
		return fcopy_bad(why, "the directory is longer than 259 UTF-16 units");
	if (!err)
		err = ic_utf16_put((uint8_t *)body->name, sizeof(body->name), name, &bytes);
	if (err == -EMSGSIZE)
		return fcopy_bad(why, "the file name is longer than 259 UTF-16 units");
	if (err)
		return fcopy_bad(why, "the path is not UTF-8");
	body->header.operation = htole32(FCOPY_OP_START);
	body->flags = htole32(flags);
	body->size = htole64(size);
	return 0;
}

void fcopy_write_build(struct fcopy_write *body, uint64_t offset, uint32_t bytes)
{
	memset(body, 0, sizeof(*body));
	body->header.operation = htole32(FCOPY_OP_WRITE);
	body->offset = htole64(offset);
	body->bytes = htole32(bytes);
}

void fcopy_end_build(struct fcopy_header *body, uint32_t operation)
{
	memset(body, 0, sizeof(*body));
	body->operation = htole32(operation);
}
