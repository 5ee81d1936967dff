// SPDX-License-Identifier: GPL-2.0-only
/* Pause and resume. */
#include "dmaconf.h"

static struct kunit_case pause_rules[] = {
	{}
};
DMACONF_SUITE(pause);

kunit_test_suites(&pause_suite);
