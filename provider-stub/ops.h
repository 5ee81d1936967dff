/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every step of the stub that a personality may do in its own way, and a fault may
 * replace.
 */
#ifndef DMACONF_STUB_OPS_H
#define DMACONF_STUB_OPS_H

#include <linux/dmaengine.h>
#include <linux/hrtimer.h>

struct dma_interleaved_template;
struct dma_vec;
struct of_dma;
struct of_phandle_args;
struct scatterlist;
struct stub_chan;
struct stub_desc;
struct stub_dev;
struct stub_raid;
struct stub_seg;

/**
 * struct stub_ops - every step of the provider that a fault may replace
 *
 * stub_conformant_ops holds the conformant steps, and a fault lists only those
 * that differ. All members are function pointers. "locked" means that the
 * caller holds &struct stub_chan.lock with interrupts disabled.
 *
 * @sleep: bring all channels to rest for system suspend, keeping what they have;
 *	may sleep
 * @wake: let them go on; may sleep
 * @power: use the device, by runtime PM, for as long as the channel has something
 *	to do; called when that may have changed; locked
 * @go_live: register the device, which is complete, with the core; may sleep;
 *	0 or negative errno
 * @xlate: the channel of a request through the device tree, or NULL; may sleep
 * @unplug: bring all channels to rest and let none start again; may sleep
 * @retire: unregister it, which may release it; may sleep
 * @release: &struct dma_device operation: the last reference is gone; may sleep
 * @alloc_chan_resources: &struct dma_device operation
 * @free_chan_resources: &struct dma_device operation
 * @prep_memcpy: &struct dma_device operation
 * @prep_slave_sg: &struct dma_device operation
 * @prep_vec: &struct dma_device operation
 * @prep_cyclic: &struct dma_device operation
 * @prep_memset: &struct dma_device operation
 * @prep_memset_sg: &struct dma_device operation
 * @prep_xor: &struct dma_device operation
 * @prep_xor_val: &struct dma_device operation
 * @prep_pq: &struct dma_device operation
 * @prep_pq_val: &struct dma_device operation
 * @prep_interrupt: &struct dma_device operation
 * @prep_interleaved: &struct dma_device operation
 * @get_ptr: &struct dma_descriptor_metadata_ops operation
 * @set_len: &struct dma_descriptor_metadata_ops operation
 * @config: &struct dma_device operation
 * @caps: &struct dma_device operation
 * @pause: &struct dma_device operation
 * @resume: &struct dma_device operation
 * @terminate_all: &struct dma_device operation
 * @synchronize: &struct dma_device operation
 * @tx_status: &struct dma_device operation
 * @issue_pending: &struct dma_device operation
 * @filter: for requests by name, see &struct dma_filter
 * @add_chan: make @sc known to its device, which is not registered; may sleep
 * @prepared: hand @desc to the client, with its segments filled in; any context
 * @tx_submit: of each descriptor
 * @tx_desc_free: of each descriptor that can be reused
 * @attach: metadata of each descriptor, see &struct dma_descriptor_metadata_ops;
 *	so are @get_ptr and @set_len
 * @desc_alloc: a clean descriptor for @nsegs segments, or NULL; any context
 * @desc_free: give a descriptor back that is in no list; any context
 * @issue: move what was submitted to the end of the issued list; locked
 * @kick: make an engine that has something to do run; locked
 * @move: move up to @credit bytes of @desc within its current segment and
 *	return how many; 0 when it cannot go on now, negative errno on error;
 *	locked
 * @copy: do the work of @len bytes of a segment, which is copying them unless it
 *	says otherwise; 0 or negative errno; locked
 * @fill: the work of a memset; as @copy
 * @xor: the work of an xor
 * @pq: the work of a pq
 * @go_on: have a pq go on from the sums that there are, if @flags say so; any context;
 *	false when that is more than the hardware can
 * @check: the work of an xor_val or pq_val
 * @gap_after: bytes that @chunk of an interleaved transfer leaves out behind it,
 *	at its source or its destination; any context
 * @find: the transfer with @cookie, if it has not ended; locked
 * @period: a period of the cyclic @desc has passed; locked
 * @again: whether @desc, whose last segment has been moved, begins again; locked
 * @carry: metadata of @desc goes with its last byte; locked
 * @interrupt: the handler of the engine's interrupt: ends what is over; locked
 * @complete: @desc has ended with its result filled in; locked
 * @deliver: call the client back for @desc, which is in no list; softirq, not
 *	locked
 * @residue: bytes that @desc still has to move; locked
 * @tick: the timer's handler
 */
