// SPDX-License-Identifier: GPL-2.0-only
/*
 * Descriptors that are submitted again. From its end to its next submission such a
 * transfer is kept: its buffers can be filled and looked at, but not given back.
 */
#include <linux/dmaengine.h>

#include "client.h"

static void client_keep(struct client *c, u32 bufs, int by)
{
	for (int i = 0; i < CLIENT_BUFS; i++)
		c->bufs[i].kept += bufs & BIT(i) ? by : 0;
}

/**
 * client_xfer_keep - a transfer has ended that can be submitted again
 * @c: the session, locked
 * @x: the transfer
 *
 * Context: may sleep; the lock of the session is held.
 */
void client_xfer_keep(struct client *c, struct client_xfer *x)
{
	x->state = CLIENT_XFER_KEPT;
	client_keep(c, x->bufs, 1);
	client_use(c, x->bufs, -1);
}

/**
 * client_xfer_again - a transfer is not kept any more: it is submitted again, or forgotten
 * @c: the session, locked
 * @x: the transfer
 *
 * Context: may sleep; the lock of the session is held.
 */
void client_xfer_again(struct client *c, struct client_xfer *x)
{
	x->state = CLIENT_XFER_PREPARED;
	client_keep(c, x->bufs, -1);
	client_use(c, x->bufs, 1);
}

/* Handler: the descriptor can be submitted again once its transfer has ended. */
int client_reuse(struct client *c, struct client_args *args)
{
	struct client_xfer *x;
	int ret = client_xfer(c, args->word[0], &x);

	if (ret)
		return ret;
	if (x->state != CLIENT_XFER_PREPARED)
		return client_refuse(c, -EALREADY, "it is not prepared");
	if (x->cyclic)
		return client_refuse(c, -EINVAL, "it never ends");
	ret = dmaengine_desc_set_reuse(x->tx);
	if (ret)
		return client_refuse(c, ret, "the channel does not offer it");
	x->reused = true;
	return 0;
}

static int client_desc_free(struct client *c, struct client_xfer *x)
{
	int ret;

	if (!x->tx->desc_free)
		return client_refuse(c, -EOPNOTSUPP, "the provider cannot free it");
	/* Its callback may not have returned yet. */
	dmaengine_synchronize(c->chan);
	ret = dmaengine_desc_free(x->tx);
	if (ret)
		return client_refuse(c, ret, "the provider refused");
	client_xfer_end(c, x);
	return 0;
}

/* Handler: the descriptor ends as any other; one that is kept is freed. */
int client_discard(struct client *c, struct client_args *args)
{
	struct client_xfer *x;
	int ret = client_xfer(c, args->word[0], &x);

	if (ret)
		return ret;
	if (x->state == CLIENT_XFER_KEPT)
		return client_desc_free(c, x);
	if (x->state != CLIENT_XFER_PREPARED)
		return client_refuse(c, -EALREADY, "it is neither prepared nor kept");
	if (!x->reused)
		return client_refuse(c, -EINVAL, "it is for one submission");
	dmaengine_desc_clear_reuse(x->tx);
	x->reused = false;
	return 0;
}
