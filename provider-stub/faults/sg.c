// SPDX-License-Identifier: GPL-2.0-only
/* Faults: slave scatterlists */
#include "faults.h"

const struct stub_fault stub_sg_faults[] = {
	{}
};
