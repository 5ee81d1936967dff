// SPDX-License-Identifier: GPL-2.0-only
/* Faults: cyclic. */
#include "faults.h"
#include "steps.h"

const struct stub_fault stub_cyclic_faults[] = {
	{}
};
