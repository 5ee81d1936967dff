// SPDX-License-Identifier: GPL-2.0-only
/* DMA mapping. */
#include "dmaconf.h"

static struct kunit_case map_rules[] = {
	{}
};
DMACONF_SUITE(map);

kunit_test_suites(&map_suite);
