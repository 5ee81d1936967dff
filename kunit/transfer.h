/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Transfers as their client sees them: the memory that they move, their kinds, what
 * is asked of the provider for them, and what must be where afterwards.
 */
#ifndef DMACONF_TRANSFER_H
#define DMACONF_TRANSFER_H

#include <linux/dmaengine.h>
#include <linux/dma-mapping.h>
#include <linux/dmapool.h>
#include <linux/list.h>
#include <linux/scatterlist.h>

#include "compat.h"

struct dmaconf;
struct dmaconf_buf;

/**
 * struct dmaconf_mem - a kind of memory other than kmalloc() and dma_map_single()
 * @name: for messages
 * @more: bytes that a buffer of it has beyond what a rule wants anyway
 * @get: allocate &struct dmaconf_buf.size bytes at @mem; for memory that has a
 *	bus address by itself fill in @map too; may sleep
 * @map: map it and set @map and @mapped, or NULL; may sleep
 * @put: undo both; may sleep
 */
struct dmaconf_mem {
	const char *name;
	size_t more;
	bool (*get)(struct dmaconf *dc, struct dmaconf_buf *buf);
	bool (*map)(struct dmaconf *dc, struct dmaconf_buf *buf);
	void (*put)(struct dmaconf *dc, struct dmaconf_buf *buf);
};

/**
 * struct dmaconf_buf - memory for the engine, with red zones and an oracle
 * @node: in &struct dmaconf.bufs
 * @mem: the whole allocation: red zone, data, red zone; mapped as a whole
 * @want: what @mem should hold, kept up to date by the harness
 * @loose: nonzero where @mem may hold anything
 * @size: bytes of @mem, @want and @loose
 * @data: first byte after the first red zone
 * @len: bytes between the red zones
 * @dma: bus address of @data
 * @map: bus address of @mem
 * @dir: direction of the mapping
 * @mapped: the mapping exists and must be synced
 * @kind: kind of memory, or NULL for the usual one
 * @sg: for @kind
 * @pool: for @kind
 */
struct dmaconf_buf {
	struct list_head node;
	u8 *mem;
	u8 *want;
	u8 *loose;
	size_t size;
	u8 *data;
	size_t len;
	dma_addr_t dma;
	dma_addr_t map;
	enum dma_data_direction dir;
	bool mapped;
	const struct dmaconf_mem *kind;
	struct scatterlist sg;
	struct dma_pool *pool;
};

/**
 * struct dmaconf_piece - a stretch of a buffer
 * @buf: the buffer
 * @off: bytes into its data
 * @len: bytes
 */
struct dmaconf_piece {
	struct dmaconf_buf *buf;
	size_t off;
	size_t len;
};

/**
 * enum dmaconf_state - how far the harness has brought a transfer
 * @DMACONF_NEW: nothing was asked of the provider
 * @DMACONF_PREPARED: a descriptor exists
 * @DMACONF_SUBMITTED: it has a cookie
 * @DMACONF_REFUSED: prep or submit failed
 * @DMACONF_ENDED: it was called back, or seen to be complete
 * @DMACONF_ABORTED: it was terminated
 */
enum dmaconf_state {
	DMACONF_NEW,
	DMACONF_PREPARED,
	DMACONF_SUBMITTED,
	DMACONF_REFUSED,
	DMACONF_ENDED,
	DMACONF_ABORTED,
};

struct dmaconf_xfer;

/**
 * struct dmaconf_type - a kind of transfer that dmaengine has
 * @name: for messages
 * @offered: whether the channel offers it in direction @dir, and the bench can
 *	run it; any context
 * @align: places and lengths must be multiples of so many bytes; any context
 * @shape: of a new transfer, whose @dir and @len are set, allocate @from and
 *	@to with their lengths, for the plainest transfer of its type; buffers
 *	that it leaves out are filled in by the harness; may sleep; asserts
 * @args: make what prep is given by pointer, now that the memory is known, or
 *	NULL; may sleep; asserts
 * @prep: ask the provider for a descriptor; any context
 * @expect: fill in the @len bytes that must be at byte @at of all that arrives,
 *	from what the sources should hold and nothing else; any context. They lie
 *	within one piece.
 * @parallel: each piece of @to gets @len bytes of its own, all at the same time;
 *	else they are filled one after the other
 * @endless: it never ends by itself, and may be called back any number of times
 *
 * Each type is a file of types/.
 */
