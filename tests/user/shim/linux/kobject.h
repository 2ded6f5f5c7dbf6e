/* SPDX-License-Identifier: GPL-2.0 */
/* Events for udev, played by the test that includes this. */
#ifndef SHIM_LINUX_KOBJECT_H
#define SHIM_LINUX_KOBJECT_H

struct kobject;
enum kobject_action { KOBJ_CHANGE = 2 };

int kobject_uevent_env(struct kobject *kobj, enum kobject_action action, char *envp[]);

#endif
