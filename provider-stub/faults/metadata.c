// SPDX-License-Identifier: GPL-2.0-only
/* Faults: metadata. */
#include "faults.h"
#include "steps.h"

const struct stub_fault stub_metadata_faults[] = {
	{}
};
