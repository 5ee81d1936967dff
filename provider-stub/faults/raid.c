// SPDX-License-Identifier: GPL-2.0-only
/* Faults of RAID operations, their checks, and interrupts. */
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/sizes.h>

#include "faults.h"
#include "steps.h"

/* The conformant work on other operands. */
static int work_on(struct stub_chan *sc, const struct stub_seg *seg,
		   const struct stub_raid *raid, size_t off, size_t len)
{
	struct stub_raid other = *raid;
	struct stub_seg changed = *seg;

	changed.raid = &other;
	return stub_conformant_ops.pq(sc, &changed, off, len);
}

static int xor_copies_first(struct stub_chan *sc, const struct stub_seg *seg, size_t off,
			    size_t len)
{
	struct stub_raid raid = *seg->raid;

	raid.nsrc = 1;
	return work_on(sc, seg, &raid, off, len);
}

static int xor_odd_only(struct stub_chan *sc, const struct stub_seg *seg, size_t off, size_t len)
{
	struct stub_raid raid = *seg->raid;

	raid.nsrc -= raid.nsrc % 2 == 0;
	return work_on(sc, seg, &raid, off, len);
}

static int xor_clears_first(struct stub_chan *sc, const struct stub_seg *seg, size_t off,
			    size_t len)
{
	static const u8 zero[STUB_BOUNCE];
	size_t n;
	int ret = 0;

	for (size_t at = 0; at < len && !ret; at += n) {
		n = min(len - at, sizeof(zero));
		ret = stub_memory_write(sc->sdev->dev, seg->dst.addr + off + at, zero, n);
	}
	return ret ?: stub_conformant_ops.xor(sc, seg, off, len);
}

static struct dma_async_tx_descriptor *xor_as_many_as_fit(struct dma_chan *chan, dma_addr_t dst,
							  dma_addr_t *src, unsigned int nsrc,
							  size_t len, unsigned long flags)
{
	return stub_conformant_ops.prep_xor(chan, dst, src, min(nsrc, STUB_SOURCES), len, flags);
}

static struct dma_async_tx_descriptor *xor_err_ptr(struct dma_chan *chan, dma_addr_t dst,
						   dma_addr_t *src, unsigned int nsrc,
						   size_t len, unsigned long flags)
{
	return stub_conformant_ops.prep_xor(chan, dst, src, nsrc, len, flags) ?: ERR_PTR(-E2BIG);
}

static struct dma_async_tx_descriptor *xor_keeps_array(struct dma_chan *chan, dma_addr_t dst,
						       dma_addr_t *src, unsigned int nsrc,
						       size_t len, unsigned long flags)
{
	struct dma_async_tx_descriptor *tx =
		stub_conformant_ops.prep_xor(chan, dst, src, nsrc, len, flags);

	if (tx)
		to_stub_desc(tx)->fault_data = (unsigned long)src;
	return tx;
}

static struct dma_async_tx_descriptor *pq_keeps_array(struct dma_chan *chan, dma_addr_t *dst,
						      dma_addr_t *src, unsigned int nsrc,
						      const unsigned char *coef, size_t len,
						      unsigned long flags)
{
	struct dma_async_tx_descriptor *tx =
		stub_conformant_ops.prep_pq(chan, dst, src, nsrc, coef, len, flags);

	if (tx)
		to_stub_desc(tx)->fault_data = (unsigned long)coef;
	return tx;
}

static void issue_reads_sources(struct stub_chan *sc)
{
	struct stub_desc *desc;

	list_for_each_entry(desc, &sc->submitted, node)
		for (unsigned int i = 0; desc->fault_data && i < desc->raid.nsrc; i++)
			desc->raid.src[i] = ((dma_addr_t *)desc->fault_data)[i];
	stub_conformant_ops.issue(sc);
}

static void issue_reads_coefficients(struct stub_chan *sc)
{
	struct stub_desc *desc;

	list_for_each_entry(desc, &sc->submitted, node)
		for (unsigned int i = 0; desc->fault_data && i < desc->raid.nsrc; i++)
			desc->raid.coef[i] = ((u8 *)desc->fault_data)[i];
	stub_conformant_ops.issue(sc);
}

