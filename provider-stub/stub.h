/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The software provider: a DMA engine whose hardware is a state machine.
 *
 *	prep -> submitted -> issued -> (engine step) -> done -> (tasklet) callback
 *
 * One lock per channel protects all lists and the engine's position. It is
 * taken in any context, so always with interrupts disabled. The engine step
 * runs where an interrupt handler would (a hard hrtimer), callbacks are
 * delivered from a tasklet without the lock.
 */
#ifndef DMACONF_STUB_H
#define DMACONF_STUB_H

#include <linux/dmaengine.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>

#include "aid.h"
#include "ops.h"
#include "virt-dma.h"

struct device_node;
struct platform_device;
struct seq_file;
struct stub_chan;
struct stub_dev;

#define STUB_DRIVER	"dmaconf-stub"
#define STUB_PORTS	2
#define STUB_METADATA	64
#define STUB_BOUNCE	128	/* bytes that the engine holds at a time */
#define STUB_SOURCES	8	/* of a RAID operation */

/**
 * enum stub_credits - where the engine's permission to move bytes comes from
 * @STUB_CREDITS_TIMER: an hrtimer gives &struct stub_chan.tick_bytes each tick
 * @STUB_CREDITS_AT_ONCE: as many as wanted, the moment a transfer is issued;
 *	for a transfer without an end the timer
 * @STUB_CREDITS_MANUAL: only from stub_engine_step() called by a test
 */
enum stub_credits {
	STUB_CREDITS_TIMER,
	STUB_CREDITS_AT_ONCE,
	STUB_CREDITS_MANUAL,
};

/**
 * struct stub_side - one end of a piece of a transfer
 * @addr: bus address of the first byte
 * @port: a data port of the peripheral, whose address does not move on, else
 *	memory
 * @fixed: memory that is accessed byte by byte at one address
 */
struct stub_side {
	u64 addr;
	bool port;
	bool fixed;
};

/**
 * struct stub_raid - what a RAID operation combines
 * @src: bus addresses of the sources
 * @coef: coefficient of each in Q
 * @nsrc: number of sources
 * @p: bus address of P, the XOR of the sources
 * @q: bus address of Q, their sum in GF(2^8) weighted with @coef
 * @has_p: there is a P
 * @has_q: there is a Q
 * @go_on: P and Q hold the sums of other sources already
 * @failed: sums that were found wrong so far
 * @result: where a check stores them, else NULL
 */
struct stub_raid {
	u64 src[STUB_SOURCES];
	u8 coef[STUB_SOURCES];
	unsigned int nsrc;
	u64 p;
	u64 q;
	bool has_p;
	bool has_q;
	bool go_on;
	enum sum_check_flags failed;
	enum sum_check_flags *result;
};

/**
 * struct stub_seg - a contiguous piece of a transfer
 * @src: where its bytes come from
 * @dst: where they go
 * @len: bytes
 * @width: bytes per access on the peripheral's side, 0 without one
 * @work: what is done with @len bytes from byte @off on, a step of struct
 *	stub_ops; NULL when they are copied
 * @value: what to fill with
 * @raid: what to combine
 *
 * An operation that lacks one end has the other one there.
 */
struct stub_seg {
	struct stub_side src;
	struct stub_side dst;
	size_t len;
	unsigned int width;
	int (*work)(struct stub_chan *sc, const struct stub_seg *seg, size_t off, size_t len);
	int value;
	struct stub_raid *raid;
};

/**
 * struct stub_metadata - what goes with a transfer beside its payload
 * @area: a copy for the peripheral, or what came from it, or the client's to
 *	use in engine mode
 * @len: valid bytes of @area
 * @client: where the client wants what comes from the peripheral, or NULL
 * @client_len: bytes at @client
 */
struct stub_metadata {
	u8 area[STUB_METADATA];
	size_t len;
	void *client;
	size_t client_len;
};

