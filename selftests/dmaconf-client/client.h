/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A DMA engine client that is told what to do by lines of text. The grammar is
 * in ../README.md, and in the table of commands.c.
 *
 *	write -> session.c -> commands.c -> handler -> one line of answer -> read
 *
 * A session is one open file: at most one channel, some buffers, some transfers.
 * Its mutex is held while one of its commands runs, and while it is given back.
 * Callbacks take no lock: they write to their transfer and wake the session.
 */
#ifndef DMACONF_CLIENT_H
#define DMACONF_CLIENT_H

#include <linux/atomic.h>
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/mutex.h>
#include <linux/sizes.h>
#include <linux/wait.h>

#include "aid.h"

#define CLIENT_VERSION	1
#define CLIENT_NAME	"dmaconf-client"

/* What one session may hold, and how long a line or a wait may be. */
#define CLIENT_SESSIONS	64
#define CLIENT_BUFS	16
#define CLIENT_BUF_SIZE	SZ_64K
#define CLIENT_XFERS	32
#define CLIENT_PIECES	16
#define CLIENT_WORDS	(CLIENT_PIECES + 8)
#define CLIENT_LINE	512	/* bytes of a command, its newline included */
#define CLIENT_ANSWER	1024
#define CLIENT_BYTES	128	/* that one command shows or takes */
#define CLIENT_WAIT_MS	10000

/**
 * enum client_buf_kind - where a buffer's memory comes from
 * @CLIENT_BUF_NONE: there is no buffer of this number
 * @CLIENT_BUF_STREAMING: mapped and unmapped by command
 * @CLIENT_BUF_COHERENT: mapped for the channel as long as it exists
 * @CLIENT_BUF_PORT: behind a data port of the bench's peripheral, never mapped
 */
enum client_buf_kind {
	CLIENT_BUF_NONE,
	CLIENT_BUF_STREAMING,
	CLIENT_BUF_COHERENT,
	CLIENT_BUF_PORT,
};

/**
 * struct client_buf - memory between two guard zones
 * @kind: where it comes from
 * @dir: who may access it once it is mapped
 * @raw: the whole, with both guard zones
 * @raw_len: bytes of it
 * @raw_addr: bus address of a coherent one
 * @data: behind the first guard zone
 * @len: bytes that the session asked for
 * @addr: bus address of @data while @mapped
 * @mapped: a provider can be told of it
 * @users: transfers and ports that may still access it
 * @kept: transfers that may be submitted again and access it then
 */
struct client_buf {
	enum client_buf_kind kind;
	enum dma_data_direction dir;
	void *raw;
	size_t raw_len;
	dma_addr_t raw_addr;
	u8 *data;
	size_t len;
	dma_addr_t addr;
	bool mapped;
	unsigned int users;
	unsigned int kept;
};

/**
 * enum client_xfer_state - how far a transfer is
 * @CLIENT_XFER_NONE: there is no transfer of this number
 * @CLIENT_XFER_PREPARED: the provider made a descriptor
 * @CLIENT_XFER_SUBMITTED: it has a cookie; it may be running
 * @CLIENT_XFER_STOPPED: terminated, but a callback may still come
 * @CLIENT_XFER_KEPT: it has ended, and its descriptor can be submitted again
 * @CLIENT_XFER_ENDED: the provider does nothing with it any more
 */
enum client_xfer_state {
	CLIENT_XFER_NONE,
	CLIENT_XFER_PREPARED,
	CLIENT_XFER_SUBMITTED,
	CLIENT_XFER_STOPPED,
	CLIENT_XFER_KEPT,
	CLIENT_XFER_ENDED,
};

/**
 * struct client_metadata - what came along with a transfer, in the engine's own place
 * @expected: the first callback copies it, for it is gone afterwards
 * @found: there was something to copy
 * @bytes: as many as fit of it
 * @len: bytes that the provider told of
 * @max: room for them that it told of
 */
struct client_metadata {
	bool expected;
	bool found;
	u8 bytes[CLIENT_BYTES];
	size_t len;
	size_t max;
};

/**
 * struct client_xfer - a transfer
 * @client: its session
 * @state: how far it is
 * @tx: the descriptor, until the transfer has ended
 * @cookie: since it was submitted
 * @cyclic: it has no end
 * @called: the provider was asked for a callback
 * @plain: for one that is not told the result
 * @reused: the descriptor is to be kept when the transfer ends
 * @bufs: mask of the buffers that it uses
 * @sums: result of a check of RAID sums, written by the provider
 * @calls: how often it was called back
 * @seq: place of its last callback among all of the session
 * @result: what the last callback said
 * @metadata: written by the first callback
 */
struct client_xfer {
	struct client *client;
	enum client_xfer_state state;
	struct dma_async_tx_descriptor *tx;
	dma_cookie_t cookie;
	bool cyclic;
	bool called;
	bool plain;
	bool reused;
	u32 bufs;
	enum sum_check_flags sums;
	atomic_t calls;
	int seq;
	struct dmaengine_result result;
	struct client_metadata metadata;
};

