# SPDX-License-Identifier: GPL-2.0-only
# The stub as an ordinary board is: its transfers are held by interrupts that are off, and
# no failure can be provoked.

DMACONF = {
    'like': 'uml',
    'description': 'user-mode Linux with the stub provider, without gate and injections',
    'kernel_args': ['dmaconf.gate=0', 'dmaconf.inject=0'],
    'groups': [],
}
