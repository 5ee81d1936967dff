// SPDX-License-Identifier: GPL-2.0-only
/* Transfers that fail. */
#include "dmaconf.h"

static struct kunit_case err_rules[] = {
	{}
};
DMACONF_SUITE(err);

kunit_test_suites(&err_suite);
