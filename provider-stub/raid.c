// SPDX-License-Identifier: GPL-2.0-only
/*
 * The RAID personality: a public provider that computes and checks P, the XOR
 * of its sources, and Q, their weighted sum in GF(2^8) with polynomial 0x11d.
 * It goes on with earlier sums by itself (DMA_PREP_CONTINUE), and has a
 * descriptor that does nothing but to interrupt. Another has hardware that cannot
 * go on, as most engines: it takes the sums for further sources.
 */
#include "steps.h"
#include "stub.h"

/* Products by way of logarithms; a source byte of 0 has none. */
static u8 stub_gf_exp[2 * 255];
static u8 stub_gf_log[256];

static void stub_gf_init(void)
{
	unsigned int power = 1;

	for (int i = 0; i < 255; i++) {
		stub_gf_exp[i] = power;
		stub_gf_exp[i + 255] = power;
		stub_gf_log[power] = i;
		power <<= 1;
		if (power & 0x100)
			power ^= 0x11d;
	}
}

static u8 stub_gf_mul(u8 a, u8 b)
{
	return a && b ? stub_gf_exp[stub_gf_log[a] + stub_gf_log[b]] : 0;
}

/* The part of P and Q that a source contributes. */
static int stub_add_source(struct stub_chan *sc, const struct stub_raid *raid, unsigned int i,
			   size_t off, u8 *p, u8 *q, size_t len)
{
	u8 bytes[STUB_BOUNCE];
	int ret = stub_memory_read(sc->sdev->dev, raid->src[i] + off, bytes, len);

	for (size_t n = 0; n < len && !ret; n++) {
		p[n] ^= bytes[n];
		q[n] ^= raid->has_q ? stub_gf_mul(raid->coef[i], bytes[n]) : 0;
	}
	return ret;
}

/* P and Q of all sources; every source is read before anything is written. */
static int stub_sums(struct stub_chan *sc, const struct stub_raid *raid, size_t off, u8 *p, u8 *q,
		     size_t len)
{
	struct device *dev = sc->sdev->dev;
	int ret = 0;

	memset(p, 0, len);
	memset(q, 0, len);
	if (raid->go_on && raid->has_p)
		ret = stub_memory_read(dev, raid->p + off, p, len);
	if (raid->go_on && raid->has_q && !ret)
		ret = stub_memory_read(dev, raid->q + off, q, len);
	for (unsigned int i = 0; i < raid->nsrc && !ret; i++)
		ret = stub_add_source(sc, raid, i, off, p, q, len);
	return ret;
}

int stub_pq(struct stub_chan *sc, const struct stub_seg *seg, size_t off, size_t len)
{
	const struct stub_raid *raid = seg->raid;
	struct device *dev = sc->sdev->dev;
	u8 p[STUB_BOUNCE], q[STUB_BOUNCE];
	int ret = 0;
	size_t n;

	for (; len && !ret; len -= n, off += n) {
		n = min(len, sizeof(p));
		ret = stub_sums(sc, raid, off, p, q, n);
		if (!ret && raid->has_p)
			ret = stub_memory_write(dev, raid->p + off, p, n);
		if (!ret && raid->has_q)
			ret = stub_memory_write(dev, raid->q + off, q, n);
	}
	return ret;
}

/* An xor is a pq without a Q. */
int stub_xor(struct stub_chan *sc, const struct stub_seg *seg, size_t off, size_t len)
{
	return stub_pq(sc, seg, off, len);
}

/* To go on from the sums that are to be checked must lead to zero. */
int stub_check(struct stub_chan *sc, const struct stub_seg *seg, size_t off, size_t len)
{
	struct stub_raid *raid = seg->raid;
	u8 p[STUB_BOUNCE], q[STUB_BOUNCE];
	bool last = off + len == seg->len;
	size_t n;
	int ret;

	for (; len; len -= n, off += n) {
		n = min(len, sizeof(p));
		ret = stub_sums(sc, raid, off, p, q, n);
		if (ret)
			return ret;
		if (raid->has_p && memchr_inv(p, 0, n))
			raid->failed |= SUM_CHECK_P_RESULT;
		if (raid->has_q && memchr_inv(q, 0, n))
			raid->failed |= SUM_CHECK_Q_RESULT;
	}
	if (last)
		*raid->result = raid->failed;
	return 0;
}

