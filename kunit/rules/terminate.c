// SPDX-License-Identifier: GPL-2.0-only
/* Control from atomic context, termination and synchronisation. */
#include "dmaconf.h"

static struct kunit_case ctl_rules[] = {
	{}
};
DMACONF_SUITE(ctl);

static struct kunit_case term_rules[] = {
	{}
};
DMACONF_SUITE(term);

static struct kunit_case sync_rules[] = {
	{}
};
DMACONF_SUITE(sync);

kunit_test_suites(&ctl_suite, &term_suite, &sync_suite);
