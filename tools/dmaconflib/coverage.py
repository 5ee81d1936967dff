# SPDX-License-Identifier: GPL-2.0-only
"""Coverage: what of the dmaengine core and of our own code runs while the suite does.

A kernel for user-mode Linux that gcc has instrumented adds its counts to files when it
ends; lcov collects them. dmatest's boots have a folder of their own, to be seen beside.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from . import BUILD, PROJECT, boot, dmatest, ktap, progress
from .covered import Counts, read
from .kernel import Kernel
from .problem import Problem
from .process import workers
from .session import Wishes, execute
from .targets import Target

CONFIG = 'coverage.config'
MEASURED = ('drivers/dma/dmaengine.c', 'drivers/dma/virt-dma.c', 'drivers/dma/virt-dma.h',
            'drivers/dma/of-dma.c')
OWN = ('drivers/dma/dmaconf', 'drivers/dma/dmaconf-stub')
SUITE: Mapping[str, Sequence[str]] = {
    'by time': (), 'at once': ('dmaconf_stub.at_once=1',), 'without gates': ('dmaconf.gate=0',),
    'many channels': ('dmaconf_stub.channels=4', 'dmaconf_stub.instances=2')}
"""Boots of the suite, by how the stub goes on: what it is, and the kernel's arguments."""
BRANCHES = ('--rc', 'lcov_branch_coverage=1')
AT_EXIT = PROJECT / 'tools/gcov-exit.c'
MEMBER = '_gcov.o'
CLASH = 'mangle_path'
"""A function that the kernel has, and libgcov too."""


@dataclass(frozen=True)
class Counting(Kernel):
    """A kernel whose boots add their counts to those in the folder @counts."""

    counts: Path

    def env(self) -> dict[str, str]:
        """As any kernel's; libgcov goes by the rest."""
        depth = len(self.out.resolve().parts) - 1
        return super().env() | {'GCOV_PREFIX': str(self.counts), 'GCOV_PREFIX_STRIP': str(depth)}


@dataclass(frozen=True)
class Coverage:
    """What ran, by source file: while the suite did, and while dmatest did."""

    suite: dict[str, Counts]
    dmatest: dict[str, Counts]
    html: Path


def instrumented(target: Target) -> Target:
    """The target whose kernel counts; a Problem where there is no user-mode Linux."""
    if target.arch != 'um':
        raise Problem(f'{target.name}: counts are had from user-mode Linux only')
    return replace(target, kernel=f'{target.kernel}-coverage', config=(*target.config, CONFIG))


def make_linkable() -> None:
    """Has the linker take a libgcov that fits into user-mode Linux.

    Its names do not clash with the kernel's, and it has AT_EXIT in it. Of a folder in
    LIBRARY_PATH gcc looks at ../lib before it looks at its own.
    """
    folder = BUILD / 'gcov/lib'
    folder.mkdir(parents=True, exist_ok=True)
    library = subprocess.run(['gcc', '--print-file-name=libgcov.a'], capture_output=True,
                             text=True, check=True).stdout.strip()
    shutil.copy(library, folder)
    for command in (('gcc', '-O2', '-c', '-o', 'exit.o', str(AT_EXIT)),
                    ('ar', 'x', 'libgcov.a', MEMBER),
                    ('ld', '-r', '-o', 'both.o', MEMBER, 'exit.o'),
                    ('objcopy', '--redefine-sym', f'{CLASH}=gcov_{CLASH}', 'both.o', MEMBER),
                    ('ar', 'r', 'libgcov.a', MEMBER)):
        _run(command, folder)
    os.environ['LIBRARY_PATH'] = str(folder)


def run(kernel: Kernel, wishes: Wishes, jobs: int, out: Path) -> Coverage:
    """Boots the suite and dmatest on a @kernel built for instrumented(); HTML goes to @out.

    A Problem if a boot does not come to its end: its counts are lost then.
    """
    ours, theirs = (_counting(kernel, name) for name in ('suite', 'dmatest'))
    with progress.step(f'Running the suite and dmatest, {jobs} boots at a time'), \
            workers(jobs) as pool:
        boots = [pool.submit(_suite, ours, wishes, name) for name in SUITE]
        boots += [pool.submit(_dmatest, theirs, wishes, mode) for mode in dmatest.MODES]
        for one in boots:
            one.result()
    with progress.step('Collecting the counts'):
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir(parents=True)
        suite, beside = _collected(ours, out), _collected(theirs, out)
        _run(['genhtml', '--quiet', '--branch-coverage', '--legend', '--output-directory', str(out),
              '--title', f'dmaconf on Linux {kernel.tree.version}', str(suite)])
    folder = kernel.tree.path
    return Coverage(read(suite, folder), read(beside, folder), out / 'index.html')


def _counting(kernel: Kernel, name: str) -> Counting:
    counts = kernel.out / 'counts' / name
    shutil.rmtree(counts, ignore_errors=True)
    counts.mkdir(parents=True)
    return Counting(kernel.tree, kernel.target, kernel.out, counts)


def _suite(kernel: Counting, wishes: Wishes, name: str) -> None:
    console = kernel.consoles / f'coverage-{"-".join(name.split())}.log'
    _, judgement = execute(kernel, replace(wishes, kernel_args=SUITE[name]), console, _unwatched)
    if judgement.unreached or judgement.errors:
        raise Problem(f'the boot {name} did not come to its end ({console}): '
                      f'{"; ".join(judgement.errors) or judgement.ended_in}')


def _dmatest(kernel: Counting, wishes: Wishes, mode: str) -> None:
    console = kernel.consoles / f'coverage-dmatest-{list(dmatest.MODES).index(mode)}.log'
    found = dmatest.run(kernel, None, mode, [f'dmatest.timeout={wishes.timeout_ms}',
                                             *dmatest.MODES[mode]], console)
    if found.trouble:
        raise Problem(f'dmatest did not come to its end ({console}): {found}')


def _unwatched(_: ktap.Parser) -> None:
    pass


def _collected(kernel: Counting, out: Path) -> Path:
    """lcov's trace of all counts of @kernel, whose notes it wants beside them."""
    trace = out / f'{kernel.counts.name}.info'
    for counts in (kernel.counts / 'drivers/dma').rglob('*.gcda'):
        notes = counts.relative_to(kernel.counts).with_suffix('.gcno')
        shutil.copy(kernel.out / notes, kernel.counts / notes)
    _run(['lcov', '--quiet', *BRANCHES, '--capture', '--output-file', str(trace),
          '--directory', str(kernel.counts / 'drivers/dma'), '--base-directory', str(kernel.out)])
    sources = [str(kernel.tree.path / name) for name in MEASURED]
    sources += [f'{(kernel.tree.path / name).resolve()}/*' for name in OWN]
    sources += [f'{kernel.tree.path / name}/*' for name in OWN]
    _run(['lcov', '--quiet', *BRANCHES, '--extract', str(trace), *sources, '--output-file',
          str(trace)])
    return trace


def _run(command: Sequence[str], folder: Path | None = None) -> None:
    done = subprocess.run(command, cwd=folder, env=os.environ | {'LC_ALL': 'C.UTF-8'},
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise Problem(f'{command[0]} failed:\n{done.stdout[-1000:]}')


def boots() -> int:
    """How many boots a measurement takes."""
    return len(SUITE) + len(dmatest.MODES)


def jobs(kernel: Kernel) -> int:
    """How many of them this machine runs well at the same time."""
    return min(boots(), boot.jobs(kernel.target))
