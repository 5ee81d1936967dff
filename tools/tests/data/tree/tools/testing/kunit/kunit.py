#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Stands in for a kernel tree's kunit.py: replays a console instead of booting.

FAKE_LOGS is a folder with <fault>.log for kernels with that fault (or
default.log), FAKE_END says what follows: 'exit', or 'hang', which starts a
child as kunit.py starts a kernel and lets it sleep for ever. FAKE_BUILD=fail
fails the build.
"""

import os
import subprocess
import sys
from pathlib import Path

if sys.argv[1] == 'build':
    print('the compiler said something')
    sys.exit(os.environ.get('FAKE_BUILD') == 'fail')

fault = next((word.split('=')[1] for word in sys.argv if '.fault=' in word), 'default')
logs = Path(os.environ['FAKE_LOGS'])
log = logs / f'{fault}.log'
print((log if log.exists() else logs / 'default.log').read_text(), end='', flush=True)
if os.environ.get('FAKE_END') == 'hang':
    subprocess.run(['sleep', '1000'], stdin=subprocess.DEVNULL, check=False)
