// SPDX-License-Identifier: GPL-2.0-only
/* What a rule needs of the channel and of the bench, and what is said where that is lacking. */
#include <linux/debug_locks.h>

#include "dmaconf.h"

/**
 * struct dmaconf_need - a need, all parts of which must be there
 * @need: NEEDS_* bit
 * @lack: why a rule is skipped without it
 * @caps: capabilities of the provider, a mask
 * @op: offset of an operation in &struct dma_device, or 0
 * @types: kinds of transfers of which one must be offered, in some direction
 * @has: what else must be so, or NULL
 */
struct dmaconf_need {
	u64 need;
	const char *lack;
	u32 caps;
	size_t op;
	const struct dmaconf_type *types[2];
	bool (*has)(const struct dmaconf *dc);
};

static bool has_transfer(const struct dmaconf *dc)
{
	return dc->type;
}

static bool has_metadata(const struct dmaconf *dc)
{
	return dc->device->desc_metadata_modes != DESC_METADATA_NONE;
}

/* No descriptor can be kept where dma_get_slave_caps() knows nothing of the channel. */
static bool has_reuse(const struct dmaconf *dc)
{
	struct dma_device *device = dc->device;

	return device->descriptor_reuse && device->directions &&
	       (dma_has_cap(DMA_SLAVE, device->cap_mask) ||
		dma_has_cap(DMA_CYCLIC, device->cap_mask));
}

static bool has_order(const struct dmaconf *dc)
{
	return !dma_has_cap(DMA_COMPLETION_NO_ORDER, dc->device->cap_mask);
}

static bool has_residue(const struct dmaconf *dc)
{
	return dc->device->residue_granularity != DMA_RESIDUE_GRANULARITY_DESCRIPTOR;
}

static bool has_peer(const struct dmaconf *dc)
{
	return dc->device->chancnt > 1;
}

static bool has_port(const struct dmaconf *dc)
{
	return dc->aid && dc->aid->port && dc->aid->ports;
}

static bool has_two_ports(const struct dmaconf *dc)
{
	return has_port(dc) && dc->aid->ports > 1;
}

static bool has_gate(const struct dmaconf *dc)
{
	return dc->aid && dc->aid->gate;
}

static bool has_inject(const struct dmaconf *dc)
{
	return dc->aid && dc->aid->inject;
}

/* It gives up after its first report. */
static bool has_lockdep(const struct dmaconf *dc)
{
	return IS_ENABLED(CONFIG_PROVE_LOCKING) && debug_locks;
}

static bool has_driver(const struct dmaconf *dc)
{
	return dmaconf_can_unbind(dc->device) && !(dc->aid && dc->aid->client);
}

static bool has_pace(const struct dmaconf *dc)
{
	return !(dc->aid && dc->aid->no_cyclic);
}

#define OP(name)	offsetof(struct dma_device, device_##name)

