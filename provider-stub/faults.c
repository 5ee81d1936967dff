// SPDX-License-Identifier: GPL-2.0-only
/* Finding a fault by name, and laying it over the conformant steps. */
#include <linux/err.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include "faults.h"
#include "stub.h"

static const struct stub_fault * const stub_fault_tables[] = {
	stub_reg_faults,
	stub_sysfs_faults,
	stub_pub_faults,
	stub_unplug_faults,
	stub_pm_faults,
	stub_router_faults,
	stub_caps_faults,
	stub_chan_faults,
	stub_cfg_faults,
	stub_map_faults,
	stub_prep_faults,
	stub_memcpy_faults,
	stub_memset_faults,
	stub_raid_faults,
	stub_interleaved_faults,
	stub_sg_faults,
	stub_flags_faults,
	stub_cookie_faults,
	stub_issue_faults,
	stub_callback_faults,
	stub_status_faults,
	stub_residue_faults,
	stub_pause_faults,
	stub_terminate_faults,
	stub_error_faults,
	stub_irq_faults,
	stub_repeat_faults,
	stub_virt_faults,
	stub_vec_faults,
	stub_reuse_faults,
	stub_metadata_faults,
	stub_cyclic_faults,
	stub_conc_faults,
	stub_debug_faults,
};

/**
 * stub_fault_find - look up a fault
 * @name: of the fault; "none" or empty for the conformant provider
 *
 * Context: any.
 * Return: the fault, NULL for the conformant provider, or ERR_PTR(-EINVAL).
 */
const struct stub_fault *stub_fault_find(const char *name)
{
	if (!*name || !strcmp(name, "none"))
		return NULL;
	for (int i = 0; i < ARRAY_SIZE(stub_fault_tables); i++)
		for (const struct stub_fault *f = stub_fault_tables[i]; f->name; f++)
			if (!strcmp(f->name, name))
				return f;
	return ERR_PTR(-EINVAL);
}

/**
 * stub_ops_overlay - replace steps by those that a personality or a fault has
 * @ops: a copy of the conformant steps
 * @with: the steps that differ, others NULL; or NULL
 *
 * Context: any.
 */
void stub_ops_overlay(struct stub_ops *ops, const struct stub_ops *with)
{
	/* Every member is a function pointer, so the tables are arrays of them. */
	void (**to)(void) = (void *)ops;
	void (* const *from)(void) = (const void *)with;

	for (size_t i = 0; from && i < sizeof(*ops) / sizeof(*to); i++)
		if (from[i])
			to[i] = from[i];
}

/**
 * stub_fault_list - print the faults: name, rule, sentence
 * @s: where to
 *
 * Context: may sleep.
 */
void stub_fault_list(struct seq_file *s)
{
	for (int i = 0; i < ARRAY_SIZE(stub_fault_tables); i++)
		for (const struct stub_fault *f = stub_fault_tables[i]; f->name; f++)
			seq_printf(s, "%s\t%s\t%s%s%s\n", f->name, f->rule, f->what,
				   f->target ? ", seen on " : "", f->target ?: "");
}
