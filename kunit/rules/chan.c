// SPDX-License-Identifier: GPL-2.0-only
/* Requesting and releasing channels. */
#include "dmaconf.h"

static struct kunit_case chan_rules[] = {
	{}
};

DMACONF_SUITE(chan);

kunit_test_suites(&chan_suite);
