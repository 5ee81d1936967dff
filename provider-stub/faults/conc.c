// SPDX-License-Identifier: GPL-2.0-only
/* Faults: several clients at the same time. Most of them need a second CPU to show. */
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "dmaengine.h"
#include "faults.h"
#include "steps.h"

/* What a pool of free descriptors keeps, each with room for so many segments. */
#define POOL		64
#define POOL_SEGS	8u

static struct stub_desc *pool[POOL];
static int pool_free;

static struct stub_desc *take_unlocked(struct stub_chan *sc, unsigned int nsegs)
{
	int left = READ_ONCE(pool_free) - 1;
	struct stub_desc *desc;

	if (nsegs > POOL_SEGS || left < 0)
		return stub_conformant_ops.desc_alloc(sc, max(nsegs, POOL_SEGS));
	desc = pool[left];
	/* As long as a walk over a list in slow memory. */
	udelay(2);
	WRITE_ONCE(pool_free, left);
	memset(desc, 0, struct_size(desc, segs, POOL_SEGS));
	INIT_LIST_HEAD(&desc->node);
	desc->nsegs = nsegs;
	return desc;
}

static void give_back_unlocked(struct stub_chan *sc, struct stub_desc *desc)
{
	int n = READ_ONCE(pool_free);

	if (n == POOL || desc->nsegs > POOL_SEGS) {
		stub_conformant_ops.desc_free(sc, desc);
		return;
	}
	pool[n] = desc;
	WRITE_ONCE(pool_free, n + 1);
}

/* A register that all channels share: who begins a segment last decides for all. */
static u64 shared_source;

static int copy_from_shared(struct stub_chan *sc, const struct stub_seg *seg, size_t off,
			    size_t len)
{
	struct stub_seg mixed = *seg;

	if (!off)
		shared_source = seg->src.addr;
	if (!seg->src.port)
		mixed.src.addr = shared_source;
	return stub_copy(sc, &mixed, off, len);
}

static int terminate_frees_active(struct dma_chan *chan)
{
	struct stub_chan *sc = to_stub_chan(chan);
	struct stub_desc *active;
	unsigned long irqflags;

	spin_lock_irqsave(&sc->lock, irqflags);
	active = list_first_entry_or_null(&sc->issued, struct stub_desc, node);
	if (active) {
		dma_descriptor_unmap(&active->tx);
		sc->sdev->ops.desc_free(sc, active);
	}
	spin_unlock_irqrestore(&sc->lock, irqflags);
	return active ? 0 : stub_conformant_ops.terminate_all(chan);
}

/* What is being called back is in no list, but remembered, and freed by terminate too. */
static void deliver_remembered(struct stub_chan *sc, struct stub_desc *desc)
{
	WRITE_ONCE(sc->fault_data[0], (unsigned long)desc);
	stub_deliver(sc, desc);
	if (!xchg(&sc->fault_data[0], 0))
		pr_debug("freed under its callback\n");
}

static int terminate_frees_called_back(struct dma_chan *chan)
{
	struct stub_chan *sc = to_stub_chan(chan);
	struct stub_desc *desc = (void *)xchg(&sc->fault_data[0], 0);

	if (desc)
		sc->sdev->ops.desc_free(sc, desc);
	return stub_conformant_ops.terminate_all(chan);
}

static DEFINE_SPINLOCK(half_lock);

static enum dma_status status_lock_irqs_on(struct dma_chan *chan, dma_cookie_t cookie,
					   struct dma_tx_state *state)
{
	enum dma_status status;

	spin_lock(&half_lock);
	status = stub_conformant_ops.tx_status(chan, cookie, state);
	spin_unlock(&half_lock);
	return status;
}

static void issue_lock_bh(struct dma_chan *chan)
{
	spin_lock_bh(&half_lock);
	stub_conformant_ops.issue_pending(chan);
	spin_unlock_bh(&half_lock);
}

static void free_every_second(struct stub_chan *sc, struct stub_desc *desc)
{
	if (sc->fault_data[0]++ % 2)
		stub_conformant_ops.desc_free(sc, desc);
}

/* Of what a termination takes away. */
static void free_aborted_every_second(struct stub_chan *sc, struct stub_desc *desc)
{
	if (!sc->fault_data[1] || sc->fault_data[0]++ % 2)
		stub_conformant_ops.desc_free(sc, desc);
}

static int terminate_marks(struct dma_chan *chan)
{
	struct stub_chan *sc = to_stub_chan(chan);
	int ret;

	sc->fault_data[1] = 1;
	ret = stub_conformant_ops.terminate_all(chan);
	sc->fault_data[1] = 0;
	return ret;
}

/* As for the descriptors of the hardware. */
static int alloc_coherent_for_good(struct dma_chan *chan)
{
	dma_addr_t addr;

	if (!dma_alloc_coherent(chan->device->dev, PAGE_SIZE, &addr, GFP_KERNEL))
		return -ENOMEM;
	return stub_conformant_ops.alloc_chan_resources(chan);
}

/* That keeps interrupts of this CPU out, and nobody on another one. */
static dma_cookie_t submit_irqs_off_only(struct dma_async_tx_descriptor *tx)
{
	struct stub_chan *sc = to_stub_chan(tx->chan);
	unsigned long irqflags;
	dma_cookie_t seen;

	local_irq_save(irqflags);
	seen = READ_ONCE(tx->chan->cookie);
	udelay(1);
	WRITE_ONCE(tx->chan->cookie, seen);
	dma_cookie_assign(tx);
	spin_lock(&sc->lock);
	list_move_tail(&to_stub_desc(tx)->node, &sc->submitted);
	spin_unlock(&sc->lock);
	local_irq_restore(irqflags);
	return tx->cookie;
}

