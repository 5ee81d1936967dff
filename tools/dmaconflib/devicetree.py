# SPDX-License-Identifier: GPL-2.0-only
"""The device tree of a machine: the kernel's for the board, with our overlay laid over it."""

import shutil
import subprocess
from pathlib import Path

from .problem import Problem
from .targets import Target


def make(target: Target, out: Path, path: Path) -> None:
    """Writes what @target boots with to @path, by the tools and trees of the build in @out."""
    board = out / f'arch/{target.arch}/boot/dts' / target.dtb
    if not board.exists():
        raise Problem(f'the kernel build made no {board}: does the configuration of '
                      f'{target.name} enable the board, and does the tree have it?')
    if not target.overlay:
        shutil.copyfile(board, path)
        return
    overlay = path.with_suffix('.dtbo')
    _run(out, 'dtc', '-@', '-I', 'dts', '-O', 'dtb', '-o', overlay, target.overlay)
    _run(out, 'fdtoverlay', '-i', board, '-o', path, overlay)


def _run(out: Path, tool: str, *arguments: str | Path) -> None:
    """Runs one of the device tree tools that the kernel build in @out has made."""
    command = [out / 'scripts/dtc' / tool, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip()
        raise Problem(f'{tool} failed on {arguments[-1]}:\n{said}')