/* In the order in which reasons are given. */
static const struct dmaconf_need dmaconf_needs[] = {
	{ NEEDS_MEMCPY, "not-applicable: the channel does not offer memcpy",
	  .caps = BIT(DMA_MEMCPY) },
	{ NEEDS_MEMORY, "not-applicable: the channel offers no transfer in memory",
	  .has = dmaconf_in_memory },
	{ NEEDS_MEMSET, "not-applicable: the channel does not offer memset",
	  .types = { &dmaconf_memset, &dmaconf_memset_sg } },
	{ NEEDS_XOR, "not-applicable: the channel does not offer xor",
	  .types = { &dmaconf_xor } },
	{ NEEDS_PQ, "not-applicable: the channel does not offer pq",
	  .types = { &dmaconf_pq } },
	{ NEEDS_VAL, "not-applicable: the channel does not offer xor_val or pq_val",
	  .types = { &dmaconf_xor_val, &dmaconf_pq_val } },
	{ NEEDS_INTERRUPT, "not-applicable: the channel does not offer interrupt",
	  .types = { &dmaconf_interrupt } },
	{ NEEDS_INTERLEAVE, "not-applicable: the channel does not offer interleaved",
	  .caps = BIT(DMA_INTERLEAVE), .op = OP(prep_interleaved_dma) },
	{ NEEDS_CYCLIC, "not-applicable: the channel does not offer cyclic",
	  .caps = BIT(DMA_CYCLIC) },
	{ NEEDS_VEC, "not-applicable: the channel does not offer peripheral_dma_vec",
	  .types = { &dmaconf_vec } },
	{ NEEDS_METADATA, "not-applicable: no metadata goes with transfers",
	  .has = has_metadata },
	{ NEEDS_REUSE, "not-applicable: descriptors cannot be submitted again",
	  .has = has_reuse },
	{ NEEDS_REPEAT, "not-applicable: the channel repeats no transfers",
	  .caps = BIT(DMA_REPEAT) },
	{ NEEDS_LOAD_EOT, "not-applicable: repeated transfers cannot be replaced",
	  .caps = BIT(DMA_LOAD_EOT) },
	{ NEEDS_SLAVE, "not-applicable: the channel does not offer slave_sg",
	  .caps = BIT(DMA_SLAVE), .op = OP(prep_slave_sg) },
	{ NEEDS_CONFIG, "not-applicable: the provider has no device_config", .op = OP(config) },
	{ NEEDS_TERMINATE, "not-applicable: the provider has no device_terminate_all",
	  .op = OP(terminate_all) },
	{ NEEDS_PAUSE, "not-applicable: the provider has no device_pause", .op = OP(pause) },
	{ NEEDS_RESUME, "not-applicable: the provider has no device_resume", .op = OP(resume) },
	{ NEEDS_ORDER, "not-applicable: the provider completes out of order", .has = has_order },
	{ NEEDS_RESIDUE, "not-applicable: residue granularity is the descriptor",
	  .has = has_residue },
	{ NEEDS_PEER, "not-applicable: the provider has one channel only", .has = has_peer },
	{ NEEDS_PORT, "not-tested: no aid with a data port", .has = has_port },
	{ NEEDS_XFER, "not-applicable: the channel offers no transfer that can be run",
	  .has = has_transfer },
	{ NEEDS_PACE, "not-tested: nothing paces a cyclic transfer, it would never pause",
	  .has = has_pace },
	{ NEEDS_TWO_PORTS, "not-tested: no aid with two data ports", .has = has_two_ports },
	{ NEEDS_GATE, "not-tested: no aid that holds and steps transfers", .has = has_gate },
	{ NEEDS_UNBIND,
	  "not-tested: the provider's driver cannot be unbound, or not without the aid",
	  .has = has_driver },
	{ NEEDS_UNPLUG, "not-applicable: the provider has no device_release",
	  .op = OP(release) },
	{ NEEDS_INJECT, "not-tested: no aid that provokes failures", .has = has_inject },
	{ NEEDS_LOCKDEP, "not-tested: no CONFIG_PROVE_LOCKING, or it has given up after a report",
	  .has = has_lockdep },
};

static bool offers_type(const struct dmaconf *dc, const struct dmaconf_type *type)
{
	return type && (type->offered(dc, DMA_MEM_TO_MEM) || type->offered(dc, DMA_MEM_TO_DEV) ||
			type->offered(dc, DMA_DEV_TO_MEM));
}

static bool dmaconf_meets(const struct dmaconf *dc, const struct dmaconf_need *need)
{
	const void *op = (const void *)dc->device + need->op;

	if (need->caps & ~(u32)dc->device->cap_mask.bits[0])
		return false;
	/* All operations are pointers to functions. */
	if (need->op && !*(void (* const *)(void))op)
		return false;
	if (need->types[0] && !offers_type(dc, need->types[0]) && !offers_type(dc, need->types[1]))
		return false;
	return !need->has || need->has(dc);
}

/**
 * dmaconf_check_needs - skip a rule whose needs are not met
 * @dc: the test, with its channel looked up
 *
 * Context: may sleep; skips.
 */
void dmaconf_check_needs(struct dmaconf *dc)
{
	u64 needs = dc->rule->needs;

	if (needs & NEEDS_CYCLIC)
		needs |= NEEDS_PACE;
	/* Transfers on a channel that is slave only need somewhere to go. */
	if (needs & NEEDS_XFER && !dc->type)
		needs |= NEEDS_SLAVE | NEEDS_PORT;
	/* Where no list is taken in memory, slave_sg takes one. */
	if (needs & NEEDS_LIST && !dmaconf_memset_sg.offered(dc, DMA_MEM_TO_MEM))
		needs |= NEEDS_SLAVE | NEEDS_PORT;
	for (int i = 0; i < ARRAY_SIZE(dmaconf_needs); i++)
		if (needs & dmaconf_needs[i].need && !dmaconf_meets(dc, &dmaconf_needs[i]))
			kunit_skip(dc->test, "%s", dmaconf_needs[i].lack);
}