struct dmaconf_type {
	const char *name;
	bool (*offered)(const struct dmaconf *dc, enum dma_transfer_direction dir);
	size_t (*align)(const struct dmaconf *dc);
	void (*shape)(struct dmaconf_xfer *x);
	void (*args)(struct dmaconf_xfer *x);
	struct dma_async_tx_descriptor *(*prep)(struct dmaconf_xfer *x);
	void (*expect)(struct dmaconf_xfer *x, size_t at, u8 *bytes, size_t len);
	bool parallel;
	bool endless;
};

extern const struct dmaconf_type dmaconf_memcpy;
extern const struct dmaconf_type dmaconf_memset;
extern const struct dmaconf_type dmaconf_memset_sg;
extern const struct dmaconf_type dmaconf_xor;
extern const struct dmaconf_type dmaconf_xor_val;
extern const struct dmaconf_type dmaconf_pq;
extern const struct dmaconf_type dmaconf_pq_val;
extern const struct dmaconf_type dmaconf_interrupt;
extern const struct dmaconf_type dmaconf_interleaved;
extern const struct dmaconf_type dmaconf_slave_sg;
extern const struct dmaconf_type dmaconf_vec;
extern const struct dmaconf_type dmaconf_cyclic;

/**
 * struct dmaconf_xfer - a transfer, as its client sees it
 * @node: in &struct dmaconf.xfers, in order of creation
 * @dc: the test it belongs to
 * @type: kind of transfer
 * @dir: DMA_MEM_TO_MEM unless a data port is one of its ends
 * @len: bytes, as its residue counts them
 * @flags: for prep; DMA_PREP_INTERRUPT | DMA_CTRL_ACK unless a rule changes it
 * @from: the memory that it reads, in order
 * @nfrom: pieces of @from, 0 when a port is the source
 * @to: the memory that it writes, in order
 * @nto: pieces of @to, 0 when a port is the destination
 * @port: data port of a slave transfer
 * @stream_off: place of its first byte in the port's stream, from submission
 * @sgl: for types that prep takes a scatterlist of: one entry for each piece
 * @nents: entries of @sgl
 * @vecs: the same for a peripheral_dma_vec
 * @period: of a cyclic transfer: bytes between callbacks
 * @value: of a memset
 * @addrs: of xor and pq: where the sources are, as prep is told
 * @scf: of pq: coefficient of each source; belongs to the test
 * @sums: of checks: what they found
 * @xt: of an interleaved transfer
 * @with_result: set callback_result, not callback
 * @silent: set no callback
 * @on_prep: called between prep and the setting of callbacks, with @tx valid;
 *	neither sleeps nor asserts, for the provider may hold a lock
 * @on_callback: called inside the callback, after its facts were recorded
 * @priv: for @on_prep and @on_callback
 * @tx: the descriptor, from prep to submit
 * @cookie: what submit returned
 * @state: how far it came
 * @submissions: times that it was submitted
 * @calls: callbacks so far
 * @inside: callbacks that have not returned yet
 * @seq: place of its first callback among all callbacks of the test, from 1
 * @result: what callback_result was given
 * @got_result: @result is valid
 * @cpu: the callback ran on it
 * @in_hardirq: the callback ran in hard interrupt context
 * @in_softirq: the callback ran in softirq context
 * @inline_call: the callback ran inside a call that the rule marked, see
 *	&struct dmaconf.calling_cpu
 * @status: tx_status inside the callback
 */
struct dmaconf_xfer {
	struct list_head node;
	struct dmaconf *dc;
	const struct dmaconf_type *type;
	enum dma_transfer_direction dir;
	size_t len;
	unsigned long flags;
	struct dmaconf_piece *from;
	unsigned int nfrom;
	struct dmaconf_piece *to;
	unsigned int nto;
	unsigned int port;
	size_t stream_off;
	struct scatterlist *sgl;
	unsigned int nents;
	struct dma_vec *vecs;
	size_t period;
	int value;
	dma_addr_t *addrs;
	u8 *scf;
	enum sum_check_flags sums;
	struct dma_interleaved_template *xt;
	bool with_result;
	bool silent;
	void (*on_prep)(struct dmaconf_xfer *x);
	void (*on_callback)(struct dmaconf_xfer *x);
	void *priv;

