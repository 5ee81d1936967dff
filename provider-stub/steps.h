/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The conformant steps that stub_conformant_ops is made of and that live
 * outside chan.c; struct stub_ops describes each.
 */
#ifndef DMACONF_STUB_STEPS_H
#define DMACONF_STUB_STEPS_H

#include "stub.h"

/* device.c */
int stub_go_live(struct stub_dev *sdev);
void stub_unplug(struct stub_dev *sdev);
void stub_retire(struct stub_dev *sdev);
void stub_release(struct dma_device *dma);

/* tree.c */
struct dma_chan *stub_xlate(struct of_phandle_args *spec, struct of_dma *ofdma);

/* power.c */
void stub_sleep(struct stub_dev *sdev);
void stub_wake(struct stub_dev *sdev);
void stub_power(struct stub_chan *sc);

/* memcpy.c */
struct dma_async_tx_descriptor *stub_prep_memcpy(struct dma_chan *chan, dma_addr_t dst,
						 dma_addr_t src, size_t len,
						 unsigned long flags);

/* slave.c */
struct dma_async_tx_descriptor *stub_prep_slave_sg(struct dma_chan *chan,
						   struct scatterlist *sgl,
						   unsigned int sg_len,
						   enum dma_transfer_direction dir,
						   unsigned long flags, void *context);
void stub_caps(struct dma_chan *chan, struct dma_slave_caps *caps);
int stub_config(struct dma_chan *chan, struct dma_slave_config *cfg);
bool stub_filter(struct dma_chan *chan, void *param);
bool stub_slave_seg(struct stub_chan *sc, enum dma_transfer_direction dir,
		    struct stub_seg *seg);
struct stub_seg stub_seg_at(const struct stub_seg *like, dma_addr_t addr, size_t len);
void stub_slave_declare(struct stub_dev *sdev);
#ifdef DMACONF_HAVE_DMA_VEC
struct dma_async_tx_descriptor *stub_prep_vec(struct dma_chan *chan,
					      const struct dma_vec *vecs, size_t nents,
					      enum dma_transfer_direction dir,
					      unsigned long flags);
#else
#define stub_prep_vec	NULL
#endif

/* cyclic.c */
struct dma_async_tx_descriptor *stub_prep_cyclic(struct dma_chan *chan, dma_addr_t addr,
						 size_t buf_len, size_t period_len,
						 enum dma_transfer_direction dir,
						 unsigned long flags);
void stub_cyclic_declare(struct stub_dev *sdev);

/* metadata.c */
int stub_attach(struct dma_async_tx_descriptor *tx, void *data, size_t len);
void *stub_get_ptr(struct dma_async_tx_descriptor *tx, size_t *len, size_t *max);
int stub_set_len(struct dma_async_tx_descriptor *tx, size_t len);
void stub_carry(struct stub_chan *sc, struct stub_desc *desc);

/* memset.c */
struct dma_async_tx_descriptor *stub_prep_memset(struct dma_chan *chan, dma_addr_t dst, int value,
						 size_t len, unsigned long flags);
struct dma_async_tx_descriptor *stub_prep_memset_sg(struct dma_chan *chan,
						    struct scatterlist *sgl, unsigned int nents,
						    int value, unsigned long flags);
int stub_fill(struct stub_chan *sc, const struct stub_seg *seg, size_t off, size_t len);

/* raid.c */
struct dma_async_tx_descriptor *stub_prep_xor(struct dma_chan *chan, dma_addr_t dst,
					      dma_addr_t *src, unsigned int nsrc, size_t len,
					      unsigned long flags);
struct dma_async_tx_descriptor *stub_prep_xor_val(struct dma_chan *chan, dma_addr_t *src,
						  unsigned int nsrc, size_t len,
						  enum sum_check_flags *result,
						  unsigned long flags);
struct dma_async_tx_descriptor *stub_prep_pq(struct dma_chan *chan, dma_addr_t *dst,
					     dma_addr_t *src, unsigned int nsrc,
					     const unsigned char *coef, size_t len,
					     unsigned long flags);
struct dma_async_tx_descriptor *stub_prep_pq_val(struct dma_chan *chan, dma_addr_t *pq,
						 dma_addr_t *src, unsigned int nsrc,
						 const unsigned char *coef, size_t len,
						 enum sum_check_flags *result,
						 unsigned long flags);
struct dma_async_tx_descriptor *stub_prep_interrupt(struct dma_chan *chan, unsigned long flags);
int stub_xor(struct stub_chan *sc, const struct stub_seg *seg, size_t off, size_t len);
int stub_pq(struct stub_chan *sc, const struct stub_seg *seg, size_t off, size_t len);
bool stub_go_on(struct stub_chan *sc, struct stub_raid *raid, unsigned long flags);
int stub_check(struct stub_chan *sc, const struct stub_seg *seg, size_t off, size_t len);

/* interleaved.c */
struct dma_async_tx_descriptor *stub_prep_interleaved(struct dma_chan *chan,
						      struct dma_interleaved_template *xt,
						      unsigned long flags);
size_t stub_gap_after(struct dma_interleaved_template *xt, struct data_chunk *chunk, bool source);

/* irq.c */
void stub_interrupt(struct stub_chan *sc);

/* engine.c */
void stub_kick(struct stub_chan *sc);
ssize_t stub_move(struct stub_chan *sc, struct stub_desc *desc, size_t credit);
int stub_copy(struct stub_chan *sc, const struct stub_seg *seg, size_t off, size_t len);
void stub_period(struct stub_chan *sc, struct stub_desc *desc);
bool stub_again(struct stub_chan *sc, struct stub_desc *desc);
void stub_complete(struct stub_chan *sc, struct stub_desc *desc);
void stub_deliver(struct stub_chan *sc, struct stub_desc *desc);
enum hrtimer_restart stub_tick(struct hrtimer *timer);

#endif /* DMACONF_STUB_STEPS_H */
