# SPDX-License-Identifier: GPL-2.0-only
# User-mode Linux with a register model and the stock driver.

DMACONF = {
    'like': 'uml-sf-pdma',
    'description': 'user-mode Linux, modelled DesignWare AXI DMA: dw-axi-dmac',
    'device': '30000000.dma-controller/0',
    'kernel_args': ['slub_debug=FPZ', 'dmaconf_models.model=dw-axi-dmac'],
}
