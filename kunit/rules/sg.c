// SPDX-License-Identifier: GPL-2.0-only
/* Slave scatterlists. */
#include <linux/minmax.h>
#include <linux/slab.h>

#include "dmaconf.h"

#define BUFS	3

static const enum dma_transfer_direction sg_dirs[] = { DMA_MEM_TO_DEV, DMA_DEV_TO_MEM };

static const char *sg_dir_name(enum dma_transfer_direction dir)
{
	if (dir == DMA_MEM_TO_MEM)
		return "memset_sg";
	return dir == DMA_MEM_TO_DEV ? "MEM_TO_DEV" : "DEV_TO_MEM";
}

static enum dma_data_direction sg_mapping(enum dma_transfer_direction dir)
{
	return dir == DMA_MEM_TO_DEV ? DMA_TO_DEVICE : DMA_FROM_DEVICE;
}

static void sg_shuffle(struct dmaconf *dc, struct dmaconf_piece *pieces, unsigned int n)
{
	for (unsigned int i = n - 1; i > 0; i--) {
		unsigned int j = dmaconf_random(dc, i + 1);

		swap(pieces[i], pieces[j]);
	}
}

/*
 * A transfer of @n entries of 1 to @units bus words each: in several buffers,
 * with gaps, and in no order, so that only the list tells where they are.
 */
static struct dmaconf_xfer *sg_scattered(struct kunit *test, struct dmaconf *dc,
					 enum dma_transfer_direction dir, unsigned int n,
					 unsigned int units)
{
	size_t used[BUFS] = {}, width;
	struct dmaconf_buf *bufs[BUFS];
	struct dmaconf_piece *pieces;
	unsigned int b;

	width = dir == DMA_MEM_TO_MEM ? dmaconf_memset_sg.align(dc) : dmaconf_width(dc);
	pieces = kunit_kcalloc(test, n, sizeof(*pieces), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, pieces);
	for (b = 0; b < BUFS; b++)
		bufs[b] = dmaconf_buf(dc, (n / BUFS + 1) * (units + 2) * width, sg_mapping(dir));
	for (unsigned int i = 0; i < n; i++) {
		b = i % BUFS;
		used[b] += dmaconf_random(dc, 3) * width;
		pieces[i] = (struct dmaconf_piece){
			.buf = bufs[b],
			.off = used[b],
			.len = (1 + dmaconf_random(dc, units)) * width,
		};
		used[b] += pieces[i].len;
	}
	sg_shuffle(dc, pieces, n);
	return dmaconf_xfer_scattered(dc, dir, pieces, n);
}

/* The peripheral's side: one address, and as many bytes as the memory's side. */
static void sg_check_port(struct kunit *test, struct dmaconf *dc, size_t bytes,
			  enum dma_transfer_direction dir)
{
	struct dmaconf_port_stat stat;

	dc->aid->port->stat(dc->chan, 0, &stat);
	KUNIT_EXPECT_EQ_MSG(test, stat.stray, 0, "%s accessed the peripheral beside its data port",
			    sg_dir_name(dir));
	if (!dmaconf_port_counts(dc))
		return;
	KUNIT_EXPECT_EQ_MSG(test, dir == DMA_MEM_TO_DEV ? stat.written : stat.read, bytes,
			    "%s moved another number of bytes at the port", sg_dir_name(dir));
}

static void sg_check_data(struct kunit *test, struct dmaconf *dc, enum dma_transfer_direction dir,
			  unsigned int n)
{
	struct dmaconf_xfer *x = sg_scattered(test, dc, dir, n, 40);

	dmaconf_connect(dc, 0, SIZE_MAX, false);
	dmaconf_start(x);
	if (!dmaconf_finish(x))
		KUNIT_FAIL_AND_ABORT(test,
				     "%s of %u entries in several places", sg_dir_name(dir), n);
	sg_check_port(test, dc, x->len, dir);
}

/* Several lists one behind the other: each has its own place. */
static void sg_check_queue(struct kunit *test, struct dmaconf *dc, enum dma_transfer_direction dir)
{
	struct dmaconf_xfer *x[4];

	for (int i = 0; i < ARRAY_SIZE(x); i++) {
		x[i] = sg_scattered(test, dc, dir, 1 + dmaconf_random(dc, 6), 10);
		dmaconf_queue(x[i]);
	}
	dmaconf_issue(dc);
	for (int i = 0; i < ARRAY_SIZE(x); i++)
		if (!dmaconf_finish(x[i]))
			KUNIT_FAIL_AND_ABORT(test, "%s list %d of %zu", sg_dir_name(dir), i,
					     ARRAY_SIZE(x));
}

/*
 * Broken: a list of buffers arrives permuted, with gaps, or at addresses beyond the
 * peripheral's register.
 */
