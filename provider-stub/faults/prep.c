// SPDX-License-Identifier: GPL-2.0-only
/* Faults of preparation. */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

#include "dmaengine.h"
#include "faults.h"

#define FEW_DESCS	256	/* more than rules leave over at once */
#define WAIT_MS		1500
#define BURST		16

static struct dma_async_tx_descriptor *memcpy_err_ptr(struct dma_chan *chan, dma_addr_t dst,
						      dma_addr_t src, size_t len,
						      unsigned long flags)
{
	return stub_conformant_ops.prep_memcpy(chan, dst, src, len, flags) ?: ERR_PTR(-EINVAL);
}

static struct dma_async_tx_descriptor *
slave_sg_err_ptr(struct dma_chan *chan, struct scatterlist *sgl, unsigned int sg_len,
		 enum dma_transfer_direction dir, unsigned long flags, void *context)
{
	return stub_conformant_ops.prep_slave_sg(chan, sgl, sg_len, dir, flags, context) ?:
	       ERR_PTR(-EINVAL);
}

/* fault_data[0] is a descriptor for one segment that was freed, for the next to use. */
static struct stub_desc *alloc_dirty(struct stub_chan *sc, unsigned int nsegs)
{
	struct stub_desc *desc = stub_conformant_ops.desc_alloc(sc, nsegs);
	struct stub_desc *old = NULL;

	if (desc && nsegs == 1)
		old = (void *)xchg(&sc->fault_data[0], 0);
	if (!old)
		return desc;
	desc->tx.callback_result = old->tx.callback_result;
	kfree(old);
	return desc;
}

static void free_dirty(struct stub_chan *sc, struct stub_desc *desc)
{
	if (desc->nsegs == 1)
		desc = (void *)xchg(&sc->fault_data[0], (unsigned long)desc);
	if (desc)
		stub_conformant_ops.desc_free(sc, desc);
}

static void release_dirty(struct dma_chan *chan)
{
	struct stub_chan *sc = to_stub_chan(chan);

	stub_conformant_ops.free_chan_resources(chan);
	kfree((void *)xchg(&sc->fault_data[0], 0));
}

/* The one that is submitted already is filled in anew. */
static struct dma_async_tx_descriptor *prepared_again(struct dma_chan *chan,
						      struct dma_async_tx_descriptor *tx)
{
	struct stub_desc *desc = tx ? to_stub_desc(tx) : NULL, *old;
	struct stub_chan *sc = to_stub_chan(chan);
	unsigned long irqflags;

	spin_lock_irqsave(&sc->lock, irqflags);
	old = list_first_entry_or_null(&sc->submitted, struct stub_desc, node);
	if (desc && old && old->nsegs == desc->nsegs) {
		memcpy(old->segs, desc->segs, flex_array_size(desc, segs, desc->nsegs));
		old->len = desc->len;
		list_move_tail(&old->node, &sc->prepared);
		list_del_init(&desc->node);
	} else {
		old = NULL;
	}
	spin_unlock_irqrestore(&sc->lock, irqflags);
	if (!old)
		return tx;
	sc->sdev->ops.desc_free(sc, desc);
	return &old->tx;
}

static struct dma_async_tx_descriptor *memcpy_one_desc(struct dma_chan *chan, dma_addr_t dst,
						       dma_addr_t src, size_t len,
						       unsigned long flags)
{
	return prepared_again(chan, stub_conformant_ops.prep_memcpy(chan, dst, src, len, flags));
}

static struct dma_async_tx_descriptor *
slave_sg_one_desc(struct dma_chan *chan, struct scatterlist *sgl, unsigned int sg_len,
		  enum dma_transfer_direction dir, unsigned long flags, void *context)
{
	return prepared_again(chan, stub_conformant_ops.prep_slave_sg(chan, sgl, sg_len, dir,
								      flags, context));
}

static struct stub_desc *alloc_gfp_kernel(struct stub_chan *sc, unsigned int nsegs)
{
	void *table = kmalloc(64, GFP_KERNEL);

	kfree(table);
	return stub_conformant_ops.desc_alloc(sc, nsegs);
}

static struct stub_desc *alloc_enables_irqs(struct stub_chan *sc, unsigned int nsegs)
{
	spin_lock_irq(&sc->lock);
	sc->fault_data[0]++;
	spin_unlock_irq(&sc->lock);
	return stub_conformant_ops.desc_alloc(sc, nsegs);
}

/* There is one direction per channel, and prep sets it. */
static struct dma_async_tx_descriptor *
slave_sg_turns_channel(struct dma_chan *chan, struct scatterlist *sgl, unsigned int sg_len,
		       enum dma_transfer_direction dir, unsigned long flags, void *context)
{
	struct dma_async_tx_descriptor *tx =
		stub_conformant_ops.prep_slave_sg(chan, sgl, sg_len, dir, flags, context);
	struct stub_chan *sc = to_stub_chan(chan);
	bool to_mem = dir == DMA_DEV_TO_MEM;
	struct stub_desc *running;
	unsigned long irqflags;

