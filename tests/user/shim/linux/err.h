/* SPDX-License-Identifier: GPL-2.0 */
/* Errors that travel as pointers. */
#ifndef SHIM_LINUX_ERR_H
#define SHIM_LINUX_ERR_H

#include <errno.h>

#define ERR_PTR(error)	((void *)(long)(error))
#ifndef IS_ERR
#define IS_ERR(p)	((unsigned long)(p) >= (unsigned long)-4095)
#endif

#endif