/**
 * struct stub_desc - a descriptor; everything is captured when it is prepared
 * @tx: what the client sees
 * @vd: the same, for a personality that is built on virt-dma
 * @node: in one list of its channel at a time
 * @len: bytes of all segments
 * @done: bytes moved so far
 * @seg: index of the segment that is moved now
 * @seg_done: bytes moved of that segment
 * @over: the engine is through with it, and its interrupt was not served yet
 * @cyclic: every segment is a period, and after the last one comes the first
 * @periods: periods that have passed and were not called back
 * @repeats: it begins again until another transfer replaces it at its end
 * @metadata: what goes with it
 * @result: how it ended, for the callback
 * @fault_data: for faults, unused by the conformant paths
 * @raid: of a RAID operation, whose one segment points to it
 * @nsegs: number of segments
 * @segs: the segments
 */
struct stub_desc {
	union {
		struct dma_async_tx_descriptor tx;
		struct virt_dma_desc vd;
	};
	struct list_head node;
	size_t len;
	size_t done;
	unsigned int seg;
	size_t seg_done;
	bool over;
	bool cyclic;
	unsigned int periods;
	bool repeats;
	struct dmaengine_result result;
	unsigned long fault_data;
	unsigned int nsegs;
	/* What few descriptors use lies apart: in a long queue every cache line counts. */
	struct stub_metadata metadata;
	struct stub_raid raid;
	struct stub_seg segs[] __counted_by(nsegs);
};

/**
 * struct stub_fifo - a data port of a channel's fake peripheral
 * @addr: its bus address
 * @to: what the test connected
 * @stat: what happened here
 */
struct stub_fifo {
	phys_addr_t addr;
	struct dmaconf_port to;
	struct dmaconf_port_stat stat;
};

/**
 * struct stub_chan - a channel and its engine
 * @chan: what the client sees
 * @vc: the same, for a personality that is built on virt-dma
 * @sdev: the device
 * @lock: protects all that follows
 * @prepared: not submitted yet
 * @submitted: not issued yet
 * @issued: the first one is running, in submit order
 * @done: ended, callback due
 * @unacked: called back, but the client still looks at them
 * @held: resources are allocated
 * @paused: the engine stands still
 * @powered: it has a reference to its device by runtime PM
 * @configured: @cfg is valid
 * @cfg: last slave configuration, copied into descriptors by prep
 * @failed: cookie of the last transfer that ended with an error
 * @credits: who advances the engine
 * @tick_bytes: credits per tick
 * @timer: imitates the interrupts of an engine that runs by itself
 * @late: raises an interrupt that is late
 * @callbacks: delivers what is in @done
 * @inject: failure asked for, once
 * @inject_after: bytes into a transfer at which it strikes
 * @fifo: data ports of the peripheral
 * @metadata_in: what the peripheral sends along with each transfer from it
 * @metadata_out: what it received with the last transfer to it
 * @fault_data: for faults, unused by the conformant paths
 */
struct stub_chan {
	union {
		struct dma_chan chan;
		struct virt_dma_chan vc;
	};
	struct stub_dev *sdev;
	spinlock_t lock;	/* all that follows */
	struct list_head prepared;
	struct list_head submitted;
	struct list_head issued;
	struct list_head done;
	struct list_head unacked;
	bool held;
	bool paused;
	bool powered;
	bool configured;
	struct dma_slave_config cfg;
	dma_cookie_t failed;
	enum stub_credits credits;
	size_t tick_bytes;
	struct hrtimer timer;
	struct hrtimer late;
	struct tasklet_struct callbacks;
	enum dmaconf_inject inject;
	size_t inject_after;
	struct stub_fifo fifo[STUB_PORTS];
	struct stub_metadata metadata_in;
	struct stub_metadata metadata_out;
	unsigned long fault_data[4];
};

static inline struct stub_chan *to_stub_chan(struct dma_chan *chan)
{
	return container_of(chan, struct stub_chan, chan);
}

