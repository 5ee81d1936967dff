// SPDX-License-Identifier: GPL-2.0-only
/* Preparing RAID operations: sums of several sources, with and without coefficients. */
#include <linux/kernel.h>

#include "prep.h"

/* The sources of a RAID operation, behind @results words of results and BYTES. */
static int client_raid(struct client_job *job, char **word, int n, int results, bool check,
		       enum dmaengine_alignment align, unsigned int *len)
{
	int ret = n > results + 1 ? client_len(word[results], len) : -EINVAL;

	/* What is checked is read, and a check's sums come after its sources. */
	for (int i = 0; i < results && !ret && !check; i++)
		ret = client_take(job, word[i], *len, true);
	for (int i = results + 1; i < n && !ret; i++)
		ret = client_take(job, word[i], *len, false);
	for (int i = 0; i < results && !ret && check; i++)
		ret = client_take(job, word[i], *len, false);
	return ret ?: client_aligned(job, align) ? 0 : -EINVAL;
}

static void client_sources(const struct client_job *job, dma_addr_t *src, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		src[i] = client_addr(&job->read[i]);
}

/* client_raid() for sums without coefficients, within the provider's limit. */
static int client_xor_raid(struct client_job *job, char **word, int n, int results, bool check,
			   dma_addr_t *src, unsigned int *len)
{
	int ret = client_raid(job, word, n, results, check, job->device->xor_align, len);

	if (!ret && (job->nread < 2 || job->nread > job->device->max_xor))
		ret = -EINVAL;
	if (!ret)
		client_sources(job, src, job->nread);
	return ret;
}

/* xor TO BYTES FROM... */
struct dma_async_tx_descriptor *client_xor(struct client_job *job, char **word, int n)
{
	dma_addr_t src[CLIENT_PIECES];
	unsigned int len;
	int ret = client_xor_raid(job, word, n, 1, false, src, &len);

	if (ret)
		return ERR_PTR(ret);
	return job->device->device_prep_dma_xor(job->c->chan, client_addr(job->write), src,
						job->nread, len, job->flags);
}

/* xor_val BYTES FROM... : whether the sum of all is zero */
struct dma_async_tx_descriptor *client_xor_val(struct client_job *job, char **word, int n)
{
	dma_addr_t src[CLIENT_PIECES];
	unsigned int len;
	int ret = client_xor_raid(job, word, n, 0, true, src, &len);

	if (ret)
		return ERR_PTR(ret);
	/* Whoever checks says that it is right, too. */
	job->x->sums = SUM_CHECK_P_RESULT;
	return job->device->device_prep_dma_xor_val(job->c->chan, src, job->nread, len,
						    &job->x->sums, job->flags);
}

/* The coefficients of Q: odd numbers, which are no powers of each other. */
static void client_coefs(u8 *coef, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		coef[i] = 2 * i + 1;
}

/* pq P Q BYTES FROM... : at most eight sources, of coefficients 1, 3, 5, ... */
struct dma_async_tx_descriptor *client_pq(struct client_job *job, char **word, int n)
{
	dma_addr_t src[CLIENT_PIECES], pq[2];
	u8 coef[CLIENT_PIECES];
	unsigned int len;
	int ret;

	ret = client_raid(job, word, n, 2, false, job->device->pq_align, &len);
	if (!ret && job->nread > min(dma_maxpq(job->device, job->flags), 8))
		ret = -EINVAL;
	if (ret)
		return ERR_PTR(ret);
	client_sources(job, src, job->nread);
	client_coefs(coef, job->nread);
	pq[0] = client_addr(&job->write[0]);
	pq[1] = client_addr(&job->write[1]);
	return job->device->device_prep_dma_pq(job->c->chan, pq, src, job->nread, coef, len,
					       job->flags);
}

/* pq_val P Q BYTES FROM... */
struct dma_async_tx_descriptor *client_pq_val(struct client_job *job, char **word, int n)
{
	dma_addr_t src[CLIENT_PIECES];
	u8 coef[CLIENT_PIECES];
	unsigned int len, nsrc;
	int ret;

	ret = client_raid(job, word, n, 2, true, job->device->pq_align, &len);
	nsrc = job->nread - 2;
	if (!ret && nsrc > min(dma_maxpq(job->device, job->flags), 8))
		ret = -EINVAL;
	if (ret)
		return ERR_PTR(ret);
	client_sources(job, src, job->nread);
	client_coefs(coef, nsrc);
	job->x->sums = (job->flags & DMA_PREP_PQ_DISABLE_P ? 0 : SUM_CHECK_P_RESULT) |
		       (job->flags & DMA_PREP_PQ_DISABLE_Q ? 0 : SUM_CHECK_Q_RESULT);
	return job->device->device_prep_dma_pq_val(job->c->chan, src + nsrc, src, nsrc, coef, len,
						   &job->x->sums, job->flags);
}
