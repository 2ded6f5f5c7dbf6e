/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Limits to the versions of integration components.
 */
#ifndef HVHOST_IC_LIMIT_H
#define HVHOST_IC_LIMIT_H

#include <stdint.h>

#define HV_IC_COMPONENTS 7

struct hv_ic_limits {
	uint32_t newest[HV_IC_COMPONENTS]; /* major << 16 | minor; 0: all the host has */
};

/* "shutdown=3.0", or another component or "framework". Return: 0, -EINVAL. */
int hv_ic_limits_set(struct hv_ic_limits *limits, const char *text);
/* Return: major << 16 | minor, 0 no limit. */
uint32_t hv_ic_limits_get(const struct hv_ic_limits *limits, const char *component);

#endif