DMACONF_RULE(sg, data, MUST,
	     "All entries of a scatterlist are moved in list order between memory and one fixed device address, and the whole completes once.",
	     "Documentation/driver-api/dmaengine/provider.rst:227; Documentation/driver-api/dmaengine/provider.rst:301; Documentation/driver-api/dmaengine/client.rst:81",
	     NEEDS_SLAVE | NEEDS_XFER | NEEDS_PORT)
{
	static const unsigned int entries[] = { 1, 2, 3, 7, 16 };

	for (int d = 0; d < ARRAY_SIZE(sg_dirs); d++) {
		if (!dmaconf_offers(dc, sg_dirs[d]))
			continue;
		for (int i = 0; i < ARRAY_SIZE(entries); i++)
			sg_check_data(test, dc, sg_dirs[d], entries[i]);
		sg_check_queue(test, dc, sg_dirs[d]);
	}
	KUNIT_EXPECT_EQ_MSG(test, dc->seq, list_count_nodes(&dc->xfers),
			    "not as many callbacks as transfers");
}

/* The CPU's view of the entries leads elsewhere; only the DMA fields are valid. */
static void sg_bogus_pages(struct dmaconf_xfer *x, struct dmaconf_buf *decoy)
{
	struct scatterlist *sg;
	unsigned int i;

	for_each_sg(x->sgl, sg, x->nents, i) {
		sg_assign_page(sg, virt_to_page(decoy->data));
		sg->offset = offset_in_page(decoy->data);
		if (IS_ENABLED(CONFIG_NEED_SG_DMA_LENGTH))
			sg->length = 1 + i;
	}
}

/* As after a mapping that merged entries: what follows the mapped ones is stale. */
static void sg_stale_tail(struct kunit *test, struct dmaconf_xfer *x, struct dmaconf_buf *decoy)
{
	struct scatterlist *sgl = kmalloc_array(x->nents + 2, sizeof(*sgl), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, sgl);
	sg_init_table(sgl, x->nents + 2);
	for (unsigned int i = 0; i < x->nents + 2; i++) {
		sg_dma_address(&sgl[i]) = i < x->nents ? sg_dma_address(&x->sgl[i]) : decoy->dma;
		sg_dma_len(&sgl[i]) = i < x->nents ? sg_dma_len(&x->sgl[i]) : 64;
	}
	kfree(x->sgl);
	x->sgl = sgl;
}

/* The second half of the list is a table of its own. */
static void sg_chain_halves(struct kunit *test, struct dmaconf_xfer *x)
{
	unsigned int half = x->nents / 2, rest = x->nents - half;
	struct scatterlist *sgl, *sg;

	sgl = kmalloc_array(x->nents + 1, sizeof(*sgl), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, sgl);
	sg_init_table(sgl, half + 1);
	sg_init_table(sgl + half + 1, rest);
	/* Who takes the link for an entry finds it empty. */
	sg_chain(sgl, half + 1, sgl + half + 1);
	sg = sgl;
	for (unsigned int i = 0; i < x->nents; i++, sg = sg_next(sg)) {
		sg_dma_address(sg) = sg_dma_address(&x->sgl[i]);
		sg_dma_len(sg) = sg_dma_len(&x->sgl[i]);
	}
	kfree(x->sgl);
	x->sgl = sgl;
}

static void sg_check_fields(struct kunit *test, struct dmaconf *dc, enum dma_transfer_direction dir,
			    const char *what)
{
	struct dmaconf_buf *decoy = dmaconf_buf(dc, SZ_4K, DMA_BIDIRECTIONAL);
	struct dmaconf_xfer *x = sg_scattered(test, dc, dir, 6, 20);

	if (!strcmp(what, "page and length of the CPU"))
		sg_bogus_pages(x, decoy);
	else if (!strcmp(what, "entries behind the mapped ones"))
		sg_stale_tail(test, x, decoy);
	else
		sg_chain_halves(test, x);
	if (dir != DMA_MEM_TO_MEM)
		dmaconf_connect(dc, 0, SIZE_MAX, false);
	dmaconf_start(x);
	if (!dmaconf_finish(x))
		KUNIT_FAIL_AND_ABORT(test, "%s: wrong for %s", sg_dir_name(dir), what);
	if (dir != DMA_MEM_TO_MEM)
		sg_check_port(test, dc, x->len, dir);
}

static void sg_check_all_fields(struct kunit *test, struct dmaconf *dc,
				enum dma_transfer_direction dir)
{
	sg_check_fields(test, dc, dir, "page and length of the CPU");
	sg_check_fields(test, dc, dir, "entries behind the mapped ones");
	if (!IS_ENABLED(CONFIG_ARCH_NO_SG_CHAIN))
		sg_check_fields(test, dc, dir, "chained tables");
}

