/* SPDX-License-Identifier: GPL-2.0-only */
/* What the types of transfers share: how the words of a prep become its parts. */
#ifndef DMACONF_CLIENT_PREP_H
#define DMACONF_CLIENT_PREP_H

#include "client.h"

struct scatterlist;

#define CLIENT_PLAIN	BIT(31)		/* a flag that no provider sees */

/**
 * struct client_job - what is asked of the provider
 * @c: the session
 * @x: the transfer
 * @device: the provider
 * @flags: for the provider
 * @plain: the callback is to be one without a result
 * @cyclic: the transfer has no end
 * @bufs: mask of the buffers of all parts that were taken
 * @read: parts that the engine reads
 * @nread: how many
 * @write: parts that it writes
 * @nwrite: how many
 */
struct client_job {
	struct client *c;
	struct client_xfer *x;
	struct dma_device *device;
	unsigned long flags;
	bool plain;
	bool cyclic;
	u32 bufs;
	struct client_piece read[CLIENT_PIECES];
	unsigned int nread;
	struct client_piece write[CLIENT_PIECES];
	unsigned int nwrite;
};

/* prep.c: the words */
int client_len(const char *word, unsigned int *len);
int client_take(struct client_job *job, const char *word, size_t len, bool written);
int client_take_list(struct client_job *job, char **word, int n, bool written);
bool client_aligned(const struct client_job *job, enum dmaengine_alignment align);
dma_addr_t client_addr(const struct client_piece *piece);
struct client_piece *client_list(struct client_job *job, bool written, unsigned int *n);
void client_sgl(struct client_job *job, bool written, struct scatterlist *sgl, unsigned int *n);

/*
 * The types get the @n words behind their name. They return a descriptor, ERR_PTR() for
 * what is wrong with the words, or NULL where the provider refused.
 */

/* prep-memory.c: in memory, all but RAID */
struct dma_async_tx_descriptor *client_memcpy(struct client_job *job, char **word, int n);
struct dma_async_tx_descriptor *client_memset(struct client_job *job, char **word, int n);
struct dma_async_tx_descriptor *client_memset_sg(struct client_job *job, char **word, int n);
struct dma_async_tx_descriptor *client_interrupt(struct client_job *job, char **word, int n);
struct dma_async_tx_descriptor *client_strided(struct client_job *job, char **word, int n);

/* prep-raid.c: sums of several sources, and their checks */
struct dma_async_tx_descriptor *client_xor(struct client_job *job, char **word, int n);
struct dma_async_tx_descriptor *client_xor_val(struct client_job *job, char **word, int n);
struct dma_async_tx_descriptor *client_pq(struct client_job *job, char **word, int n);
struct dma_async_tx_descriptor *client_pq_val(struct client_job *job, char **word, int n);

/* prep-slave.c: to and from a peripheral */
struct dma_async_tx_descriptor *client_slave_sg(struct client_job *job, char **word, int n);
struct dma_async_tx_descriptor *client_cyclic(struct client_job *job, char **word, int n);
struct dma_async_tx_descriptor *client_vec(struct client_job *job, char **word, int n);

#endif /* DMACONF_CLIENT_PREP_H */
