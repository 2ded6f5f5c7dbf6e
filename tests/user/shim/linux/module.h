/* SPDX-License-Identifier: GPL-2.0 */
/* A module's particulars mean nothing in a program. */
#ifndef SHIM_LINUX_MODULE_H
#define SHIM_LINUX_MODULE_H

#define MODULE_LICENSE(x)	_Static_assert(sizeof(x), "")
#define MODULE_DESCRIPTION(x)	_Static_assert(sizeof(x), "")
#define MODULE_AUTHOR(x)	_Static_assert(sizeof(x), "")
#define MODULE_VERSION(x)	_Static_assert(sizeof(x), "")
#define EXPORT_SYMBOL(x)	_Static_assert(1, "")
#define EXPORT_SYMBOL_GPL(x)	_Static_assert(1, "")
#define MODULE_PARM_DESC(p, x)	_Static_assert(sizeof(x), "")
#define module_param(p, t, m)	_Static_assert(sizeof(p), "")
struct module;

#define MODULE_DEVICE_TABLE(type, name)	_Static_assert(sizeof(name), "")
#define MODULE_INFO(tag, x)	_Static_assert(sizeof(x), "")
#define subsys_initcall(f)	_Static_assert(sizeof(f), "")
#define module_exit(f)		_Static_assert(sizeof(f), "")
#define THIS_MODULE		NULL

#endif
