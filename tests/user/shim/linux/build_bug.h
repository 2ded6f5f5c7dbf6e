/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_BUILD_BUG_H
#define SHIM_LINUX_BUILD_BUG_H

#include <assert.h>

#define SHIM_STATIC_ASSERT(cond, message, ...)	_Static_assert(cond, message)
#undef static_assert
#define static_assert(cond, ...)	SHIM_STATIC_ASSERT(cond, ##__VA_ARGS__, #cond)
#define BUILD_BUG_ON(cond)		_Static_assert(!(cond), "BUILD_BUG_ON: " #cond)
#define BUILD_BUG_ON_MSG(cond, m)	_Static_assert(!(cond), m)
#define BUILD_BUG_ON_ZERO(e)		((int)(sizeof(struct { int : (-!!(e)); })))

#endif
