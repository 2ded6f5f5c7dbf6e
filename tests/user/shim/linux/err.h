/* SPDX-License-Identifier: GPL-2.0 */
/* Errors that travel as pointers. */
#ifndef SHIM_LINUX_ERR_H
#define SHIM_LINUX_ERR_H

#include <errno.h>

#define ERR_PTR(error)	((void *)(long)(error))
#define PTR_ERR(p)	((long)(p))
#ifndef IS_ERR
#define IS_ERR(p)	((unsigned long)(p) >= (unsigned long)-4095)
#endif
#define IS_ERR_OR_NULL(p)	(!(p) || IS_ERR(p))

#endif
