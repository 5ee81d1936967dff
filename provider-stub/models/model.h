/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Register models: hardware in software, for stock drivers in user-mode Linux.
 *
 * A model is a table of registers and a few hooks. The framework keeps the
 * register file, moves the data in its own time, reaches memory through an
 * IOMMU that knows what the driver mapped, asserts interrupts, records what the
 * driver did, and misbehaves on demand. The driver cannot tell.
 *
 *	driver writes a register -> written() -> model_start()
 *	-> (time passes) fetch() -> data moves -> ended() -> level()
 *	-> interrupt handler
 *
 * One lock per model protects everything; all hooks run with it held and
 * interrupts disabled. Interrupts are delivered without it, from an hrtimer or
 * from a test's step, never from inside a register access.
 */
#ifndef DMACONF_MODEL_H
#define DMACONF_MODEL_H

#include <linux/dma-direction.h>
#include <linux/hrtimer.h>
#include <linux/list.h>
#include <linux/ioport.h>
#include <linux/pci_ids.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "aid.h"

struct device;
struct irq_domain;
struct model;
struct model_chan;

#define MODEL_LINES	32	/* interrupt lines of a model, at most */
#define MODEL_TRACE	32	/* events that a trace remembers */
#define MODEL_DESC	64	/* bytes of a descriptor, at most */
#define MODEL_OWNED	2	/* descriptors that one piece of data needs, at most */
#define MODEL_PORTS	2	/* data ports of a channel's peripheral */

/* Accesses that a register takes beside plain reads and writes */
#define MODEL_RO	BIT(0)	/* writes are ignored */
#define MODEL_W1C	BIT(1)	/* writing a 1 clears the bit */

/**
 * struct model_reg - a register
 * @off: offset in its bank
 * @size: bytes; it can be accessed in aligned parts
 * @flags: MODEL_RO, MODEL_W1C
 * @name: for messages
 */
struct model_reg {
	u32 off;
	u8 size;
	u8 flags;
	const char *name;
};

/**
 * struct model_bank - registers that exist once, or once per channel
 * @first: offset of the first channel's bank in the region
 * @stride: from one channel's bank to the next one's; 0 for the bank of the
 *	registers that all channels share
 * @regs: the registers, the last one with a size of 0
 */
struct model_bank {
	u32 first;
	u32 stride;
	const struct model_reg *regs;
};

/**
 * struct model_end - one end of a piece of data
 * @addr: bus address
 * @fixed: the address stays, as a peripheral's data register does
 * @width: bytes per access; 0 where it makes no difference
 */
struct model_end {
	dma_addr_t addr;
	bool fixed;
	u8 width;
};

/**
 * struct model_move - a contiguous piece of data that the engine moves
 * @src: from here
 * @dst: to there
 * @len: bytes, above 0
 * @done: bytes moved so far; the framework's
 * @more: it continues the transfer of the piece before
 */
struct model_move {
	struct model_end src;
	struct model_end dst;
	size_t len;
	size_t done;
	bool more;
};

/**
 * struct model_port - a data port of a channel's peripheral
 * @addr: its physical address
 * @to: what the test connected
 * @stat: what happened here
 */
struct model_port {
	phys_addr_t addr;
	struct dmaconf_port to;
	struct dmaconf_port_stat stat;
};

/**
 * struct model_owned - a descriptor that the hardware is working on
 * @addr: where it is
 * @len: bytes
 * @was: what it was when the hardware read it
 */
struct model_owned {
	dma_addr_t addr;
	size_t len;
	u8 was[MODEL_DESC];
};

/**
 * enum model_result - how a piece ended
 * @MODEL_OK: all bytes moved, as far as the hardware knows
 * @MODEL_READ_ERROR: the bus refused to read @src
 * @MODEL_WRITE_ERROR: the bus refused to write @dst
 */
enum model_result {
	MODEL_OK,
	MODEL_READ_ERROR,
	MODEL_WRITE_ERROR,
};

/**
 * struct model_type - a kind of hardware
 * @name: how it is chosen, dmaconf_models.model=
 * @driver: name of the driver that must bind to it
 * @compatible: of its device tree nodes; NULL for PCI
 * @dtbo: device tree overlay
 * @dtbo_end: its end
 * @pci_id: vendor and device << 16
 * @pci_class: class code
 * @bar: the BAR that holds the registers
 * @size: bytes of the register region; of a device in a device tree only where
 *	another device's registers are in it too
 * @needs_msi: its driver does not take INTA
 * @chans: channels
 * @lines: interrupt lines
 * @priv_size: bytes of @priv of each channel
 * @shared: registers that exist once, or NULL
 * @per_chan: registers that each channel has, or NULL
 * @ports: data ports of the peripheral of each channel
 * @no_errors: it cannot tell that the bus refused
 * @reads_descs: it reads descriptors from memory
 * @writes_descs: it writes to them
 * @reset: power-on values, after all registers were zeroed; may be NULL
 * @reading: bring a register up to date before it is read; may be NULL
 * @was_read: a register was read, for those that change by it; may be NULL
 * @written: a register was written, its new value is stored
 * @fetch: fill in @mc->move with the next piece of what was started; false when
 *	there is none, the channel is idle then
 * @ended: the piece in @mc->move has ended
 * @level: mask of the interrupt lines that are asserted now
 * @chan_of: number of the model's channel for a dma_chan, where it is not the
 *	dma_chan's own number
 *
 * In @reading, @was_read and @written @mc is NULL for a shared register.
 */
