# SPDX-License-Identifier: GPL-2.0-only
# The same as an emulator has it, to be compared with sifive_u: tools/dmaconf diff.

DMACONF = {
    'like': 'uml-sf-pdma',
    'description': 'user-mode Linux, modelled SiFive PDMA: sf-pdma, which takes no time',
    'kernel_args': ['slub_debug=FPZ', 'dmaconf_models.model=sf-pdma', 'dmaconf_models.at_once=1'],
    'groups': [],
    'time_travel': False,
}
