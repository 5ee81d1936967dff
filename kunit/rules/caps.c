// SPDX-License-Identifier: GPL-2.0-only
/* Declared capabilities. */
#include "dmaconf.h"

#define SHORT	256	/* transfers of fewer bytes may not be worth it */

#define SLAVE_DIRECTIONS	(BIT(DMA_MEM_TO_DEV) | BIT(DMA_DEV_TO_MEM))
#define ALL_DIRECTIONS		(BIT(DMA_TRANS_NONE) - 1)
/* "Undefined" means that a configuration may leave the width to the provider. */
#define ALL_WIDTHS		(BIT(DMA_SLAVE_BUSWIDTH_UNDEFINED) |	\
				 BIT(DMA_SLAVE_BUSWIDTH_1_BYTE) |	\
				 BIT(DMA_SLAVE_BUSWIDTH_2_BYTES) |	\
				 BIT(DMA_SLAVE_BUSWIDTH_3_BYTES) |	\
				 BIT(DMA_SLAVE_BUSWIDTH_4_BYTES) |	\
				 BIT(DMA_SLAVE_BUSWIDTH_8_BYTES) |	\
				 BIT(DMA_SLAVE_BUSWIDTH_16_BYTES))
#define LONGEST			SZ_64K	/* of a slave transfer here */
#define SG_ENTRIES		32	/* tried where the provider declares no limit */
#define SG_MOST			256

static const enum dma_transfer_direction slave_dirs[] = { DMA_MEM_TO_DEV, DMA_DEV_TO_MEM };

static const char *dir_name(enum dma_transfer_direction dir)
{
	return dmaengine_get_direction_text(dir);
}

/* Whether the core has anything to report about the channel. */
static bool caps_reported(struct dma_device *device)
{
	return (dma_has_cap(DMA_SLAVE, device->cap_mask) ||
		dma_has_cap(DMA_CYCLIC, device->cap_mask)) && device->directions;
}

static struct dma_slave_caps caps_get(struct dmaconf *dc)
{
	struct dma_slave_caps caps;

	memset(&caps, 0, sizeof(caps));
	KUNIT_ASSERT_EQ_MSG(dc->test, dma_get_slave_caps(dc->chan, &caps), 0,
			    "a slave channel reports no capabilities: is directions 0?");
	return caps;
}

/* What follows the checks of the declaration needs somewhere to move data to. */
static void caps_need_port(struct dmaconf *dc)
{
	if (!dc->aid || !dc->aid->port)
		dmaconf_not_tested(dc->test, "no aid with a data port; the masks are well formed");
}

static void expect_generic_caps(struct dmaconf *dc)
{
	void (*device_caps)(struct dma_chan *, struct dma_slave_caps *) =
		dc->device->device_caps;
	struct dma_device *device = dc->device;
	struct kunit *test = dc->test;
	struct dma_slave_caps caps;
	int ret;

	memset(&caps, 0, sizeof(caps));
	device->device_caps = NULL;
	ret = dma_get_slave_caps(dc->chan, &caps);
	device->device_caps = device_caps;

	KUNIT_EXPECT_EQ(test, ret, 0);
	KUNIT_EXPECT_EQ(test, caps.src_addr_widths, device->src_addr_widths);
	KUNIT_EXPECT_EQ(test, caps.dst_addr_widths, device->dst_addr_widths);
	KUNIT_EXPECT_EQ(test, caps.directions, device->directions);
	KUNIT_EXPECT_EQ(test, caps.min_burst, device->min_burst);
	KUNIT_EXPECT_EQ(test, caps.max_burst, device->max_burst);
	KUNIT_EXPECT_EQ(test, caps.max_sg_burst, device->max_sg_burst);
	KUNIT_EXPECT_EQ(test, caps.residue_granularity, device->residue_granularity);
	KUNIT_EXPECT_EQ(test, caps.descriptor_reuse, device->descriptor_reuse);
	KUNIT_EXPECT_EQ(test, caps.cmd_pause, !!device->device_pause);
	KUNIT_EXPECT_EQ(test, caps.cmd_resume, !!device->device_resume);
	KUNIT_EXPECT_EQ(test, caps.cmd_terminate, !!device->device_terminate_all);
}

