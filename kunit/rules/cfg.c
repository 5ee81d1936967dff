// SPDX-License-Identifier: GPL-2.0-only
/* Slave configuration. */
#include "dmaconf.h"

static struct kunit_case cfg_rules[] = {
	{}
};
DMACONF_SUITE(cfg);

kunit_test_suites(&cfg_suite);
