# SPDX-License-Identifier: GPL-2.0-only
# User-mode Linux with a register model and the stock driver.

DMACONF = {
    'like': 'uml-sf-pdma',
    'description': 'user-mode Linux, modelled PLX switch DMA: plx_dma',
    'device': 'plx_dma',
    'kernel_args': ['slub_debug=FPZ', 'dmaconf_models.model=plx-dma'],
}
