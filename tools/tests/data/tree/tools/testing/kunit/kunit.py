#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Stands in for a kernel tree's kunit.py: replays a console instead of booting.

FAKE_LOGS is a folder with first.log for the first boot only, <filter glob>.log
for a selection of rules, or <fault>.log for kernels with that fault, or
default.log. FAKE_END=hang starts a child that never ends, in a session of its
own as user-mode Linux does, and that opens the pipe <folder>/up if there is
one. FAKE_BUILD=fail fails the build.
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
names = ('first', sys.argv[-1], fault, 'default')
log = next(log for name in names if (log := logs / f'{name}.log').exists())
told = log.read_text()
(logs / 'first.log').unlink(missing_ok=True)
print(told, end='', flush=True)
if os.environ.get('FAKE_END') == 'hang':
    subprocess.run(['sh', '-c', 'test ! -e up || echo > up; sleep 1000'], cwd=logs,
                   stdin=subprocess.DEVNULL, start_new_session=True, check=False)
