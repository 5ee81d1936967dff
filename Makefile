# SPDX-License-Identifier: GPL-2.0-only
# The entry points; tools/dmaconf does the work. `make help` lists them.

PYTHON3 := /usr/bin/python3
DMACONF := tools/dmaconf
tree     = $(if $(KSRC),--ksrc '$(KSRC)') $(if $(filter-out debian,$(KERNEL)),--kernel '$(KERNEL)') \
	   $(if $(TARGET),--target '$(TARGET)') $(if $(DEBUG),--debug)
selected = $(if $(RULES),--rules '$(RULES)') $(if $(JSON),--json '$(JSON)')
kept     = $(if $(EVIDENCE),--evidence '$(EVIDENCE)')

help:
	@echo 'make run       verdict, rule by rule; TARGET= DEVICE= RULES= KERNEL= KSRC= SEED= JSON='
	@echo '               EVIDENCE= DEBUG=1; TARGET=all runs every target and prints a table, JSON= is'
	@echo '               a folder then; KERNEL=6.1 takes the older of the two long-term kernels'
	@echo 'make test      tests of the tools, the tested targets, and the fault matrix; TARGET='
	@echo 'make faults    boot every fault of the stub, with TARGET=models of the models: is it noticed?'
	@echo '               FAULT= RULES= JSON='
	@echo 'make kselftest the tests from user space, in QEMU; TESTS= TARGET= FAULT= FAULTS= KERNEL=debian'
	@echo 'make fuzz      the fuzzer among them, for long; COMMANDS= SEED='
	@echo 'make bench     what the channels can do; TARGET= DEVICE= SWEEP= VS=dmatest JSON= PLOT='
	@echo '               AGAINST= ROUNDS= GROWTH=1'
	@echo 'make check     static checks of the kernel code and of the tools; KSRC='
	@echo 'make coverage  what of the dmaengine core runs while the suite does; OUT= KERNEL= KSRC='
	@echo 'make soak      50 boots on UML in either time and 20 on q35: does any verdict change? RULES='
	@echo 'make list      every rule; RULES='
	@echo 'make rules     the documentation of the contract, HTML and reStructuredText; OUT='
	@echo 'make findings  what is known to be wrong with drivers; DRIVER='
	@echo 'make profiles  the certification profiles; tools/dmaconf certify, verify and diff go by them'
	@echo 'make modules   the suite and the stub as modules; KDIR= ARCH= CROSS_COMPILE= KSRC= OUT='
	@echo 'make new       a rule and its fault, to be filled in; RULE=area.name'
	@echo 'make patches   the project as a series for git am; KERNEL= KSRC= OUT= CHECK=1'
	@echo 'make setup     packages, kernel source and graft only; TARGET= KSRC='
	@echo 'make graft     put the suite into the kernel tree KSRC='
	@echo 'make ungraft   take it out of the kernel tree KSRC= again'
	@echo 'make clean     remove build/, with the kernel source in it'

run: $(PYTHON3)
	@$(DMACONF) run $(tree) $(selected) $(if $(DEVICE),--device '$(DEVICE)') \
		$(if $(SEED),--seed '$(SEED)') $(kept)

test: $(PYTHON3)
	@$(DMACONF) test $(tree)

faults: $(PYTHON3)
	@$(DMACONF) faults $(tree) $(selected) $(if $(FAULT),--fault '$(FAULT)')

kselftest: $(PYTHON3)
	@$(DMACONF) kselftest $(tree) $(if $(filter debian,$(KERNEL)),--debian) \
		$(if $(TESTS),--tests '$(TESTS)') $(if $(FAULT),--fault '$(FAULT)') \
		$(if $(FAULTS),--faults '$(FAULTS)') \
		$(if $(COMMANDS),--commands '$(COMMANDS)') $(if $(SEED),--seed '$(SEED)')

fuzz: COMMANDS ?= 1000000
fuzz: TESTS = fuzz
fuzz: kselftest

bench: $(PYTHON3)
	@$(DMACONF) bench $(tree) $(if $(DEVICE),--device '$(DEVICE)') \
		$(if $(SWEEP),--sweep '$(SWEEP)') $(if $(ROUNDS),--rounds '$(ROUNDS)') \
		$(if $(VS),--vs '$(VS)') $(if $(JSON),--json '$(JSON)') \
		$(if $(GROWTH),--growth) $(if $(PLOT),--plot '$(PLOT)') $(if $(AGAINST),--against '$(AGAINST)')
.PHONY: bench

check: $(PYTHON3)
	@$(DMACONF) check $(tree)

coverage: $(PYTHON3)
	@$(DMACONF) coverage $(tree) $(if $(OUT),--out '$(OUT)')

soak: $(PYTHON3)
	@$(DMACONF) soak --runs 50 $(if $(RULES),--rules '$(RULES)')
	@$(DMACONF) soak --runs 50 --plain-time $(if $(RULES),--rules '$(RULES)')
	@$(DMACONF) soak --runs 20 --target q35 $(if $(RULES),--rules '$(RULES)')

list: $(PYTHON3)
	@$(DMACONF) list $(if $(RULES),--rules '$(RULES)')

rules: $(PYTHON3)
	@$(DMACONF) rules $(if $(OUT),--out '$(OUT)')

profiles: $(PYTHON3)
	@$(DMACONF) profiles

findings: $(PYTHON3)
	@$(DMACONF) findings $(if $(DRIVER),--driver '$(DRIVER)')

modules:
	@$(foreach word,KDIR KSRC ARCH CROSS_COMPILE OUT,$(if $($(word)),$(word)='$($(word))')) \
		tools/board/build-modules

new: $(PYTHON3)
	@$(DMACONF) new $(or $(RULE),$(error new needs RULE=area.name))

patches: $(PYTHON3)
	@$(DMACONF) patches $(tree) $(if $(OUT),--out '$(OUT)') $(if $(CHECK),--check)

setup: $(PYTHON3)
	@$(DMACONF) setup $(tree)

graft ungraft: $(PYTHON3)
	@$(DMACONF) $@ $(if $(KSRC),'$(KSRC)',$(error $@ needs KSRC=<kernel tree>))

clean:
	rm -rf build

# A machine fresh from debootstrap has no python3 yet.
$(PYTHON3):
	@test "$$(id -u)" = 0 || { echo 'python3 is missing. To install it:' \
		'sudo apt-get update && sudo apt-get install -y python3' >&2; exit 2; }
	apt-get update
	DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends python3

.PHONY: help run test faults soak kselftest fuzz check coverage list rules findings profiles modules new setup
.PHONY: patches graft ungraft clean
