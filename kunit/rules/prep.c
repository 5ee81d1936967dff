// SPDX-License-Identifier: GPL-2.0-only
/* Preparation of descriptors. */
#include "dmaconf.h"

static struct kunit_case prep_rules[] = {
	{}
};
DMACONF_SUITE(prep);

kunit_test_suites(&prep_suite);