struct model_type {
	const char *name;
	const char *driver;
	const char *compatible;
	const u8 *dtbo;
	const u8 *dtbo_end;
	u32 pci_id;
	u32 pci_class;
	unsigned int bar;
	size_t size;
	bool needs_msi;
	unsigned int chans;
	unsigned int lines;
	size_t priv_size;
	unsigned int ports;
	bool no_errors;
	bool reads_descs;
	bool writes_descs;
	const struct model_bank *shared;
	const struct model_bank *per_chan;
	void (*reset)(struct model *m);
	void (*reading)(struct model *m, struct model_chan *mc, u32 reg);
	void (*was_read)(struct model *m, struct model_chan *mc, u32 reg);
	void (*written)(struct model *m, struct model_chan *mc, u32 reg, u64 old, u64 val);
	bool (*fetch)(struct model_chan *mc);
	void (*ended)(struct model_chan *mc, enum model_result result);
	u32 (*level)(struct model *m);
	unsigned int (*chan_of)(struct dma_chan *chan);
};

/* MODEL_OF - a kind of hardware that a device tree overlay, the file of its name, describes */
#define MODEL_OF(_id)							\
	extern const u8 __dtbo_##_id##_begin[], __dtbo_##_id##_end[];	\
	extern const struct model_type model_##_id

/* MODEL_OVERLAY - that overlay, in its &struct model_type */
#define MODEL_OVERLAY(_id)						\
	.dtbo = __dtbo_##_id##_begin, .dtbo_end = __dtbo_##_id##_end

/**
 * struct model_chan - a channel
 * @m: its model
 * @index: its number
 * @priv: the model's own, &struct model_type.priv_size bytes
 * @move: the piece that is in flight
 * @owned: the descriptors that it comes from
 * @nowned: how many
 * @busy: the driver has started it
 * @loaded: @move is valid
 * @paused: it is started, and stands still
 * @held: a test lets it move only step by step
 * @stalled: it does not move until the driver stops it
 * @moved: bytes of the transfer that runs
 * @inject: failure asked for, once
 * @after: bytes into a transfer at which it strikes
 * @timer: its clock
 * @ports: data ports of its peripheral
 */
struct model_chan {
	struct model *m;
	unsigned int index;
	void *priv;
	struct model_move move;
	struct model_owned owned[MODEL_OWNED];
	unsigned int nowned;
	bool busy;
	bool loaded;
	bool paused;
	bool held;
	bool stalled;
	size_t moved;
	enum dmaconf_inject inject;
	size_t after;
	struct hrtimer timer;
	struct model_port ports[MODEL_PORTS];
};

/**
 * struct model_irqs - the interrupt lines of a model
 * @domain: irq domain, one interrupt per line
 * @virq: the kernel's numbers for the lines
 * @message: number of the interrupt that a message is
 * @messages: each rising line is a message, instead of a level
 * @timer: delivers what was asserted in a register access
 * @masked: lines that the kernel has masked
 * @was: level of the lines when they were last looked at
 * @rose: lines that went high and were not delivered since
 * @lost: lines whose interrupt was lost, until they go low or the next piece ends
 * @late: lines whose interrupt is delayed
 * @spurious: lines to deliver although nothing asserts them
 * @inject: what happens to the next interrupt
 * @storm: deliveries in a row with some line asserted all the time
 */
struct model_irqs {
	struct irq_domain *domain;
	unsigned int virq[MODEL_LINES];
	unsigned int message;
	bool messages;
	struct hrtimer timer;
	u32 masked;
	u32 was;
	u32 rose;
	u32 lost;
	u32 late;
	u32 spurious;
	enum dmaconf_inject inject;
	unsigned int storm;
};

/**
 * struct model_event - something that the driver or the hardware did
 * @text: the event
 * @time: when, in ns
 */
struct model_event {
	char text[72];
	u64 time;
};

/**
 * struct model_poll - the last read, to know it again
 * @off: where
 * @val: what
 * @next: &struct model.events, if nothing has happened since
 */
struct model_poll {
	u32 off;
	u64 val;
	unsigned int next;
};

