// SPDX-License-Identifier: GPL-2.0-only
/* Preparation: what it is given, by pointer or with nothing in it. */
#include <linux/slab.h>

#include "dmaconf.h"

/**
 * struct prep_args - what prep is given by pointer, and belongs to its client again after
 * @decoy: where every address points then
 * @sgl: copy of the scatterlist from before prep
 * @xt: copy of the template from before prep
 * @xt_size: its size
 * @scf: copy of the coefficients from before prep; after it those that prep was given
 * @modified: prep has written to one of them
 */
struct prep_args {
	struct dmaconf_buf *decoy;
	struct scatterlist *sgl;
	struct dma_interleaved_template *xt;
	size_t xt_size;
	u8 *scf;
	bool modified;
};

static void prep_spoil_list(struct dmaconf_xfer *x, struct prep_args *args)
{
	struct scatterlist *sg;
	unsigned int i;

	args->modified |= memcmp(args->sgl, x->sgl, x->nents * sizeof(*x->sgl)) != 0;
	for_each_sg(x->sgl, sg, x->nents, i)
		sg_dma_address(sg) = args->decoy->dma;
}

static void prep_spoil_sources(struct dmaconf_xfer *x, struct prep_args *args)
{
	for (unsigned int i = 0; i < x->nfrom; i++) {
		args->modified |= x->addrs[i] != x->from[i].buf->dma + x->from[i].off;
		x->addrs[i] = args->decoy->dma;
	}
	args->modified |= memcmp(args->scf, x->scf, x->nfrom) != 0;
	memset(x->scf, 0x5c, x->nfrom);
	/* The oracle goes by what prep was told. */
	swap(args->scf, x->scf);
}

static void prep_spoil_template(struct dmaconf_xfer *x, struct prep_args *args)
{
	args->xt->src_start = x->xt->src_start;
	args->xt->dst_start = x->xt->dst_start;
	args->modified |= memcmp(args->xt, x->xt, args->xt_size) != 0;
	x->xt->src_start = args->decoy->dma;
	x->xt->dst_start = args->decoy->dma;
	x->xt->sgl[0].size = 1;
}

/* on_prep: all that was given by pointer may hold anything from here on. */
static void prep_spoil(struct dmaconf_xfer *x)
{
	struct prep_args *args = x->priv;

	if (x->sgl)
		prep_spoil_list(x, args);
	if (x->addrs)
		prep_spoil_sources(x, args);
	if (x->xt)
		prep_spoil_template(x, args);
}

static void *prep_copy(struct kunit *test, const void *from, size_t size)
{
	void *copy = from ? kunit_kmalloc(test, size, GFP_KERNEL) : NULL;

	if (!from)
		return NULL;
	KUNIT_ASSERT_NOT_NULL(test, copy);
	return memcpy(copy, from, size);
}

static void prep_watch_args(struct kunit *test, struct dmaconf_xfer *x)
{
	struct prep_args *args = kunit_kzalloc(test, sizeof(*args), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, args);
	args->decoy = dmaconf_buf(x->dc, x->len, DMA_BIDIRECTIONAL);
	args->xt_size = x->xt ? struct_size(x->xt, sgl, x->xt->frame_size) : 0;
	args->sgl = prep_copy(test, x->sgl, x->nents * sizeof(*x->sgl));
	args->scf = prep_copy(test, x->scf, x->nfrom);
	args->xt = prep_copy(test, x->xt, args->xt_size);
	x->on_prep = prep_spoil;
	x->priv = args;
}

/* Two of a kind, queued together; the arguments of both are gone when they run. */
static void prep_check_args(struct kunit *test, struct dmaconf *dc,
			    const struct dmaconf_type *type, enum dma_transfer_direction dir,
			    unsigned int nents)
{
	struct dmaconf_xfer *x[2];

	for (int i = 0; i < ARRAY_SIZE(x); i++) {
		struct prep_args *args;

		x[i] = dmaconf_xfer_of(dc, type, dir, 512);
		if (nents > 1)
			KUNIT_ASSERT_TRUE(test, dmaconf_xfer_split(x[i], nents));
		prep_watch_args(test, x[i]);
		args = x[i]->priv;
		dmaconf_queue(x[i]);
		KUNIT_EXPECT_FALSE_MSG(test, args->modified,
				       "%s: prep has written to what it was given", type->name);
	}
	dmaconf_issue(dc);
	for (int i = 0; i < ARRAY_SIZE(x); i++)
		if (!dmaconf_finish(x[i]))
			KUNIT_FAIL_AND_ABORT(test,
					     "%s, %u entries: what was changed after prep was used again",
					     type->name, nents);
}

/*
 * Broken: the list, array or template stood on the caller's stack or was used again: the
 * transfer goes to random addresses.
 */
DMACONF_RULE(prep, args_not_retained, MUST,
	     "Nothing that prep was given by pointer is used or modified after it has returned.",
	     "include/linux/dmaengine.h:974; include/linux/dmaengine.h:98; drivers/tty/serial/8250/8250_dma.c:93; crypto/async_tx/async_xor.c:62",
	     NEEDS_XFER)
{
	static const enum dma_transfer_direction dirs[] = { DMA_MEM_TO_DEV, DMA_DEV_TO_MEM };
	static const unsigned int nents[] = { 1, 2, 5 };
	const struct dmaconf_type *type = NULL;
	bool any = false;

	for (int i = 0; i < ARRAY_SIZE(dirs) * ARRAY_SIZE(nents); i++) {
		if (!dmaconf_slave_sg.offered(dc, dirs[i % 2]))
			continue;
		any = true;
		prep_check_args(test, dc, &dmaconf_slave_sg, dirs[i % 2], nents[i / 2]);
	}
	while ((type = dmaconf_next_type(dc, type))) {
		if (type == &dmaconf_memcpy || type == &dmaconf_memset)
			continue;
		any = true;
		prep_check_args(test, dc, type, DMA_MEM_TO_MEM, 1);
	}
	if (any)
		return;
	if (dc->device->device_prep_slave_sg)
		dmaconf_not_tested(test, "no aid with a data port");
	dmaconf_not_applicable(test, "no prep of the channel is given a pointer");
}

