// SPDX-License-Identifier: GPL-2.0-only
/* A sample of declarations, for the tests of the host tools only. */

/* Broken: a client waits for ever. */
DMACONF_RULE(wait, callback, MUST, "Every issued transfer calls back.", "client.rst:120", NEEDS_ANY)
{
}
