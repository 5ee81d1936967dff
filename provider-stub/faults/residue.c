// SPDX-License-Identifier: GPL-2.0-only
/* Faults: residue of transfers */
#include "faults.h"

const struct stub_fault stub_residue_faults[] = {
	{}
};