	struct dma_async_tx_descriptor *tx;
	dma_cookie_t cookie;
	enum dmaconf_state state;
	int submissions;
	int calls;
	int inside;
	int seq;
	struct dmaengine_result result;
	bool got_result;
	int cpu;
	bool in_hardirq;
	bool in_softirq;
	bool inline_call;
	enum dma_status status;
};

/**
 * dmaconf_endless - whether a transfer goes on until it is terminated or replaced
 * @x: the transfer
 *
 * Context: any.
 * Return: whether it does.
 */
static inline bool dmaconf_endless(const struct dmaconf_xfer *x)
{
	return x->type->endless ||
	       (x->type == &dmaconf_interleaved && x->flags & DMA_PREP_REPEAT);
}

/**
 * struct dmaconf_status - one answer of tx_status
 * @status: what it returned
 * @state: what it filled in
 */
struct dmaconf_status {
	enum dma_status status;
	struct dma_tx_state state;
};

/* buffer.c: memory for the engine */
unsigned long dmaconf_used_kb(void);
size_t dmaconf_buf_most(struct dmaconf *dc);
struct dmaconf_buf *dmaconf_buf(struct dmaconf *dc, size_t len, enum dma_data_direction dir);
struct dmaconf_buf *dmaconf_buf_of(struct dmaconf *dc, const struct dmaconf_mem *kind,
				   size_t len, enum dma_data_direction dir);
void dmaconf_buf_refill(struct dmaconf *dc, struct dmaconf_buf *buf);
void dmaconf_buf_write(struct dmaconf *dc, struct dmaconf_buf *buf, size_t off, const void *bytes,
		       size_t len);
void dmaconf_buf_want(struct dmaconf_buf *buf, size_t off, const void *bytes, size_t len);
void dmaconf_buf_loosen(struct dmaconf_buf *buf, size_t off, size_t len);
ssize_t dmaconf_buf_differs(struct dmaconf *dc, struct dmaconf_buf *buf);
bool dmaconf_buf_check(struct dmaconf *dc, struct dmaconf_buf *buf, const char *name);
void dmaconf_buf_freeze(struct dmaconf *dc, struct dmaconf_buf *buf);
void dmaconf_buf_unmap(struct dmaconf *dc, struct dmaconf_buf *buf);

/* transfer.c: making transfers */
size_t dmaconf_align(const struct dmaconf *dc, const struct dmaconf_type *type);
void dmaconf_natural(struct dmaconf *dc);
const struct dmaconf_type *dmaconf_next_type(const struct dmaconf *dc,
					     const struct dmaconf_type *prev);
void dmaconf_pieces(struct dmaconf_xfer *x, unsigned int nfrom, unsigned int nto);
void dmaconf_sgl(struct dmaconf_xfer *x, const struct dmaconf_piece *pieces, unsigned int n);
struct dmaconf_xfer *dmaconf_xfer_new(struct dmaconf *dc, const struct dmaconf_type *type,
				      enum dma_transfer_direction dir, size_t len);
struct dmaconf_xfer *dmaconf_xfer_ready(struct dmaconf_xfer *x);
bool dmaconf_xfer_split(struct dmaconf_xfer *x, unsigned int nents);
struct dmaconf_xfer *dmaconf_xfer_of(struct dmaconf *dc, const struct dmaconf_type *type,
				     enum dma_transfer_direction dir, size_t len);
struct dmaconf_xfer *dmaconf_xfer(struct dmaconf *dc, size_t len);
struct dmaconf_xfer *dmaconf_xfer_dir(struct dmaconf *dc, size_t len,
				      enum dma_transfer_direction dir);
struct dmaconf_xfer *dmaconf_xfer_between(struct dmaconf *dc, struct dmaconf_buf *dst,
					  size_t dst_off, struct dmaconf_buf *src,
					  size_t src_off, size_t len);
