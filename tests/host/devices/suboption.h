/* SPDX-License-Identifier: GPL-2.0 */
/* The comma separated list behind a device option: "VALUE,key=value,flag". */
#ifndef HVHOST_DEVICES_SUBOPTION_H
#define HVHOST_DEVICES_SUBOPTION_H

#include <stdint.h>

/**
 * suboption_next() - split the next item off a comma separated list
 * @list: in: the rest of the list, modified; out: what follows, NULL at its end
 * @value: text behind the first '=' of the item, NULL without one
 *
 * Return: the item or its key, NULL when nothing is left.
 */
char *suboption_next(char **list, char **value);

/**
 * suboption_u64() - an unsigned number with an optional suffix K, M or G
 * @text: decimal or 0x hexadecimal; NULL is refused
 * @max: greatest value allowed
 * @number: filled in
 *
 * Return: 0, -EINVAL if @text is not such a number.
 */
int suboption_u64(const char *text, uint64_t max, uint64_t *number);

#endif
