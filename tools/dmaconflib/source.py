# SPDX-License-Identifier: GPL-2.0-only
"""Kernel source trees: Debian's, unpacked under build/, or the user's own."""

import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from . import BUILD, progress
from .problem import Problem, unknown

KERNELS = ('6.12', '6.1')
"""Kernels that Debian has a linux-source package for and that we know to work; the first is
what is taken unless another is asked for."""

MINIMUM = (6, 1)
PARTS = ('Makefile', 'drivers/dma/Kconfig', 'drivers/dma/Makefile',
         'tools/testing/kunit/kunit.py')
CHUNK = 1 << 20


@dataclass(frozen=True)
class Tree:
    """A kernel tree that can be used; @own: unpacked by us, so ours to change."""

    path: Path
    version: str
    own: bool


def package(kernel: str) -> str:
    """The Debian package that holds the source of @kernel ('6.12')."""
    if kernel not in KERNELS:
        raise unknown('kernel', kernel, KERNELS)
    return f'linux-source-{kernel}'


def check(path: Path, own: bool = False) -> Tree:
    """Says what is wrong with the tree at @path, as a Problem, touching nothing."""
    if not path.is_dir():
        raise Problem(f'KSRC {path}: no such directory')
    for part in PARTS:
        if not (path / part).is_file():
            raise Problem(f'{path} is not a Linux kernel tree: it has no {part}')
    version = _version(path / 'Makefile')
    if version[:2] < MINIMUM:
        raise Problem(f'{path} is Linux {_dotted(version)}; '
                      f'{_dotted(MINIMUM)} or later is needed')
    return Tree(path.resolve(), _dotted(version), own)


def check_clean(tree: Tree, arch: str) -> None:
    """A Problem if @tree was built in place for @arch: kbuild refuses O= builds then."""
    srcarch = 'x86' if arch in ('um', 'x86_64', 'i386') else arch
    traces = ('.config', 'include/config', f'arch/{srcarch}/include/generated')
    if any((tree.path / trace).exists() for trace in traces):
        raise Problem(f'{tree.path} was built in place, and kunit.py builds beside the '
                      'tree, which kbuild refuses then. To clean it (this removes its '
                      f'.config):\n  make -C {tree.path} ARCH={arch} mrproper')


def own_tree(kernel: str) -> Tree:
    """Debian's source of @kernel, unpacked under build/ unless it is there already."""
    path = BUILD / package(kernel)
    if not path.is_dir():
        unpack(Path('/usr/src') / f'{package(kernel)}.tar.xz', path)
    return check(path, own=True)


def unpack(archive: Path, path: Path) -> None:
    """Unpacks @archive, a tar.xz with one top folder, as @path: all of it or nothing."""
    part = path.with_name(f'{path.name}.part')
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    command = ['tar', '--extract', '--use-compress-program=xz -T0', '-C', str(part),
               '--strip-components=1']
    try:
        with progress.step(f'Unpacking {archive.name}') as shown, archive.open('rb') as packed, \
                subprocess.Popen(command, stdin=subprocess.PIPE) as tar:
            assert tar.stdin is not None
            size = archive.stat().st_size
            while chunk := packed.read(CHUNK):
                tar.stdin.write(chunk)
                shown.update(packed.tell(), size)
    except OSError as error:
        raise Problem(f'cannot unpack {archive}: {error}') from error
    if tar.returncode != 0:
        raise Problem(f'cannot unpack {archive}: tar ended with {tar.returncode}')
    part.rename(path)


def _version(makefile: Path) -> tuple[int, ...]:
    text = makefile.read_text(errors='replace')
    found = [re.search(rf'^{name}\s*=\s*(\d+)\s*$', text, re.M)
             for name in ('VERSION', 'PATCHLEVEL', 'SUBLEVEL')]
    if not found[0] or not found[1]:
        raise Problem(f'{makefile.parent} is not a Linux kernel tree: '
                      'its Makefile has no VERSION and PATCHLEVEL')
    return tuple(int(part.group(1)) for part in found if part)


def _dotted(version: Sequence[int]) -> str:
    return '.'.join(str(part) for part in version)
