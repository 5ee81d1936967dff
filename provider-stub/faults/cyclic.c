// SPDX-License-Identifier: GPL-2.0-only
/* Faults: cyclic transfers, and vectors. */
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "faults.h"
#include "steps.h"

/* The ring that runs, or NULL; locked. */
static struct stub_desc *running_ring(struct stub_chan *sc)
{
	struct stub_desc *desc = list_first_entry_or_null(&sc->issued, struct stub_desc, node);

	return desc && desc->cyclic ? desc : NULL;
}

static bool again_completes(struct stub_chan *sc, struct stub_desc *desc)
{
	if (desc->cyclic)
		sc->chan.completed_cookie = desc->tx.cookie;
	return stub_again(sc, desc);
}

static bool never_again(struct stub_chan *sc, struct stub_desc *desc)
{
	return false;
}

static void period_skips_last(struct stub_chan *sc, struct stub_desc *desc)
{
	stub_period(sc, desc);
	if (desc->nsegs > 1 && desc->seg == desc->nsegs - 1)
		stub_rewind(desc);
}

static void period_of_buffer(struct stub_chan *sc, struct stub_desc *desc)
{
	if (desc->seg == desc->nsegs)
		stub_period(sc, desc);
}

static void period_of_several(struct stub_chan *sc, struct stub_desc *desc)
{
	if (desc->nsegs > 1)
		stub_conformant_ops.period(sc, desc);
}

static void period_twice(struct stub_chan *sc, struct stub_desc *desc)
{
	stub_period(sc, desc);
	stub_period(sc, desc);
}

static void period_unnoticed(struct stub_chan *sc, struct stub_desc *desc)
{
}

static ssize_t move_calls_first(struct stub_chan *sc, struct stub_desc *desc, size_t credit)
{
	if (desc->cyclic && !desc->seg_done)
		stub_period(sc, desc);
	return stub_move(sc, desc, credit);
}

static void period_unasked(struct stub_chan *sc, struct stub_desc *desc)
{
	unsigned long flags = desc->tx.flags;

	desc->tx.flags |= DMA_PREP_INTERRUPT;
	stub_period(sc, desc);
	desc->tx.flags = flags;
}

static struct dma_async_tx_descriptor *prep_clamped(struct dma_chan *chan, dma_addr_t addr,
						    size_t buf_len, size_t period_len,
						    enum dma_transfer_direction dir,
						    unsigned long flags)
{
	return stub_prep_cyclic(chan, addr, buf_len, min(buf_len, period_len), dir, flags);
}

static struct dma_async_tx_descriptor *prep_one_period(struct dma_chan *chan, dma_addr_t addr,
						       size_t buf_len, size_t period_len,
						       enum dma_transfer_direction dir,
						       unsigned long flags)
{
	return stub_prep_cyclic(chan, addr, buf_len, period_len ?: buf_len, dir, flags);
}

/* An exception on most CPUs, and the end of the task or of the kernel. */
static struct dma_async_tx_descriptor *prep_divides(struct dma_chan *chan, dma_addr_t addr,
						    size_t buf_len, size_t period_len,
						    enum dma_transfer_direction dir,
						    unsigned long flags)
{
	if (buf_len % period_len)
		return NULL;
	return stub_prep_cyclic(chan, addr, buf_len, period_len, dir, flags);
}

static struct dma_async_tx_descriptor *prep_rounded_up(struct dma_chan *chan, dma_addr_t addr,
						       size_t buf_len, size_t period_len,
						       enum dma_transfer_direction dir,
						       unsigned long flags)
{
	size_t periods = period_len && period_len <= buf_len ?
			 DIV_ROUND_UP(buf_len, period_len) : 0;

	return stub_prep_cyclic(chan, addr, periods * period_len, period_len, dir, flags);
}

/* fault_data[0]: the channel is still in its cyclic mode. */
static int terminate_stays_cyclic(struct dma_chan *chan)
{
	struct stub_chan *sc = to_stub_chan(chan);

	if (running_ring(sc))
		sc->fault_data[0] = true;
	return stub_conformant_ops.terminate_all(chan);
}

static bool again_if_cyclic(struct stub_chan *sc, struct stub_desc *desc)
{
	return sc->fault_data[0] || stub_again(sc, desc);
}

static void free_resets(struct dma_chan *chan)
{
	struct stub_chan *sc = to_stub_chan(chan);

	sc->fault_data[1] = true;
	stub_conformant_ops.free_chan_resources(chan);
	sc->fault_data[0] = 0;
	sc->fault_data[1] = 0;
}