/* A channel may narrow what the device declares; it does not lose what it has. */
static void expect_channel_caps(struct dmaconf *dc)
{
	struct dma_slave_caps caps = caps_get(dc);
	struct dma_device *device = dc->device;
	struct kunit *test = dc->test;

	KUNIT_EXPECT_NE_MSG(test, caps.directions, 0, "device_caps left no direction");
	KUNIT_EXPECT_EQ_MSG(test, !caps.src_addr_widths, !device->src_addr_widths,
			    "device_caps lost the source widths");
	KUNIT_EXPECT_EQ_MSG(test, !caps.dst_addr_widths, !device->dst_addr_widths,
			    "device_caps lost the destination widths");
	KUNIT_EXPECT_EQ_MSG(test, caps.cmd_terminate, !!device->device_terminate_all,
			    "device_caps changed cmd_terminate, which follows device_terminate_all");
	KUNIT_EXPECT_TRUE_MSG(test, !caps.cmd_pause || device->device_pause,
			      "cmd_pause without device_pause");
	KUNIT_EXPECT_TRUE_MSG(test, !caps.cmd_resume || device->device_resume,
			      "cmd_resume without device_resume");
	KUNIT_EXPECT_LE_MSG(test, (int)caps.residue_granularity,
			    DMA_RESIDUE_GRANULARITY_BURST, "no enum dma_residue_granularity");
}

/*
 * Broken: a client chooses widths, bursts or residue handling by wrong figures, and is
 * refused or misled later; audio reports positions that mean nothing.
 */
DMACONF_RULE(caps, slave_gate, MUST,
	     "dma_get_slave_caps() refuses what is no slave channel and else reports what the provider declared, with what the channel itself overrides.",
	     "drivers/dma/dmaengine.c:577; include/linux/dmaengine.h:488",
	     NEEDS_ANY)
{
	struct dma_slave_caps caps;
	u32 directions;
	int ret;

	KUNIT_EXPECT_EQ(test, dma_get_slave_caps(NULL, &caps), -EINVAL);
	KUNIT_EXPECT_EQ(test, dma_get_slave_caps(dc->chan, NULL), -EINVAL);
	if (!caps_reported(dc->device)) {
		KUNIT_EXPECT_EQ(test, dma_get_slave_caps(dc->chan, &caps), -ENXIO);
		return;
	}
	directions = dc->device->directions;
	dc->device->directions = 0;
	ret = dma_get_slave_caps(dc->chan, &caps);
	dc->device->directions = directions;
	KUNIT_EXPECT_EQ_MSG(test, ret, -ENXIO, "without any direction");

	expect_generic_caps(dc);
	expect_channel_caps(dc);
}

/* Prep takes the direction exactly when it is offered, and then data moves. */
static void expect_direction(struct dmaconf *dc, enum dma_transfer_direction dir, bool offered)
{
	struct dmaconf_xfer *x = dmaconf_xfer_dir(dc, 64 * (1 + dmaconf_random(dc, 8)), dir);

	KUNIT_EXPECT_EQ_MSG(dc->test, dmaconf_try_prep(x), offered,
			    "BIT(%s) is %s directions, but prep_slave_sg %s it", dir_name(dir),
			    offered ? "in" : "not in", offered ? "refused" : "took");
	if (!offered || x->state != DMACONF_PREPARED)
		return;
	KUNIT_ASSERT_TRUE_MSG(dc->test, dmaconf_try_submit(x), "%s was refused at submission",
			      dir_name(dir));
	dmaconf_issue(dc);
	dmaconf_finish(x);
}

/*
 * Broken: a client that asks what a channel can do (audio at probe) finds no direction,
 * or sends in one that the hardware lacks.
 */
