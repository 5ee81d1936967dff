// SPDX-License-Identifier: GPL-2.0-only
/* Faults: declared capabilities */
#include "faults.h"

const struct stub_fault stub_caps_faults[] = {
	{}
};
