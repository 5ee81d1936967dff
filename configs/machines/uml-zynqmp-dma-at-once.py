# SPDX-License-Identifier: GPL-2.0-only
# The same as an emulator has it, to be compared with xlnx-versal-virt: tools/dmaconf diff.

DMACONF = {
    'like': 'uml-zynqmp-dma',
    'description': 'user-mode Linux, modelled ZynqMP DMA: zynqmp_dma, which takes no time',
    'kernel_args': ['slub_debug=FPZ', 'dmaconf_models.model=zynqmp-dma', 'dmaconf_models.at_once=1'],
    'groups': [],
    'time_travel': False,
}