struct stub_ops {
	void (*sleep)(struct stub_dev *sdev);
	void (*wake)(struct stub_dev *sdev);
	void (*power)(struct stub_chan *sc);
	int (*go_live)(struct stub_dev *sdev);
	struct dma_chan *(*xlate)(struct of_phandle_args *spec, struct of_dma *ofdma);
	void (*unplug)(struct stub_dev *sdev);
	void (*retire)(struct stub_dev *sdev);
	void (*release)(struct dma_device *dma);
	int (*alloc_chan_resources)(struct dma_chan *chan);
	void (*free_chan_resources)(struct dma_chan *chan);
	struct dma_async_tx_descriptor *(*prep_memcpy)(struct dma_chan *chan,
						       dma_addr_t dst, dma_addr_t src,
						       size_t len, unsigned long flags);
	struct dma_async_tx_descriptor *(*prep_slave_sg)(struct dma_chan *chan,
							 struct scatterlist *sgl,
							 unsigned int sg_len,
							 enum dma_transfer_direction dir,
							 unsigned long flags,
							 void *context);
	struct dma_async_tx_descriptor *(*prep_vec)(struct dma_chan *chan,
						    const struct dma_vec *vecs, size_t nents,
						    enum dma_transfer_direction dir,
						    unsigned long flags);
	struct dma_async_tx_descriptor *(*prep_cyclic)(struct dma_chan *chan, dma_addr_t addr,
						       size_t buf_len, size_t period_len,
						       enum dma_transfer_direction dir,
						       unsigned long flags);
	struct dma_async_tx_descriptor *(*prep_memset)(struct dma_chan *chan, dma_addr_t dst,
						       int value, size_t len,
						       unsigned long flags);
	struct dma_async_tx_descriptor *(*prep_memset_sg)(struct dma_chan *chan,
							  struct scatterlist *sgl,
							  unsigned int nents, int value,
							  unsigned long flags);
	struct dma_async_tx_descriptor *(*prep_xor)(struct dma_chan *chan, dma_addr_t dst,
						    dma_addr_t *src, unsigned int nsrc,
						    size_t len, unsigned long flags);
	struct dma_async_tx_descriptor *(*prep_xor_val)(struct dma_chan *chan, dma_addr_t *src,
							unsigned int nsrc, size_t len,
							enum sum_check_flags *result,
							unsigned long flags);
	struct dma_async_tx_descriptor *(*prep_pq)(struct dma_chan *chan, dma_addr_t *dst,
						   dma_addr_t *src, unsigned int nsrc,
						   const unsigned char *coef, size_t len,
						   unsigned long flags);
	struct dma_async_tx_descriptor *(*prep_pq_val)(struct dma_chan *chan, dma_addr_t *pq,
						       dma_addr_t *src, unsigned int nsrc,
						       const unsigned char *coef, size_t len,
						       enum sum_check_flags *result,
						       unsigned long flags);
	struct dma_async_tx_descriptor *(*prep_interrupt)(struct dma_chan *chan,
							  unsigned long flags);
	struct dma_async_tx_descriptor *(*prep_interleaved)(struct dma_chan *chan,
							    struct dma_interleaved_template *xt,
							    unsigned long flags);
	int (*config)(struct dma_chan *chan, struct dma_slave_config *cfg);
	void (*caps)(struct dma_chan *chan, struct dma_slave_caps *caps);
	int (*pause)(struct dma_chan *chan);
	int (*resume)(struct dma_chan *chan);
	int (*terminate_all)(struct dma_chan *chan);
	void (*synchronize)(struct dma_chan *chan);
	enum dma_status (*tx_status)(struct dma_chan *chan, dma_cookie_t cookie,
				     struct dma_tx_state *state);
	void (*issue_pending)(struct dma_chan *chan);
	bool (*filter)(struct dma_chan *chan, void *param);
	void (*add_chan)(struct stub_chan *sc);
	struct dma_async_tx_descriptor *(*prepared)(struct stub_chan *sc, struct stub_desc *desc,
						    unsigned long flags);
	dma_cookie_t (*tx_submit)(struct dma_async_tx_descriptor *tx);
	int (*tx_desc_free)(struct dma_async_tx_descriptor *tx);
	int (*attach)(struct dma_async_tx_descriptor *tx, void *data, size_t len);
	void *(*get_ptr)(struct dma_async_tx_descriptor *tx, size_t *len, size_t *max);
	int (*set_len)(struct dma_async_tx_descriptor *tx, size_t len);
	struct stub_desc *(*desc_alloc)(struct stub_chan *sc, unsigned int nsegs);
	void (*desc_free)(struct stub_chan *sc, struct stub_desc *desc);
	void (*issue)(struct stub_chan *sc);
	void (*kick)(struct stub_chan *sc);
	ssize_t (*move)(struct stub_chan *sc, struct stub_desc *desc, size_t credit);
	int (*copy)(struct stub_chan *sc, const struct stub_seg *seg, size_t off,
		    size_t len);
	struct stub_desc *(*find)(struct stub_chan *sc, dma_cookie_t cookie);
	void (*period)(struct stub_chan *sc, struct stub_desc *desc);
	bool (*again)(struct stub_chan *sc, struct stub_desc *desc);
	void (*carry)(struct stub_chan *sc, struct stub_desc *desc);
	int (*fill)(struct stub_chan *sc, const struct stub_seg *seg, size_t off,
		    size_t len);
	int (*xor)(struct stub_chan *sc, const struct stub_seg *seg, size_t off,
		   size_t len);
	int (*pq)(struct stub_chan *sc, const struct stub_seg *seg, size_t off,
		  size_t len);
	bool (*go_on)(struct stub_chan *sc, struct stub_raid *raid, unsigned long flags);
	int (*check)(struct stub_chan *sc, const struct stub_seg *seg, size_t off,
		     size_t len);
	size_t (*gap_after)(struct dma_interleaved_template *xt, struct data_chunk *chunk,
			    bool source);
	void (*interrupt)(struct stub_chan *sc);
	void (*complete)(struct stub_chan *sc, struct stub_desc *desc);
	void (*deliver)(struct stub_chan *sc, struct stub_desc *desc);
	u32 (*residue)(struct stub_chan *sc, struct stub_desc *desc);
	enum hrtimer_restart (*tick)(struct hrtimer *timer);
};

