/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The fault tables, one per group of rules, each in the file of its name in
 * faults/. A table ends with an entry without a name.
 */
#ifndef DMACONF_STUB_FAULTS_H
#define DMACONF_STUB_FAULTS_H

#include "stub.h"

extern const struct stub_fault stub_reg_faults[];
extern const struct stub_fault stub_sysfs_faults[];
extern const struct stub_fault stub_pub_faults[];
extern const struct stub_fault stub_unplug_faults[];
extern const struct stub_fault stub_pm_faults[];
extern const struct stub_fault stub_router_faults[];
extern const struct stub_fault stub_caps_faults[];
extern const struct stub_fault stub_chan_faults[];
extern const struct stub_fault stub_cfg_faults[];
extern const struct stub_fault stub_map_faults[];
extern const struct stub_fault stub_prep_faults[];
extern const struct stub_fault stub_memcpy_faults[];
extern const struct stub_fault stub_memset_faults[];
extern const struct stub_fault stub_raid_faults[];
extern const struct stub_fault stub_interleaved_faults[];
extern const struct stub_fault stub_sg_faults[];
extern const struct stub_fault stub_flags_faults[];
extern const struct stub_fault stub_cookie_faults[];
extern const struct stub_fault stub_issue_faults[];
extern const struct stub_fault stub_callback_faults[];
extern const struct stub_fault stub_status_faults[];
extern const struct stub_fault stub_residue_faults[];
extern const struct stub_fault stub_pause_faults[];
extern const struct stub_fault stub_terminate_faults[];
extern const struct stub_fault stub_error_faults[];
extern const struct stub_fault stub_irq_faults[];
extern const struct stub_fault stub_repeat_faults[];
extern const struct stub_fault stub_virt_faults[];
extern const struct stub_fault stub_vec_faults[];
extern const struct stub_fault stub_reuse_faults[];
extern const struct stub_fault stub_metadata_faults[];
extern const struct stub_fault stub_cyclic_faults[];
extern const struct stub_fault stub_conc_faults[];
extern const struct stub_fault stub_debug_faults[];

#endif /* DMACONF_STUB_FAULTS_H */
