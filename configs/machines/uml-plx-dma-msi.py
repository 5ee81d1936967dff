# SPDX-License-Identifier: GPL-2.0-only
# The same with a message signalled interrupt, which the driver prefers.

DMACONF = {
    'like': 'uml-plx-dma',
    'description': 'user-mode Linux, modelled PLX switch DMA with MSI: plx_dma',
    'kernel_args': ['slub_debug=FPZ', 'dmaconf_models.model=plx-dma', 'dmaconf_models.msi=1'],
    'groups': [],
    'quirks': [
        'in no group: with MSI plx_dma_free_chan_resources(), plx_dma.c:469, calls '
        'pci_irq_vector(), which takes a mutex, between rcu_read_lock() and rcu_read_unlock(); '
        'the kernel reports that once a second, so that any rule may be the one that fails',
    ],
}
