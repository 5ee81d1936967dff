# SPDX-License-Identifier: GPL-2.0-only
# A target for the tests of the host tools: it cannot end by itself.

DMACONF = {
    'description': 'a recorded kernel on a machine without power off and reset',
    'arch': 'um',
    'device': 'stub',
    'ends': False,
    'silence_s': 15,
    'boot_timeout_s': 20,
}
