/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The peripheral at the other end of a slave channel: how the channel is configured
 * for it, and the bytes at its data ports.
 */
#ifndef DMACONF_SLAVE_H
#define DMACONF_SLAVE_H

#include <linux/dmaengine.h>

#include "aid.h"

#define DMACONF_PORTS	2
/* Bytes that an engine may hold between its two ends without telling. */
#define DMACONF_FIFO	64

struct dmaconf;
struct dmaconf_xfer;

/**
 * struct dmaconf_stream - the bytes at a data port
 * @sink: what the port receives
 * @source: what the port supplies
 * @len: size of each
 * @word: of a port that is memory, its two words as the CPU sees them; else NULL
 * @width: of the accesses to @word, which are all to its first bytes
 * @was: what @word held when the port was connected
 * @sink_next: where the next MEM_TO_DEV transfer's bytes will arrive
 * @source_next: where the next DEV_TO_MEM transfer's bytes will come from
 */
struct dmaconf_stream {
	u8 *sink;
	u8 *source;
	size_t len;
	u8 *word;
	size_t width;
	u8 was[2 * DMACONF_WORD];
	size_t sink_next;
	size_t source_next;
};

/* slave.c: the peripheral of a slave channel */
void dmaconf_streams(struct dmaconf *dc);
void dmaconf_streams_of(struct dmaconf *dc, size_t len);
void dmaconf_connect_endless(struct dmaconf *dc, unsigned int port);
void dmaconf_streams_free(struct dmaconf *dc);
void dmaconf_connect(struct dmaconf *dc, unsigned int port, size_t source_len, bool ends);
void dmaconf_streams_resync(struct dmaconf *dc);
phys_addr_t dmaconf_port_addr(struct dmaconf *dc, unsigned int port,
			      enum dma_transfer_direction dir);
bool dmaconf_port_counts(struct dmaconf *dc);
size_t dmaconf_port_bytes(struct dmaconf *dc);
void dmaconf_streams_width(struct dmaconf *dc, size_t width);
void dmaconf_stream_renew(struct dmaconf *dc, unsigned int port);
bool dmaconf_word_shows(struct dmaconf_xfer *x, size_t at);
enum dma_slave_buswidth dmaconf_width(const struct dmaconf *dc);
struct dma_slave_config dmaconf_config_for(struct dmaconf *dc, unsigned int port);
int dmaconf_config(struct dmaconf *dc, unsigned int port);
bool dmaconf_offers(const struct dmaconf *dc, enum dma_transfer_direction dir);

#endif /* DMACONF_SLAVE_H */
