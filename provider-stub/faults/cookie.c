// SPDX-License-Identifier: GPL-2.0-only
/* Faults of submission and cookies. */
#include "dmaengine.h"
#include "faults.h"

static int terminate_resets_cookies(struct dma_chan *chan)
{
	int ret = stub_conformant_ops.terminate_all(chan);

	dma_cookie_init(chan);
	return ret;
}

const struct stub_fault stub_cookie_faults[] = {
	STUB_FAULT(cookie_reset_on_terminate, "cookie.monotonic",
		   "terminate_all starts the cookies afresh",
		   .terminate_all = terminate_resets_cookies),
	{}
};
