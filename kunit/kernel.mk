# SPDX-License-Identifier: GPL-2.0-only
# What not every supported kernel has, found by looking at its headers; both the
# suite and the stub include this.
dmaconf-has = $(shell grep -q '$(1)' $(srctree)/include/linux/dmaengine.h && echo '-D$(2)')

ccflags-y += $(call dmaconf-has,device_prep_peripheral_dma_vec,DMACONF_HAVE_DMA_VEC)

ifdef CONFIG_OF_DYNAMIC
ccflags-y += $(shell grep -q of_changeset_add_prop_u32_array $(srctree)/include/linux/of.h && \
		     echo '-DDMACONF_HAVE_TREE')
endif
