// SPDX-License-Identifier: GPL-2.0-only
/* Declared capabilities. */
#include "dmaconf.h"

static struct kunit_case caps_rules[] = {
	{}
};
DMACONF_SUITE(caps);

kunit_test_suites(&caps_suite);
