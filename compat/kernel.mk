# SPDX-License-Identifier: GPL-2.0
# What may be built for the kernel at hand: hyperv-lic-bus is m where its bus is a module, empty where it is built in
# (leaf mode: the channel drivers run on the built-in bus). Linux 6.18 split CONFIG_HYPERV (now bool) from
# CONFIG_HYPERV_VMBUS (the bus); before, CONFIG_HYPERV=m meant the bus.
ifeq ($(CONFIG_HYPERV),)
$(error hyperv-lic: CONFIG_HYPERV is off in this kernel: it cannot be a Hyper-V guest, nothing to build)
endif
hyperv-lic-bus := $(if $(CONFIG_HYPERV_VMBUS),$(filter m,$(CONFIG_HYPERV_VMBUS)),$(filter m,$(CONFIG_HYPERV)))