DMACONF_RULE(caps, directions, MUST,
	     "The directions are a mask of BIT(direction); prep_slave_sg takes every slave direction in it and refuses the others.",
	     "Documentation/driver-api/dmaengine/provider.rst:123; include/linux/dmaengine.h:494; include/linux/dmaengine.h:806",
	     NEEDS_SLAVE)
{
	struct dma_slave_caps caps = caps_get(dc);

	KUNIT_ASSERT_EQ_MSG(test, caps.directions & ~ALL_DIRECTIONS, 0,
			    "directions %#x has bits that are no direction", caps.directions);
	KUNIT_ASSERT_NE_MSG(test, caps.directions & ~BIT(DMA_MEM_TO_MEM), 0,
			    "directions %#x has no slave direction", caps.directions);
	if (caps.directions & BIT(DMA_MEM_TO_MEM))
		dmaconf_diag(dc, "directions has BIT(DMA_MEM_TO_MEM), which is no slave direction");
	caps_need_port(dc);

	for (int i = 0; i < ARRAY_SIZE(slave_dirs); i++)
		expect_direction(dc, slave_dirs[i], caps.directions & BIT(slave_dirs[i]));
	if (!(caps.directions & BIT(DMA_DEV_TO_DEV)))
		expect_direction(dc, DMA_DEV_TO_DEV, false);
}

/* Configure one half for a direction and move some data with it. */
static void expect_config_works(struct dmaconf *dc, enum dma_transfer_direction dir,
				const struct dma_slave_config *to, size_t len)
{
	u32 width = dir == DMA_MEM_TO_DEV ? to->dst_addr_width : to->src_addr_width;
	u32 burst = dir == DMA_MEM_TO_DEV ? to->dst_maxburst : to->src_maxburst;
	struct dma_slave_config cfg = *to;
	struct dmaconf_xfer *x;

	KUNIT_ASSERT_EQ_MSG(dc->test, dmaengine_slave_config(dc->chan, &cfg), 0,
			    "%s with width %u and maxburst %u was refused", dir_name(dir), width,
			    burst);
	dmaconf_streams(dc);
	dmaconf_streams_width(dc, width);
	x = dmaconf_xfer_dir(dc, len, dir);
	KUNIT_ASSERT_TRUE_MSG(dc->test, dmaconf_try_queue(x),
			      "%s of %zu bytes with width %u and maxburst %u was refused",
			      dir_name(dir), len, width, burst);
	dmaconf_issue(dc);
	if (!dmaconf_finish(x))
		dmaconf_diag(dc, "it was %s with width %u and maxburst %u", dir_name(dir), width,
			     burst);
}

static void expect_widths(struct dmaconf *dc, enum dma_transfer_direction dir, u32 widths)
{
	/* "Undefined" is none that could be asked for. */
	unsigned long mask = widths & ~BIT(DMA_SLAVE_BUSWIDTH_UNDEFINED);
	unsigned int width;

	for_each_set_bit(width, &mask, 32) {
		struct dma_slave_config cfg = dmaconf_config_for(dc, 0);

		if (dir == DMA_MEM_TO_DEV)
			cfg.dst_addr_width = width;
		else
			cfg.src_addr_width = width;
		/* A multiple of every width there is, 3 included. */
		expect_config_works(dc, dir, &cfg, 192 * (1 + dmaconf_random(dc, 8)));
	}
}

/*
 * Broken: a client finds its bus width missing and gives up, or takes one that then
 * moves every other byte.
 */
DMACONF_RULE(caps, widths, MUST,
	     "The address widths are masks of BIT(width in bytes), and every width in them can be used.",
	     "include/linux/dmaengine.h:490; include/linux/dmaengine.h:802",
	     NEEDS_SLAVE)
{
	struct dma_slave_caps caps = caps_get(dc);

	KUNIT_ASSERT_EQ_MSG(test, caps.src_addr_widths & ~ALL_WIDTHS, 0,
			    "src_addr_widths %#x has bits that are no width", caps.src_addr_widths);
	KUNIT_ASSERT_EQ_MSG(test, caps.dst_addr_widths & ~ALL_WIDTHS, 0,
			    "dst_addr_widths %#x has bits that are no width", caps.dst_addr_widths);
	caps_need_port(dc);
	/* Whose width is fixed shows it with every transfer. */
	if (!dc->device->device_config)
		return;

	if (caps.directions & BIT(DMA_MEM_TO_DEV))
		expect_widths(dc, DMA_MEM_TO_DEV, caps.dst_addr_widths);
	if (caps.directions & BIT(DMA_DEV_TO_MEM))
		expect_widths(dc, DMA_DEV_TO_MEM, caps.src_addr_widths);
}

