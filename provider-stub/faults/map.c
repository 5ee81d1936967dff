// SPDX-License-Identifier: GPL-2.0-only
/* Faults: dMA mapping */
#include "faults.h"

const struct stub_fault stub_map_faults[] = {
	{}
};
