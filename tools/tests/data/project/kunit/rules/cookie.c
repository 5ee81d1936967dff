// SPDX-License-Identifier: GPL-2.0-only
/* A sample of declarations, for the tests of the host tools only. */

/*
 * DMACONF_RULE(doc, example, MUST, "not a rule, it stands in a comment", "", NEEDS_ANY)
 */
/* Broken: one transfer's answer is given for another. */
DMACONF_RULE(cookie, monotonic, MUST,
	     "Cookies of a channel are unique and increase "
	     "strictly, in submit order.",
	     "include/linux/dmaengine.h:596; drivers/dma/dmaengine.h:22",
	     NEEDS_ANY)
{
	KUNIT_EXPECT_LT(test, 1, 2);
}

/*
 * Polled, as nothing else would tell.
 *
 * Broken: a client that polls
 * waits for ever.
 *
 * Disputed: the documentation allows both
 * answers here.
 */
DMACONF_RULE(cookie, poll, SHOULD,
	     "Polling says \"complete\" (or an error), once.",
	     "Documentation/driver-api/dmaengine/client.rst:300", /* not, (here) */
	     NEEDS_MEMCPY | NEEDS_GATE)
{
}