static void prep_check_degenerate(struct kunit *test, struct dmaconf_xfer *x, const char *what)
{
	if (!dmaconf_try_queue(x)) {
		KUNIT_EXPECT_FALSE_MSG(test, IS_ERR(x->tx), "%s: prep returned %pe, not NULL",
				       what, x->tx);
		return;
	}
	dmaconf_diag(x->dc, "%s: prep did not refuse it", what);
	dmaconf_issue(x->dc);
	if (!dmaconf_finish(x))
		KUNIT_FAIL_AND_ABORT(test, "%s was accepted and did not end well", what);
	if (dmaconf_dst(x) && !x->len)
		KUNIT_EXPECT_LT_MSG(test, dmaconf_buf_differs(x->dc, dmaconf_dst(x)), 0,
				    "%s has written to memory", what);
}

/* A transfer of no bytes: all memory that it knows is red zones. */
static struct dmaconf_xfer *prep_nothing(struct dmaconf *dc, enum dma_transfer_direction dir)
{
	return dmaconf_xfer_dir(dc, 0, dir);
}

static void prep_check_degenerate_lists(struct kunit *test, struct dmaconf *dc,
					enum dma_transfer_direction dir)
{
	struct dmaconf_xfer *x = prep_nothing(dc, dir);
	struct dmaconf_buf *buf = dmaconf_buf(dc, 256, dir == DMA_MEM_TO_DEV ? DMA_TO_DEVICE :
									DMA_FROM_DEVICE);
	const struct dmaconf_piece pieces[] = { { buf, 0, 64 }, { buf, 64, 0 }, { buf, 128, 64 } };

	/* Whoever looks at the first entry all the same finds some red zone in it. */
	sg_dma_len(x->sgl) = 64;
	x->nents = 0;
	prep_check_degenerate(test, x, "a list of 0 entries");

	x = prep_nothing(dc, dir);
	kfree(x->sgl);
	x->sgl = NULL;
	x->nents = 0;
	prep_check_degenerate(test, x, "no list");

	x = prep_nothing(dc, dir);
	sg_dma_len(x->sgl) = 0;
	prep_check_degenerate(test, x, "one entry of 0 bytes");

	x = dmaconf_xfer_scattered(dc, dir, pieces, ARRAY_SIZE(pieces));
	prep_check_degenerate(test, x, "an entry of 0 bytes between others");
}

static void prep_check_degenerate_fills(struct kunit *test, struct dmaconf *dc)
{
	struct dmaconf_xfer *x = dmaconf_xfer_of(dc, &dmaconf_memset_sg, DMA_MEM_TO_MEM, 0);

	x->nents = 0;
	prep_check_degenerate(test, x, "memset_sg of 0 entries");

	x = dmaconf_xfer_of(dc, &dmaconf_memset_sg, DMA_MEM_TO_MEM, 0);
	kfree(x->sgl);
	x->sgl = NULL;
	x->nents = 0;
	prep_check_degenerate(test, x, "memset_sg without a list");
}

/* No sources add up to nothing; what arrives then, if anything, is zeroes. */
static void prep_check_no_sources(struct kunit *test, struct dmaconf *dc)
{
	static const struct dmaconf_type * const types[] = { &dmaconf_xor, &dmaconf_pq };

	for (int i = 0; i < ARRAY_SIZE(types); i++) {
		struct dmaconf_xfer *x;

		if (!types[i]->offered(dc, DMA_MEM_TO_MEM))
			continue;
		x = dmaconf_xfer_of(dc, types[i], DMA_MEM_TO_MEM, 64);
		x->nfrom = 0;
		prep_check_degenerate(test, x, "no sources");
	}
}

/* Broken: a request for nothing moves a burst or 4 GiB, or hangs the channel. */
DMACONF_RULE(prep, zero_len, SHOULD,
	     "Requests for nothing (no bytes, no entries, an entry without bytes) are refused with NULL, or end without moving anything.",
	     "drivers/dma/pl330.c:2784; drivers/dma/dw/core.c:635; drivers/dma/at_xdmac.c:800",
	     NEEDS_XFER)
{
	static const enum dma_transfer_direction dirs[] = { DMA_MEM_TO_DEV, DMA_DEV_TO_MEM };
	const struct dmaconf_type *type = NULL;

	while ((type = dmaconf_next_type(dc, type)))
		prep_check_degenerate(test, dmaconf_xfer_of(dc, type, DMA_MEM_TO_MEM, 0),
				      type->name);
	for (int i = 0; i < ARRAY_SIZE(dirs); i++)
		if (dmaconf_slave_sg.offered(dc, dirs[i]))
			prep_check_degenerate_lists(test, dc, dirs[i]);
	if (dmaconf_memset_sg.offered(dc, DMA_MEM_TO_MEM))
		prep_check_degenerate_fills(test, dc);
	prep_check_no_sources(test, dc);
}
