// SPDX-License-Identifier: GPL-2.0-only
/* Faults: status of transfers */
#include "faults.h"

const struct stub_fault stub_status_faults[] = {
	{}
};
