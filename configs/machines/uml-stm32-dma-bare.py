# SPDX-License-Identifier: GPL-2.0-only
# The model as an ordinary board is, see uml-bare.

DMACONF = {
    'like': 'uml-stm32-dma',
    'description': 'modelled STM32 DMA and DMAMUX, without gate and injections',
    'kernel_args': ['slub_debug=FPZ', 'dmaconf_models.model=stm32-dma', 'dmaconf.gate=0',
                    'dmaconf.inject=0'],
    'groups': [],
}
