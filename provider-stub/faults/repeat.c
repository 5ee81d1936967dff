// SPDX-License-Identifier: GPL-2.0-only
/* Faults: repeated transfers. */
#include "faults.h"
#include "steps.h"

static bool again_not(struct stub_chan *sc, struct stub_desc *desc)
{
	return !desc->repeats && stub_again(sc, desc);
}

static bool again_when_last(struct stub_chan *sc, struct stub_desc *desc)
{
	if (!desc->repeats)
		return stub_again(sc, desc);
	return list_is_last(&desc->node, &sc->issued);
}

static bool again_always(struct stub_chan *sc, struct stub_desc *desc)
{
	return desc->repeats || stub_again(sc, desc);
}

/* In the middle of a line, if need be. */
static void issue_replaces(struct stub_chan *sc)
{
	struct stub_desc *desc;

	stub_conformant_ops.issue(sc);
	desc = list_first_entry_or_null(&sc->issued, struct stub_desc, node);
	if (desc && desc->repeats && !stub_again(sc, desc))
		stub_engine_end(sc, desc, DMA_TRANS_NOERROR);
}

static void complete_unnoticed(struct stub_chan *sc, struct stub_desc *desc)
{
	if (desc->repeats)
		list_move_tail(&desc->node, &sc->prepared);
	else
		stub_complete(sc, desc);
}

const struct stub_fault stub_repeat_faults[] = {
	STUB_FAULT(repeat_once, "repeat.loops",
		   "a repeated transfer ends after its first pass",
		   .again = again_not),
	STUB_FAULT(repeat_starts_any, "repeat.loops",
		   "any transfer that was queued replaces the repeated one",
		   .again = again_when_last),
	STUB_FAULT(repeat_for_ever, "repeat.eot",
		   "a repeated transfer is not replaced",
		   .again = again_always),
	STUB_FAULT(repeat_replaced_now, "repeat.eot",
		   "a repeated transfer is replaced at once, in the middle of a pass",
		   .issue = issue_replaces),
	STUB_FAULT(repeat_unfinished, "repeat.eot",
		   "a repeated transfer that was replaced is never complete",
		   .complete = complete_unnoticed),
	{}
};
