# SPDX-License-Identifier: GPL-2.0-only
# User-mode Linux with a register model and the stock driver. Only by way of the
# device tree does the driver learn what a stream is for: the channels under test
# are those that a peripheral's node names, by way of the request router.

DMACONF = {
    'like': 'uml-sf-pdma',
    'description': 'user-mode Linux, modelled STM32 DMA and DMAMUX: stm32-dma',
    'device': 'dmaconf-model:peripheral/line41',
    'kernel_args': ['slub_debug=FPZ', 'dmaconf_models.model=stm32-dma'],
}
