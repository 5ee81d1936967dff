// SPDX-License-Identifier: GPL-2.0-only
/* Faults of requests through the device tree. */
#include <linux/of_dma.h>

#include "dmaengine.h"
#include "faults.h"
#include "steps.h"

static struct dma_chan *xlate_counts_nothing(struct of_phandle_args *spec, struct of_dma *ofdma)
{
	struct stub_dev *sdev = ofdma->of_dma_data;

	if (spec->args[0] >= sdev->nchans || spec->args[1] >= STUB_PORTS)
		return NULL;
	return dma_get_slave_channel(&sdev->chans[spec->args[0]].chan);
}

const struct stub_fault stub_router_faults[] = {
	STUB_FAULT(xlate_counts_nothing, "router.route",
		   "The translation of a request reads its second argument without asking whether there is one",
		   .xlate = xlate_counts_nothing),
	{}
};