static struct dma_slave_config burst_config(struct dmaconf *dc, u32 burst)
{
	struct dma_slave_config cfg = dmaconf_config_for(dc, 0);

	cfg.src_maxburst = burst;
	cfg.dst_maxburst = burst;
	return cfg;
}

static void expect_burst(struct dmaconf *dc, enum dma_transfer_direction dir, u32 burst)
{
	struct dma_slave_config cfg = burst_config(dc, burst);
	u64 len = 4ull * burst * dmaconf_width(dc);

	if (len <= LONGEST)
		expect_config_works(dc, dir, &cfg, len);
	else
		KUNIT_EXPECT_EQ(dc->test, dmaengine_slave_config(dc->chan, &cfg), 0);
}

/* Too large a burst is clamped, and then data moves, or refused for what it is. */
static void expect_burst_limit(struct dmaconf *dc, enum dma_transfer_direction dir, u32 burst)
{
	struct dma_slave_config cfg = burst_config(dc, burst);
	int ret = dmaengine_slave_config(dc->chan, &cfg);

	if (!ret)
		expect_burst(dc, dir, burst);
	else
		KUNIT_EXPECT_EQ_MSG(dc->test, ret, -EINVAL, "maxburst %u, above max_burst", burst);
}

static void expect_long_list(struct dmaconf *dc, enum dma_transfer_direction dir,
			     unsigned int nents)
{
	struct dmaconf_xfer *x;

	KUNIT_ASSERT_EQ(dc->test, dmaconf_config(dc, 0), 0);
	x = dmaconf_xfer_dir(dc, nents * 64, dir);
	KUNIT_ASSERT_TRUE(dc->test, dmaconf_xfer_split(x, nents));
	KUNIT_ASSERT_TRUE_MSG(dc->test, dmaconf_try_queue(x),
			      "a %s list of %u entries was refused", dir_name(dir), nents);
	dmaconf_issue(dc);
	if (!dmaconf_finish(x))
		dmaconf_diag(dc, "it was a %s list of %u entries of 64 bytes", dir_name(dir),
			     nents);
}

/* Broken: fIFOs over- or underrun, or the tail of a long list is silently missing. */
DMACONF_RULE(caps, burst, SHOULD,
	     "Bursts up to a declared max_burst are accepted and larger ones clamped or refused; lists longer than max_sg_burst still work.",
	     "include/linux/dmaengine.h:498; include/linux/dmaengine.h:810",
	     NEEDS_SLAVE | NEEDS_CONFIG | NEEDS_PORT)
{
	struct dma_slave_caps caps = caps_get(dc);
	u32 nents = min_t(u32, caps.max_sg_burst ?: SG_ENTRIES, SG_MOST) + 1;

	KUNIT_EXPECT_TRUE_MSG(test, !caps.max_burst || caps.min_burst <= caps.max_burst,
			      "min_burst %u, max_burst %u", caps.min_burst, caps.max_burst);
	for (int i = 0; i < ARRAY_SIZE(slave_dirs); i++) {
		if (!(caps.directions & BIT(slave_dirs[i])))
			continue;
		if (caps.min_burst)
			expect_burst(dc, slave_dirs[i], caps.min_burst);
		if (caps.max_burst)
			expect_burst(dc, slave_dirs[i], caps.max_burst);
		if (caps.max_burst && caps.max_burst != U32_MAX)
			expect_burst_limit(dc, slave_dirs[i], caps.max_burst + 1);
		expect_long_list(dc, slave_dirs[i], nents);
	}
}