static inline struct stub_desc *to_stub_desc(struct dma_async_tx_descriptor *tx)
{
	return container_of(tx, struct stub_desc, tx);
}

/**
 * struct stub_dev - an instance
 * @dma: what the core sees
 * @dev: the platform device, referenced
 * @rcu: for its end
 * @asleep: the system is
 * @gone: the driver was unbound; channels that are held do nothing any more
 * @kind: its personality
 * @ops: the steps in force: conformant, overlaid with the fault's
 * @credits: who advances an engine that no test holds
 * @metadata_ops: of all descriptors, when the personality has metadata
 * @aid: the test's view
 * @nchans: number of channels
 * @chans: the channels
 */
struct stub_dev {
	struct dma_device dma;
	struct device *dev;
	struct rcu_head rcu;
	bool asleep;
	bool gone;
	const struct stub_personality *kind;
	struct stub_ops ops;
	enum stub_credits credits;
	struct dma_descriptor_metadata_ops metadata_ops;
	struct dmaconf_aid aid;
	unsigned int nchans;
	struct stub_chan chans[] __counted_by(nchans);
};

/* device.c */
int stub_devices_create(const struct stub_fault *fault);
int stub_device_delete(const char *name);
void stub_devices_destroy(void);
bool stub_devices_busy(void);
bool stub_owns(const struct dma_chan *chan);

/* tree.c */
int stub_tree_init(void);
void stub_tree_exit(void);
struct device_node *stub_tree_node(const struct stub_personality *kind, int instance);

/* power.c */
void stub_power_init(struct stub_dev *sdev);
void stub_power_exit(struct stub_dev *sdev);
extern const struct dev_pm_ops stub_pm_ops;

/* chan.c */
void stub_chan_init(struct stub_dev *sdev, struct stub_chan *sc);
void stub_measure(struct stub_desc *desc);
void stub_rewind(struct stub_desc *desc);
struct stub_desc *stub_find(struct stub_chan *sc, dma_cookie_t cookie);
void stub_free_list(struct stub_chan *sc, struct list_head *list);
bool stub_injected(struct stub_chan *sc, enum dmaconf_inject what);

/* engine.c */
void stub_engine_init(struct stub_chan *sc);
size_t stub_engine_step(struct stub_chan *sc, size_t credit);
size_t stub_engine_advance(struct stub_chan *sc, size_t credit);
void stub_engine_end(struct stub_chan *sc, struct stub_desc *desc,
		     enum dmaengine_tx_result result);

/* irq.c */
void stub_irq_init(struct stub_chan *sc);
void stub_irq_raise(struct stub_chan *sc);
void stub_irq_now(struct stub_chan *sc);

/* memory.c, fifo.c */
int stub_memory_read(struct device *dev, dma_addr_t addr, void *to, size_t len);
int stub_memory_read_fixed(struct device *dev, dma_addr_t addr, void *to, size_t len);
int stub_memory_write(struct device *dev, dma_addr_t addr, const void *from, size_t len);
int stub_fifo_read(struct stub_chan *sc, u64 addr, unsigned int width, void *to, size_t len);
int stub_fifo_write(struct stub_chan *sc, u64 addr, unsigned int width, const void *from,
		    size_t len);
void stub_fifo_init(struct stub_chan *sc);
extern const struct dmaconf_port_ops stub_port_ops;

/* metadata.c */
extern const struct dmaconf_metadata_ops stub_metadata_ops;

/* aids.c, control.c, faults.c */
void stub_aids_init(struct stub_dev *sdev);
void stub_control_init(void);
void stub_control_exit(void);
const char *stub_control_fault(void);
const struct stub_fault *stub_fault_find(const char *name);
void stub_ops_overlay(struct stub_ops *ops, const struct stub_ops *with);
void stub_fault_list(struct seq_file *s);

#endif /* DMACONF_STUB_H */
