// SPDX-License-Identifier: GPL-2.0-only
/* Faults: completion callbacks */
#include "faults.h"

const struct stub_fault stub_callback_faults[] = {
	{}
};
