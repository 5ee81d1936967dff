# SPDX-License-Identifier: GPL-2.0-only
"""Debian packages: which ones are missing, and getting them.

Only the standard library here: this runs before rich and jsonschema exist.
"""

import os
import shlex
import shutil
import subprocess
from collections import deque
from collections.abc import Iterable

from . import progress
from .problem import Problem
from .wording import plural

TOOL = ('python3-jsonschema', 'python3-rich')
BUILD = ('bc', 'bison', 'ccache', 'flex', 'gcc', 'libc6-dev', 'make', 'xz-utils')
PLOT = ('gnuplot-nox',)
CHECK = ('clang', 'coccinelle', 'cppcheck', 'device-tree-compiler', 'dt-schema', 'lld', 'llvm',
         'mypy', 'ocaml', 'perl', 'python3-flake8', 'python3-jinja2', 'python3-pytest',
         'shellcheck', 'sparse')
CHECKPATCH = ('perl', 'python3-git', 'python3-ply')
"""In a repository it looks at licences, too."""
COVERAGE = ('lcov',)
DOCUMENTATION = ('python3-jinja2',)
CERTIFICATION = (*DOCUMENTATION, 'python3-junitparser')
SIGNATURE = ('minisign',)
BROWSER = ('chromium', 'fonts-dejavu-core', 'poppler-utils')
"""What looks at the report of a certification, on the screen and on paper."""
TEST = (*CERTIFICATION, *SIGNATURE, *PLOT, *BROWSER, 'device-tree-compiler', 'dt-schema',
        'python3-docutils', 'python3-pytest', 'python3-yaml')
INSTALL = ('apt-get', 'install', '-y', '--no-install-recommends')


def missing(wanted: Iterable[str]) -> list[str]:
    """Those of the @wanted packages that dpkg does not have installed.

    On a system without dpkg nothing can be said, and nothing is missing.
    """
    names = sorted(set(wanted))
    try:
        query = subprocess.run(
            ['dpkg-query', '-W', '-f', '${Package} ${db:Status-Status}\n', *names],
            capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return []
    rows = (line.split() for line in query.stdout.splitlines())
    installed = {row[0] for row in rows if row[1:] == ['installed']}
    return [name for name in names if name not in installed]


def ensure(wanted: Iterable[str]) -> None:
    """Installs what is missing as root; otherwise a Problem with the command to type."""
    absent = missing(wanted)
    if not absent:
        return
    if os.geteuid() != 0:
        command = shlex.join(['sudo', *INSTALL, *absent])
        raise Problem(f'missing: {plural(len(absent), "Debian package")}. To install:\n'
                      f'  sudo apt-get update && {command}')
    _apt('Updating the package lists', ['apt-get', 'update'])
    _apt(f'Installing {plural(len(absent), "Debian package")}', [*INSTALL, *absent])


def ensure_commands(wanted: Iterable[str], owners: Iterable[str]) -> None:
    """A Problem for commands that are not there, though the packages @owners should have them.

    That is so on a system without dpkg, and where something was deleted by hand.
    """
    absent = [command for command in wanted if not shutil.which(command)]
    if absent:
        raise Problem(f'not installed: {", ".join(absent)}; on Debian in one of the packages '
                      f'{", ".join(owners)}. To install:\n'
                      f'  {shlex.join([*INSTALL, "--reinstall", *owners])}')


def _apt(title: str, command: list[str]) -> None:
    """Runs apt-get to its end; it gets Ctrl-C itself, so dpkg is never cut short."""
    env = os.environ | {'DEBIAN_FRONTEND': 'noninteractive', 'LC_ALL': 'C.UTF-8'}
    said: deque[str] = deque(maxlen=15)
    with progress.step(title) as shown, subprocess.Popen(
            command, env=env, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as apt:
        assert apt.stdout is not None
        for line in apt.stdout:
            said.append(line.rstrip())
            shown.update(note=line.strip()[:60])
    if apt.returncode != 0:
        tail = '\n'.join(f'  {line}' for line in said)
        raise Problem(f'{shlex.join(command)} failed:\n{tail}')