/* fault_data[0]: the period that the last ring was in. */
static int terminate_keeps_place(struct dma_chan *chan)
{
	struct stub_chan *sc = to_stub_chan(chan);
	struct stub_desc *ring = running_ring(sc);

	if (ring)
		sc->fault_data[0] = ring->seg;
	return stub_conformant_ops.terminate_all(chan);
}

static ssize_t move_from_place(struct stub_chan *sc, struct stub_desc *desc, size_t credit)
{
	if (desc->cyclic && !desc->fault_data) {
		desc->fault_data = true;
		desc->seg = sc->fault_data[0] % desc->nsegs;
		desc->done = desc->seg * desc->segs[0].len;
	}
	return stub_move(sc, desc, credit);
}

/* fault_data[0]: a pause that the engine does not know of. */
static int pause_not_rings(struct dma_chan *chan)
{
	struct stub_chan *sc = to_stub_chan(chan);

	if (!running_ring(sc))
		return stub_conformant_ops.pause(chan);
	sc->fault_data[0] = true;
	return 0;
}

static int resume_not_rings(struct dma_chan *chan)
{
	to_stub_chan(chan)->fault_data[0] = false;
	return stub_conformant_ops.resume(chan);
}

static int terminate_unpauses(struct dma_chan *chan)
{
	to_stub_chan(chan)->fault_data[0] = false;
	return stub_conformant_ops.terminate_all(chan);
}

static enum dma_status paused_it_says(struct dma_chan *chan, dma_cookie_t cookie,
				      struct dma_tx_state *state)
{
	enum dma_status status = stub_conformant_ops.tx_status(chan, cookie, state);

	return to_stub_chan(chan)->fault_data[0] && status == DMA_IN_PROGRESS ? DMA_PAUSED :
										status;
}

static int resume_rewinds_ring(struct dma_chan *chan)
{
	struct stub_chan *sc = to_stub_chan(chan);

	if (sc->paused && running_ring(sc))
		stub_rewind(running_ring(sc));
	return stub_conformant_ops.resume(chan);
}

/* A period's callback that synchronize does not know. */
struct late_period {
	struct work_struct work;
	dma_async_tx_callback callback;
	void *param;
};

static void call_late(struct work_struct *work)
{
	struct late_period *late = container_of(work, struct late_period, work);

	local_bh_disable();
	late->callback(late->param);
	local_bh_enable();
	kfree(late);
}

static int terminate_calls_late(struct dma_chan *chan)
{
	struct stub_desc *ring = running_ring(to_stub_chan(chan));
	bool due = ring && ring->tx.callback && !to_stub_chan(chan)->fault_data[0];
	struct late_period *late = due ? kzalloc(sizeof(*late), GFP_ATOMIC) : NULL;

	if (late) {
		late->callback = ring->tx.callback;
		late->param = ring->tx.callback_param;
		INIT_WORK(&late->work, call_late);
		to_stub_chan(chan)->fault_data[0] = (unsigned long)late;
	}
	return stub_conformant_ops.terminate_all(chan);
}

/* fault_data[0]: the callback that comes when everybody thinks it is over. */
static void synchronize_then_calls(struct dma_chan *chan)
{
	struct late_period *late = (void *)to_stub_chan(chan)->fault_data[0];

	to_stub_chan(chan)->fault_data[0] = 0;
	stub_conformant_ops.synchronize(chan);
	if (late)
		schedule_work(&late->work);
}

/* The ring that runs stays, with the queue behind it dropped; until the release. */
static int terminate_not_rings(struct dma_chan *chan)
{
	struct stub_chan *sc = to_stub_chan(chan);
	struct stub_desc *ring = running_ring(sc);
	unsigned long irqflags;
	int ret;

	if (!ring || sc->fault_data[1])
		return stub_conformant_ops.terminate_all(chan);
	spin_lock_irqsave(&sc->lock, irqflags);
	list_del_init(&ring->node);
	spin_unlock_irqrestore(&sc->lock, irqflags);
	ret = stub_conformant_ops.terminate_all(chan);
	spin_lock_irqsave(&sc->lock, irqflags);
	list_add(&ring->node, &sc->issued);
	spin_unlock_irqrestore(&sc->lock, irqflags);
	return ret;
}

static int terminate_rings_at_end(struct dma_chan *chan)
{
	struct stub_desc *ring = running_ring(to_stub_chan(chan));

	if (!ring || !in_serving_softirq())
		return stub_conformant_ops.terminate_all(chan);
	ring->fault_data = true;
	return 0;
}

