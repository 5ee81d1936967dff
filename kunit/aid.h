/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Aids: what a test bench offers for a channel beyond the dmaengine API.
 *
 * A provider that is emulated (the stub, a register model) or a board that has
 * a loopback peripheral registers one aid per dma_device. The suite finds it by
 * the channel and never needs to know who serves it. An aid that lacks a group
 * of operations makes the rules that need it "not-tested", never "passed".
 */
#ifndef DMACONF_AID_H
#define DMACONF_AID_H

#include <linux/dmaengine.h>
#include <linux/list.h>

/**
 * struct dmaconf_gate_ops - control over the progress of a channel
 * @hold: from now on nothing moves unless @step allows it. May be called with
 *	or without transfers running; any context.
 * @step: let the engine move at most @bytes bytes of issued transfers; what has
 *	been moved is visible, and what was finished is complete, when it
 *	returns (callbacks may still be due). Returns the number of bytes moved.
 *	Any context.
 * @release: free running again; any context.
 */
struct dmaconf_gate_ops {
	void (*hold)(struct dma_chan *chan);
	size_t (*step)(struct dma_chan *chan, size_t bytes);
	void (*release)(struct dma_chan *chan);
};

/**
 * struct dmaconf_port - what a fake peripheral is connected to
 * @sink: where bytes that the channel writes to the port are stored, or NULL
 * @sink_len: size of @sink in bytes; bytes beyond it are counted only
 * @source: the bytes that the channel reads from the port, or NULL
 * @source_len: size of @source in bytes
 * @ends: the peripheral signals the end of its data after @source_len bytes,
 *	so that a longer transfer ends short; otherwise the transfer waits
 * @wraps: both begin again at their end, for transfers that have none
 */
struct dmaconf_port {
	void *sink;
	size_t sink_len;
	const void *source;
	size_t source_len;
	bool ends;
	bool wraps;
};

/**
 * struct dmaconf_port_stat - what happened at a port since it was connected
 * @written: bytes written at the port's address; 0 if the port is memory
 * @read: bytes read from the port's address; 0 if the port is memory
 * @stray: bytes moved to or from other addresses of the peripheral; of memory
 *	only those that were changed
 * @widths: mask of BIT(width in bytes) of the accesses; 0 if the port is memory
 */
struct dmaconf_port_stat {
	size_t written;
	size_t read;
	size_t stray;
	u32 widths;
};

#define DMACONF_WORD	64	/* bytes of a word of memory as a port, no bus is wider */

/**
 * struct dmaconf_port_ops - a fake peripheral with one or more data ports
 * @addr: the bus address of data port @port, for struct dma_slave_config
 * @connect: replace what data port @port is connected to and clear its
 *	statistics; NULL disconnects. The memory must stay valid until then. The
 *	channel must be idle. Any context.
 * @stat: read the statistics of data port @port; any context
 * @word: NULL, or data port @port is plain memory and no FIFO: the CPU's view of
 *	it. It is two words of DMACONF_WORD bytes, the one at its address to read
 *	from, and behind that one to write to. An access of n bytes is to the
 *	first n. What was written last is there, all else that went through is
 *	not known, and nothing that is connected is used.
 */
struct dmaconf_port_ops {
	phys_addr_t (*addr)(struct dma_chan *chan, unsigned int port);
	void (*connect)(struct dma_chan *chan, unsigned int port,
			const struct dmaconf_port *to);
	void (*stat)(struct dma_chan *chan, unsigned int port,
		     struct dmaconf_port_stat *stat);
	u8 *(*word)(struct dma_chan *chan, unsigned int port);
};

/**
 * struct dmaconf_metadata_ops - the peripheral's side of descriptor metadata
 * @supply: from now on @len bytes at @data go with each transfer from the
 *	peripheral; they are copied. Any context. Returns 0, or -EMSGSIZE when
 *	that is more than goes with a transfer.
 * @received: copy what came with the last transfer to the peripheral, at most
 *	@size bytes, and return how many there were; any context
 */
struct dmaconf_metadata_ops {
	int (*supply)(struct dma_chan *chan, const void *data, size_t len);
	size_t (*received)(struct dma_chan *chan, void *data, size_t size);
};

