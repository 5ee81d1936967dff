// SPDX-License-Identifier: GPL-2.0-only
/* Faults of memory to memory copies. */
#include "faults.h"

static struct dma_async_tx_descriptor *memcpy_even(struct dma_chan *chan, dma_addr_t dst,
						   dma_addr_t src, size_t len,
						   unsigned long flags)
{
	if (len > 1 && len & 1)
		len--;
	return stub_conformant_ops.prep_memcpy(chan, dst, src, len, flags);
}

static struct dma_async_tx_descriptor *memcpy_from_word(struct dma_chan *chan, dma_addr_t dst,
							dma_addr_t src, size_t len,
							unsigned long flags)
{
	return stub_conformant_ops.prep_memcpy(chan, dst, round_down(src, 8), len, flags);
}

static struct dma_async_tx_descriptor *memcpy_u16(struct dma_chan *chan, dma_addr_t dst,
						  dma_addr_t src, size_t len,
						  unsigned long flags)
{
	return stub_conformant_ops.prep_memcpy(chan, dst, src, (u16)len, flags);
}

const struct stub_fault stub_memcpy_faults[] = {
	STUB_FAULT(memcpy_even_lengths, "memcpy.data",
		   "the last byte of an odd length is not copied",
		   .prep_memcpy = memcpy_even),
	STUB_FAULT(memcpy_aligned_source, "memcpy.data",
		   "the source is read from the word boundary below",
		   .prep_memcpy = memcpy_from_word),
	STUB_FAULT(memcpy_len_u16, "memcpy.large",
		   "the length is kept in 16 bits",
		   .prep_memcpy = memcpy_u16),
	{}
};
