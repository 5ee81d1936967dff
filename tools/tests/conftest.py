# SPDX-License-Identifier: GPL-2.0-only
"""What the tests share: a sample project, a small kernel tree, and dmaconf run on them."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parents[1]
DATA = TOOLS / 'tests/data'
sys.path.insert(0, str(TOOLS))

# dmaconf, with another project and build folder than the checkout's
LAUNCH = '''
import pathlib, sys
import dmaconflib
dmaconflib.PROJECT, dmaconflib.BUILD = map(pathlib.Path, sys.argv[1:3])
from dmaconflib.cli import main
sys.exit(main(sys.argv[3:]))
'''


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A kernel tree as far as the tools look at it; its kunit.py replays recordings."""
    return Path(shutil.copytree(DATA / 'tree', tmp_path / 'linux'))


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """The folder of recorded consoles that the played kunit.py replays."""
    path = tmp_path / 'logs'
    path.mkdir()
    return path


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The sample project: rules, faults, and a machine that kunit.py replays."""
    return Path(shutil.copytree(DATA / 'project', tmp_path / 'project'))


Start = Callable[..., 'subprocess.Popen[str]']


@pytest.fixture
def start(tmp_path: Path, project: Path, logs: Path) -> Start:
    """Starts dmaconf on the sample project; keyword arguments are its environment."""
    def started(*arguments: object, **env: str) -> 'subprocess.Popen[str]':
        return subprocess.Popen(
            [sys.executable, '-c', LAUNCH, str(project), str(tmp_path / 'build'),
             *map(str, arguments)],
            cwd=TOOLS, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=os.environ | {'FAKE_LOGS': str(logs), 'COLUMNS': '100'} | env)

    return started
