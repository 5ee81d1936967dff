# SPDX-License-Identifier: GPL-2.0-only
# User-mode Linux: the kernel as an ordinary process, with the stub provider.
# kunit.py knows how to configure and start it.

DMACONF = {
    'description': 'user-mode Linux with the stub provider',
    'arch': 'um',
    'device': 'stub',
    'groups': ['tested'],
    'config': ['uml.config'],
    'time_travel': True,
    'objects': 530,
}
