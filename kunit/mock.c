// SPDX-License-Identifier: GPL-2.0-only
/* A provider of the suite's own, see mock.h. */
#include <linux/device.h>
#include <linux/err.h>

#include "mock.h"

/* The core reads the module of a provider from its device's driver. */
static struct device_driver dmaconf_mock_driver = { .name = "dmaconf-mock" };

static struct dmaconf_mock *dmaconf_mock_of(struct dma_chan *chan)
{
	return container_of(chan->device, struct dmaconf_mock, dma);
}

static int dmaconf_mock_alloc(struct dma_chan *chan)
{
	dmaconf_mock_of(chan)->allocs++;
	return 0;
}

static void dmaconf_mock_free(struct dma_chan *chan)
{
	dmaconf_mock_of(chan)->frees++;
}

static enum dma_status dmaconf_mock_tx_status(struct dma_chan *chan, dma_cookie_t cookie,
					      struct dma_tx_state *state)
{
	return DMA_COMPLETE;
}

static void dmaconf_mock_issue_pending(struct dma_chan *chan)
{
}

static int dmaconf_mock_router_config(struct dma_chan *chan)
{
	dmaconf_mock_of(chan)->configs++;
	return dmaconf_mock_of(chan)->config_ret;
}

static void dmaconf_mock_remove(void *param)
{
	struct dmaconf_mock *mock = param;

	dmaconf_mock_unregister(mock);
	mock->dma.dev->driver = NULL;
	root_device_unregister(mock->dma.dev);
}

/**
 * dmaconf_mock - make a provider that the core would accept, and not register it
 * @test: it is unregistered and goes away with the test
 * @name: of its device
 *
 * Context: may sleep; asserts.
 * Return: the provider.
 */
struct dmaconf_mock *dmaconf_mock(struct kunit *test, const char *name)
{
	struct dmaconf_mock *mock = kunit_kzalloc(test, sizeof(*mock), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, mock);
	mock->dma.dev = root_device_register(name);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, mock->dma.dev);
	mock->dma.dev->driver = &dmaconf_mock_driver;
	mock->dma.device_alloc_chan_resources = dmaconf_mock_alloc;
	mock->dma.device_free_chan_resources = dmaconf_mock_free;
	mock->dma.device_router_config = dmaconf_mock_router_config;
	mock->dma.device_tx_status = dmaconf_mock_tx_status;
	mock->dma.device_issue_pending = dmaconf_mock_issue_pending;
	INIT_LIST_HEAD(&mock->dma.channels);
	for (int i = 0; i < DMACONF_MOCK_CHANS; i++) {
		mock->chans[i].device = &mock->dma;
		list_add_tail(&mock->chans[i].device_node, &mock->dma.channels);
	}
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, dmaconf_mock_remove, mock), 0);
	return mock;
}

/**
 * dmaconf_mock_register - give it to the core
 * @mock: not registered
 *
 * Context: may sleep.
 * Return: what the core said.
 */
int dmaconf_mock_register(struct dmaconf_mock *mock)
{
	int ret = dma_async_device_register(&mock->dma);

	mock->registered = !ret;
	return ret;
}

/**
 * dmaconf_mock_unregister - take it back from the core
 * @mock: registered or not; nobody holds a channel
 *
 * Context: may sleep.
 */
void dmaconf_mock_unregister(struct dmaconf_mock *mock)
{
	if (mock->registered)
		dma_async_device_unregister(&mock->dma);
	mock->registered = false;
}
