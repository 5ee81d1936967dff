// SPDX-License-Identifier: GPL-2.0-only
/* Preparing transfers to and from a peripheral. */
#include <linux/scatterlist.h>

#include "prep.h"

/* DIR PART...: the direction, and the pieces of memory to take or to fill. */
static int client_slave_list(struct client_job *job, char **word, int n,
			     enum dma_transfer_direction *dir)
{
	int ret = n > 1 ? client_direction(word[0], dir) : -EINVAL;

	return ret ?: client_take_list(job, word + 1, n - 1, *dir == DMA_DEV_TO_MEM);
}

/* slave_sg DIR PART... */
struct dma_async_tx_descriptor *client_slave_sg(struct client_job *job, char **word, int n)
{
	struct scatterlist sgl[CLIENT_PIECES];
	enum dma_transfer_direction dir;
	unsigned int nents;
	int ret;

	ret = client_slave_list(job, word, n, &dir);
	if (ret)
		return ERR_PTR(ret);
	client_sgl(job, dir == DMA_DEV_TO_MEM, sgl, &nents);
	return dmaengine_prep_slave_sg(job->c->chan, sgl, nents, dir, job->flags);
}

/* cyclic DIR PART PERIOD */
struct dma_async_tx_descriptor *client_cyclic(struct client_job *job, char **word, int n)
{
	enum dma_transfer_direction dir;
	struct client_piece *ring;
	unsigned int period, nents;
	int ret;

	ret = n == 3 ? client_slave_list(job, word, 2, &dir) : -EINVAL;
	ret = ret ?: client_len(word[2], &period);
	if (ret)
		return ERR_PTR(ret);
	ring = client_list(job, dir == DMA_DEV_TO_MEM, &nents);
	if (ring->len % period)
		return ERR_PTR(-EINVAL);
	job->cyclic = true;
	return dmaengine_prep_dma_cyclic(job->c->chan, client_addr(ring), ring->len, period, dir,
					 job->flags);
}

#ifdef DMACONF_HAVE_DMA_VEC
/* vec DIR PART... */
struct dma_async_tx_descriptor *client_vec(struct client_job *job, char **word, int n)
{
	struct dma_vec vecs[CLIENT_PIECES];
	enum dma_transfer_direction dir;
	struct client_piece *piece;
	unsigned int nents;
	int ret;

	ret = client_slave_list(job, word, n, &dir);
	if (ret)
		return ERR_PTR(ret);
	piece = client_list(job, dir == DMA_DEV_TO_MEM, &nents);
	for (unsigned int i = 0; i < nents; i++)
		vecs[i] = (struct dma_vec){ client_addr(&piece[i]), piece[i].len };
	return dmaengine_prep_peripheral_dma_vec(job->c->chan, vecs, nents, dir, job->flags);
}
#endif
