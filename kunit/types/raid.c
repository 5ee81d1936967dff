// SPDX-License-Identifier: GPL-2.0-only
/*
 * xor, pq and their checks. P is the XOR of the sources; Q is their sum in
 * GF(2^8) with the polynomial x^8 + x^4 + x^3 + x^2 + 1, each weighted with a
 * coefficient: H. P. Anvin, "The mathematics of RAID-6". Sources of a transfer
 * made here differ from each other, and so do coefficients.
 */
#include <linux/minmax.h>
#include <linux/slab.h>

#include "../dmaconf.h"

/* Sources of a plain transfer: an even number would hide nothing either. */
#define RAID_SOURCES	3

static bool xor_offered(const struct dmaconf *dc, enum dma_transfer_direction dir)
{
	return dir == DMA_MEM_TO_MEM && dma_has_cap(DMA_XOR, dc->device->cap_mask);
}

static bool xor_val_offered(const struct dmaconf *dc, enum dma_transfer_direction dir)
{
	return dir == DMA_MEM_TO_MEM && dma_has_cap(DMA_XOR_VAL, dc->device->cap_mask);
}

static bool pq_offered(const struct dmaconf *dc, enum dma_transfer_direction dir)
{
	return dir == DMA_MEM_TO_MEM && dma_has_cap(DMA_PQ, dc->device->cap_mask);
}

static bool pq_val_offered(const struct dmaconf *dc, enum dma_transfer_direction dir)
{
	return dir == DMA_MEM_TO_MEM && dma_has_cap(DMA_PQ_VAL, dc->device->cap_mask);
}

static size_t xor_align(const struct dmaconf *dc)
{
	return 1 << dc->device->xor_align;
}

static size_t pq_align(const struct dmaconf *dc)
{
	return 1 << dc->device->pq_align;
}

static void raid_shape(struct dmaconf_xfer *x, unsigned int nsrc, unsigned int nto)
{
	dmaconf_pieces(x, nsrc, nto);
	for (unsigned int i = 0; i < x->nfrom; i++)
		x->from[i].len = x->len;
	for (unsigned int i = 0; i < x->nto; i++)
		x->to[i].len = x->len;
}

static unsigned int xor_sources(const struct dmaconf *dc)
{
	return clamp_t(unsigned int, dc->device->max_xor, 2, RAID_SOURCES);
}

static unsigned int pq_sources(const struct dmaconf *dc)
{
	return clamp_t(unsigned int, dma_maxpq(dc->device, 0), 2, RAID_SOURCES);
}

static void xor_shape(struct dmaconf_xfer *x)
{
	raid_shape(x, xor_sources(x->dc), 1);
}

static void xor_val_shape(struct dmaconf_xfer *x)
{
	raid_shape(x, xor_sources(x->dc), 0);
}

static void pq_shape(struct dmaconf_xfer *x)
{
	raid_shape(x, pq_sources(x->dc), 2);
}

/* The sums that are checked are the last two of what is read. */
static void pq_val_shape(struct dmaconf_xfer *x)
{
	raid_shape(x, pq_sources(x->dc) + 2, 0);
}

static void raid_args(struct dmaconf_xfer *x)
{
	x->addrs = kcalloc(x->nfrom, sizeof(*x->addrs), GFP_KERNEL);
	if (!x->scf)
		x->scf = kunit_kzalloc(x->dc->test, x->nfrom, GFP_KERNEL);
	KUNIT_ASSERT_TRUE(x->dc->test, x->addrs && x->scf);
	for (unsigned int i = 0; i < x->nfrom; i++)
		if (!x->scf[i])
			x->scf[i] = 2 + 5 * i + dmaconf_random(x->dc, 5);
}

static dma_addr_t raid_addr(const struct dmaconf_piece *piece)
{
	return piece->buf->dma + piece->off;
}

/* Anew for each prep: whoever owned the array since may have used it for something else. */
static dma_addr_t *raid_addrs(struct dmaconf_xfer *x)
{
	for (unsigned int i = 0; i < x->nfrom; i++)
		x->addrs[i] = raid_addr(&x->from[i]);
	return x->addrs;
}

