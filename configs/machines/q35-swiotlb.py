# SPDX-License-Identifier: GPL-2.0-only
# The kernel and machine of q35, with all mappings through bounce buffers: data
# is in memory only after the unmap or sync that the DMA API asks for, and a
# provider that lets memory go too early is told from one that does not.

DMACONF = {
    'like': 'q35',
    'description': 'q35 with all DMA through bounce buffers',
    'kernel_args': ['swiotlb=force'],
}