static int pq_without_weights(struct stub_chan *sc, const struct stub_seg *seg, size_t off,
			      size_t len)
{
	struct stub_raid raid = *seg->raid;

	memset(raid.coef, 1, sizeof(raid.coef));
	return work_on(sc, seg, &raid, off, len);
}

static int pq_powers_of_two(struct stub_chan *sc, const struct stub_seg *seg, size_t off,
			    size_t len)
{
	struct stub_raid raid = *seg->raid;

	for (unsigned int i = 0; i < raid.nsrc; i++)
		raid.coef[i] = BIT(i);
	return work_on(sc, seg, &raid, off, len);
}

/* A product with the polynomial of AES, 0x11b. */
static u8 mul_aes(u8 a, u8 b)
{
	u8 product = 0;

	for (; b; b >>= 1, a = a << 1 ^ (a & 0x80 ? 0x1b : 0))
		product ^= b & 1 ? a : 0;
	return product;
}

static int pq_other_field(struct stub_chan *sc, const struct stub_seg *seg, size_t off,
			  size_t len)
{
	const struct stub_raid *raid = seg->raid;
	int ret = stub_conformant_ops.pq(sc, seg, off, len);
	u8 q, byte;

	if (!raid->has_q || raid->go_on)
		return ret;
	for (size_t at = off; at < off + len && !ret; at++) {
		q = 0;
		for (unsigned int i = 0; i < raid->nsrc && !ret; i++) {
			ret = stub_memory_read(sc->sdev->dev, raid->src[i] + at, &byte, 1);
			q ^= mul_aes(raid->coef[i], byte);
		}
		ret = ret ?: stub_memory_write(sc->sdev->dev, raid->q + at, &q, 1);
	}
	return ret;
}

static bool go_on_with_p(struct stub_chan *sc, struct stub_raid *raid, unsigned long flags)
{
	raid->has_p = true;
	return stub_go_on(sc, raid, flags);
}

static bool go_on_with_q(struct stub_chan *sc, struct stub_raid *raid, unsigned long flags)
{
	raid->has_q = true;
	return stub_go_on(sc, raid, flags);
}

static bool go_on_never(struct stub_chan *sc, struct stub_raid *raid, unsigned long flags)
{
	return true;
}

/* P is left with Q in it. */
static bool go_on_with_q_in_p(struct stub_chan *sc, struct stub_raid *raid, unsigned long flags)
{
	unsigned int nsrc = raid->nsrc;
	bool ok = stub_go_on(sc, raid, flags);

	if (raid->nsrc == nsrc + 3)
		raid->nsrc--;
	return ok;
}

/* Three further sources are reserved, whatever sums there are. */
static bool go_on_with_less(struct stub_chan *sc, struct stub_raid *raid, unsigned long flags)
{
	if (dmaf_continue(flags) && raid->nsrc > STUB_SOURCES - 3)
		return false;
	return stub_go_on(sc, raid, flags);
}

/* What lies beyond 64 KiB is not looked at. */
static int pq_counts_16_bits(struct stub_chan *sc, const struct stub_seg *seg, size_t off,
			     size_t len)
{
	return off < SZ_64K ? stub_pq(sc, seg, off, min(len, SZ_64K - off)) : 0;
}

static int check_counts_16_bits(struct stub_chan *sc, const struct stub_seg *seg, size_t off,
				size_t len)
{
	if (off < SZ_64K)
		return stub_check(sc, seg, off, len);
	if (off + len == seg->len)
		*seg->raid->result = seg->raid->failed;
	return 0;
}

static void one_source(struct stub_dev *sdev)
{
	if (sdev->kind == &stub_raid)
		sdev->dma.max_xor = 1;
}

static void no_room_to_continue(struct stub_dev *sdev)
{
	if (sdev->kind == &stub_raid)
		dma_set_maxpq(&sdev->dma, 3, 0);
}

