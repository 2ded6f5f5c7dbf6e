# SPDX-License-Identifier: GPL-2.0
# User commands. The modules themselves are described by Kbuild; kernel differences by compat/.
#
# KREL=<release>   build for that installed kernel (default: the running one)
# KDIR=<dir>       build for the kernel build tree <dir>
# BUILD=<dir>      where objects go (default: build/<release>)

VERSION := $(shell cat VERSION)
KREL ?= $(shell uname -r)
KDIR ?= /lib/modules/$(KREL)/build
ifeq ($(origin KDIR),file)
BUILD ?= build/$(KREL)
else
BUILD ?= build/$(notdir $(patsubst %/build,%,$(abspath $(KDIR))))
endif

build := $(abspath $(BUILD))
kdir := $(abspath $(KDIR))
sources := Kbuild VERSION compat include vmbus storvsc netvsc hv_utils

.PHONY: help
help: ## this list
	@echo "hyperv-lic $(VERSION): Linux Integration Components for guests of Microsoft Hyper-V"
	@echo
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|'
	@echo
	@echo "  KREL=<release> or KDIR=<kernel build tree> choose the kernel to build for; W=1 and C=2 as in the kernel."

# ---- the modules

# The sources are linked into the build directory so that several kernels can be built side by side and the source tree
# stays clean. BUILD=. builds in place (DKMS).
.PHONY: prepare
prepare:
	@kind=$$(compat/check-kernel.sh $(kdir)) || exit 1; \
	if [ "$$kind" = leaf ]; then \
		echo "hyperv-lic: hv_vmbus is built into this kernel: building hv_storvsc, hv_netvsc and hv_utils for the built-in bus"; \
	fi
	@mkdir -p $(build)
	@if [ "$(build)" != "$(CURDIR)" ]; then \
		find $(build) -xtype l -delete && \
		cp -rsfT $(CURDIR)/Kbuild $(build)/Kbuild && \
		for s in $(sources); do cp -rsfT $(CURDIR)/$$s $(build)/$$s || exit 1; done && \
		if [ -n "$(KUNIT)" ]; then mkdir -p $(build)/tests && cp -rsfT $(CURDIR)/tests/kunit $(build)/tests/kunit; fi; \
	fi
	@compat/probe.sh $(kdir) $(build)/compat/probes $(build)/compat/probe $(build)/compat/features.h
	@compat/build-id.sh $(kdir) $(build) $(build)/compat/build_id

.PHONY: modules
modules: prepare ## build hv_vmbus, hv_storvsc, hv_netvsc and hv_utils
	@$(MAKE) -C $(kdir) M=$(build) modules

.PHONY: check-abi
check-abi: modules ## compare our exported symbols and their CRCs with the kernel's own
	@scripts/check-abi $(build)/Module.symvers $(kdir)/Module.symvers

.PHONY: sparse
sparse: ## build under sparse for one kernel: must be silent
	@scripts/check-sparse $(kdir)

.PHONY: install
install: modules ## install the modules of this build for KREL, without DKMS
	@packaging/install $(KREL) $(build)

.PHONY: uninstall
uninstall: ## remove what `make install` installed for KREL
	@packaging/uninstall $(KREL)

.PHONY: dkms-install
dkms-install: ## register with DKMS, build and install for every kernel with headers
	@packaging/dkms-install

.PHONY: dkms-remove
dkms-remove: ## remove the DKMS package and everything it installed
	@packaging/dkms-remove

.PHONY: deb
deb: ## build the Debian package hyperv-lic-dkms into build/deb/
	@packaging/deb/build

.PHONY: rpm
rpm: ## build the RPM hyperv-lic-dkms into build/rpm/, and with KREL= kmod-hyperv-lic for that kernel too
	@packaging/rpm/build
	@$(if $(filter command environment,$(firstword $(origin KREL))),packaging/rpm/build --kmod $(KREL))

.PHONY: srpm
srpm: ## build the source RPMs into build/rpm/
	@packaging/rpm/build --srpm

# ---- the test host

.PHONY: host
host: ## build hvhost, the Hyper-V host for tests
	@$(MAKE) -C tests/host O=$(CURDIR)/build/host

# ---- tests

.PHONY: deps
deps: ## install what building and testing need (Debian 12, as root)
	@scripts/deps

.PHONY: demo
demo: ## boot a distribution kernel as a Hyper-V guest on our modules and show what works
	@tests/demo

.PHONY: kunit
kunit: ## KUnit suites on a debug kernel (KASAN, lockdep, UBSAN)
	@tests/kunit/run

.PHONY: user
user: ## the pure code in userspace under sanitizers
	@$(MAKE) -C tests/user O=$(CURDIR)/build/user check

.PHONY: soak-chaos
soak-chaos: ## faults without end into guests of the debug kernel (EVENTS=1000000 SEED=1)
	@tests/e2e/soak --events $(or $(EVENTS),1000000) --seed $(or $(SEED),1)

.PHONY: soak-storage
soak-storage: ## known patterns through every fault of a disk and crashes of the guest, verified (GIB=20 SEED=1)
	@tests/e2e/soak-storage --gib $(or $(GIB),20) --seed $(or $(SEED),1)

.PHONY: coverage
coverage: ## lines of the sources that KUnit suites and userspace tests reach (gcov)
	@$(MAKE) -s -C tests/user O=$(CURDIR)/build/user KDIR=$(wildcard $(kdir)) coverage

.PHONY: bench-ring
bench-ring: ## the ring in user space, then in a guest under virtual time against the kernel's own (KERNEL=...)
	@tests/bench/ring $(if $(KERNEL),--kernel $(KERNEL))

.PHONY: bench-net
bench-net: ## the NIC in a guest under virtual time against the kernel's own: frames and TCP, each way (KERNEL=... PLOT=file.svg)
	@tests/bench/net $(if $(KERNEL),--kernel $(KERNEL)) $(if $(PLOT),--plot $(PLOT))

.PHONY: bench-storage
bench-storage: ## fio in a guest under virtual time against the kernel's own hv_storvsc (KERNEL=... PLOT=file.svg)
	@tests/bench/storage $(if $(KERNEL),--kernel $(KERNEL)) $(if $(PLOT),--plot $(PLOT))

.PHONY: fuzz
fuzz: ## packet readers and parsers under libFuzzer (RUNS=10000000), then a hostile guest against hvhost (HOST_RUNS=6000)
	@$(MAKE) -C tests/user O=$(CURDIR)/build/user fuzz
	@$(MAKE) -C tests/host O=$(CURDIR)/build/host RUNS=$(or $(HOST_RUNS),6000) fuzz

.PHONY: e2e
e2e: ## end-to-end scenarios on hvhost (SCENARIO="..." KERNEL=... MODULES=...)
	@tests/e2e/run $(if $(KERNEL),--kernel $(KERNEL)) $(if $(MODULES),--modules $(MODULES)) $(SCENARIO)

.PHONY: check
check: ## everything CI runs
	@tests/check

.PHONY: clean
clean: ## remove build/
	rm -rf build