/*
 * Broken: behind an IOMMU, or with merged or chained entries, data goes to wrong
 * addresses or too many entries are sent.
 */
DMACONF_RULE(sg, dma_fields, MUST,
	     "Of a scatterlist only DMA address and DMA length of the mapped entries count, and chained tables are followed.",
	     "include/linux/dmaengine.h:974; Documentation/core-api/dma-api.rst:393; Documentation/driver-api/dmaengine/client.rst:122",
	     NEEDS_LIST | NEEDS_XFER)
{
	for (int d = 0; d < ARRAY_SIZE(sg_dirs); d++)
		if (dmaconf_slave_sg.offered(dc, sg_dirs[d]))
			sg_check_all_fields(test, dc, sg_dirs[d]);
	if (dmaconf_memset_sg.offered(dc, DMA_MEM_TO_MEM))
		sg_check_all_fields(test, dc, DMA_MEM_TO_MEM);
}

static void sg_check_refused(struct kunit *test, struct dmaconf *dc,
			     struct dma_async_tx_descriptor *tx, const char *op, int dir)
{
	KUNIT_EXPECT_NULL_MSG(test, tx, "%s with direction %d was not refused", op, dir);
	if (IS_ERR_OR_NULL(tx))
		return;
	/* It must not run; and a provider may keep a lock until it is submitted. */
	dmaengine_submit(tx);
	if (dc->device->device_terminate_all)
		dmaengine_terminate_sync(dc->chan);
}

/* Broken: a transfer runs the wrong way, and overwrites memory that it should have sent. */
DMACONF_RULE(sg, reject, MUST,
	     "A direction that is none of a slave transfer, or not advertised, makes prep return NULL.",
	     "include/linux/dmaengine.h:494; drivers/dma/bcm2835-dma.c:653; drivers/dma/ti/edma.c:1033",
	     NEEDS_SLAVE)
{
	static const enum dma_transfer_direction dirs[] = {
		DMA_MEM_TO_MEM, DMA_TRANS_NONE, DMA_MEM_TO_DEV, DMA_DEV_TO_MEM, DMA_DEV_TO_DEV,
	};
	struct dmaconf_buf *buf = dmaconf_buf(dc, 256, DMA_BIDIRECTIONAL);
	struct scatterlist sg;

	sg_init_table(&sg, 1);
	sg_dma_address(&sg) = buf->dma;
	sg_dma_len(&sg) = 64;
	for (int i = 0; i < ARRAY_SIZE(dirs); i++) {
		/* Some advertise MEM_TO_MEM among the slave directions; it is none. */
		if (is_slave_direction(dirs[i]) && dmaconf_offers(dc, dirs[i]))
			continue;
		sg_check_refused(test, dc, dmaengine_prep_slave_sg(dc->chan, &sg, 1, dirs[i],
								   DMA_CTRL_ACK),
				 "slave_sg", dirs[i]);
		if (!dma_has_cap(DMA_CYCLIC, dc->device->cap_mask))
			continue;
		sg_check_refused(test, dc, dmaengine_prep_dma_cyclic(dc->chan, buf->dma, 256, 64,
								     dirs[i], DMA_CTRL_ACK),
				 "cyclic", dirs[i]);
	}
}

/* One entry that fits the bus width or does not: refused, or moved to the last byte. */
static void sg_check_odd(struct kunit *test, struct dmaconf *dc, enum dma_transfer_direction dir,
			 size_t off, size_t len, u32 burst)
{
	const struct dmaconf_piece piece = {
		.buf = dmaconf_buf(dc, off + len, sg_mapping(dir)), .off = off, .len = len,
	};
	struct dmaconf_xfer *x = dmaconf_xfer_scattered(dc, dir, &piece, 1);
	struct dmaconf_status at;

	dmaconf_connect(dc, 0, SIZE_MAX, false);
	if (!dmaconf_try_queue(x)) {
		KUNIT_EXPECT_FALSE_MSG(test, IS_ERR(x->tx), "prep returned %pe, not NULL", x->tx);
		return;
	}
	dmaconf_issue(dc);
	if (!dmaconf_finish(x))
		KUNIT_FAIL_AND_ABORT(test,
				     "%s of %zu bytes at offset %zu with width %u and bursts of %u was accepted, and not all of it moved",
				     sg_dir_name(dir), len, off, dmaconf_width(dc), burst);
	at = dmaconf_status(x);
	KUNIT_EXPECT_EQ_MSG(test, at.state.residue, 0, "%zu bytes are complete, with a residue",
			    len);
	sg_check_port(test, dc, len, dir);
}