/**
 * struct client - a session
 * @node: among all sessions
 * @lock: protects all that follows but what a callback writes
 * @chan: its channel, or NULL
 * @dev: that channel's provider, or NULL; also read without the lock
 * @gone: the provider was taken from its driver; only releasing is left to do
 * @stuck: something never ended, so what it may access is never freed
 * @held: the engine is held at the gate
 * @aid: what the bench offers for the channel, or NULL
 * @ports: mask of buffers that are connected to a port
 * @cfg: configuration in force, both directions
 * @bufs: its buffers
 * @xfers: its transfers
 * @seq: callbacks so far
 * @called: woken by every callback, and when @gone
 * @answer: of the last command
 * @answers: how many there were
 * @answer_len: bytes of it
 * @answer_read: bytes that have been read
 */
struct client {
	struct list_head node;
	struct mutex lock; /* all but what a callback writes */
	struct dma_chan *chan;
	struct device *dev;
	bool gone;
	bool stuck;
	bool held;
	const struct dmaconf_aid *aid;
	u32 ports;
	struct dma_slave_config cfg;
	struct client_buf bufs[CLIENT_BUFS];
	struct client_xfer xfers[CLIENT_XFERS];
	atomic_t seq;
	wait_queue_head_t called;
	char answer[CLIENT_ANSWER];
	unsigned int answers;
	size_t answer_len;
	size_t answer_read;
};

/**
 * struct client_args - the words of a command behind its name
 * @n: how many
 * @word: each, terminated; the one behind the last is NULL
 */
struct client_args {
	int n;
	char *word[CLIENT_WORDS + 1];
};

/**
 * struct client_piece - a part of a buffer
 * @index: number of the buffer
 * @buf: the buffer
 * @off: first byte
 * @len: bytes
 */
struct client_piece {
	unsigned int index;
	struct client_buf *buf;
	size_t off;
	size_t len;
};

/* The handlers of all commands look like this; 0 or a negative errno. */
typedef int client_fn(struct client *c, struct client_args *args);

/* commands.c: the table */
int client_execute(struct client *c, char *line, size_t len);
void client_say(struct client *c, const char *fmt, ...) __printf(2, 3);
int client_refuse(struct client *c, int err, const char *fmt, ...) __printf(3, 4);

/* parse.c: the words */
int client_split(char *line, size_t len, struct client_args *args);
int client_number(const char *word, unsigned int min, unsigned int max, unsigned int *value);
bool client_option(const char *word, const char *name, const char **value);
int client_part(struct client *c, const char *word, struct client_piece *piece);
int client_bytes(const char *word, u8 *bytes, size_t *len);
int client_caps_mask(char *word, dma_cap_mask_t *mask);
const char *client_cap_name(enum dma_transaction_type cap);
int client_direction(const char *word, enum dma_transfer_direction *dir);

/* channel.c: the channel as a whole */
client_fn client_request, client_release, client_caps, client_config;
client_fn client_pause, client_resume, client_terminate, client_synchronize;
void client_rest(struct client *c);
void client_let_go(struct client *c);
int client_channel_init(void);
void client_channel_exit(void);

/* target.c: what may be driven */
bool client_may_drive(struct dma_chan *chan);

/* buffer.c: memory */
client_fn client_alloc, client_free, client_map, client_unmap;
client_fn client_fill, client_show, client_verify;
struct client_buf *client_buf(struct client *c, unsigned int index);
void client_bufs_unmap(struct client *c);
void client_bufs_free(struct client *c);

/* prep.c: descriptors of every type */
client_fn client_prep;

/* reuse.c: descriptors that are submitted again */
client_fn client_reuse, client_discard;
void client_xfer_keep(struct client *c, struct client_xfer *x);
void client_xfer_again(struct client *c, struct client_xfer *x);

/* metadata.c: what goes along with a transfer */
client_fn client_metadata;
void client_metadata_came(struct client_xfer *x);

/* transfer.c: from submission to the end */
client_fn client_submit, client_issue, client_wait, client_status;
int client_xfer(struct client *c, const char *word, struct client_xfer **x);
int client_calls(struct client_xfer *x);
void client_xfer_start(struct client_xfer *x);
void client_use(struct client *c, u32 bufs, int by);
void client_xfer_begin(struct client *c, struct client_xfer *x, u32 bufs);
void client_xfers_reap(struct client *c);
void client_xfer_end(struct client *c, struct client_xfer *x);
void client_xfers_stop(struct client *c);
void client_xfers_end(struct client *c);
bool client_xfers_drain(struct client *c);
bool client_idle(const struct client *c);

/* bench.c: what the bench offers beyond the dmaengine API */
client_fn client_gate, client_connect, client_port, client_packet, client_inject;
void client_bench_find(struct client *c);
void client_bench_starve(struct dma_chan *chan);
void client_bench_leave(struct client *c);
void client_bench_forget(struct client *c);
int client_port_addr(struct client *c, unsigned int port, phys_addr_t *addr);

#endif /* DMACONF_CLIENT_H */