extern const struct stub_ops stub_conformant_ops;

/**
 * struct stub_personality - what kind of provider a stub device is
 * @name: of the platform device
 * @init: fill in the capabilities and operations that it has
 * @ops: steps that it does in its own way, or NULL; then only faults that are
 *	made for it are applied to it
 * @keeps_unacked: clients may look at a descriptor until they acknowledge it
 * @nchans: number of channels, or 0 for as many as the module parameter says
 */
struct stub_personality {
	const char *name;
	void (*init)(struct stub_dev *sdev);
	const struct stub_ops *ops;
	bool keeps_unacked;
	unsigned int nchans;
};

extern const struct stub_personality stub_memcpy;
extern const struct stub_personality stub_minimal;
extern const struct stub_personality stub_slave;
extern const struct stub_personality stub_cyclic;
extern const struct stub_personality stub_packet;
extern const struct stub_personality stub_unordered;
extern const struct stub_personality stub_virt;
extern const struct stub_personality stub_memset;
extern const struct stub_personality stub_raid;
extern const struct stub_personality stub_raid_plain;
extern const struct stub_personality stub_interleaved;
extern const struct stub_personality stub_display;

/**
 * struct stub_fault - one way to break the contract
 * @name: how it is chosen
 * @rule: the rule that must notice
 * @what: what the provider does wrong, one sentence
 * @target: the only machine that it shows on, or NULL: any
 * @kind: the only personality that has it, or NULL: all without steps of their own
 * @ops: the steps that differ, NULL where the conformant one stays
 * @setup: changes what the device declares before it is registered, or NULL
 */
struct stub_fault {
	const char *name;
	const char *rule;
	const char *what;
	const char *target;
	const struct stub_personality *kind;
	struct stub_ops ops;
	void (*setup)(struct stub_dev *sdev);
};

/* STUB_FAULT - an entry of a fault table: name, rule, sentence, then the steps that differ */
#define STUB_FAULT(_name, _rule, _what, ...)	\
	{ .name = #_name, .rule = (_rule), .what = (_what), .ops = { __VA_ARGS__ } }

/* STUB_FAULT_OF - the same for a fault of one personality that has steps of its own */
#define STUB_FAULT_OF(_name, _rule, _what, _kind, ...)	\
	{ .name = #_name, .rule = (_rule), .what = (_what), .kind = (_kind),	\
	  .ops = { __VA_ARGS__ } }

/* STUB_FAULT_SETUP - the same for a fault in what the device declares */
#define STUB_FAULT_SETUP(_name, _rule, _what, _setup, ...)	\
	{ .name = #_name, .rule = (_rule), .what = (_what), .setup = (_setup),	\
	  .ops = { __VA_ARGS__ } }

/*
 * STUB_FAULT_ON - the same for a fault that shows on one machine only, where there are
 * several CPUs or the kernel's debugging aids; the host tool goes by @_target
 */
#define STUB_FAULT_ON(_target, _name, _rule, _what, ...)	\
	{ .name = #_name, .rule = (_rule), .what = (_what), .target = (_target),	\
	  .ops = { __VA_ARGS__ } }

#endif /* DMACONF_STUB_OPS_H */
