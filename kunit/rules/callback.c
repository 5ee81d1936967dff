// SPDX-License-Identifier: GPL-2.0-only
/* Completion callbacks. */
#include "dmaconf.h"

static struct kunit_case cb_rules[] = {
	{}
};
DMACONF_SUITE(cb);

kunit_test_suites(&cb_suite);
