// SPDX-License-Identifier: GPL-2.0-only
/* Repeated transfers, and the flags that ask for them. */
#include "dmaconf.h"

/* The transfer runs once, and the channel goes on to the next. */
static void expect_once(struct dmaconf *dc, const struct dmaconf_type *type,
			enum dma_transfer_direction dir, unsigned long flags)
{
	struct dmaconf_xfer *x[2];
	int calls;

	for (int i = 0; i < ARRAY_SIZE(x); i++) {
		x[i] = dmaconf_xfer_of(dc, type, dir, 200 + 100 * i);
		x[i]->flags |= flags;
	}
	calls = READ_ONCE(dc->seq);
	for (int i = 0; i < ARRAY_SIZE(x); i++)
		dmaconf_queue(x[i]);
	dmaconf_issue(dc);
	for (int i = 0; i < ARRAY_SIZE(x); i++)
		if (!dmaconf_finish(x[i]))
			KUNIT_FAIL_AND_ABORT(dc->test, "%s %d of 2 with flags %#lx", type->name,
					     i + 1, flags);
	KUNIT_EXPECT_TRUE_MSG(dc->test, dmaconf_stays_quiet(dc, calls + 2),
			      "%s with flags %#lx was called back again", type->name, flags);
}

/* Broken: a plain transfer never ends, because of a flag that is not about it. */
DMACONF_RULE(repeat, gate, MUST,
	     "DMA_PREP_REPEAT is refused without DMA_REPEAT for an interleaved transfer, and it and DMA_PREP_LOAD_EOT mean nothing to other types.",
	     "include/linux/dmaengine.h:193; include/linux/dmaengine.h:1047; Documentation/driver-api/dmaengine/provider.rst:616",
	     NEEDS_XFER)
{
	static const unsigned long flags[] = {
		DMA_PREP_REPEAT, DMA_PREP_LOAD_EOT, DMA_PREP_REPEAT | DMA_PREP_LOAD_EOT,
	};
	bool repeat = dma_has_cap(DMA_REPEAT, dc->device->cap_mask);
	bool interleave = dma_has_cap(DMA_INTERLEAVE, dc->device->cap_mask);
	const struct dmaconf_type *type = NULL;
	struct dmaconf_xfer *x;

	KUNIT_EXPECT_TRUE_MSG(test, !repeat || interleave,
			      "DMA_REPEAT without DMA_INTERLEAVE: nothing could be repeated");
	if (dc->type == &dmaconf_interleaved && !repeat) {
		x = dmaconf_xfer(dc, 64);
		x->flags |= DMA_PREP_REPEAT;
		KUNIT_EXPECT_FALSE_MSG(test, dmaconf_try_prep(x),
				       "DMA_PREP_REPEAT was taken without DMA_REPEAT");
		expect_once(dc, dc->type, dc->dir, DMA_PREP_LOAD_EOT);
	}
	for (int i = 0; i < ARRAY_SIZE(flags); i++) {
		while ((type = dmaconf_next_type(dc, type)))
			if (type != &dmaconf_interleaved)
				expect_once(dc, type, DMA_MEM_TO_MEM, flags[i]);
		if (dmaconf_slave_sg.offered(dc, DMA_MEM_TO_DEV))
			expect_once(dc, &dmaconf_slave_sg, DMA_MEM_TO_DEV, flags[i]);
		if (dmaconf_slave_sg.offered(dc, DMA_DEV_TO_MEM))
			expect_once(dc, &dmaconf_slave_sg, DMA_DEV_TO_MEM, flags[i]);
	}
}

static struct kunit_case repeat_rules[] = {
	DMACONF_CASE(repeat, gate),
	{}
};

DMACONF_SUITE(repeat);

kunit_test_suites(&repeat_suite);
