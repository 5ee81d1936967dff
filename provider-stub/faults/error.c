// SPDX-License-Identifier: GPL-2.0-only
/* Faults: transfers that fail */
#include "faults.h"

const struct stub_fault stub_error_faults[] = {
	{}
};
