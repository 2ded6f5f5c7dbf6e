# SPDX-License-Identifier: GPL-2.0
# What may be built for the kernel at hand: hyperv-lic-bus is m where its bus is a module, empty where it is built in
# (leaf mode: the channel drivers run on the built-in bus). Linux 6.18 split CONFIG_HYPERV (now bool) from
# CONFIG_HYPERV_VMBUS (the bus); before, CONFIG_HYPERV=m meant the bus.
ifeq ($(CONFIG_HYPERV),)
$(error hyperv-lic: CONFIG_HYPERV is off in this kernel: it cannot be a Hyper-V guest, nothing to build)
endif
hyperv-lic-bus := $(if $(CONFIG_HYPERV_VMBUS),$(filter m,$(CONFIG_HYPERV_VMBUS)),$(filter m,$(CONFIG_HYPERV)))

# Headers that older kernels lack: where a kernel has them, its own come first.
subdir-ccflags-y += -I$(src)/compat/include

# RHEL 8 is built by gcc 8. Under a newer gcc its own headers warn (module_init() attributes; packed members, which
# kernels switched off from 5.1 on) and its objtool takes the .cold part of a function for a function of its own.
ifeq ($(VERSION),4)
hyperv-lic-quiet := $(call cc-disable-warning, missing-attributes) $(call cc-disable-warning, address-of-packed-member) \
	$(call cc-ifversion, -ge, 0900, -fno-reorder-blocks-and-partition)
subdir-ccflags-y += $(hyperv-lic-quiet)
endif