/**
 * enum dmaconf_inject - failures that an aid can provoke, each happens once
 * @DMACONF_INJECT_NONE: take back what was asked for and did not happen yet
 * @DMACONF_INJECT_READ: the engine cannot read its source
 * @DMACONF_INJECT_WRITE: the engine cannot write its destination
 * @DMACONF_INJECT_STALL: the transfer stops and nothing is reported
 * @DMACONF_INJECT_ALLOC: the channel's resources cannot be allocated
 * @DMACONF_INJECT_PREP: no memory for a descriptor
 * @DMACONF_INJECT_SUBMIT: the descriptor is refused at submission
 * @DMACONF_INJECT_HALF: the hardware stops early and reports success
 * @DMACONF_INJECT_WRONG: a byte is changed on its way and success reported
 * @DMACONF_INJECT_DESC_READ: the hardware cannot read a descriptor
 * @DMACONF_INJECT_DESC_WRITE: the hardware cannot write to a descriptor
 * @DMACONF_INJECT_AT_ONCE: no failure, but hardware as fast as can be: what is started next has
 *	ended before the driver's next instruction
 * @DMACONF_INJECT_IRQ_LOST: the next interrupt does not arrive
 * @DMACONF_INJECT_IRQ_TWICE: the next interrupt arrives twice
 * @DMACONF_INJECT_IRQ_LATE: the next interrupt arrives milliseconds late
 * @DMACONF_INJECT_IRQ_SPURIOUS: an interrupt that has no reason, now
 */
enum dmaconf_inject {
	DMACONF_INJECT_NONE,
	DMACONF_INJECT_READ,
	DMACONF_INJECT_WRITE,
	DMACONF_INJECT_STALL,
	DMACONF_INJECT_ALLOC,
	DMACONF_INJECT_PREP,
	DMACONF_INJECT_SUBMIT,
	DMACONF_INJECT_HALF,
	DMACONF_INJECT_WRONG,
	DMACONF_INJECT_DESC_READ,
	DMACONF_INJECT_DESC_WRITE,
	DMACONF_INJECT_AT_ONCE,
	DMACONF_INJECT_IRQ_LOST,
	DMACONF_INJECT_IRQ_TWICE,
	DMACONF_INJECT_IRQ_LATE,
	DMACONF_INJECT_IRQ_SPURIOUS,
};

/**
 * struct dmaconf_aid - the aids of all channels of one provider, or of one client
 * When its provider is unbound an aid is not found any more, but its operations
 * may be called for as long as a channel of the provider is held.
 *
 * @node: for the registry
 * @dev: the provider's device, dma_device.dev; NULL when there is a client
 * @client: whose channels the aids are for: those that dma_request_chan() finds
 *	for it by @names, so that &struct dma_chan.slave is the client while one
 *	is held; NULL when there is a provider
 * @names: names of the client's channels
 * @nnames: number of @names
 * @gate: progress control, or NULL
 * @port: fake peripheral, or NULL
 * @ports: number of data ports per channel
 * @no_end: the hardware is not told by its peripheral that no more data will come:
 *	&struct dmaconf_port.ends has no effect
 * @metadata: what the peripheral does with metadata, or NULL
 * @no_cyclic: a cyclic transfer to or from a port would never pause for breath:
 *	nothing paces it, and the engine's model does not return before its end
 * @inject: arrange for @what to happen once; READ, WRITE, STALL, HALF and WRONG
 *	strike the transfer that runs or the next one after @after bytes of it. Any
 *	context. Returns 0 or -EOPNOTSUPP. NULL when nothing can be provoked.
 * @rest: wait, for a bounded time, until the hardware of the provider @dev does nothing more
 *	by itself: neither moves data nor has an interrupt to deliver. May sleep. NULL where
 *	the hardware cannot tell.
 * @violations: how often since the last call the driver of the provider @dev did with its
 *	hardware what no driver may, and the first of these in @text; any
 *	context. NULL where the hardware cannot tell.
 */
struct dmaconf_aid {
	struct list_head node;
	struct device *dev;
	struct device *client;
	const char * const *names;
	unsigned int nnames;
	const struct dmaconf_gate_ops *gate;
	const struct dmaconf_port_ops *port;
	unsigned int ports;
	bool no_end;
	const struct dmaconf_metadata_ops *metadata;
	bool no_cyclic;
	int (*inject)(struct dma_chan *chan, enum dmaconf_inject what, size_t after);
	void (*rest)(struct device *dev);
	unsigned int (*violations)(struct device *dev, char *text, size_t size);
};

void dmaconf_aid_register(struct dmaconf_aid *aid);
void dmaconf_aid_unregister(struct dmaconf_aid *aid);
const struct dmaconf_aid *dmaconf_aid_find(const struct dma_device *device);
int dmaconf_aid_clients(int (*fn)(const struct dmaconf_aid *aid, void *data), void *data);

#endif /* DMACONF_AID_H */
