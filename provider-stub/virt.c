// SPDX-License-Identifier: GPL-2.0-only
/*
 * The personality that is built on virt-dma, as most drivers are: virt-dma has
 * the queues and calls back, the engine is given one descriptor at a time.
 *
 * The channel's lock is the engine's, and virt-dma's is taken inside it.
 */
#include "steps.h"
#include "stub.h"

static struct stub_chan *virt_chan(struct virt_dma_desc *vd)
{
	return to_stub_chan(vd->tx.chan);
}

static void virt_desc_free(struct virt_dma_desc *vd)
{
	struct stub_chan *sc = virt_chan(vd);

	sc->sdev->ops.desc_free(sc, to_stub_desc(&vd->tx));
}

static void virt_add_chan(struct stub_chan *sc)
{
	vchan_init(&sc->vc, &sc->sdev->dma);
	sc->vc.desc_free = virt_desc_free;
}

static struct dma_async_tx_descriptor *virt_prepared(struct stub_chan *sc,
						     struct stub_desc *desc,
						     unsigned long flags)
{
	struct dma_async_tx_descriptor *tx;

	stub_measure(desc);
	tx = vchan_tx_prep(&sc->vc, &desc->vd, flags);
	tx->tx_submit = sc->sdev->ops.tx_submit;
	return tx;
}

static dma_cookie_t virt_tx_submit(struct dma_async_tx_descriptor *tx)
{
	if (stub_injected(to_stub_chan(tx->chan), DMACONF_INJECT_SUBMIT)) {
		vchan_tx_desc_free(tx);
		return -ENOMEM;
	}
	return vchan_tx_submit(tx);
}

/* The engine has room for one; locked. */
static void virt_load(struct stub_chan *sc)
{
	struct virt_dma_desc *vd;
	struct stub_desc *desc;

	if (!list_empty(&sc->issued))
		return;
	spin_lock(&sc->vc.lock);
	vd = vchan_next_desc(&sc->vc);
	if (vd)
		list_del(&vd->node);
	spin_unlock(&sc->vc.lock);
	if (!vd)
		return;
	desc = to_stub_desc(&vd->tx);
	stub_rewind(desc);
	list_add_tail(&desc->node, &sc->issued);
}

static void virt_issue(struct stub_chan *sc)
{
	spin_lock(&sc->vc.lock);
	vchan_issue_pending(&sc->vc);
	spin_unlock(&sc->vc.lock);
	virt_load(sc);
}

static void virt_period(struct stub_chan *sc, struct stub_desc *desc)
{
	if (!(desc->tx.flags & DMA_PREP_INTERRUPT))
		return;
	spin_lock(&sc->vc.lock);
	vchan_cyclic_callback(&desc->vd);
	spin_unlock(&sc->vc.lock);
}

static void virt_complete(struct stub_chan *sc, struct stub_desc *desc)
{
	list_del_init(&desc->node);
	desc->vd.tx_result = desc->result;
	spin_lock(&sc->vc.lock);
	vchan_cookie_complete(&desc->vd);
	spin_unlock(&sc->vc.lock);
	virt_load(sc);
}

/* The one that runs, and those behind it; virt-dma does not look at unissued ones. */
static struct stub_desc *virt_find(struct stub_chan *sc, dma_cookie_t cookie)
{
	struct virt_dma_desc *vd;
	struct stub_desc *desc;

	desc = list_first_entry_or_null(&sc->issued, struct stub_desc, node);
	if (desc && desc->tx.cookie == cookie)
		return desc;
	spin_lock(&sc->vc.lock);
	vd = vchan_find_desc(&sc->vc, cookie);
	spin_unlock(&sc->vc.lock);
	return vd ? to_stub_desc(&vd->tx) : NULL;
}

static int virt_terminate_all(struct dma_chan *chan)
{
	struct stub_chan *sc = to_stub_chan(chan);
	struct stub_desc *desc;
	unsigned long irqflags;
	LIST_HEAD(aborted);

	spin_lock_irqsave(&sc->lock, irqflags);
	spin_lock(&sc->vc.lock);
	vchan_get_all_descriptors(&sc->vc, &aborted);
	desc = list_first_entry_or_null(&sc->issued, struct stub_desc, node);
	if (desc) {
		list_del_init(&desc->node);
		/* Its callback may be running: synchronize frees it. */
		vchan_terminate_vdesc(&desc->vd);
	}
	spin_unlock(&sc->vc.lock);
	sc->sdev->ops.power(sc);
	sc->paused = false;
	if (sc->inject == DMACONF_INJECT_STALL)
		sc->inject = DMACONF_INJECT_NONE;
	spin_unlock_irqrestore(&sc->lock, irqflags);
	vchan_dma_desc_free_list(&sc->vc, &aborted);
	return 0;
}

static void virt_synchronize(struct dma_chan *chan)
{
	struct stub_chan *sc = to_stub_chan(chan);
	unsigned long irqflags;

	hrtimer_cancel(&sc->timer);
	vchan_synchronize(&sc->vc);

	/* What was issued since the termination goes on. */
	spin_lock_irqsave(&sc->lock, irqflags);
	sc->sdev->ops.kick(sc);
	spin_unlock_irqrestore(&sc->lock, irqflags);
}

static void virt_free_chan_resources(struct dma_chan *chan)
{
	stub_conformant_ops.free_chan_resources(chan);
	vchan_free_chan_resources(&to_stub_chan(chan)->vc);
}

static const struct stub_ops virt_ops = {
	.free_chan_resources	= virt_free_chan_resources,
	.terminate_all		= virt_terminate_all,
	.synchronize		= virt_synchronize,
	.add_chan		= virt_add_chan,
	.prepared		= virt_prepared,
	.tx_submit		= virt_tx_submit,
	.issue			= virt_issue,
	.find			= virt_find,
	.period			= virt_period,
	.complete		= virt_complete,
};

static void virt_init(struct stub_dev *sdev)
{
	stub_cyclic_declare(sdev);
	sdev->dma.descriptor_reuse = true;
#ifdef DMACONF_HAVE_DMA_VEC
	sdev->dma.device_prep_peripheral_dma_vec = sdev->ops.prep_vec;
#endif
}

const struct stub_personality stub_virt = {
	.name = "dmaconf-stub-virt",
	.init = virt_init,
	.ops = &virt_ops,
	.nchans = 1,
};
