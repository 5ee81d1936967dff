/* SPDX-License-Identifier: GPL-2.0-only */
/* What the rules on preparation share. */
#ifndef DMACONF_PREP_H
#define DMACONF_PREP_H

#include "dmaconf.h"

/**
 * struct prep_look - what a descriptor looks like when prep hands it out
 * @tx: the descriptor, for comparison only
 * @chan: its channel
 * @has_submit: tx_submit is set
 * @has_flags: the client's flags are stored
 * @leftover: what is set that belongs to an earlier transfer, or NULL
 * @unmap: to be set by the client, or NULL
 */
struct prep_look {
	struct dma_async_tx_descriptor *tx;
	struct dma_chan *chan;
	bool has_submit;
	bool has_flags;
	const char *leftover;
	struct dmaengine_unmap_data *unmap;
};

struct prep_look *prep_look_at(struct kunit *test, struct dmaconf_xfer *x);

#endif /* DMACONF_PREP_H */
