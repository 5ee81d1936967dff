// SPDX-License-Identifier: GPL-2.0-only
/* Faults: pause and resume */
#include "faults.h"

const struct stub_fault stub_pause_faults[] = {
	{}
};