static void more_than_there_is(struct stub_dev *sdev)
{
	if (sdev->kind == &stub_raid)
		sdev->dma.max_xor = 2 * STUB_SOURCES;
}

static int check_only_sets(struct stub_chan *sc, const struct stub_seg *seg, size_t off,
			   size_t len)
{
	enum sum_check_flags was = *seg->raid->result;
	int ret = stub_conformant_ops.check(sc, seg, off, len);

	*seg->raid->result |= was;
	return ret;
}

static int check_p_only(struct stub_chan *sc, const struct stub_seg *seg, size_t off, size_t len)
{
	int ret = stub_conformant_ops.check(sc, seg, off, len);

	if (off + len == seg->len)
		*seg->raid->result &= SUM_CHECK_P_RESULT;
	return ret;
}

/* Only what is moved last is looked at. */
static int check_last_bytes(struct stub_chan *sc, const struct stub_seg *seg, size_t off,
			    size_t len)
{
	size_t tail = min(len, STUB_BOUNCE);

	if (off + len < seg->len)
		return 0;
	return stub_conformant_ops.check(sc, seg, off + len - tail, tail);
}

static int check_repairs(struct stub_chan *sc, const struct stub_seg *seg, size_t off, size_t len)
{
	int ret = stub_conformant_ops.check(sc, seg, off, len);
	struct stub_raid raid = *seg->raid;

	/* An xor_val has no P of its own. */
	if (ret || !raid.has_q)
		return ret;
	raid.go_on = false;
	return work_on(sc, seg, &raid, off, len);
}

/* The result is known when the work ends, and stored when the client was called back. */
static int check_stores_later(struct stub_chan *sc, const struct stub_seg *seg, size_t off,
			      size_t len)
{
	enum sum_check_flags was = *seg->raid->result;
	int ret = stub_conformant_ops.check(sc, seg, off, len);

	*seg->raid->result = was;
	return ret;
}

static void deliver_then_store(struct stub_chan *sc, struct stub_desc *desc)
{
	stub_conformant_ops.deliver(sc, desc);
	if (desc->raid.result)
		*desc->raid.result = desc->raid.failed;
}

static struct dma_async_tx_descriptor *
check_all_sums(struct dma_chan *chan, dma_addr_t *pq, dma_addr_t *src, unsigned int nsrc,
	       const unsigned char *coef, size_t len, enum sum_check_flags *result,
	       unsigned long flags)
{
	flags &= ~(DMA_PREP_PQ_DISABLE_P | DMA_PREP_PQ_DISABLE_Q);
	return stub_conformant_ops.prep_pq_val(chan, pq, src, nsrc, coef, len, result, flags);
}

static void issue_interrupts_first(struct stub_chan *sc)
{
	struct stub_desc *desc, *next;

	stub_conformant_ops.issue(sc);
	list_for_each_entry_safe(desc, next, &sc->issued, node)
		if (!desc->len) {
			list_move(&desc->node, &sc->issued);
			stub_engine_end(sc, desc, DMA_TRANS_NOERROR);
		}
}

static struct dma_async_tx_descriptor *interrupt_by_flag(struct dma_chan *chan,
							 unsigned long flags)
{
	return flags ? stub_conformant_ops.prep_interrupt(chan, flags) : NULL;
}

