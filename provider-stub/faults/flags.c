// SPDX-License-Identifier: GPL-2.0-only
/* Faults: descriptor flags */
#include "faults.h"

const struct stub_fault stub_flags_faults[] = {
	{}
};
