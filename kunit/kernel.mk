# SPDX-License-Identifier: GPL-2.0-only
# What not every supported kernel has, found out by compiling probes.c; suite, stub and
# client include this. What stands in for it is in compat.h.
dmaconf-probes := $(DMACONF_DMA)/dmaconf/probes.c

# Kbuild gives it a flavour before it builds, and none when it cleans up.
ifeq ($(flavor ccflags-y),simple)
dmaconf-lacks := $(shell $(CC) $(NOSTDINC_FLAGS) $(LINUXINCLUDE) $(KBUILD_CPPFLAGS) \
		   $(KBUILD_CFLAGS) -fsyntax-only $(dmaconf-probes) 2>&1 | \
		   sed -n 's/^\(DMACONF_HAVE_[A-Z_]*\):.*error: .*/\1/p')
ifeq ($(filter DMACONF_HAVE_NOTHING,$(dmaconf-lacks)),)
$(error dmaconf: $(CC) cannot tell what the kernel has, see $(dmaconf-probes))
endif
dmaconf-has := $(filter-out $(dmaconf-lacks),\
		 $(shell sed -n 's/^.line 1 "\(.*\)"/\1/p' $(dmaconf-probes)))
ccflags-y += $(addprefix -D,$(dmaconf-has))
endif
