# SPDX-License-Identifier: GPL-2.0-only
"""The suite's modules outside of a kernel tree: built as for a board, and linked.

Debian's kernels have no KUnit. What is built against is a copy of their headers that says it
has, with the symbols that KUnit's source exports: good for compiling and for finding what a
module may not use, and nothing is ever loaded.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from . import PROJECT, progress
from .guest import Guest

BUILT = {'dmaconf', 'dmaconf-aid', 'dmaconf-client', 'dmaconf-stub'}
EXPORTED = re.compile(r'^EXPORT_SYMBOL(?:_GPL)?\((\w+)\)', re.M)
COMPLAINT = re.compile(r'error|warning|undefined', re.I)
UNAVOIDABLE = 'Skipping BTF generation'


def complaints(machine: Guest) -> list[str]:
    """What is said against the modules, a line each, when they are built for @machine's kernel."""
    with progress.step('Building the modules outside of a tree'):
        kdir = with_kunit(machine.kdir, machine.tree.path, machine.out / 'headers')
        env = dict(machine.env) | {'KDIR': str(kdir), 'KSRC': str(machine.tree.path),
                                   'OUT': str(machine.out / 'modules')}
        done = subprocess.run([str(PROJECT / 'tools/board/build-modules')], env=env, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, check=False)
    built = {Path(line).stem for line in done.stdout.splitlines()}
    said = [line for line in done.stderr.splitlines()
            if COMPLAINT.search(line) and UNAVOIDABLE not in line]
    return said + [f'{name}.ko was not built' for name in sorted(BUILT - built)]


def with_kunit(headers: Path, tree: Path, copy: Path) -> Path:
    """A @copy of a kernel's @headers that has KUnit, as a module, from the source @tree."""
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(headers, copy, symlinks=True, ignore=shutil.ignore_patterns('vmlinux'))
    for link in copy.iterdir():
        if link.is_symlink():
            link.unlink()
            link.symlink_to((headers / link.name).resolve())
    _append(copy / 'include/config/auto.conf', ['CONFIG_KUNIT=m'])
    _append(copy / 'include/generated/autoconf.h', ['#define CONFIG_KUNIT_MODULE 1'])
    _append(copy / 'Module.symvers', (f'0x00000000\t{name}\tlib/kunit/kunit\tEXPORT_SYMBOL_GPL\t'
                                      for name in exported(tree / 'lib/kunit')))
    return copy


def exported(folder: Path) -> Iterator[str]:
    """The symbols that the sources in @folder export."""
    for path in sorted(folder.glob('*.c')):
        yield from EXPORTED.findall(path.read_text())


def _append(path: Path, lines: Iterator[str] | list[str]) -> None:
    """Adds @lines, and leaves the file as old as it was, so that not all is built again."""
    stat = path.stat()
    with path.open('a') as file:
        file.writelines(f'{line}\n' for line in lines)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
