# SPDX-License-Identifier: GPL-2.0-only
"""A kernel for a target: source, graft and build, all through kunit.py."""

import contextlib
import fcntl
import hashlib
import os
import re
import shlex
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from . import BUILD, PROJECT, devicetree, kconfig, packages, progress, source
from .graft import graft, is_grafted, ungraft
from .problem import Problem
from .process import Group, undisturbed
from .source import Tree
from .targets import Target, in_plain_time

KUNITCONFIG = 'drivers/dma/dmaconf'
DMATEST = PROJECT / 'configs/dmatest.config'
SLIM = PROJECT / 'configs/no-user-space.config'
DEBUG = PROJECT / 'configs/debug.config'
USER_SPACE = PROJECT / 'configs/user-space.config'
COUNT_EVERY_S = 1.0
FAILURE_LINES = 20
ERROR = re.compile(r'error:|\*\*\* |Not all Kconfig options')


@dataclass(frozen=True)
class Kernel:
    """A tree, a target, and the folder that holds what was built from them."""

    tree: Tree
    target: Target
    out: Path

    def kunit(self, verb: str, *arguments: str) -> list[str]:
        """The command line of kunit.py's @verb for this kernel."""
        kunit_py = self.tree.path / 'tools/testing/kunit/kunit.py'
        machine = ['--qemu_config', str(self.target.path)] if self.target.qemu else []
        cross = self.target.cross_compile
        return ['/usr/bin/python3', str(kunit_py), verb, '--build_dir', str(self.out),
                *machine, *(['--cross_compile', cross] if cross else []), *arguments]

    def env(self) -> dict[str, str]:
        """Our environment, with the compiler cache in the build folder unless set.

        Its depend mode goes by the dependencies that kbuild has the compiler
        write anyway, and spares the preprocessor, 40 % of a first build. What it
        does not see then is why tools/bin has a ccache of its own.
        """
        cache = {'CCACHE_DIR': str(BUILD / 'ccache'), 'CCACHE_DEPEND': '1'}
        own = {'PYTHONUNBUFFERED': '1', 'PYTHONDONTWRITEBYTECODE': '1', 'LC_ALL': 'C.UTF-8'}
        path = {'PATH': f'{PROJECT / "tools/bin"}:{os.environ.get("PATH", os.defpath)}'}
        # Symbols, so that an overlay can be laid over the device trees.
        return cache | os.environ | own | path | {'DTC_FLAGS': '-@'}

    @property
    def consoles(self) -> Path:
        """The folder of the consoles of its boots; machines that share a kernel do not share it."""
        folder = self.out / 'consoles' / self.target.name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def described(self) -> dict[str, bytes]:
        """What there is to know about it beside its console, by file name."""
        files = {'config': self.out / '.config', 'machine.py': self.target.path}
        return {name: path.read_bytes() for name, path in files.items() if path.exists()}

    @property
    def in_plain_time(self) -> 'Kernel':
        """The same, booted with a clock that runs as those of other machines do."""
        return replace(self, target=in_plain_time(self.target))

    @property
    def device_tree(self) -> Path | None:
        """What the machine is booted with, from build() on; None where QEMU makes it."""
        if not self.target.dtb:
            return None
        return self.out / f'{self.target.name}.dtb'


@contextlib.contextmanager
def prepared(target: Target, kernel: str, ksrc: Path | None) -> Iterator[Kernel]:
    """A built kernel for @target, from the user's @ksrc or from Debian's @kernel.

    The user's tree is ungrafted when the block ends, however it ends, unless
    it was grafted before. Others who want the same folder wait meanwhile.
    """
    packages.ensure_commands(target.commands, target.packages or packages.BUILD)
    tree = source.check(ksrc) if ksrc else None
    if tree:
        source.check_clean(tree, target.arch)
    out = BUILD / 'out' / _folder(target, tree, kernel)
    out.mkdir(parents=True, exist_ok=True)
    with locked(BUILD / 'out' / f'.{_shared(tree) or out.name}.lock'):
        tree = tree or source.own_tree(kernel)
        with grafted(tree):
            built = Kernel(tree, target, out)
            build(built)
            yield built


@contextlib.contextmanager
def grafted(tree: Tree) -> Iterator[None]:
    """The suite is in @tree during the block, and in our own tree for good."""
    stays = tree.own or is_grafted(tree.path)
    try:
        with undisturbed():
            graft(tree.path, tree.own)
        yield
    finally:
        if not stays:
            with undisturbed():
                ungraft(tree.path)


