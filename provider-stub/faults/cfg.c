// SPDX-License-Identifier: GPL-2.0-only
/* Faults: slave configuration */
#include "faults.h"

const struct stub_fault stub_cfg_faults[] = {
	{}
};