/* A lock that is a bit: sparse cannot follow one that is held now and then. */
static unsigned long submit_busy;

static void deliver_submit_locked(struct stub_chan *sc, struct stub_desc *desc)
{
	bool mine = !test_and_set_bit_lock(0, &submit_busy);

	stub_deliver(sc, desc);
	if (mine)
		clear_bit_unlock(0, &submit_busy);
}

/* Taken on the CPU that calls back as well it would stop there: only others wait. */
static dma_cookie_t submit_locked(struct dma_async_tx_descriptor *tx)
{
	unsigned long irqflags;
	dma_cookie_t cookie;

	if (in_serving_softirq())
		return stub_conformant_ops.tx_submit(tx);
	local_irq_save(irqflags);
	while (test_and_set_bit_lock(0, &submit_busy))
		cpu_relax();
	cookie = stub_conformant_ops.tx_submit(tx);
	clear_bit_unlock(0, &submit_busy);
	local_irq_restore(irqflags);
	return cookie;
}

/* Takes back what is due, and does not look whether one is running. */
static void synchronize_no_wait(struct dma_chan *chan)
{
	hrtimer_cancel(&to_stub_chan(chan)->timer);
}

/**
 * struct loose_call - a callback on its way through a work queue
 * @work: calls it
 * @cb: the callback
 * @result: what it is given
 */
struct loose_call {
	struct work_struct work;
	struct dmaengine_desc_callback cb;
	struct dmaengine_result result;
};

static struct workqueue_struct *loose_queue;

static void loose_call(struct work_struct *work)
{
	struct loose_call *call = container_of(work, struct loose_call, work);

	dmaengine_desc_callback_invoke(&call->cb, &call->result);
	kfree(call);
}

static void deliver_by_work(struct stub_chan *sc, struct stub_desc *desc)
{
	struct loose_call *call = kzalloc(sizeof(*call), GFP_ATOMIC);

	if (!call)
		return;
	INIT_WORK(&call->work, loose_call);
	dmaengine_desc_get_callback(&desc->tx, &call->cb);
	call->result = desc->result;
	dma_descriptor_unmap(&desc->tx);
	queue_work(loose_queue, &call->work);
}

static int alloc_with_queue(struct dma_chan *chan)
{
	if (!loose_queue)
		loose_queue = alloc_workqueue("dmaconf-stub", WQ_UNBOUND, 0);
	return loose_queue ? stub_conformant_ops.alloc_chan_resources(chan) : -ENOMEM;
}

static void synchronize_queue(struct dma_chan *chan)
{
	stub_conformant_ops.synchronize(chan);
	/* There is none before the first channel is used. */
	if (loose_queue)
		flush_workqueue(loose_queue);
}

const struct stub_fault stub_conc_faults[] = {
	STUB_FAULT_ON("q35", pool_unlocked, "conc.chan_mt",
		      "free descriptors are taken from a pool without a lock",
		      .desc_alloc = take_unlocked, .desc_free = give_back_unlocked),
	STUB_FAULT_ON("q35", submit_irqs_off, "submit.serialised",
		      "cookies are assigned with interrupts off instead of under the lock",
		      .tx_submit = submit_irqs_off_only),
	STUB_FAULT(source_shared, "conc.multi_chan",
		   "all channels share the register for the source address",
		   .copy = copy_from_shared),
	STUB_FAULT_ON("q35", term_frees_active, "conc.term_race",
		      "terminate frees the active descriptor and leaves it in the list",
		      .terminate_all = terminate_frees_active),
	STUB_FAULT_ON("q35", term_frees_called_back, "conc.term_race",
		      "terminate frees the descriptor whose callback runs",
		      .terminate_all = terminate_frees_called_back,
		      .deliver = deliver_remembered),
	STUB_FAULT_ON("q35", lock_irqs_on, "conc.irqsafe",
		      "tx_status takes a lock with interrupts on",
		      .tx_status = status_lock_irqs_on),
	STUB_FAULT_ON("q35", lock_bh, "conc.irqsafe",
		      "issue_pending takes a lock with spin_lock_bh()",
		      .issue_pending = issue_lock_bh),
	STUB_FAULT(leaks_every_second, "stress.leak",
		   "only every second descriptor is freed",
		   .desc_free = free_every_second),
	STUB_FAULT(leaks_aborted, "stress.leak",
		   "of what a termination takes away only every second descriptor is freed",
		   .terminate_all = terminate_marks, .desc_free = free_aborted_every_second),
	STUB_FAULT(leaks_coherent, "stress.leak",
		   "each request allocates coherent memory, which no release frees",
		   .alloc_chan_resources = alloc_coherent_for_good),
	STUB_FAULT_ON("q35", leaks_for_kmemleak, "stress.leak",
		      "only every second descriptor is freed",
		      .desc_free = free_every_second),
	STUB_FAULT_ON("q35", cb_locks_submit, "cb.no_lock",
		      "callbacks run under the lock that submission takes",
		      .deliver = deliver_submit_locked, .tx_submit = submit_locked),
	STUB_FAULT_ON("q35", sync_no_wait, "sync.no_cb",
		      "synchronize does not wait for a callback that runs on another CPU",
		      .synchronize = synchronize_no_wait),
	STUB_FAULT_ON("q35", cb_concurrent, "cb.order",
		      "each callback is a work of its own on an unbound queue",
		      .deliver = deliver_by_work, .synchronize = synchronize_queue,
		      .alloc_chan_resources = alloc_with_queue),
	{}
};
