// SPDX-License-Identifier: GPL-2.0-only
/* Faults: reuse. */
#include "faults.h"
#include "steps.h"

const struct stub_fault stub_reuse_faults[] = {
	{}
};
