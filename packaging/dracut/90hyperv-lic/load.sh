#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# In the initramfs of a guest of Hyper-V: load the whole set here, so that all modules in memory come out of one image whatever
# the disk holds. On another machine hv_vmbus refuses, and nothing follows it.
modprobe -q hv_vmbus 2>/dev/null || :
[ ! -d /sys/bus/vmbus ] || modprobe -q -a hv_storvsc hv_netvsc hv_utils
