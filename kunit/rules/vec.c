// SPDX-License-Identifier: GPL-2.0-only
/* Arrays of vectors, which are to behave as scatterlists do. */
#include "dmaconf.h"

static const enum dma_transfer_direction dirs[] = { DMA_MEM_TO_DEV, DMA_DEV_TO_MEM };

#define STOPS	5

/**
 * struct vec_trace - what a held transfer answered on its way
 * @moved: bytes moved
 * @residue: residue then
 * @status: status then
 */
struct vec_trace {
	size_t moved[STOPS];
	u32 residue[STOPS];
	enum dma_status status[STOPS];
};

/* Step a transfer through its stops and to its end. */
static void vec_follow(struct dmaconf_xfer *x, struct vec_trace *trace)
{
	struct dmaconf *dc = x->dc;
	struct dmaconf_status at;
	size_t moved = 0;

	dmaconf_hold(dc);
	dmaconf_start(x);
	for (int i = 0; i < STOPS; i++) {
		at = dmaconf_status(x);
		trace->moved[i] = moved;
		trace->residue[i] = at.state.residue;
		trace->status[i] = at.status;
		moved += dmaconf_step(dc, rounddown(x->len / STOPS, dc->align));
	}
	dmaconf_release(dc);
	dmaconf_finish(x);
}

static void vec_run(struct dmaconf_xfer *x, struct vec_trace *trace)
{
	struct dmaconf *dc = x->dc;
	int seq = dc->seq;

	if (dc->aid->gate) {
		vec_follow(x, trace);
	} else {
		dmaconf_start(x);
		dmaconf_finish(x);
	}
	KUNIT_EXPECT_TRUE_MSG(dc->test, dmaconf_stays_quiet(dc, seq + 1),
			      "a %s of %zu bytes in %u pieces was called back again",
			      x->type->name, x->len, x->nents);
}

static struct dmaconf_xfer *vec_xfer(struct dmaconf *dc, const struct dmaconf_type *type,
				     enum dma_transfer_direction dir, size_t len, unsigned int n)
{
	struct dmaconf_xfer *x = dmaconf_xfer_of(dc, type, dir, len);

	KUNIT_ASSERT_TRUE(dc->test, dmaconf_xfer_split(x, n));
	return x;
}

static void vec_compare(struct dmaconf *dc, enum dma_transfer_direction dir, size_t len,
			unsigned int n)
{
	struct vec_trace vec = {}, sg = {};

	vec_run(vec_xfer(dc, &dmaconf_vec, dir, len, n), &vec);
	if (!dmaconf_slave_sg.offered(dc, dir))
		return;
	vec_run(vec_xfer(dc, &dmaconf_slave_sg, dir, len, n), &sg);
	for (int i = 0; i < STOPS && dc->aid->gate; i++) {
		if (vec.moved[i] != sg.moved[i])
			break;
		KUNIT_EXPECT_EQ_MSG(dc->test, vec.residue[i], sg.residue[i],
				    "residue after %zu of %zu bytes, in %u vectors and entries",
				    vec.moved[i], len, n);
		KUNIT_EXPECT_STREQ_MSG(dc->test, dmaconf_status_name(vec.status[i]),
				       dmaconf_status_name(sg.status[i]), "status then");
	}
}

/* An array of no vectors, and one of a direction that is none. */
static void vec_refused(struct dmaconf *dc, enum dma_transfer_direction dir)
{
	struct dmaconf_xfer *x = vec_xfer(dc, &dmaconf_vec, dir, 64, 1);

	x->nents = 0;
	KUNIT_EXPECT_FALSE_MSG(dc->test, dmaconf_try_prep(x), "no vectors were accepted");
	x->nents = 1;
	x->dir = DMA_TRANS_NONE;
	KUNIT_EXPECT_FALSE_MSG(dc->test, dmaconf_try_prep(x),
			       "vectors without a direction were accepted");
	x->dir = dir;
	dmaconf_terminate_sync(dc);
}

/* Broken: an IIO buffer has the samples of its first block only, or in the wrong places. */
DMACONF_RULE(vec, equivalent, MUST,
	     "prep_peripheral_dma_vec does with an array what prep_slave_sg does with a list of the same pieces.",
	     "Documentation/driver-api/dmaengine/provider.rst:436; Documentation/driver-api/dmaengine/client.rst:83; drivers/iio/buffer/industrialio-buffer-dmaengine.c:84",
	     NEEDS_VEC | NEEDS_PORT)
{
	static const unsigned int shapes[] = { 1, 2, 3, 7, 32 };

	for (int d = 0; d < ARRAY_SIZE(dirs); d++) {
		if (!dmaconf_vec.offered(dc, dirs[d]))
			continue;
		for (int i = 0; i < ARRAY_SIZE(shapes); i++)
			vec_compare(dc, dirs[d], 400 + dmaconf_random(dc, 3000), shapes[i]);
		if (dc->device->device_terminate_all)
			vec_refused(dc, dirs[d]);
	}
}

static struct kunit_case vec_rules[] = {
	DMACONF_CASE(vec, equivalent),
	{}
};

DMACONF_SUITE(vec);

kunit_test_suites(&vec_suite);
