// SPDX-License-Identifier: GPL-2.0-only
/* Submission and cookies. */
#include "dmaconf.h"

#define ROUNDS	200

DMACONF_RULE(cookie, monotonic, MUST,
	     "Cookies of a channel are unique and increase strictly in submit order, across termination too.",
	     "include/linux/dmaengine.h:596; drivers/dma/dmaengine.h:22",
	     NEEDS_XFER | NEEDS_TERMINATE)
{
	struct dmaconf_xfer *x = dmaconf_xfer(dc, 64);
	dma_cookie_t last = 0;

	for (int i = 0; i < ROUNDS; i++) {
		dmaconf_queue(x);
		KUNIT_ASSERT_GT_MSG(test, x->cookie, last, "submission %d", i);
		last = x->cookie;
		if (i % 3 == 2)
			KUNIT_ASSERT_EQ(test, dmaconf_terminate_sync(dc), 0);
	}
}

static struct kunit_case cookie_rules[] = {
	DMACONF_CASE(cookie, monotonic),
	{}
};
DMACONF_SUITE(cookie);

kunit_test_suites(&cookie_suite);
