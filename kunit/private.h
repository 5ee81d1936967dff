/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the core exports to modules and declares in drivers/dma/dmaengine.h, where a module
 * that is built outside of the tree does not see it.
 */
#ifndef DMACONF_PRIVATE_H
#define DMACONF_PRIVATE_H

#include <linux/dmaengine.h>

struct dma_chan *dma_get_slave_channel(struct dma_chan *chan);
struct dma_chan *dma_get_any_slave_channel(struct dma_device *device);

#endif
