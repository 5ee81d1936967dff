/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A provider of the suite's own, for what the core does and no provider can
 * break: it has channels and moves nothing. It shares no code with any other.
 */
#ifndef DMACONF_MOCK_H
#define DMACONF_MOCK_H

#include <linux/dmaengine.h>

#include "compat.h"

#define DMACONF_MOCK_CHANS	2

/**
 * struct dmaconf_mock - a provider without capabilities
 * @dma: what the core sees; a rule changes it before registration
 * @chans: its channels
 * @registered: the core has it
 * @allocs: calls of device_alloc_chan_resources
 * @frees: calls of device_free_chan_resources
 * @configs: calls of device_router_config
 * @config_ret: what device_router_config returns
 */
struct dmaconf_mock {
	struct dma_device dma;
	struct dma_chan chans[DMACONF_MOCK_CHANS];
	bool registered;
	int allocs;
	int frees;
	int configs;
	int config_ret;
};

struct dmaconf_mock *dmaconf_mock(struct kunit *test, const char *name);
int dmaconf_mock_register(struct dmaconf_mock *mock);
void dmaconf_mock_unregister(struct dmaconf_mock *mock);

/* The core's, for drivers; its header, drivers/dma/dmaengine.h, is in no package of headers. */
struct dma_chan *dma_get_slave_channel(struct dma_chan *chan);

#endif /* DMACONF_MOCK_H */