def build(kernel: Kernel) -> None:
    """Configures and builds; a Problem with what was said of the first error if it fails.

    Targets that share a kernel have it built once by one process.
    """
    base: list[str | Path] = [KUNITCONFIG, SLIM, DMATEST]
    if kernel.target.user_space:
        of_arch = USER_SPACE.with_name(f'user-space-{kernel.target.arch}.config')
        base = [USER_SPACE, *([of_arch] if of_arch.exists() else [])]
    fragments = [*base, *(PROJECT / 'configs' / name for name in kernel.target.config)]
    if kernel.target.debug:
        fragments.append(DEBUG)
    wanted = (kernel.tree.path, kernel.out, kernel.target.qemu and kernel.target.path, *fragments,
              *kernel.target.kconfig_add)
    if wanted not in _built:
        _make(kernel, fragments)
        _built.add(wanted)
    if kernel.device_tree:
        devicetree.make(kernel.target, kernel.out, kernel.device_tree)


def _make(kernel: Kernel, fragments: Sequence[str | Path]) -> None:
    """What build() promises, without asking whether it was done before."""
    command = kernel.kunit(
        'build', *(word for path in fragments for word in ('--kunitconfig', str(path))),
        *(f'--kconfig_add={line}' for line in kernel.target.kconfig_add),
        '--jobs', str(os.cpu_count() or 1),
        '--make_options', f'CC=ccache {kernel.target.cross_compile}gcc')
    log = kernel.out / 'build.log'
    said: list[str] = []
    title = f'Building Linux {kernel.tree.version} for {kernel.target.name}'
    with progress.step(title) as shown, _counting(kernel, shown), log.open('w') as kept, \
            Group(command, kernel.env()) as make:
        kept.write(shlex.join(command) + '\n')
        for line in make.lines():
            kept.write(line + '\n')
            said.append(line)
        if make.code != 0:
            why = kconfig.explain(said, kernel.tree.path, kernel.out / '.config')
            raise Problem('\n'.join([f'the kernel did not build ({log}):', _first_error(said),
                                     *why]))
    _remember_count(kernel.out)


def _first_error(said: Sequence[str]) -> str:
    """The lines from the first error on, or the last ones if none looks like one."""
    first = next((i for i, line in enumerate(said) if ERROR.search(line)),
                 max(0, len(said) - FAILURE_LINES))
    return '\n'.join(f'  {line}' for line in said[first:first + FAILURE_LINES])


def _folder(target: Target, tree: Tree | None, kernel: str) -> str:
    """The name of the build folder: of a user's @tree, or of Debian's @kernel."""
    debug = ['debug'] if target.debug else []
    release = [] if tree or kernel == source.KERNELS[0] else [kernel]
    return '-'.join([target.kernel, *debug, *release, *([_shared(tree)] if tree else [])])


def _shared(tree: Tree | None) -> str:
    """What the names of all build folders of a user's @tree share."""
    return hashlib.sha256(str(tree.path).encode()).hexdigest()[:12] if tree else ''


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keeps other processes out; this one may take the same lock several times over."""
    with _guard:
        if path not in _locks:
            _locks[path] = _Lock(_flocked(path))
        _locks[path].holders += 1
    try:
        yield
    finally:
        with _guard:
            _locks[path].holders -= 1
            if not _locks[path].holders:
                _locks.pop(path).file.close()


def _flocked(path: Path) -> IO[str]:
    lock = path.open('w')
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        with progress.step('Waiting for another dmaconf that uses the same folder'):
            fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


@dataclass
class _Lock:
    """A lock file that this process holds, for as many @holders."""

    file: IO[str]
    holders: int = 0


_locks: dict[Path, _Lock] = {}
_built: set[tuple[object, ...]] = set()
"""What build() has made, by all that it was made from but the sources."""
_guard = threading.Lock()


@contextlib.contextmanager
def _counting(kernel: Kernel, shown: progress.Step) -> Iterator[None]:
    """Shows how many object files have been made since the block began."""
    since = time.time()
    known = _known_count(kernel)
    over = threading.Event()

    def count() -> None:
        while not over.wait(COUNT_EVERY_S):
            made = _objects(kernel.out, since)
            if known:
                shown.update(made, known, f'{made} of about {known} objects')
            else:
                shown.update(note=f'{made} objects rebuilt')

    counter = threading.Thread(target=count, daemon=True)
    counter.start()
    try:
        yield
    finally:
        over.set()
        counter.join()


def _objects(folder: Path, since: float = 0.0) -> int:
    """How many object files below @folder are newer than @since, a time in seconds."""
    count = 0
    with contextlib.suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                count += _objects(Path(entry.path), since)
            elif entry.name.endswith('.o'):
                count += entry.stat(follow_symlinks=False).st_mtime >= since
    return count


def _known_count(kernel: Kernel) -> int | None:
    """Objects of a whole build if this one starts from nothing, otherwise None."""
    if (kernel.out / 'vmlinux.o').exists():
        return None
    remembered = kernel.out / '.objects'
    return int(remembered.read_text()) if remembered.exists() else kernel.target.objects


def _remember_count(out: Path) -> None:
    remembered = out / '.objects'
    if not remembered.exists():
        remembered.write_text(f'{_objects(out)}\n')