/* Fewer words than a burst has, and some that are left over after the last one. */
static void sg_check_bursts(struct kunit *test, struct dmaconf *dc,
			    enum dma_transfer_direction dir)
{
	struct dma_slave_config cfg = dmaconf_config_for(dc, 0);
	struct dma_slave_caps caps;
	size_t width = dmaconf_width(dc);
	u32 burst;

	if (dma_get_slave_caps(dc->chan, &caps) || caps.max_burst < 2)
		return;
	burst = min(caps.max_burst, 64U);
	cfg.src_maxburst = burst;
	cfg.dst_maxburst = burst;
	if (!dmaengine_slave_config(dc->chan, &cfg)) {
		const size_t words[] = { 1, burst - 1, burst + 1, 3 * burst - 1 };

		for (int i = 0; i < ARRAY_SIZE(words); i++)
			sg_check_odd(test, dc, dir, 0, words[i] * width, burst);
	}
	KUNIT_EXPECT_EQ(test, dmaconf_config(dc, 0), 0);
}

/*
 * Broken: the last bytes of a buffer of odd length are missing, and the transfer is
 * reported as complete.
 */
DMACONF_RULE(sg, width_multiple, MUST,
	     "An entry whose length or address is no multiple of the bus width, or of a burst, is refused or moved to its last byte, never cut short.",
	     "include/linux/dmaengine.h:409; drivers/dma/imx-sdma.c:1680; drivers/dma/at_xdmac.c:824",
	     NEEDS_SLAVE | NEEDS_XFER | NEEDS_PORT)
{
	unsigned int width = dmaconf_width(dc);

	if (dmaconf_bench_align() > 1)
		dmaconf_not_tested(test, "the bench cannot try what is no multiple of %u bytes",
				   dmaconf_bench_align());
	for (int d = 0; d < ARRAY_SIZE(sg_dirs); d++) {
		if (!dmaconf_offers(dc, sg_dirs[d]))
			continue;
		for (size_t len = 1; len <= min(2 * width + 1, 16U); len++)
			sg_check_odd(test, dc, sg_dirs[d], 0, len, 1);
		for (size_t off = 1; off < min(width, 8U); off++)
			sg_check_odd(test, dc, sg_dirs[d], off, 2 * width, 1);
		sg_check_bursts(test, dc, sg_dirs[d]);
	}
}

static void sg_check_many(struct kunit *test, struct dmaconf *dc, enum dma_transfer_direction dir,
			  unsigned int n)
{
	struct dmaconf_xfer *x = sg_scattered(test, dc, dir, n, 3);

	dmaconf_connect(dc, 0, SIZE_MAX, false);
	if (!dmaconf_try_queue(x)) {
		KUNIT_EXPECT_FALSE_MSG(test, IS_ERR(x->tx), "%u entries: prep returned %pe", n,
				       x->tx);
		dmaconf_diag(dc, "%s of %u entries was refused", sg_dir_name(dir), n);
		return;
	}
	dmaconf_issue(dc);
	if (!dmaconf_finish(x))
		KUNIT_FAIL_AND_ABORT(test, "%s of %u entries was accepted, and not all of it moved",
				     sg_dir_name(dir), n);
	KUNIT_EXPECT_TRUE(test, dmaconf_transfer(dc, 64));
	KUNIT_EXPECT_EQ_MSG(test, x->calls, 1, "%u entries are one transfer", n);
}

/* Broken: long lists, as of a block device, end early or never. */
DMACONF_RULE(sg, many, SHOULD,
	     "A list longer than the hardware's chain is continued by software, with all data, its order and one completion.",
	     "Documentation/driver-api/dmaengine/provider.rst:52; include/linux/dmaengine.h:500; drivers/dma/ti/edma.c:1052",
	     NEEDS_SLAVE | NEEDS_XFER | NEEDS_PORT)
{
	u32 burst = clamp(dc->device->max_sg_burst, 1U, 512U);
	const unsigned int entries[] = { 1, burst, burst + 1, 33, 128, 1000 };

	for (int d = 0; d < ARRAY_SIZE(sg_dirs); d++) {
		if (!dmaconf_offers(dc, sg_dirs[d]))
			continue;
		for (int i = 0; i < ARRAY_SIZE(entries); i++)
			sg_check_many(test, dc, sg_dirs[d], entries[i]);
	}
}

static struct kunit_case sg_rules[] = {
	DMACONF_CASE(sg, data),
	DMACONF_CASE(sg, dma_fields),
	DMACONF_CASE(sg, reject),
	DMACONF_CASE(sg, width_multiple),
	DMACONF_CASE(sg, many),
	{}
};

DMACONF_SUITE(sg);

kunit_test_suites(&sg_suite);
