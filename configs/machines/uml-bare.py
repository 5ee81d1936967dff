# SPDX-License-Identifier: GPL-2.0-only
# The stub without its gate: its transfers are held as on a board, by interrupts that are off.

DMACONF = {
    'like': 'uml',
    'description': 'user-mode Linux with the stub provider, and no gate',
    'kernel_args': ['dmaconf.gate=0'],
}
