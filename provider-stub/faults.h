/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The fault tables, one per group of rules, each in the file of its name in
 * faults/. A table ends with an entry without a name.
 */
#ifndef DMACONF_STUB_FAULTS_H
#define DMACONF_STUB_FAULTS_H

#include "stub.h"

extern const struct stub_fault stub_cookie_faults[];

#endif /* DMACONF_STUB_FAULTS_H */
