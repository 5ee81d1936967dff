// SPDX-License-Identifier: GPL-2.0-only
/* Slave scatterlists. */
#include "dmaconf.h"

static struct kunit_case sg_rules[] = {
	{}
};
DMACONF_SUITE(sg);

kunit_test_suites(&sg_suite);
