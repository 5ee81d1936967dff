// SPDX-License-Identifier: GPL-2.0-only
/* Faults: issuing what was submitted */
#include "faults.h"

const struct stub_fault stub_issue_faults[] = {
	{}
};