/* A descriptor for sources that are within the limit, and one segment. */
static struct stub_desc *stub_raid_desc(struct stub_chan *sc, dma_addr_t *src, unsigned int nsrc,
					const unsigned char *coef, size_t len)
{
	struct stub_desc *desc;

	if (!nsrc || nsrc > STUB_SOURCES || !len)
		return NULL;
	desc = sc->sdev->ops.desc_alloc(sc, 1);
	if (!desc)
		return NULL;
	for (unsigned int i = 0; i < nsrc; i++) {
		desc->raid.src[i] = src[i];
		desc->raid.coef[i] = coef ? coef[i] : 0;
	}
	desc->raid.nsrc = nsrc;
	desc->segs[0] = (struct stub_seg){
		.src.addr = src[0],
		.dst.addr = src[0],
		.len = len,
		.raid = &desc->raid,
	};
	return desc;
}

struct dma_async_tx_descriptor *stub_prep_xor(struct dma_chan *chan, dma_addr_t dst,
					      dma_addr_t *src, unsigned int nsrc, size_t len,
					      unsigned long flags)
{
	struct stub_chan *sc = to_stub_chan(chan);
	struct stub_desc *desc = stub_raid_desc(sc, src, nsrc, NULL, len);

	if (!desc)
		return NULL;
	desc->raid.has_p = true;
	desc->raid.p = dst;
	desc->segs[0].dst.addr = dst;
	desc->segs[0].work = sc->sdev->ops.xor;
	return sc->sdev->ops.prepared(sc, desc, flags);
}

struct dma_async_tx_descriptor *stub_prep_xor_val(struct dma_chan *chan, dma_addr_t *src,
						  unsigned int nsrc, size_t len,
						  enum sum_check_flags *result,
						  unsigned long flags)
{
	struct stub_chan *sc = to_stub_chan(chan);
	struct stub_desc *desc = stub_raid_desc(sc, src, nsrc, NULL, len);

	if (!desc)
		return NULL;
	desc->raid.has_p = true;
	desc->raid.result = result;
	desc->segs[0].work = sc->sdev->ops.check;
	return sc->sdev->ops.prepared(sc, desc, flags);
}

/* P and Q as far as the client wants them. */
static bool stub_want_pq(struct stub_raid *raid, const dma_addr_t *pq, unsigned long flags)
{
	raid->has_p = !(flags & DMA_PREP_PQ_DISABLE_P);
	raid->has_q = !(flags & DMA_PREP_PQ_DISABLE_Q);
	raid->p = pq[0];
	raid->q = pq[1];
	return raid->has_p || raid->has_q;
}

/* A descriptor for sums that exist, @pq, of weighted sources. */
static struct stub_desc *stub_pq_desc(struct stub_chan *sc, const dma_addr_t *pq,
				      dma_addr_t *src, unsigned int nsrc,
				      const unsigned char *coef, size_t len,
				      unsigned long flags)
{
	struct stub_desc *desc = stub_raid_desc(sc, src, nsrc, coef, len);

	if (desc && !stub_want_pq(&desc->raid, pq, flags)) {
		sc->sdev->ops.desc_free(sc, desc);
		return NULL;
	}
	return desc;
}

static void stub_add_sum(struct stub_raid *raid, u64 addr, u8 coef)
{
	raid->src[raid->nsrc] = addr;
	raid->coef[raid->nsrc++] = coef;
}

/*
 * The sums so far as sources: P as it is, Q with weight 1. So that P comes out right, Q
 * counts in it twice, and is taken out of it so. dma_maxpq() keeps room for them.
 */
