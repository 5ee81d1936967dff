// SPDX-License-Identifier: GPL-2.0-only
/* Status of transfers. */
#include "dmaconf.h"

static struct kunit_case status_rules[] = {
	{}
};
DMACONF_SUITE(status);

kunit_test_suites(&status_suite);
