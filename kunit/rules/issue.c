// SPDX-License-Identifier: GPL-2.0-only
/* Issuing what was submitted. */
#include "dmaconf.h"

static struct kunit_case issue_rules[] = {
	{}
};
DMACONF_SUITE(issue);

kunit_test_suites(&issue_suite);