	spin_lock_irqsave(&sc->lock, irqflags);
	running = list_first_entry_or_null(&sc->issued, struct stub_desc, node);
	for (unsigned int i = 0; tx && running && i < running->nsegs; i++)
		if (running->segs[i].src.port != to_mem)
			swap(running->segs[i].src, running->segs[i].dst);
	spin_unlock_irqrestore(&sc->lock, irqflags);
	return tx;
}

static struct stub_desc *alloc_takes_cookie(struct stub_chan *sc, unsigned int nsegs)
{
	struct stub_desc *desc = stub_conformant_ops.desc_alloc(sc, nsegs);
	unsigned long irqflags;

	spin_lock_irqsave(&sc->lock, irqflags);
	if (desc)
		dma_cookie_assign(&(struct dma_async_tx_descriptor){ .chan = &sc->chan });
	spin_unlock_irqrestore(&sc->lock, irqflags);
	return desc;
}

/* fault_data[0]: busy, which only termination ends. */
static struct dma_async_tx_descriptor *refused_busy(struct dma_chan *chan,
						    struct dma_async_tx_descriptor *tx)
{
	if (!tx)
		to_stub_chan(chan)->fault_data[0] = true;
	return tx;
}

static struct dma_async_tx_descriptor *memcpy_busy(struct dma_chan *chan, dma_addr_t dst,
						   dma_addr_t src, size_t len,
						   unsigned long flags)
{
	return refused_busy(chan, stub_conformant_ops.prep_memcpy(chan, dst, src, len, flags));
}

static struct dma_async_tx_descriptor *
slave_sg_busy(struct dma_chan *chan, struct scatterlist *sgl, unsigned int sg_len,
	      enum dma_transfer_direction dir, unsigned long flags, void *context)
{
	return refused_busy(chan, stub_conformant_ops.prep_slave_sg(chan, sgl, sg_len, dir, flags,
								    context));
}

static void kick_unless_busy(struct stub_chan *sc)
{
	if (!sc->fault_data[0])
		stub_conformant_ops.kick(sc);
}

static int terminate_ends_busy(struct dma_chan *chan)
{
	to_stub_chan(chan)->fault_data[0] = false;
	return stub_conformant_ops.terminate_all(chan);
}

/* fault_data[0]: descriptors in use; fault_data[1]: there were none left once. */
static void free_counted(struct stub_chan *sc, struct stub_desc *desc)
{
	stub_conformant_ops.desc_free(sc, desc);
	sc->fault_data[0]--;
}

static struct stub_desc *alloc_counted(struct stub_chan *sc, unsigned int nsegs)
{
	struct stub_desc *desc = stub_conformant_ops.desc_alloc(sc, nsegs);

	sc->fault_data[0] += !!desc;
	return desc;
}

static struct stub_desc *alloc_waits(struct stub_chan *sc, unsigned int nsegs)
{
	for (int i = 0; i < WAIT_MS / 20 && READ_ONCE(sc->fault_data[0]) >= FEW_DESCS; i++)
		msleep(20);
	return sc->fault_data[0] < FEW_DESCS ? alloc_counted(sc, nsegs) : NULL;
}

static struct stub_desc *alloc_never_again(struct stub_chan *sc, unsigned int nsegs)
{
	if (sc->fault_data[0] >= FEW_DESCS)
		sc->fault_data[1] = true;
	return sc->fault_data[1] ? NULL : alloc_counted(sc, nsegs);
}

static int alloc_chan_refills(struct dma_chan *chan)
{
	to_stub_chan(chan)->fault_data[1] = false;
	return stub_conformant_ops.alloc_chan_resources(chan);
}

static struct stub_desc *alloc_while_left(struct stub_chan *sc, unsigned int nsegs)
{
	return sc->fault_data[0] < FEW_DESCS ? alloc_counted(sc, nsegs) : NULL;
}

/* What was taken for the good entries of a list is not given back. */
static struct dma_async_tx_descriptor *
slave_sg_leaks(struct dma_chan *chan, struct scatterlist *sgl, unsigned int sg_len,
	       enum dma_transfer_direction dir, unsigned long flags, void *context)
{
	struct dma_async_tx_descriptor *tx =
		stub_conformant_ops.prep_slave_sg(chan, sgl, sg_len, dir, flags, context);

	if (!tx && sgl && sg_len > 1 && sg_dma_len(sgl))
		to_stub_chan(chan)->fault_data[0]++;
	return tx;
}

static void free_chan_refills(struct dma_chan *chan)
{
	stub_conformant_ops.free_chan_resources(chan);
	to_stub_chan(chan)->fault_data[0] = 0;
}

static struct dma_async_tx_descriptor *
slave_sg_keeps_list(struct dma_chan *chan, struct scatterlist *sgl, unsigned int sg_len,
		    enum dma_transfer_direction dir, unsigned long flags, void *context)
{
	struct dma_async_tx_descriptor *tx =
		stub_conformant_ops.prep_slave_sg(chan, sgl, sg_len, dir, flags, context);

	if (tx)
		to_stub_desc(tx)->fault_data = (unsigned long)sgl;
	return tx;
}

