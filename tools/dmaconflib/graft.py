# SPDX-License-Identifier: GPL-2.0-only
"""Puts the suite into a kernel tree, and takes it out again byte for byte.

Three symbolic links, one line in drivers/dma/Kconfig and one in
drivers/dma/Makefile. Every step is one rename, and each is taken only when it
has not been taken before, so a graft that was cut short is completed by the
next one, and undone by ungraft.
"""

import os
import stat
from pathlib import Path

from . import PROJECT
from .problem import Problem

LINKS = {'drivers/dma/dmaconf': PROJECT / 'kunit',
         'drivers/dma/dmaconf-stub': PROJECT / 'provider-stub',
         'tools/testing/selftests/dmaengine': PROJECT / 'selftests'}
KCONFIG_LINE = b'source "drivers/dma/dmaconf/Kconfig"\n'
MAKEFILE_LINE = b'obj-$(CONFIG_DMACONF) += dmaconf/ dmaconf-stub/\n'


def graft(tree: Path, own: bool = False) -> None:
    """Grafts the suite into the kernel @tree; nothing happens where it is there already.

    @own: the tree is one that we unpacked, so a link that leads to another
    checkout is led here. In a user's tree such a link is a Problem, as is a
    Kconfig or Makefile without a place for our line; nothing is changed then.
    """
    dma = tree / 'drivers/dma'
    edits = {dma / 'Kconfig': with_line(dma / 'Kconfig', KCONFIG_LINE, b'endif'),
             dma / 'Makefile': with_line(dma / 'Makefile', MAKEFILE_LINE, b'obj-')}
    for link, target in _links(tree).items():
        _check_free(link, target, own)
    for link, target in _links(tree).items():
        _link(link, target)
    for path, text in edits.items():
        _replace(path, text)


def ungraft(tree: Path) -> None:
    """Removes exactly what graft put into @tree; nothing happens where it is not."""
    dma = tree / 'drivers/dma'
    links = _links(tree)
    for link, target in links.items():
        _check_free(link, target, own=False)
    for path, line in ((dma / 'Kconfig', KCONFIG_LINE), (dma / 'Makefile', MAKEFILE_LINE)):
        lines = path.read_bytes().splitlines(keepends=True)
        _replace(path, b''.join(kept for kept in lines if kept != line))
    for link in links:
        link.unlink(missing_ok=True)
    for folder in {dma, *(link.parent for link in links)}:
        for part in folder.glob('.*.dmaconf-part'):
            part.unlink()


def is_grafted(tree: Path) -> bool:
    """Whether all of the graft, from this checkout, is in @tree."""
    dma = tree / 'drivers/dma'
    return (all(_leads_to(link, target) for link, target in _links(tree).items())
            and KCONFIG_LINE in (dma / 'Kconfig').read_bytes().splitlines(keepends=True)
            and MAKEFILE_LINE in (dma / 'Makefile').read_bytes().splitlines(keepends=True))


def _links(tree: Path) -> dict[Path, Path]:
    """Where each link goes; a tree without kselftest has none there."""
    return {tree / name: target for name, target in LINKS.items()
            if (tree / name).parent.is_dir()}


def with_line(path: Path, line: bytes, before: bytes) -> bytes:
    """The text of @path with @line just before the last line that starts with @before.

    A line that continues the one above it (backslash) is no place to insert.
    """
    lines = path.read_bytes().splitlines(keepends=True)
    if line in lines:
        return b''.join(lines)
    for i in reversed(range(len(lines))):
        continued = i > 0 and lines[i - 1].rstrip(b'\r\n').endswith(b'\\')
        if lines[i].startswith(before) and not continued:
            return b''.join([*lines[:i], line, *lines[i:]])
    raise Problem(f'{path}: no line starts with "{before.decode()}", so there is '
                  'no place for the suite; the tree was left as it is')


def _leads_to(link: Path, target: Path) -> bool:
    return link.is_symlink() and os.readlink(link) == str(target)


def _check_free(link: Path, target: Path, own: bool) -> None:
    """A Problem if @link is taken by something that is not ours to replace."""
    if not os.path.lexists(link) or _leads_to(link, target):
        return
    dangling = link.is_symlink() and not link.exists()
    if dangling or (own and link.is_symlink()):
        return
    what = f'leads to {os.readlink(link)}' if link.is_symlink() else 'is in the way'
    raise Problem(f'{link} {what}, which is not this checkout of dmaconf; '
                  'remove it or ungraft the other checkout first')


def _link(link: Path, target: Path) -> None:
    if _leads_to(link, target):
        return
    part = _part(link)
    part.unlink(missing_ok=True)
    part.symlink_to(target)
    os.replace(part, link)


def _replace(path: Path, text: bytes) -> None:
    """Puts @text into @path by rename, with mode and owner kept, if it differs."""
    real = path.resolve()
    if text == real.read_bytes():
        return
    part, before = _part(real), real.stat()
    part.write_bytes(text)
    part.chmod(stat.S_IMODE(before.st_mode))
    os.chown(part, before.st_uid, before.st_gid)
    os.replace(part, real)


def _part(path: Path) -> Path:
    """The name that what becomes @path has until it is whole."""
    return path.with_name(f'.{path.name}.dmaconf-part')
