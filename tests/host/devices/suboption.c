// SPDX-License-Identifier: GPL-2.0
/*
 * Splits the text of a device option and reads numbers from it. Knows no option by name.
 */
#include "suboption.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

char *suboption_next(char **list, char **value)
{
	char *item = *list, *comma, *equals;

	*value = NULL;
	if (!item)
		return NULL;
	comma = strchr(item, ',');
	if (comma)
		*comma = '\0';
	*list = comma ? comma + 1 : NULL;
	equals = strchr(item, '=');
	if (equals) {
		*equals = '\0';
		*value = equals + 1;
	}
	return item;
}

int suboption_u64(const char *text, uint64_t max, uint64_t *number)
{
	unsigned long long n;
	unsigned int shift = 0;
	char *end;

	if (!text || !isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	n = strtoull(text, &end, 0);
	if (errno)
		return -EINVAL;
	switch (toupper((unsigned char)*end)) {
	case 'K':
		shift = 10;
		break;
	case 'M':
		shift = 20;
		break;
	case 'G':
		shift = 30;
		break;
	}
	if (shift)
		end++;
	if (*end || n > max >> shift)
		return -EINVAL;
	*number = (uint64_t)n << shift;
	return 0;
}
