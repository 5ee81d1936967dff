# SPDX-License-Identifier: GPL-2.0-only
"""Archives and folders as files in memory: nothing is ever unpacked, so nothing can climb out.

An archive is a .tar.gz, of one folder or of what is in it. The same files give the same bytes.
"""

import gzip
import io
import os
import tarfile
import zlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import IO, cast

from .problem import Problem

MIB = 1 << 20
MAX_FILE = 64 * MIB
MAX_ALL = 256 * MIB
MAX_COUNT = 5000
Files = dict[str, bytes]
"""Contents by path below the archive's folder, with slashes."""


def read(path: Path) -> Files:
    """The files of the folder or archive at @path; a Problem that says what is wrong with it."""
    if path.is_dir():
        return _folder(path)
    try:
        return _archive(path)
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise Problem(f'{path}: no archive, or a damaged or truncated one: {error}') from error
    except OSError as error:
        raise Problem(f'{path}: {error.strerror or error}') from error


def pack(files: Mapping[str, bytes], folder: str, executable: frozenset[str] = frozenset(),
         time: int = 0) -> bytes:
    """The archive of @files below @folder, all as old as @time."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode='w', format=tarfile.GNU_FORMAT) as tar:
        for name in sorted(files):
            member = tarfile.TarInfo(f'{folder}/{name}')
            member.size, member.mtime = len(files[name]), time
            member.mode = 0o755 if name in executable else 0o644
            member.uname = member.gname = 'root'
            tar.addfile(member, io.BytesIO(files[name]))
    return gzip.compress(packed.getvalue(), mtime=0)


def _archive(path: Path) -> Files:
    files: Files = {}
    budget = _Budget(path)
    with _Bounded(path) as packed, \
            tarfile.open(fileobj=cast(IO[bytes], packed), mode='r|') as tar:
        for member in tar:
            name = _inside(member.name, path)
            if member.isdir():
                continue
            if not member.isreg():
                raise Problem(f'{path}: {member.name}: neither a file nor a folder; '
                              'a package has no links or devices')
            if name in files:
                raise Problem(f'{path}: {member.name} is in it twice')
            budget.take(name, member.size)
            content = tar.extractfile(member)
            assert content is not None
            files[name] = content.read()
    return _without_folder(files)


def _without_folder(files: Files) -> Files:
    """@files by their paths below the one folder that all of them are in, if they are."""
    tops = {name.partition('/')[0] for name in files}
    if len(tops) != 1 or not all('/' in name for name in files):
        return files
    return {name.partition('/')[2]: content for name, content in files.items()}


def _folder(path: Path) -> Files:
    files: Files = {}
    budget = _Budget(path)
    for found in sorted(path.rglob('*')):
        name = found.relative_to(path).as_posix()
        if found.is_symlink() or not (found.is_file() or found.is_dir()):
            raise Problem(f'{found}: neither a file nor a folder')
        if found.is_file():
            budget.take(name, found.stat().st_size)
            files[name] = found.read_bytes()
    return files


def _inside(name: str, path: Path) -> str:
    """@name in its plainest form; a Problem if it leads out of the archive."""
    parts = PurePosixPath(name).parts
    if name.startswith('/') or '..' in parts or os.sep != '/' or '\0' in name:
        raise Problem(f'{path}: {name}: leads out of the archive')
    return '/'.join(parts)


class _Bounded(gzip.GzipFile):
    """What is unpacked of the archive @path, as long as it is no more than there should be.

    Beside the files there are their headers, which may claim to be as long as they like.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._path, self._left = path, 2 * MAX_ALL

    def read(self, size: int | None = -1) -> bytes:
        """As a file does."""
        content = super().read(size)
        self._left -= len(content)
        if self._left < 0:
            raise Problem(f'{self._path}: more than {_mib(2 * MAX_ALL)} when it is unpacked')
        return content


class _Budget:
    """How much of @path may still be read into memory."""

    def __init__(self, path: Path) -> None:
        self._path, self._left, self._count = path, MAX_ALL, MAX_COUNT

    def take(self, name: str, size: int) -> None:
        """A Problem if the file @name of @size bytes is more than there should be."""
        self._left -= size
        self._count -= 1
        if size > MAX_FILE:
            raise Problem(f'{self._path}: {name} has {_mib(size)}; '
                          f'a file of a run has at most {_mib(MAX_FILE)}')
        if self._left < 0:
            raise Problem(f'{self._path}: more than {_mib(MAX_ALL)} in all')
        if self._count < 0:
            raise Problem(f'{self._path}: more than {MAX_COUNT} files')


def _mib(size: int) -> str:
    return f'{size / MIB:.0f} MiB'
