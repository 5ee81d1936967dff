// SPDX-License-Identifier: GPL-2.0-only
/* Faults: preparation of descriptors */
#include "faults.h"

const struct stub_fault stub_prep_faults[] = {
	{}
};
