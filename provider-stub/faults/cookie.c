// SPDX-License-Identifier: GPL-2.0-only
/* Faults: submission and cookies. */
#include <linux/delay.h>

#include "dmaengine.h"
#include "faults.h"

static dma_cookie_t hundredth_is_zero(struct dma_async_tx_descriptor *tx)
{
	dma_cookie_t cookie = stub_conformant_ops.tx_submit(tx);

	return cookie == 100 ? 0 : cookie;
}

static dma_cookie_t refuse_and_run(struct dma_async_tx_descriptor *tx)
{
	bool refuse = stub_injected(to_stub_chan(tx->chan), DMACONF_INJECT_SUBMIT);
	dma_cookie_t cookie = stub_conformant_ops.tx_submit(tx);

	return refuse ? -ENOMEM : cookie;
}

static int terminate_resets_cookies(struct dma_chan *chan)
{
	int ret = stub_conformant_ops.terminate_all(chan);

	dma_cookie_init(chan);
	return ret;
}

static dma_cookie_t unsigned_cookie(struct dma_async_tx_descriptor *tx)
{
	dma_cookie_t before = tx->chan->cookie;
	dma_cookie_t cookie = stub_conformant_ops.tx_submit(tx);

	if (cookie > before || before != INT_MAX)
		return cookie;
	tx->cookie = (u32)before + 1u;
	tx->chan->cookie = tx->cookie;
	return tx->cookie;
}

/* The core's helper stops the kernel at such a cookie. */
static void complete_any_cookie(struct stub_chan *sc, struct stub_desc *desc)
{
	sc->chan.completed_cookie = desc->tx.cookie;
	desc->tx.cookie = 0;
	list_move_tail(&desc->node, &sc->done);
	tasklet_schedule(&sc->callbacks);
}

static dma_cookie_t start_at_submit(struct dma_async_tx_descriptor *tx)
{
	dma_cookie_t cookie = stub_conformant_ops.tx_submit(tx);

	stub_conformant_ops.issue_pending(tx->chan);
	return cookie;
}

static dma_cookie_t assign_without_lock(struct dma_async_tx_descriptor *tx)
{
	dma_cookie_t seen = tx->chan->cookie;
	struct stub_chan *sc = to_stub_chan(tx->chan);
	unsigned long irqflags;

	udelay(5);
	tx->chan->cookie = seen;
	tx->cookie = dma_cookie_assign(tx);
	spin_lock_irqsave(&sc->lock, irqflags);
	list_move_tail(&to_stub_desc(tx)->node, &sc->submitted);
	spin_unlock_irqrestore(&sc->lock, irqflags);
	return tx->cookie;
}

const struct stub_fault stub_cookie_faults[] = {
	STUB_FAULT(cookie_zero, "cookie.valid",
		   "the hundredth submission returns cookie 0",
		   .tx_submit = hundredth_is_zero),
	STUB_FAULT(submit_refused_runs, "cookie.valid",
		   "a refused descriptor stays in the queue and runs",
		   .tx_submit = refuse_and_run),
	STUB_FAULT(cookie_reset_on_terminate, "cookie.monotonic",
		   "terminate_all starts the cookies afresh",
		   .terminate_all = terminate_resets_cookies),
	STUB_FAULT(cookie_unsigned, "cookie.wrap",
		   "cookies are counted unsigned and become negative after INT_MAX",
		   .tx_submit = unsigned_cookie, .complete = complete_any_cookie),
	STUB_FAULT(submit_starts, "submit.no_start",
		   "submission starts the engine",
		   .tx_submit = start_at_submit),
	STUB_FAULT(submit_unlocked, "submit.serialised",
		   "cookies are assigned without holding the lock",
		   .tx_submit = assign_without_lock),
	{}
};