const struct stub_fault stub_raid_faults[] = {
	STUB_FAULT(xor_copies_source, "xor.data",
		   "the destination gets the first source, as dmatest cannot tell",
		   .xor = xor_copies_first),
	STUB_FAULT(xor_odd_only, "xor.data",
		   "of an even number of sources the last one is left out",
		   .xor = xor_odd_only),
	STUB_FAULT(xor_clears_destination, "xor.limits",
		   "the destination is cleared before the sources are read",
		   .xor = xor_clears_first),
	STUB_FAULT(xor_leaves_out_sources, "xor.limits",
		   "sources beyond max_xor are left out",
		   .prep_xor = xor_as_many_as_fit),
	STUB_FAULT_SETUP(max_xor_of_one, "caps.max_src",
			 "max_xor is 1, which leaves no source for the result so far",
			 one_source),
	STUB_FAULT_SETUP(max_xor_overstated, "caps.max_src",
			 "max_xor is twice of what the engine takes",
			 more_than_there_is),
	STUB_FAULT_SETUP(max_pq_without_room, "caps.max_src",
			 "max_pq is 3 without native continuation, which takes up all three",
			 no_room_to_continue),
	STUB_FAULT(xor_err_ptr, "prep.returns",
		   "an xor of too many sources is refused with ERR_PTR(-E2BIG)",
		   .prep_xor = xor_err_ptr),
	STUB_FAULT(xor_keeps_sources, "prep.args_not_retained",
		   "the array of sources is read when the transfer is issued",
		   .prep_xor = xor_keeps_array,
		   .issue = issue_reads_sources),
	STUB_FAULT(pq_keeps_coefficients, "prep.args_not_retained",
		   "the array of coefficients is read when the transfer is issued",
		   .prep_pq = pq_keeps_array,
		   .issue = issue_reads_coefficients),
	STUB_FAULT(pq_without_weights, "pq.data",
		   "Q is computed with all coefficients 1, as dmatest has them",
		   .pq = pq_without_weights),
	STUB_FAULT(pq_powers_of_two, "pq.data",
		   "coefficients are taken to be the powers of 2 in turn",
		   .pq = pq_powers_of_two),
	STUB_FAULT(pq_other_field, "pq.data",
		   "Q is computed with another polynomial",
		   .pq = pq_other_field),
	STUB_FAULT(pq_len_u16, "pq.data",
		   "a pq ends after 64 KiB",
		   .pq = pq_counts_16_bits),
	STUB_FAULT(pq_always_p, "pq.flags",
		   "P is written although DMA_PREP_PQ_DISABLE_P is set",
		   .go_on = go_on_with_p),
	STUB_FAULT(pq_always_q, "pq.flags",
		   "Q is written although DMA_PREP_PQ_DISABLE_Q is set",
		   .go_on = go_on_with_q),
	STUB_FAULT(pq_leaves_q_in_p, "pq.flags",
		   "without continuation in hardware, Q is a source of P once, not twice",
		   .go_on = go_on_with_q_in_p),
	STUB_FAULT(pq_reserves_sources, "caps.max_src",
		   "a pq that goes on without P takes fewer sources than dma_maxpq() says",
		   .go_on = go_on_with_less),
	STUB_FAULT(pq_begins_anew, "pq.flags",
		   "DMA_PREP_CONTINUE is ignored",
		   .go_on = go_on_never),
	STUB_FAULT(val_only_sets, "val.result",
		   "bits of the result are set and never cleared",
		   .check = check_only_sets),
	STUB_FAULT(val_len_u16, "val.result",
		   "a check ends after 64 KiB",
		   .check = check_counts_16_bits),
	STUB_FAULT(val_p_only, "val.result",
		   "a wrong Q is not reported",
		   .check = check_p_only),
	STUB_FAULT(val_last_bytes, "val.result",
		   "only the end of the data decides the result",
		   .check = check_last_bytes),
	STUB_FAULT(val_repairs, "val.result",
		   "P and Q are written with what they should be",
		   .check = check_repairs),
	STUB_FAULT(val_stores_late, "val.result",
		   "the result is stored after the callback",
		   .check = check_stores_later,
		   .deliver = deliver_then_store),
	STUB_FAULT(val_disabled_sums, "val.result",
		   "sums that are disabled are checked all the same",
		   .prep_pq_val = check_all_sums),
	STUB_FAULT(interrupt_at_once, "intr.order",
		   "interrupt descriptors complete when they are issued",
		   .issue = issue_interrupts_first),
	STUB_FAULT(interrupt_needs_flag, "intr.order",
		   "interrupt descriptors are refused without any flag",
		   .prep_interrupt = interrupt_by_flag),
	{}
};
