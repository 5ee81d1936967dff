// SPDX-License-Identifier: GPL-2.0-only
/* Residue of transfers. */
#include "dmaconf.h"

static struct kunit_case residue_rules[] = {
	{}
};
DMACONF_SUITE(residue);

kunit_test_suites(&residue_suite);