bool stub_go_on(struct stub_chan *sc, struct stub_raid *raid, unsigned long flags)
{
	if (!dmaf_continue(flags))
		return true;
	raid->go_on = dma_dev_has_pq_continue(&sc->sdev->dma);
	if (raid->go_on)
		return true;
	if (raid->nsrc > dma_maxpq(&sc->sdev->dma, flags))
		return false;
	if (raid->has_p)
		stub_add_sum(raid, raid->p, 0);
	if (raid->has_q)
		stub_add_sum(raid, raid->q, 1);
	if (raid->has_q && raid->has_p)
		stub_add_sum(raid, raid->q, 0);
	return true;
}

struct dma_async_tx_descriptor *stub_prep_pq(struct dma_chan *chan, dma_addr_t *dst,
					     dma_addr_t *src, unsigned int nsrc,
					     const unsigned char *coef, size_t len,
					     unsigned long flags)
{
	struct stub_chan *sc = to_stub_chan(chan);
	struct stub_desc *desc = stub_pq_desc(sc, dst, src, nsrc, coef, len, flags);

	if (!desc)
		return NULL;
	if (!sc->sdev->ops.go_on(sc, &desc->raid, flags)) {
		sc->sdev->ops.desc_free(sc, desc);
		return NULL;
	}
	desc->segs[0].dst.addr = desc->raid.has_p ? desc->raid.p : desc->raid.q;
	desc->segs[0].work = sc->sdev->ops.pq;
	return sc->sdev->ops.prepared(sc, desc, flags);
}

struct dma_async_tx_descriptor *stub_prep_pq_val(struct dma_chan *chan, dma_addr_t *pq,
						 dma_addr_t *src, unsigned int nsrc,
						 const unsigned char *coef, size_t len,
						 enum sum_check_flags *result,
						 unsigned long flags)
{
	struct stub_chan *sc = to_stub_chan(chan);
	struct stub_desc *desc = stub_pq_desc(sc, pq, src, nsrc, coef, len, flags);

	if (!desc)
		return NULL;
	desc->raid.go_on = true;
	desc->raid.result = result;
	desc->segs[0].work = sc->sdev->ops.check;
	return sc->sdev->ops.prepared(sc, desc, flags);
}

/* One empty segment: it is done as soon as it is the first in the queue. */
struct dma_async_tx_descriptor *stub_prep_interrupt(struct dma_chan *chan, unsigned long flags)
{
	struct stub_chan *sc = to_stub_chan(chan);
	struct stub_desc *desc = sc->sdev->ops.desc_alloc(sc, 1);

	return desc ? sc->sdev->ops.prepared(sc, desc, flags) : NULL;
}

static void stub_raid_init(struct stub_dev *sdev)
{
	struct dma_device *dma = &sdev->dma;

	stub_gf_init();
	dma_cap_set(DMA_XOR, dma->cap_mask);
	dma_cap_set(DMA_XOR_VAL, dma->cap_mask);
	dma_cap_set(DMA_PQ, dma->cap_mask);
	dma_cap_set(DMA_PQ_VAL, dma->cap_mask);
	dma_cap_set(DMA_INTERRUPT, dma->cap_mask);
	dma->max_xor = STUB_SOURCES;
	dma_set_maxpq(dma, STUB_SOURCES, 1);
	dma->residue_granularity = DMA_RESIDUE_GRANULARITY_BURST;
	dma->device_prep_dma_xor = sdev->ops.prep_xor;
	dma->device_prep_dma_xor_val = sdev->ops.prep_xor_val;
	dma->device_prep_dma_pq = sdev->ops.prep_pq;
	dma->device_prep_dma_pq_val = sdev->ops.prep_pq_val;
	dma->device_prep_dma_interrupt = sdev->ops.prep_interrupt;
}

static void stub_raid_plain_init(struct stub_dev *sdev)
{
	stub_raid_init(sdev);
	dma_set_maxpq(&sdev->dma, STUB_SOURCES, 0);
}

const struct stub_personality stub_raid_plain = {
	.name = "dmaconf-stub-sums",
	.init = stub_raid_plain_init,
	.nchans = 1,
	.keeps_unacked = true,
};

const struct stub_personality stub_raid = {
	.name = "dmaconf-stub-raid",
	.init = stub_raid_init,
	.nchans = 1,
	.keeps_unacked = true,
};
