// SPDX-License-Identifier: GPL-2.0-only
/* Descriptor flags. */
#include "dmaconf.h"

static struct kunit_case flags_rules[] = {
	{}
};
DMACONF_SUITE(flags);

kunit_test_suites(&flags_suite);