/**
 * struct model - hardware
 * @node: in the list of all
 * @type: what it is
 * @lock: protects all that follows
 * @dev: the driver's device, once there is one
 * @res: its register region
 * @file: the registers, as stored
 * @irqs: interrupt lines
 * @maps: what the driver mapped, see iommu.c
 * @dead: mappings that were taken back, the latest first
 * @ndead: how many of @dead are kept
 * @next_addr: next bus address to give out
 * @master: it may reach memory
 * @aid: what it offers to a test
 * @bound: the aid is registered
 * @violations: since a test last asked
 * @violation: the first of them
 * @trace: the latest events
 * @events: events since boot
 * @poll: the last read
 * @transfers: transfers that began since boot
 * @chans: channels
 */
struct model {
	struct list_head node;
	const struct model_type *type;
	spinlock_t lock;	/* all that follows */
	struct device *dev;
	struct resource res;
	u8 *file;
	struct model_irqs irqs;
	struct list_head maps;
	struct list_head dead;
	unsigned int ndead;
	dma_addr_t next_addr;
	bool master;
	struct dmaconf_aid aid;
	bool bound;
	unsigned int violations;
	char violation[120];
	struct model_event trace[MODEL_TRACE];
	unsigned int events;
	struct model_poll poll;
	unsigned int transfers;
	struct model_chan chans[] __counted_by(type->chans);
};

/* model_end - behind the last channel of a model */
static inline struct model_chan *model_end(struct model *m)
{
	return m->chans + m->type->chans;
}

/* regs.c: the register file */
u64 model_get(struct model_chan *mc, u32 reg);
void model_set(struct model_chan *mc, u32 reg, u64 val);
u64 model_get_shared(struct model *m, u32 reg);
void model_set_shared(struct model *m, u32 reg, u64 val);
void model_reset(struct model *m);
int model_window_open(void);
extern struct resource model_window;

/* engine.c: time */
void model_start(struct model_chan *mc);
void model_stop(struct model_chan *mc);
void model_pause(struct model_chan *mc, bool paused);
void model_rest(struct device *dev);
void model_run(struct model *m);
bool model_at_once(void);
void model_engine_init(struct model *m);
extern const struct dmaconf_gate_ops model_gate_ops;

/* inject.c: what goes wrong */
int model_fault_check(const struct model_type *type);
void model_inject_often(struct model_chan *mc);
int model_inject(struct dma_chan *chan, enum dmaconf_inject what, size_t bytes);

/* iommu.c: memory */
bool model_read(struct model *m, dma_addr_t addr, void *to, size_t len);
bool model_write(struct model *m, dma_addr_t addr, const void *from, size_t len);
bool model_desc_read(struct model_chan *mc, dma_addr_t addr, void *to, size_t len);
bool model_desc_write(struct model_chan *mc, dma_addr_t addr, const void *from, size_t len);
phys_addr_t model_peripheral(struct model *m, dma_addr_t addr);
void model_iommu_attach(struct model *m, struct device *dev);

/* port.c: the peripheral */
void model_ports_init(struct model *m);
struct model_port *model_port_at(struct model_chan *mc, phys_addr_t addr);
size_t model_port_ready(struct model_port *port, bool *ends);
void model_port_read(struct model_port *port, phys_addr_t addr, unsigned int width, void *to,
		     size_t len);
void model_port_write(struct model_port *port, phys_addr_t addr, unsigned int width,
		      const void *from, size_t len);
extern const struct dmaconf_port_ops model_port_ops;

/* irq.c: interrupts */
int model_irqs_init(struct model *m, struct fwnode_handle *fwnode);
void model_irqs_kick(struct model *m);
bool model_irqs_deliver(struct model *m);
void model_irqs_spurious(struct model *m);

/* trace.c: what happened */
void model_trace(struct model *m, const char *fmt, ...) __printf(2, 3);
void model_violation(struct model *m, const char *fmt, ...) __printf(2, 3);
unsigned int model_violations(struct device *dev, char *text, size_t size);

/* model.c: life */
struct model *model_new(const struct model_type *type, const struct resource *res,
			struct fwnode_handle *irqs);
struct model *model_at(phys_addr_t addr);
struct model *model_of(struct device *dev);
struct model_chan *model_chan_of(struct dma_chan *chan);

/* pci.c: the bus of PCI models */
int model_pci_create(const struct model_type *type);
struct model *model_pci_of(struct device *dev);

MODEL_OF(sf_pdma);
MODEL_OF(zynqmp_dma);
extern const struct model_type model_plx_dma;
extern const struct model_type model_ptdma;
MODEL_OF(dw_dmac);
MODEL_OF(dw_axi_dmac);
MODEL_OF(axi_dmac);
MODEL_OF(stm32_dma);

#endif /* DMACONF_MODEL_H */
