// SPDX-License-Identifier: GPL-2.0-only
/* Operations that a provider does not have. */
#include "dmaconf.h"
#include "mock.h"

static void expect_no_preps(struct kunit *test, struct dma_chan *chan)
{
	struct dma_interleaved_template xt = {};
	struct scatterlist sg;

	sg_init_table(&sg, 1);
	KUNIT_EXPECT_NULL(test, dmaengine_prep_dma_memcpy(chan, 64, 0, 64, 0));
	KUNIT_EXPECT_NULL(test, dmaengine_prep_dma_memset(chan, 0, 0, 64, 0));
	KUNIT_EXPECT_NULL(test, dmaengine_prep_interleaved_dma(chan, &xt, 0));
	KUNIT_EXPECT_NULL(test, dmaengine_prep_slave_sg(chan, &sg, 1, DMA_MEM_TO_DEV, 0));
	KUNIT_EXPECT_NULL(test, dmaengine_prep_slave_single(chan, 0, 64, DMA_MEM_TO_DEV, 0));
	KUNIT_EXPECT_NULL(test, dmaengine_prep_dma_cyclic(chan, 0, 64, 32, DMA_MEM_TO_DEV, 0));
#ifdef DMACONF_HAVE_DMA_VEC
	KUNIT_EXPECT_NULL(test, dmaengine_prep_peripheral_dma_vec(chan, &(struct dma_vec){}, 1,
								  DMA_MEM_TO_DEV, 0));
#endif
}

static void expect_no_controls(struct kunit *test, struct dma_chan *chan)
{
	struct dma_slave_config cfg = {};

	KUNIT_EXPECT_EQ(test, dmaengine_slave_config(chan, &cfg), -ENOSYS);
	KUNIT_EXPECT_EQ(test, dmaengine_pause(chan), -ENOSYS);
	KUNIT_EXPECT_EQ(test, dmaengine_resume(chan), -ENOSYS);
	KUNIT_EXPECT_EQ(test, dmaengine_terminate_all(chan), -ENOSYS);
	KUNIT_EXPECT_EQ(test, dmaengine_terminate_async(chan), -EINVAL);
	KUNIT_EXPECT_EQ(test, dmaengine_terminate_sync(chan), -EINVAL);
	dmaengine_synchronize(chan);
}

static void expect_core_degrades(struct dmaconf *dc)
{
	struct dmaconf_mock *mock = dmaconf_mock(dc->test, "dmaconf-mock");
	struct dma_chan *chan;

	/* Channels need no resources either. */
	mock->dma.device_alloc_chan_resources = NULL;
	mock->dma.device_free_chan_resources = NULL;
	KUNIT_ASSERT_EQ(dc->test, dmaconf_mock_register(mock), 0);
	chan = dmaconf_request_any(&mock->dma);
	KUNIT_ASSERT_NOT_NULL(dc->test, chan);
	expect_no_preps(dc->test, chan);
	expect_no_controls(dc->test, chan);
	dma_release_channel(chan);
	dmaconf_mock_unregister(mock);
}

/* A channel that was never configured; the harness would have done it. */
static void expect_copy_unconfigured(struct dmaconf *dc)
{
	dc->chan = dmaconf_request(dc->label);
	KUNIT_ASSERT_NOT_NULL(dc->test, dc->chan);
	dc->dev = dmaengine_get_dma_device(dc->chan);
	if (!dmaconf_transfer(dc, 256))
		dmaconf_hint(dc, "it was a memcpy on a channel without slave configuration");
}

/*
 * Broken: a plain memory copy fails until somebody happens to configure the channel for a
 * peripheral, or a peripheral's driver cannot say where its data goes.
 */
DMACONF_RULE(ops, missing, MUST,
	     "What a provider does not have is refused by the core without harm; a slave provider can be configured, and memcpy needs no configuration.",
	     "include/linux/dmaengine.h:959; include/linux/dmaengine.h:1132; Documentation/driver-api/dmaengine/provider.rst:484",
	     NEEDS_FREE)
{
	expect_core_degrades(dc);
	if (dma_has_cap(DMA_MEMCPY, dc->device->cap_mask))
		expect_copy_unconfigured(dc);
	if (dma_has_cap(DMA_SLAVE, dc->device->cap_mask) && !dc->device->device_config) {
		dmaconf_should(dc, "nothing but convention asks for device_config");
		KUNIT_FAIL(test, "DMA_SLAVE without device_config");
	}
}

static struct kunit_case ops_rules[] = {
	DMACONF_CASE(ops, missing),
	{}
};

DMACONF_SUITE(ops);

kunit_test_suites(&ops_suite);
