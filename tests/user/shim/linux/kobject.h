/* SPDX-License-Identifier: GPL-2.0 */
/* Counted objects; what sysfs would show of them is remembered. Events for udev are played by the test that wants them. */
#ifndef SHIM_LINUX_KOBJECT_H
#define SHIM_LINUX_KOBJECT_H

#include <stdlib.h>
#include <linux/kernel.h>
#include <linux/sysfs.h>

enum kobject_action { KOBJ_ADD = 0, KOBJ_CHANGE = 2 };

struct kobject;

struct kobj_type {
	void (*release)(struct kobject *kobj);
	const struct sysfs_ops *sysfs_ops;
	const struct attribute_group **default_groups;
};

struct kobject {
	unsigned int references;
	bool state_in_sysfs;
	struct kset *kset;
	const struct kobj_type *ktype;
	char name[64];
};

struct kset {
	struct kobject kobj;
};

struct kobj_uevent_env {
	char buf[256];
};

/* What the next kobject_add() or kset_create_and_add() returns, for the test to set. */
static int shim_kobject_error;

int kobject_uevent_env(struct kobject *kobj, enum kobject_action action, char *envp[]);

static inline void kobject_init(struct kobject *kobj, const struct kobj_type *ktype)
{
	kobj->references = 1;
	kobj->ktype = ktype;
}

static inline struct kobject *kobject_get(struct kobject *kobj)
{
	kobj->references++;
	return kobj;
}

static inline void kobject_put(struct kobject *kobj)
{
	if (!--kobj->references && kobj->ktype)
		kobj->ktype->release(kobj);
}

#define kobject_name(kobj)		((const char *)(kobj)->name)
static inline int kobject_uevent(struct kobject *kobj, enum kobject_action action)
{
	return 0;
}

static inline int kobject_add(struct kobject *kobj, struct kobject *parent, const char *format, ...)
{
	va_list args;

	if (shim_kobject_error)
		return shim_kobject_error;
	va_start(args, format);
	vsnprintf(kobj->name, sizeof(kobj->name), format, args);
	va_end(args);
	kobj->state_in_sysfs = true;
	return 0;
}

static inline void kobject_del(struct kobject *kobj)
{
	kobj->state_in_sysfs = false;
	kobj->kset = NULL;
}

static inline int kobject_rename(struct kobject *kobj, const char *name)
{
	strscpy(kobj->name, name, sizeof(kobj->name));
	return 0;
}

static inline struct kset *kset_create_and_add(const char *name, const void *ops, struct kobject *parent)
{
	struct kset *kset = shim_kobject_error ? NULL : calloc(1, sizeof(*kset));

	if (kset) {
		kset->kobj.references = 1;
		strscpy(kset->kobj.name, name, sizeof(kset->kobj.name));
	}
	return kset;
}

static inline void kset_unregister(struct kset *kset)
{
	free(kset);
}

static inline int add_uevent_var(struct kobj_uevent_env *env, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(env->buf, sizeof(env->buf), format, args);
	va_end(args);
	return 0;
}

#endif
