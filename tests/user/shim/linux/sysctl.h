/* SPDX-License-Identifier: GPL-2.0 */
/* A table of one switch. */
#ifndef SHIM_LINUX_SYSCTL_H
#define SHIM_LINUX_SYSCTL_H

struct ctl_table {
	const char *procname;
	void *data;
	int maxlen, mode;
	int (*proc_handler)(void);
	void *extra1, *extra2;
};

struct ctl_table_header { int unused; };

#define SYSCTL_ZERO	NULL
#define SYSCTL_ONE	NULL

static inline int proc_dointvec_minmax(void)
{
	return 0;
}

static struct ctl_table_header *shim_sysctl;

#define register_sysctl(path, table)		((void)(table), shim_sysctl)
#define unregister_sysctl_table(header)		((void)(header))

#endif
