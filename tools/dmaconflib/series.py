# SPDX-License-Identifier: GPL-2.0-only
"""Whether a series of patches is as a maintainer wants it: applied, checked and built in turn.

All of it happens in a copy of the tree, whose files are links until they are changed.
"""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from . import PROJECT, check, graft, packages, patches, progress
from .problem import Problem

OPTIONS = ('configs/no-user-space.config', 'kunit/.kunitconfig')
"""How each step is configured; what the tree does not know yet falls away."""
IGNORED = ','.join((check.UNWANTED, 'ENOTSUPP', *check.UNWANTED_IN_PROGRAMS))
"""What `check` ignores; and -ENOTSUPP, which the dmaengine core returns for metadata."""
SYSTEM = {'LC_ALL': 'C.UTF-8', 'PATH': f'/usr/bin:{os.environ.get("PATH", os.defpath)}'}
"""Debian's python3 before any other: that one has the packages."""
LICENCES = 'LICENSES'
"""What spdxcheck.py goes by."""
ONE_LICENCE = 'DT binding documents should be licensed'
"""All of the project has one licence, the bindings too."""


def check_series(tree: Path, series: Sequence[Path], folder: Path) -> dict[str, list[str]]:
    """Complaints about each patch of the @series for the kernel @tree, by its name.

    @folder keeps the copy and what was built. A Problem if a patch does not apply.
    """
    packages.ensure_commands(['git', 'ccache'], packages.BUILD)
    copy = _copy(tree, folder / 'tree')
    found = {}
    for path in series:
        with progress.step(f'Trying {path.name}'):
            _git(copy, 'am', '--quiet', str(path.resolve()))
            found[path.name] = _checkpatch(copy, path) + _build(copy, folder / 'out')
    return found


def _copy(tree: Path, copy: Path) -> Path:
    """A repository of what the series changes, in a tree that is whole."""
    shutil.rmtree(copy, ignore_errors=True)
    copy.parent.mkdir(parents=True, exist_ok=True)
    with progress.step('Linking the tree'):
        _run(['cp', '--archive', '--link', str(tree), str(copy)], copy.parent)
        if graft.is_grafted(tree):
            graft.ungraft(copy)
        _git(copy, 'init', '--quiet')
        known = [name for name in (*patches.BASE, LICENCES) if (copy / name).exists()]
        _git(copy, 'add', '--force', *known)
        _git(copy, 'commit', '--quiet', '--message=base')
    return copy


def _checkpatch(copy: Path, path: Path) -> list[str]:
    said = _said(['scripts/checkpatch.pl', '--strict', '--terse', '--quiet', '--no-summary',
                  f'--ignore={IGNORED}', str(path.resolve())], copy)
    return [line for line in said.stdout.splitlines() if ONE_LICENCE not in line]


def _build(copy: Path, out: Path) -> list[str]:
    """What the compiler says: user-mode Linux, with all that the tree has of us by now."""
    out.mkdir(parents=True, exist_ok=True)
    (out / '.config').write_text('\n'.join((PROJECT / name).read_text() for name in OPTIONS))
    make = ['make', 'ARCH=um', f'O={out.resolve()}', '--silent', f'--jobs={os.cpu_count() or 1}',
            'CC=ccache gcc', 'W=']
    for target in ('olddefconfig', 'vmlinux'):
        done = _said([*make, target], copy)
        if done.returncode:
            return done.stdout.splitlines()[-20:] or [f'make {target}: {done.returncode}']
    return [line for line in done.stdout.splitlines() if 'warning:' in line]


def _git(copy: Path, *words: str) -> None:
    _run(['git', '-c', 'user.name=dmaconf', '-c', 'user.email=dmaconf@localhost', *words], copy)


def _run(command: Sequence[str], folder: Path) -> None:
    done = _said(command, folder)
    if done.returncode:
        raise Problem(f'{" ".join(command[:6])} ... failed:\n{done.stdout[-1000:]}')


def _said(command: Sequence[str], folder: Path) -> 'subprocess.CompletedProcess[str]':
    return subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False,
                          env=os.environ | SYSTEM)
