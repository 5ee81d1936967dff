# SPDX-License-Identifier: GPL-2.0-only
# What not every supported kernel has, found by looking into it; both the
# suite and the stub include this. What stands in for it is in compat.h.
dmaconf-has = $(shell grep -qs '$(2)' $(srctree)/$(1) && echo '-D$(3)')

ccflags-y += $(call dmaconf-has,include/linux/dmaengine.h,device_prep_peripheral_dma_vec,DMACONF_HAVE_DMA_VEC)
ccflags-y += $(call dmaconf-has,include/linux/console.h,console_is_registered,DMACONF_HAVE_CONSOLE_IS_REGISTERED)
ccflags-y += $(call dmaconf-has,include/linux/device/class.h,each_device.const,DMACONF_HAVE_CONST_CLASS)
ccflags-y += $(call dmaconf-has,include/kunit/resource.h,kunit_add_action,DMACONF_HAVE_KUNIT_ACTION)
ccflags-y += $(call dmaconf-has,lib/kunit/test.c,KUNIT_LEVEL_CASE_PARAM,DMACONF_HAVE_TOLD_SKIPS)
ccflags-y += $(call dmaconf-has,include/kunit/test.h,module_name,DMACONF_HAVE_CASE_MODULE)

# Channels that are registered later can be given a name.
ccflags-y += $(shell grep -A2 'int dma_async_device_channel_register' \
		     $(srctree)/include/linux/dmaengine.h | grep -q 'name' && \
		     echo '-DDMACONF_HAVE_CHAN_NAME')

ifdef CONFIG_OF_DYNAMIC
ccflags-y += $(call dmaconf-has,include/linux/of.h,of_changeset_add_prop_u32_array,DMACONF_HAVE_TREE)
endif
