// SPDX-License-Identifier: GPL-2.0-only
/* Faults: memory to memory copies */
#include "faults.h"

const struct stub_fault stub_memcpy_faults[] = {
	{}
};
