// SPDX-License-Identifier: GPL-2.0-only
/* Memory to memory copies. */
#include "dmaconf.h"

static struct kunit_case memcpy_rules[] = {
	{}
};
DMACONF_SUITE(memcpy);

kunit_test_suites(&memcpy_suite);