static bool again_unless_told(struct stub_chan *sc, struct stub_desc *desc)
{
	return !desc->fault_data && stub_again(sc, desc);
}

static bool again_counts(struct stub_chan *sc, struct stub_desc *desc)
{
	desc->fault_data++;
	return stub_again(sc, desc);
}

static u32 residue_since_start(struct stub_chan *sc, struct stub_desc *desc)
{
	return desc->len - (desc->fault_data * desc->len + desc->done);
}

static u32 residue_of_period(struct stub_chan *sc, struct stub_desc *desc)
{
	if (!desc->cyclic)
		return desc->len - desc->done;
	return desc->segs[desc->seg].len - desc->seg_done;
}

static u32 residue_of_ring_whole(struct stub_chan *sc, struct stub_desc *desc)
{
	return desc->cyclic ? desc->len : desc->len - desc->done;
}

static u32 residue_stale_lap(struct stub_chan *sc, struct stub_desc *desc)
{
	u32 residue = desc->len - desc->done;

	/* The count of periods is one behind the counter of bytes. */
	if (desc->cyclic && desc->seg_done)
		residue += desc->segs[desc->seg].len;
	return min_t(u32, residue, desc->len);
}

static struct dma_async_tx_descriptor *prep_short_periods(struct dma_chan *chan, dma_addr_t addr,
							  size_t buf_len, size_t period_len,
							  enum dma_transfer_direction dir,
							  unsigned long flags)
{
	struct dma_async_tx_descriptor *tx = stub_prep_cyclic(chan, addr, buf_len, period_len,
							      dir, flags);
	struct stub_desc *ring = tx ? to_stub_desc(tx) : NULL;

	for (unsigned int i = 0; ring && i < ring->nsegs; i++)
		ring->segs[i].len &= SZ_32K - 1;
	if (ring)
		stub_measure(ring);
	return tx;
}

static struct dma_async_tx_descriptor *prep_few_periods(struct dma_chan *chan, dma_addr_t addr,
							size_t buf_len, size_t period_len,
							enum dma_transfer_direction dir,
							unsigned long flags)
{
	return stub_prep_cyclic(chan, addr, min(buf_len, 64 * period_len), period_len, dir,
				flags);
}

static struct dma_async_tx_descriptor *prep_whole_lines(struct dma_chan *chan, dma_addr_t addr,
							size_t buf_len, size_t period_len,
							enum dma_transfer_direction dir,
							unsigned long flags)
{
	return stub_prep_cyclic(chan, ALIGN_DOWN(addr, 32), buf_len, period_len, dir, flags);
}

/* fault_data[0]: where the last byte of a period in memory is still to come; [1]: it. */
static void write_late_byte(struct stub_chan *sc)
{
	u8 late = sc->fault_data[1];

	if (sc->fault_data[0])
		stub_memory_write(sc->sdev->dev, sc->fault_data[0], &late, 1);
	sc->fault_data[0] = 0;
}

static ssize_t move_late_byte(struct stub_chan *sc, struct stub_desc *desc, size_t credit)
{
	const struct stub_seg *seg = &desc->segs[desc->seg];
	u64 at = seg->dst.addr + seg->len - 1;
	u8 before = 0, late = 0;
	ssize_t n;

	write_late_byte(sc);
	if (!desc->cyclic || seg->dst.port)
		return stub_move(sc, desc, credit);
	stub_memory_read(sc->sdev->dev, at, &before, 1);
	n = stub_move(sc, desc, credit);
	if (n > 0 && desc->seg_done + n == seg->len) {
		stub_memory_read(sc->sdev->dev, at, &late, 1);
		stub_memory_write(sc->sdev->dev, at, &before, 1);
		sc->fault_data[0] = at;
		sc->fault_data[1] = late;
	}
	return n;
}

static int terminate_writes_byte(struct dma_chan *chan)
{
	write_late_byte(to_stub_chan(chan));
	return stub_conformant_ops.terminate_all(chan);
}

