// SPDX-License-Identifier: GPL-2.0-only
/* Faults: requesting and releasing channels */
#include "faults.h"

const struct stub_fault stub_chan_faults[] = {
	{}
};
