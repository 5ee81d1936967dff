// SPDX-License-Identifier: GPL-2.0-only
/* Faults: arrays of vectors. */
#include "faults.h"
#include "steps.h"

#ifdef DMACONF_HAVE_DMA_VEC
static struct dma_async_tx_descriptor *prep_first(struct dma_chan *chan,
						  const struct dma_vec *vecs, size_t nents,
						  enum dma_transfer_direction dir,
						  unsigned long flags)
{
	return stub_prep_vec(chan, vecs, min_t(size_t, nents, 1), dir, flags);
}

/* The last vector is looked up when there is none. */
static struct dma_async_tx_descriptor *prep_empty(struct dma_chan *chan,
						  const struct dma_vec *vecs, size_t nents,
						  enum dma_transfer_direction dir,
						  unsigned long flags)
{
	return stub_prep_vec(chan, vecs, nents ?: 1, dir, flags);
}

static struct dma_async_tx_descriptor *prep_one_way(struct dma_chan *chan,
						    const struct dma_vec *vecs, size_t nents,
						    enum dma_transfer_direction dir,
						    unsigned long flags)
{
	return stub_prep_vec(chan, vecs, nents, DMA_MEM_TO_DEV, flags);
}

static struct dma_async_tx_descriptor *prep_flagless(struct dma_chan *chan,
						     const struct dma_vec *vecs, size_t nents,
						     enum dma_transfer_direction dir,
						     unsigned long flags)
{
	struct dma_async_tx_descriptor *tx = stub_prep_vec(chan, vecs, nents, dir, flags);

	if (tx)
		to_stub_desc(tx)->fault_data = true;
	return tx;
}

/* An array is taken for cyclic. */
static bool again_vectors(struct stub_chan *sc, struct stub_desc *desc)
{
	return desc->fault_data || stub_again(sc, desc);
}

const struct stub_fault stub_vec_faults[] = {
	STUB_FAULT(vec_first_only, "vec.equivalent",
		   "only the first vector of an array is moved",
		   .prep_vec = prep_first),
	STUB_FAULT(vec_empty, "vec.equivalent",
		   "an array without vectors is taken for one",
		   .prep_vec = prep_empty),
	STUB_FAULT(vec_one_way, "vec.equivalent",
		   "an array of vectors is moved to the peripheral, whatever the direction",
		   .prep_vec = prep_one_way),
	STUB_FAULT(vec_repeats, "vec.equivalent",
		   "an array of vectors is moved again and again",
		   .prep_vec = prep_flagless, .again = again_vectors),
	{}
};
#else
const struct stub_fault stub_vec_faults[] = {
	{}
};
#endif