/* Some units at some place of each of two buffers. */
static struct dmaconf_xfer *caps_link(struct dmaconf *dc, const struct dmaconf_type *type,
				      struct dmaconf_buf *dst, size_t dst_off,
				      struct dmaconf_buf *src, size_t src_off, size_t len)
{
	const struct dmaconf_piece to = { dst, dst_off, len }, from = { src, src_off, len };

	dmaconf_buf_refill(dc, dst);
	return dmaconf_xfer_linking(dc, type, &to, &from);
}

/* Taken, and every byte of both buffers as it should be. */
static bool expect_exact(struct dmaconf_xfer *x, struct dmaconf_buf *dst, struct dmaconf_buf *src)
{
	struct dmaconf *dc = x->dc;

	if (!dmaconf_try_queue(x)) {
		/* Such as mv_xor, which takes no fewer than 128 bytes. */
		if (x->len < SHORT && dc->test->status == KUNIT_SUCCESS)
			dmaconf_should(dc, "a provider cannot declare how few bytes it takes");
		KUNIT_FAIL(dc->test,
			   "aligned %s of %zu bytes to +%zu: refused (aligned to %zu)",
			   x->type->name, x->len, x->to[0].off, dmaconf_align(dc, x->type));
		return false;
	}
	dmaconf_issue(dc);
	if (dmaconf_finish(x) && dmaconf_buf_check(dc, dst, "after an aligned transfer") &&
	    dmaconf_buf_check(dc, src, "after an aligned transfer"))
		return true;
	dmaconf_diag(dc, "it was a %s of %zu bytes, to +%zu", x->type->name, x->len,
		     x->to[0].off);
	return false;
}

/* What is misaligned may be refused or fail, but never goes wrong in silence. */
static void expect_harmless(struct dmaconf_xfer *x, struct dmaconf_buf *dst)
{
	struct dmaconf *dc = x->dc;

	if (!dmaconf_try_queue(x))
		return;
	dmaconf_issue(dc);
	KUNIT_ASSERT_NE_MSG(dc->test, dmaconf_wait(x), DMACONF_WRONG,
			    "a misaligned %s of %zu bytes, to +%zu", x->type->name, x->len,
			    x->to[0].off);
	KUNIT_ASSERT_TRUE(dc->test, dmaconf_buf_check(dc, dst, "after a misaligned transfer"));
}

static void expect_alignment(struct dmaconf *dc, const struct dmaconf_type *type)
{
	size_t unit = dmaconf_align(dc, type);
	/* What everybody must take first. */
	const size_t units[] = { DIV_ROUND_UP(SHORT, unit), 1, 2, 3, 7, 13 };
	struct dmaconf_buf *src, *dst;

	KUNIT_ASSERT_LE_MSG(dc->test, unit, 1 << DMAENGINE_ALIGN_256_BYTES,
			    "the alignment of %s is a shift, not a number of bytes", type->name);
	src = dmaconf_buf(dc, 32 * unit + SHORT, DMA_TO_DEVICE);
	dst = dmaconf_buf(dc, 32 * unit + SHORT, DMA_FROM_DEVICE);
	for (int i = 0; i < 4 * 4 * ARRAY_SIZE(units); i++) {
		size_t s = i % 4, d = i / 4 % 4, len = units[i / 16];

		if (!expect_exact(caps_link(dc, type, dst, (d + dmaconf_random(dc, 8)) * unit, src,
					    (s + dmaconf_random(dc, 2) * 4) * unit, len * unit),
				  dst, src))
			return;
	}
	if (dmaconf_bench_align() > 1)
		dmaconf_not_tested(dc->test, "the bench cannot try what is no multiple of %u bytes",
				   dmaconf_bench_align());
	for (int i = 1; i < 8 && unit > 1; i++)
		expect_harmless(caps_link(dc, type, dst, unit + (i & 1), src,
					  unit + (i >> 1 & 1), 4 * unit + (i >> 2 & 1)), dst);
}

/*
 * Broken: a transfer that honours the declared alignment is refused, or the bytes at its
 * edges are wrong.
 */
