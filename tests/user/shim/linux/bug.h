/* SPDX-License-Identifier: GPL-2.0 */
/* A kernel warning is a failed test: data from the host must never cause one. */
#ifndef SHIM_LINUX_BUG_H
#define SHIM_LINUX_BUG_H

#include <stdio.h>
#include <stdlib.h>
#include <linux/build_bug.h>
#include <linux/compiler.h>

#define SHIM_WARN(cond)								\
	({									\
		bool shim_cond = (cond);					\
		if (shim_cond) {						\
			fprintf(stderr, "WARNING: %s at %s:%d\n", #cond, __FILE__, __LINE__); \
			abort();						\
		}								\
		shim_cond;							\
	})
#define WARN_ON(cond)		SHIM_WARN(cond)
#define WARN_ON_ONCE(cond)	SHIM_WARN(cond)
#define WARN(cond, ...)		SHIM_WARN(cond)
#define WARN_ONCE(cond, ...)	SHIM_WARN(cond)
#define BUG_ON(cond)		((void)SHIM_WARN(cond))
#define BUG()			BUG_ON(1)

#endif