struct dmaconf_xfer *dmaconf_xfer_linking(struct dmaconf *dc, const struct dmaconf_type *type,
					  const struct dmaconf_piece *to,
					  const struct dmaconf_piece *from);
struct dmaconf_xfer *dmaconf_xfer_scattered(struct dmaconf *dc, enum dma_transfer_direction dir,
					    const struct dmaconf_piece *pieces,
					    unsigned int npieces);

/* request.c: what is asked of the provider for one, step by step */
void dmaconf_plain_callback(void *param);
bool dmaconf_try_prep(struct dmaconf_xfer *x);
bool dmaconf_try_submit(struct dmaconf_xfer *x);
void dmaconf_submitted(struct dmaconf_xfer *x);
void dmaconf_chain(struct dmaconf_xfer *first, struct dmaconf_xfer *second);
bool dmaconf_try_queue(struct dmaconf_xfer *x);
void dmaconf_queue(struct dmaconf_xfer *x);
void dmaconf_issue(struct dmaconf *dc);
void dmaconf_start(struct dmaconf_xfer *x);
bool dmaconf_prep_locks(struct dmaconf *dc);
int dmaconf_terminate(struct dmaconf *dc);
int dmaconf_terminate_sync(struct dmaconf *dc);
struct dmaconf_status dmaconf_status(struct dmaconf_xfer *x);
const char *dmaconf_status_name(enum dma_status status);

/* dmaconf_src - the first buffer that a transfer reads, NULL when it reads a port */
static inline struct dmaconf_buf *dmaconf_src(const struct dmaconf_xfer *x)
{
	return x->nfrom ? x->from[0].buf : NULL;
}

/* dmaconf_dst - the first buffer that a transfer writes, NULL when it writes to a port */
static inline struct dmaconf_buf *dmaconf_dst(const struct dmaconf_xfer *x)
{
	return x->nto ? x->to[0].buf : NULL;
}

/* oracle.c: what should be where */
void dmaconf_expect_same(struct dmaconf_xfer *x, size_t at, u8 *bytes, size_t len);
void dmaconf_gather(const struct dmaconf_piece *pieces, unsigned int n, size_t at, u8 *bytes,
		    size_t len);
void dmaconf_sync(struct dmaconf *dc, const struct dmaconf_piece *piece, bool for_cpu);
size_t dmaconf_xfer_moved(struct dmaconf_xfer *x);
bool dmaconf_xfer_untouched(struct dmaconf_xfer *x);
bool dmaconf_xfer_right(struct dmaconf_xfer *x);

/* ring.c: following a cyclic transfer */
struct dmaconf_xfer *dmaconf_ring(struct dmaconf *dc, enum dma_transfer_direction dir,
				  unsigned int periods, size_t period);
struct dmaconf_xfer *dmaconf_ring_at(struct dmaconf *dc, enum dma_transfer_direction dir,
				     unsigned int periods, size_t period, unsigned int units);
size_t dmaconf_ring_moved(struct dmaconf_xfer *x);
bool dmaconf_ring_renew(struct dmaconf_xfer *x);
bool dmaconf_ring_arrived(struct dmaconf_xfer *x, size_t from, size_t len);
bool dmaconf_ring_go(struct dmaconf_xfer *x, size_t bytes);
ssize_t dmaconf_ring_wrong(struct dmaconf_xfer *x, size_t moved, size_t slack);
void dmaconf_ring_end(struct dmaconf_xfer *x);
#define DMACONF_RING_DIRS	2
extern const enum dma_transfer_direction dmaconf_ring_dirs[DMACONF_RING_DIRS];
bool dmaconf_ring_next_dir(struct dmaconf *dc, int *i);
const char *dmaconf_ring_way(struct dmaconf_xfer *x);
void dmaconf_ring_start(struct dmaconf_xfer *x);
void dmaconf_ring_run(struct dmaconf_xfer *x, size_t bytes);
void dmaconf_ring_expect_right(struct dmaconf_xfer *x, size_t slack);

#endif /* DMACONF_TRANSFER_H */