DMACONF_RULE(caps, align, MUST,
	     "Every transfer in memory whose places and length are multiples of the alignment declared for its type is accepted and exact; others may be refused but corrupt nothing.",
	     "include/linux/dmaengine.h:740; include/linux/dmaengine.h:794; crypto/async_tx/async_memcpy.c:45",
	     NEEDS_MEMORY)
{
	const struct dmaconf_type *type = NULL;

	while ((type = dmaconf_next_type(dc, type)))
		if (type != &dmaconf_interleaved)
			expect_alignment(dc, type);
}

/* As many sources as are declared; all lie in the same two buffers. */
static void expect_sources(struct dmaconf *dc, const struct dmaconf_type *type, unsigned int n,
			   unsigned long flags)
{
	struct dmaconf_xfer *x = dmaconf_xfer_new(dc, type, DMA_MEM_TO_MEM,
						  roundup(128, dmaconf_align(dc, type)));
	struct dmaconf_buf *bufs[2];

	for (int i = 0; i < ARRAY_SIZE(bufs); i++)
		bufs[i] = dmaconf_buf(dc, x->len * DIV_ROUND_UP(n, 2), DMA_TO_DEVICE);
	dmaconf_pieces(x, n, type == &dmaconf_pq ? 2 : 1);
	for (unsigned int i = 0; i < n; i++)
		x->from[i] = (struct dmaconf_piece){ bufs[i & 1], i / 2 * x->len, x->len };
	for (unsigned int i = 0; i < x->nto; i++)
		x->to[i] = (struct dmaconf_piece){
			dmaconf_buf(dc, x->len, DMA_BIDIRECTIONAL), 0, x->len
		};
	x->flags |= flags;
	if (flags & DMA_PREP_PQ_DISABLE_P)
		x->to[0].len = 0;
	dmaconf_xfer_ready(x);
	if (!dmaconf_try_queue(x))
		KUNIT_FAIL_AND_ABORT(dc->test, "%s of %u sources, flags %#lx: refused",
				     type->name, n, flags);
	dmaconf_issue(dc);
	dmaconf_finish(x);
}

/*
 * Broken: async_tx splits a computation into steps that never get anywhere, or that are
 * refused, and waits for ever.
 */
DMACONF_RULE(caps, max_src, MUST,
	     "max_xor and max_pq leave room to make progress, also when a computation goes on, and as many sources are accepted.",
	     "include/linux/dmaengine.h:792; include/linux/dmaengine.h:1309; crypto/async_tx/async_xor.c:37; crypto/async_tx/async_pq.c:53",
	     NEEDS_MEMORY)
{
	static const unsigned long flags[] = {
		0, DMA_PREP_CONTINUE, DMA_PREP_CONTINUE | DMA_PREP_PQ_DISABLE_P,
	};
	bool xor = dmaconf_xor.offered(dc, DMA_MEM_TO_MEM);
	bool pq = dmaconf_pq.offered(dc, DMA_MEM_TO_MEM);

	if (!xor && !pq)
		dmaconf_not_applicable(test, "the channel offers neither xor nor pq");
	if (xor) {
		KUNIT_ASSERT_GE_MSG(test, (int)dc->device->max_xor, 2,
				    "max_xor: one source and the result so far are two");
		expect_sources(dc, &dmaconf_xor, dc->device->max_xor, 0);
	}
	for (int i = 0; i < ARRAY_SIZE(flags) && pq; i++) {
		int most = dma_maxpq(dc->device, flags[i]);

		KUNIT_ASSERT_GE_MSG(test, most, flags[i] ? 1 : 2,
				    "max_pq %#x leaves %d sources with flags %#lx",
				    dc->device->max_pq, most, flags[i]);
		expect_sources(dc, &dmaconf_pq, most, flags[i]);
	}
}

static struct kunit_case caps_rules[] = {
	DMACONF_CASE(caps, slave_gate),
	DMACONF_CASE(caps, directions),
	DMACONF_CASE(caps, widths),
	DMACONF_CASE(caps, burst),
	DMACONF_CASE(caps, align),
	DMACONF_CASE(caps, max_src),
	{}
};

DMACONF_SUITE(caps);

kunit_test_suites(&caps_suite);