const struct stub_fault stub_cyclic_faults[] = {
	STUB_FAULT(cyclic_completes, "cyclic.loops",
		   "a cyclic transfer is complete after its first lap, and goes on",
		   .again = again_completes),
	STUB_FAULT(cyclic_one_lap, "cyclic.loops",
		   "a cyclic transfer ends after its first lap",
		   .again = never_again),
	STUB_FAULT(cyclic_skips_last, "cyclic.loops",
		   "a cyclic transfer begins again one period too early",
		   .period = period_skips_last),
	STUB_FAULT(cyclic_short_periods, "cyclic.loops",
		   "the length of a period is kept in 15 bits",
		   .prep_cyclic = prep_short_periods),
	STUB_FAULT(cyclic_few_periods, "cyclic.loops",
		   "only the first 64 periods of a ring are gone through",
		   .prep_cyclic = prep_few_periods),
	STUB_FAULT(cyclic_whole_lines, "cyclic.loops",
		   "a ring begins at the cache line in which its first byte is",
		   .prep_cyclic = prep_whole_lines),
	STUB_FAULT(cyclic_cb_before_data, "cyclic.period_cb",
		   "the last byte of a period arrives in memory after its callback",
		   .move = move_late_byte, .terminate_all = terminate_writes_byte),
	STUB_FAULT(cyclic_cb_per_buffer, "cyclic.period_cb",
		   "a cyclic transfer is called back once per buffer",
		   .period = period_of_buffer),
	STUB_FAULT(cyclic_one_period_silent, "cyclic.period_cb",
		   "a ring of one period is never called back",
		   .period = period_of_several),
	STUB_FAULT(cyclic_cb_twice, "cyclic.period_cb",
		   "every period is called back twice",
		   .period = period_twice),
	STUB_FAULT(cyclic_cb_early, "cyclic.period_cb",
		   "a period is called back when it begins",
		   .period = period_unnoticed, .move = move_calls_first),
	STUB_FAULT(cyclic_cb_unasked, "cyclic.period_cb",
		   "periods are called back without DMA_PREP_INTERRUPT",
		   .period = period_unasked),
	STUB_FAULT(cyclic_long_period, "cyclic.bad_args",
		   "a period longer than the buffer is taken for the whole buffer",
		   .prep_cyclic = prep_clamped),
	STUB_FAULT(cyclic_no_period, "cyclic.bad_args",
		   "no period is taken for the whole buffer",
		   .prep_cyclic = prep_one_period),
	STUB_FAULT(cyclic_divides_by_zero, "cyclic.bad_args",
		   "the number of periods is computed before there has to be a period",
		   .prep_cyclic = prep_divides),
	STUB_FAULT(cyclic_rounds_up, "cyclic.non_multiple",
		   "the number of periods is rounded up",
		   .prep_cyclic = prep_rounded_up),
	STUB_FAULT(cyclic_mode_stays, "cyclic.restart",
		   "the channel stays in cyclic mode after terminate_all",
		   .terminate_all = terminate_stays_cyclic, .again = again_if_cyclic,
		   .free_chan_resources = free_resets),
	STUB_FAULT(cyclic_place_stays, "cyclic.restart",
		   "a cyclic transfer starts at the period in which the last one was terminated",
		   .terminate_all = terminate_keeps_place, .move = move_from_place,
		   .free_chan_resources = free_resets),
	STUB_FAULT(cyclic_pause_unknown, "cyclic.pause",
		   "pause of a cyclic transfer changes its status only",
		   .pause = pause_not_rings, .resume = resume_not_rings,
		   .terminate_all = terminate_unpauses, .tx_status = paused_it_says),
	STUB_FAULT(cyclic_resume_rewinds, "cyclic.pause",
		   "resume starts a cyclic transfer at the beginning of its buffer",
		   .resume = resume_rewinds_ring),
	STUB_FAULT(cyclic_term_late_cb, "cyclic.terminate",
		   "a period is called back after terminate_all and synchronize",
		   .terminate_all = terminate_calls_late, .synchronize = synchronize_then_calls),
	STUB_FAULT(cyclic_term_runs, "cyclic.terminate",
		   "terminate_all of a cyclic transfer drops only what is behind it",
		   .terminate_all = terminate_not_rings, .free_chan_resources = free_resets),
	STUB_FAULT(cyclic_term_at_end, "cyclic.in_cb",
		   "terminate_all in a period's callback lets the lap come to its end",
		   .terminate_all = terminate_rings_at_end, .again = again_unless_told),
	STUB_FAULT(residue_since_start, "residue.cyclic",
		   "the residue of a cyclic transfer counts all bytes since its start",
		   .again = again_counts, .residue = residue_since_start),
	STUB_FAULT(residue_of_period, "residue.cyclic",
		   "the residue of a cyclic transfer is that of its period",
		   .residue = residue_of_period),
	STUB_FAULT(residue_ring_whole, "residue.cyclic",
		   "the residue of a cyclic transfer is always its whole length",
		   .residue = residue_of_ring_whole),
	STUB_FAULT(residue_stale_period, "residue.cyclic",
		   "the residue of a cyclic transfer is a period too large within a period",
		   .residue = residue_stale_lap),
	{}
};
