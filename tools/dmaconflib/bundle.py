# SPDX-License-Identifier: GPL-2.0-only
"""The bundle for a board: modules, dmaconf-run, selftests and lists in one archive."""

import os
import platform
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import BUILD, PROJECT, document, evidence, package, profiles
from .archive import Files
from .declarations import Rule
from .problem import Problem
from .process import Group
from .progress import say, step

BOARD = PROJECT / 'tools/board'
EXECUTABLE = frozenset({'dmaconf-run'})
VERSION = re.compile(r'^#define DMACONF_VERSION\s+"([^"]+)"', re.M)
INCLUDED = re.compile(r'^include +(/.*)/Makefile$', re.M)
"""What the Makefile of a folder beside the source says."""
LINES = 30


@dataclass(frozen=True)
class Board:
    """What it is made for: a kernel's build folder, and how that was compiled."""

    kdir: Path
    arch: str
    cross_compile: str = ''
    ksrc: Path | None = None
    """The kernel's source, where the build folder does not lead to it."""

    @property
    def release(self) -> str:
        """The kernel's release."""
        path = self.kdir / 'include/config/kernel.release'
        return path.read_text().strip() if path.exists() else 'unknown'

    @property
    def tree(self) -> Path:
        """The kernel's source: where it is said to be, where its Makefile is, or in the folder."""
        makefile = self.kdir / 'Makefile'
        found = INCLUDED.search(makefile.read_text()) if makefile.exists() else None
        return self.ksrc or (Path(found[1]) if found else self.kdir)

    @property
    def compiler(self) -> str:
        """What programs for it are compiled with."""
        return f'{self.cross_compile}gcc'

    def env(self) -> dict[str, str]:
        """What the scripts and Makefiles are told by their environment."""
        said = {'KDIR': str(self.kdir), 'CROSS_COMPILE': self.cross_compile,
                'KSRC': str(self.ksrc or '')}
        if self.arch != platform.machine():
            said['ARCH'] = self.arch
        return dict(os.environ) | {key: value for key, value in said.items() if value}


def make(board: Board, rules: Sequence[Rule]) -> tuple[str, Files, frozenset[str]]:
    """The bundle's name, its files, and which of them are programs."""
    name = f'dmaconf-{version()}-{board.release}-{board.arch}'
    selftests = {f'selftests/{path.name}': path.read_bytes() for path in _selftests(board, name)}
    files = {f'modules/{path.name}': path.read_bytes() for path in _modules(board, name)}
    files |= selftests
    files |= {path.name: path.read_bytes() for path in (BOARD / 'dmaconf-run', BOARD / 'HOWTO')}
    files |= {f'profiles/{one}.rules': (profiles.FOLDER / f'{one}.rules').read_bytes()
              for one in profiles.names()}
    files |= lists(rules)
    files[package.SUMS] = package.sums(files)
    return name, files, EXECUTABLE | selftests.keys()


def lists(rules: Sequence[Rule]) -> Files:
    """Which suite it is, and its rules in the order in which they are run."""
    suite = {'suite_version': version(), 'suite_commit': document.commit(),
             'rules_digest': evidence.digest(rules)}
    return {'suite': ''.join(f'{key}={value}\n' for key, value in suite.items()).encode(),
            'rules': ''.join(f'{rule.id}\n' for rule in rules).encode()}


def version() -> str:
    """The suite's, as its modules print it."""
    found = VERSION.search((PROJECT / 'kunit/dmaconf.h').read_text())
    assert found is not None
    return found[1]


def _modules(board: Board, name: str) -> list[Path]:
    """The modules, built for the board; KUnit itself too where it is a module."""
    out = BUILD / 'modules' / name
    with step(f'Building the modules for Linux {board.release} ({board.arch})'):
        said = _run([str(BOARD / 'build-modules')], board.env() | {'OUT': str(out)})
    for line in said:
        if not line.endswith('.ko'):
            say(line)
    kunit = board.kdir / 'lib/kunit/kunit.ko'
    return [*sorted(out.rglob('*.ko')), *([kunit] if kunit.exists() else [])]


def _selftests(board: Board, name: str) -> list[Path]:
    """The programs of the selftests, linked statically; none where there is no kselftest."""
    tree = board.tree
    if not (tree / 'tools/testing/selftests/lib.mk').exists():
        say(f'dmaconf: the selftests are left out: {tree} has no kselftest framework; --ksrc may '
            'say where one is')
        return []
    if not _links_statically(board):
        say(f'dmaconf: the selftests are left out: {board.compiler} makes no static program, most '
            'often for want of a C library; Debian has them, for aarch64-linux-gnu-gcc in '
            'libc6-dev-arm64-cross')
        return []
    out = BUILD / 'modules' / f'{name}-selftests'
    out.mkdir(parents=True, exist_ok=True)
    for old in out.iterdir():
        if old.is_file():
            old.unlink()
    with step('Building the selftests'):
        _run(['make', '--silent', '-C', str(PROJECT / 'selftests'), f'KSRC={tree.resolve()}',
              'USERCFLAGS=-static', f'OUTPUT={out}', 'TEST_GEN_MODS_DIR='],
             {**board.env(), 'KSRC': str(tree.resolve())})
    return sorted(path for path in out.iterdir() if path.is_file() and os.access(path, os.X_OK))


def _links_statically(board: Board) -> bool:
    """Whether there is a C library for the board; a kernel is built without one."""
    try:
        return subprocess.run([board.compiler, '-static', '-o', '/dev/null', '-x', 'c', '-'],
                              input='#include <stdio.h>\nint main(void) { return puts(""); }\n',
                              text=True, capture_output=True, check=False).returncode == 0
    except OSError as error:
        raise Problem(f'{board.compiler}: {error.strerror}') from error


def _run(command: Sequence[str], env: Mapping[str, str]) -> list[str]:
    """What @command says; a Problem with the end of it if it fails."""
    with Group(command, env) as group:
        said = [*group.lines()]
    if group.code != 0:
        raise Problem('\n'.join(said[-LINES:]).removeprefix('dmaconf: '))
    return said