static void issue_reads_list(struct stub_chan *sc)
{
	struct stub_desc *desc;
	struct scatterlist *sg;
	unsigned int i;

	list_for_each_entry(desc, &sc->submitted, node) {
		if (!desc->fault_data)
			continue;
		for_each_sg((struct scatterlist *)desc->fault_data, sg, desc->nsegs, i) {
			struct stub_seg *seg = &desc->segs[i];
			struct stub_side *memory = seg->src.port ? &seg->dst : &seg->src;

			memory->addr = sg_dma_address(sg);
		}
	}
	stub_conformant_ops.issue(sc);
}

static void issue_takes_prepared(struct stub_chan *sc)
{
	struct stub_desc *desc;

	list_for_each_entry(desc, &sc->prepared, node)
		dma_cookie_assign(&desc->tx);
	list_splice_tail_init(&sc->prepared, &sc->submitted);
	stub_conformant_ops.issue(sc);
}

static struct dma_async_tx_descriptor *memcpy_whole_burst(struct dma_chan *chan, dma_addr_t dst,
							  dma_addr_t src, size_t len,
							  unsigned long flags)
{
	return stub_conformant_ops.prep_memcpy(chan, dst, src, len ?: BURST, flags);
}

static struct dma_async_tx_descriptor *
slave_sg_first_always(struct dma_chan *chan, struct scatterlist *sgl, unsigned int sg_len,
		      enum dma_transfer_direction dir, unsigned long flags, void *context)
{
	return stub_conformant_ops.prep_slave_sg(chan, sgl, sg_len ?: 1, dir, flags, context);
}

const struct stub_fault stub_prep_faults[] = {
	STUB_FAULT(prep_err_ptr, "prep.returns",
		   "a prep that fails returns ERR_PTR(-EINVAL)",
		   .prep_memcpy = memcpy_err_ptr,
		   .prep_slave_sg = slave_sg_err_ptr),
	STUB_FAULT(prep_keeps_callback_result, "prep.recycled_clean",
		   "a recycled descriptor keeps its callback_result",
		   .desc_alloc = alloc_dirty,
		   .desc_free = free_dirty,
		   .free_chan_resources = release_dirty),
	STUB_FAULT(prep_one_descriptor, "prep.unique",
		   "there is one descriptor for all that is submitted and not issued",
		   .prep_memcpy = memcpy_one_desc,
		   .prep_slave_sg = slave_sg_one_desc),
	STUB_FAULT(prep_gfp_kernel, "prep.atomic",
		   "prep allocates with GFP_KERNEL",
		   .desc_alloc = alloc_gfp_kernel),
	STUB_FAULT(prep_enables_irqs, "prep.atomic",
		   "prep uses spin_unlock_irq(), which enables interrupts for its caller",
		   .desc_alloc = alloc_enables_irqs),
	STUB_FAULT(prep_turns_channel, "prep.no_side_effect",
		   "prep sets the direction of the channel, under the transfer that runs",
		   .prep_slave_sg = slave_sg_turns_channel),
	STUB_FAULT(prep_takes_cookie, "prep.no_side_effect",
		   "prep uses up a cookie",
		   .desc_alloc = alloc_takes_cookie),
	STUB_FAULT(prep_refused_stays_busy, "prep.fail_clean",
		   "prep marks the channel busy before it validates its arguments",
		   .prep_memcpy = memcpy_busy,
		   .prep_slave_sg = slave_sg_busy,
		   .kick = kick_unless_busy,
		   .terminate_all = terminate_ends_busy),
	STUB_FAULT(prep_refused_leaks, "prep.fail_clean",
		   "a list that is refused for its last entry keeps a descriptor",
		   .prep_slave_sg = slave_sg_leaks, .desc_alloc = alloc_while_left,
		   .desc_free = free_counted, .free_chan_resources = free_chan_refills),
	STUB_FAULT(prep_waits_for_descriptor, "prep.exhaustion",
		   "prep waits for a free descriptor",
		   .desc_alloc = alloc_waits,
		   .desc_free = free_counted),
	STUB_FAULT(prep_pool_stays_empty, "prep.exhaustion",
		   "once the descriptors ran out prep fails until the channel is released",
		   .desc_alloc = alloc_never_again,
		   .desc_free = free_counted,
		   .alloc_chan_resources = alloc_chan_refills),
	STUB_FAULT(prep_keeps_sgl, "prep.args_not_retained",
		   "addresses are read from the scatterlist when the transfer is issued",
		   .prep_slave_sg = slave_sg_keeps_list,
		   .issue = issue_reads_list),
	STUB_FAULT(prep_abandoned_runs, "prep.abandoned",
		   "issue_pending starts what was prepared and never submitted",
		   .issue = issue_takes_prepared),
	STUB_FAULT(prep_zero_is_a_burst, "prep.zero_len",
		   "a length of 0 moves a whole burst",
		   .prep_memcpy = memcpy_whole_burst),
	STUB_FAULT(prep_no_entries_is_one, "prep.zero_len",
		   "a list of 0 entries moves the first one",
		   .prep_slave_sg = slave_sg_first_always),
	{}
};
