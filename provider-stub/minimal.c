// SPDX-License-Identifier: GPL-2.0-only
/*
 * The minimal personality: copies memory to memory with the fewest operations
 * that the contract can be kept with. What a client submitted and left behind
 * has to be forgotten by somebody, so there is one more than the core demands.
 */
#include "steps.h"
#include "stub.h"

static void minimal_init(struct stub_dev *sdev)
{
	struct dma_device *dma = &sdev->dma;

	dma_cap_set(DMA_MEMCPY, dma->cap_mask);
	dma->device_prep_dma_memcpy = sdev->ops.prep_memcpy;
	dma->residue_granularity = DMA_RESIDUE_GRANULARITY_DESCRIPTOR;
	dma->device_alloc_chan_resources = NULL;
	dma->device_caps = NULL;
	dma->device_pause = NULL;
	dma->device_resume = NULL;
	dma->device_terminate_all = NULL;
	dma->device_synchronize = NULL;
	dma->device_release = NULL;
}

const struct stub_personality stub_minimal = {
	.name = "dmaconf-stub-min",
	.init = minimal_init,
	.keeps_unacked = true,
	.nchans = 1,
};
