// SPDX-License-Identifier: GPL-2.0-only
/* Faults: control from atomic context, termination and synchronisation */
#include "faults.h"

const struct stub_fault stub_terminate_faults[] = {
	{}
};
