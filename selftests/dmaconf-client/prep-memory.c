// SPDX-License-Identifier: GPL-2.0-only
/* Preparing transfers in memory: copies, fills, frames with gaps, and interrupts alone. */
#include <linux/slab.h>
#include <linux/string.h>

#include "prep.h"

/* memcpy TO FROM BYTES */
struct dma_async_tx_descriptor *client_memcpy(struct client_job *job, char **word, int n)
{
	unsigned int len;
	int ret;

	ret = n == 3 ? client_len(word[2], &len) : -EINVAL;
	ret = ret ?: client_take(job, word[0], len, true) ?: client_take(job, word[1], len, false);
	if (!ret && !client_aligned(job, job->device->copy_align))
		ret = -EINVAL;
	return ret ? ERR_PTR(ret) :
		dmaengine_prep_dma_memcpy(job->c->chan, client_addr(job->write),
					  client_addr(job->read), len, job->flags);
}

/* memset TO VALUE BYTES */
struct dma_async_tx_descriptor *client_memset(struct client_job *job, char **word, int n)
{
	unsigned int len, value;
	int ret;

	ret = n == 3 ? client_len(word[2], &len) : -EINVAL;
	ret = ret ?: client_number(word[1], 0, 255, &value) ?:
		client_take(job, word[0], len, true);
	if (!ret && !client_aligned(job, job->device->fill_align))
		ret = -EINVAL;
	return ret ? ERR_PTR(ret) :
		dmaengine_prep_dma_memset(job->c->chan, client_addr(job->write), value, len,
					  job->flags);
}

/* memset_sg VALUE PART... */
struct dma_async_tx_descriptor *client_memset_sg(struct client_job *job, char **word, int n)
{
	struct scatterlist sgl[CLIENT_PIECES];
	unsigned int value, nents;
	int ret;

	ret = n > 1 ? client_number(word[0], 0, 255, &value) : -EINVAL;
	ret = ret ?: client_take_list(job, word + 1, n - 1, true);
	if (!ret && !client_aligned(job, job->device->fill_align))
		ret = -EINVAL;
	if (ret)
		return ERR_PTR(ret);
	client_sgl(job, true, sgl, &nents);
	return job->device->device_prep_dma_memset_sg(job->c->chan, sgl, nents, value, job->flags);
}

/* interrupt */
struct dma_async_tx_descriptor *client_interrupt(struct client_job *job, char **word, int n)
{
	if (n)
		return ERR_PTR(-EINVAL);
	return job->device->device_prep_dma_interrupt(job->c->chan, job->flags);
}

/* The words of an interleaved transfer: frames of one chunk each, to memory or a port. */
static int client_frames(struct client_job *job, char **word, int n,
			 struct dma_interleaved_template *xt)
{
	bool port = n == 5 && !strcmp(word[0], "to-device");
	unsigned int frames, size, gap;
	int ret;

	ret = n == 5 ? client_number(word[2], 1, 4096, &frames) : -EINVAL;
	ret = ret ?: client_len(word[3], &size) ?: client_number(word[4], 0, 65536, &gap);
	if (ret)
		return ret;
	/* The numbers may each be in bounds, and their product not. */
	if ((u64)frames * (size + gap) > CLIENT_BUF_SIZE)
		return -ERANGE;
	ret = port ? 0 : client_take(job, word[0], frames * size, true);
	ret = ret ?: client_take(job, word[1], frames * (size + gap), false);
	if (ret)
		return ret;
	xt->src_start = client_addr(job->read);
	xt->dst_start = port ? job->c->cfg.dst_addr : client_addr(job->write);
	xt->dir = port ? DMA_MEM_TO_DEV : DMA_MEM_TO_MEM;
	xt->src_inc = true;
	xt->dst_inc = !port;
	xt->src_sgl = gap;
	xt->numf = frames;
	xt->frame_size = 1;
	xt->sgl[0].size = size;
	xt->sgl[0].src_icg = gap;
	job->cyclic = job->flags & DMA_PREP_REPEAT;
	return client_aligned(job, job->device->copy_align) ? 0 : -EINVAL;
}

/* interleaved TO|to-device FROM FRAMES BYTES GAP: with gaps between the frames read */
struct dma_async_tx_descriptor *client_strided(struct client_job *job, char **word, int n)
{
	struct dma_interleaved_template *xt = kzalloc(struct_size(xt, sgl, 1), GFP_KERNEL);
	struct dma_async_tx_descriptor *tx;
	int ret;

	if (!xt)
		return ERR_PTR(-ENOMEM);
	ret = client_frames(job, word, n, xt);
	tx = ret ? ERR_PTR(ret) :
		dmaengine_prep_interleaved_dma(job->c->chan, xt, job->flags);
	kfree(xt);
	return tx;
}
