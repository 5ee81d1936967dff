# SPDX-License-Identifier: GPL-2.0-only
# A target for the tests of the host tools: hangs are noticed after a second.

DMACONF = {
    'description': 'a recorded kernel',
    'arch': 'um',
    'device': 'stub',
    'silence_s': 1,
    'boot_timeout_s': 20,
}
