// SPDX-License-Identifier: GPL-2.0-only
/* A second channel of the provider, which goes its own way beside the one under test. */
#include "dmaconf.h"

/* Let what follows be done on another channel. */
static struct dma_chan *peer_switch(struct dmaconf *dc, struct dma_chan *chan)
{
	struct dma_chan *was = dc->chan;

	dc->chan = chan;
	return was;
}

/**
 * dmaconf_peer_start - have a second channel run a transfer, half way where there is a gate
 * @dc: the test, whose rule needs NEEDS_PEER and NEEDS_XFER
 *
 * A slave channel has the second data port's stream for it.
 *
 * Context: may sleep; asserts; skips the rule when there is no free channel or port.
 * Return: the transfer, for dmaconf_peer_finish().
 */
struct dmaconf_xfer *dmaconf_peer_start(struct dmaconf *dc)
{
	struct dmaconf_xfer *x = dmaconf_xfer(dc, SZ_16K);
	struct dma_chan *chan;
	bool queued;

	if (x->dir != DMA_MEM_TO_MEM && dc->aid->ports < 2)
		dmaconf_not_tested(dc->test, "no aid with a data port for a second channel");
	chan = peer_switch(dc, dc->peer ?: dmaconf_peer(dc));
	if (x->dir != DMA_MEM_TO_MEM) {
		x->port = 1;
		dmaconf_connect(dc, 1, SIZE_MAX, false);
		dmaconf_config(dc, 1);
	}
	if (dc->aid && dc->aid->gate)
		dc->aid->gate->hold(dc->chan);
	queued = dmaconf_try_queue(x);
	dmaconf_issue(dc);
	if (dc->aid && dc->aid->gate)
		dc->aid->gate->step(dc->chan, SZ_4K);
	peer_switch(dc, chan);
	KUNIT_ASSERT_TRUE_MSG(dc->test, queued, "the other channel refused a plain transfer");
	return x;
}

/**
 * dmaconf_peer_finish - wait for a transfer of the second channel
 * @x: from dmaconf_peer_start()
 *
 * Context: may sleep, at most the timeout.
 * Return: how it ended.
 */
enum dmaconf_outcome dmaconf_peer_finish(struct dmaconf_xfer *x)
{
	struct dmaconf *dc = x->dc;
	struct dma_chan *chan = peer_switch(dc, dc->peer);
	enum dmaconf_outcome outcome;

	if (dc->aid && dc->aid->gate)
		dc->aid->gate->release(dc->chan);
	outcome = dmaconf_wait(x);
	if (outcome == DMACONF_SILENT && dc->device->device_terminate_all)
		dmaengine_terminate_sync(dc->chan);
	if (x->dir != DMA_MEM_TO_MEM)
		dc->aid->port->connect(dc->chan, 1, NULL);
	peer_switch(dc, chan);
	return outcome;
}
