# SPDX-License-Identifier: GPL-2.0-only
# User-mode Linux with a register model and the stock driver. The other models
# are in the same kernel. Freed memory is poisoned: what a driver does with it
# shows, and each time in the same way.

DMACONF = {
    'description': 'user-mode Linux, modelled SiFive PDMA: sf-pdma',
    'arch': 'um',
    'device': '30000000.dma-controller/0',
    'groups': ['models', 'tested'],
    'config': ['uml.config', 'models.config'],
    'kernel_args': ['slub_debug=FPZ', 'dmaconf_models.model=sf-pdma'],
    'time_travel': True,
    'objects': 640,
}
