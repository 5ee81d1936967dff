# SPDX-License-Identifier: GPL-2.0-only
# User-mode Linux with a register model and the stock driver.

DMACONF = {
    'like': 'uml-sf-pdma',
    'description': 'user-mode Linux, modelled Analog Devices AXI DMAC: dma-axi-dmac',
    'device': 'dma-axi-dmac',
    'kernel_args': ['slub_debug=FPZ', 'dmaconf_models.model=axi-dmac'],
}
