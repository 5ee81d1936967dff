// SPDX-License-Identifier: GPL-2.0-only
/*
 * What not every supported kernel has. kernel.mk compiles this, never to code, as a file of
 * the kernel for which all else is compiled; what stands behind a name that is not complained
 * of is there. The names are those that the sources look for.
 *
 * A compiler that cannot be asked complains of nothing, or not of this: so there is one
 * that no kernel has.
 */
#include <linux/build_bug.h>
#include <linux/console.h>
#include <linux/dmaengine.h>
#include <linux/of.h>
#include <kunit/resource.h>
#include <kunit/test.h>

#line 1 "DMACONF_HAVE_NOTHING"
static_assert(sizeof(dmaconf_no_kernel_has_this()));

#line 1 "DMACONF_HAVE_DMA_VEC"
static_assert(sizeof(((struct dma_device *)NULL)->device_prep_peripheral_dma_vec));

/* Channels that are registered later can be given a name. */
#line 1 "DMACONF_HAVE_CHAN_NAME"
static_assert(sizeof(dma_async_device_channel_register(NULL, NULL, "name")));

#line 1 "DMACONF_HAVE_CONSOLE_IS_REGISTERED"
static_assert(sizeof(console_is_registered((const struct console *)NULL)));

#line 1 "DMACONF_HAVE_KUNIT_ACTION"
static_assert(sizeof(kunit_add_action_or_reset(NULL, (kunit_action_t *)NULL, NULL)));

#line 1 "DMACONF_HAVE_CASE_MODULE"
static_assert(sizeof(((struct kunit_case *)NULL)->module_name));

/* The kernel is able to change its device tree. */
#line 1 "DMACONF_HAVE_TREE"
static_assert(IS_ENABLED(CONFIG_OF_DYNAMIC));
static_assert(sizeof(of_changeset_add_prop_u32_array(NULL, NULL, "name", NULL, 0)));

/* An overlay can be laid over a part of the tree. */
#line 1 "DMACONF_HAVE_OVERLAY_BASE"
static_assert(sizeof(of_overlay_fdt_apply(NULL, 0, NULL, NULL)));