static struct dma_async_tx_descriptor *xor_prep(struct dmaconf_xfer *x)
{
	return x->dc->device->device_prep_dma_xor(x->dc->chan, raid_addr(&x->to[0]),
						  raid_addrs(x), x->nfrom, x->len, x->flags);
}

static struct dma_async_tx_descriptor *xor_val_prep(struct dmaconf_xfer *x)
{
	return x->dc->device->device_prep_dma_xor_val(x->dc->chan, raid_addrs(x), x->nfrom,
						      x->len, &x->sums, x->flags);
}

static struct dma_async_tx_descriptor *pq_prep(struct dmaconf_xfer *x)
{
	dma_addr_t dst[2] = { raid_addr(&x->to[0]), raid_addr(&x->to[1]) };

	return x->dc->device->device_prep_dma_pq(x->dc->chan, dst, raid_addrs(x), x->nfrom,
						 x->scf, x->len, x->flags);
}

static struct dma_async_tx_descriptor *pq_val_prep(struct dmaconf_xfer *x)
{
	dma_addr_t *src = raid_addrs(x);
	unsigned int nsrc = x->nfrom - 2;

	return x->dc->device->device_prep_dma_pq_val(x->dc->chan, src + nsrc, src, nsrc, x->scf,
						     x->len, &x->sums, x->flags);
}

/* A product in the field, bit by bit. */
static u8 raid_mul(u8 a, u8 b)
{
	u8 product = 0;

	/* The smaller factor decides how long it takes. */
	if (b > a)
		swap(a, b);
	for (; b; b >>= 1) {
		if (b & 1)
			product ^= a;
		a = (a << 1) ^ (a & 0x80 ? 0x1d : 0);
	}
	return product;
}

/* Add the products of a coefficient and @len bytes of a piece, from byte @at on. */
static void raid_add(const struct dmaconf_piece *piece, size_t at, u8 coef, u8 *sum, size_t len)
{
	u8 bytes[64];
	size_t n;

	for (; len; len -= n, at += n, sum += n) {
		n = min(len, sizeof(bytes));
		dmaconf_gather(piece, 1, at, bytes, n);
		for (size_t i = 0; i < n; i++)
			sum[i] ^= raid_mul(bytes[i], coef);
	}
}

static void xor_expect(struct dmaconf_xfer *x, size_t at, u8 *bytes, size_t len)
{
	memset(bytes, 0, len);
	for (unsigned int i = 0; i < x->nfrom; i++)
		raid_add(&x->from[i], at, 1, bytes, len);
}

/* P, then Q; one that is gone on with contains itself. */
static void pq_expect(struct dmaconf_xfer *x, size_t at, u8 *bytes, size_t len)
{
	bool q = at >= x->len;

	at -= q ? x->len : 0;
	memset(bytes, 0, len);
	if (x->flags & DMA_PREP_CONTINUE)
		raid_add(&x->to[q], at, 1, bytes, len);
	for (unsigned int i = 0; i < x->nfrom; i++)
		raid_add(&x->from[i], at, q ? x->scf[i] : 1, bytes, len);
}

/* A check delivers nothing but its result. */
static void val_expect(struct dmaconf_xfer *x, size_t at, u8 *bytes, size_t len)
{
}

const struct dmaconf_type dmaconf_xor = {
	.name = "xor",
	.offered = xor_offered,
	.align = xor_align,
	.shape = xor_shape,
	.args = raid_args,
	.prep = xor_prep,
	.expect = xor_expect,
};

const struct dmaconf_type dmaconf_xor_val = {
	.name = "xor_val",
	.offered = xor_val_offered,
	.align = xor_align,
	.shape = xor_val_shape,
	.args = raid_args,
	.prep = xor_val_prep,
	.expect = val_expect,
	.parallel = true,
};

const struct dmaconf_type dmaconf_pq = {
	.name = "pq",
	.offered = pq_offered,
	.align = pq_align,
	.shape = pq_shape,
	.args = raid_args,
	.prep = pq_prep,
	.expect = pq_expect,
	.parallel = true,
};

const struct dmaconf_type dmaconf_pq_val = {
	.name = "pq_val",
	.offered = pq_val_offered,
	.align = pq_align,
	.shape = pq_val_shape,
	.args = raid_args,
	.prep = pq_val_prep,
	.expect = val_expect,
	.parallel = true,
};
