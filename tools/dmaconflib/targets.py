# SPDX-License-Identifier: GPL-2.0-only
"""Targets: one file each in configs/machines/, read without running it.

The file of a QEMU machine is a kunit.py --qemu_config file that kunit.py
itself loads; beside its QEMU_ARCH stands the literal dictionary DMACONF with
what this tool needs to know. User-mode Linux has the dictionary only, and so
has a variant: 'like' names the target whose machine, kernel and other keys it
takes over.
"""

import ast
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from . import PROJECT
from .problem import Problem, unknown

MACHINES = PROJECT / 'configs/machines'
ALL = 'all'
TESTED = 'tested'
"""The group of the targets whose verdict is settled, and which make test runs."""


@dataclass(frozen=True)
class Target:
    """A machine that kunit.py can boot; the fields from arch on are DMACONF's keys."""

    name: str
    path: Path
    emulator: str
    """The command that emulates the machine; empty for user-mode Linux."""
    kernel: str
    """Names the build folder: targets that give the same name share one configuration and
    build, variants that of the target they are like; the target's own name if not given."""

    arch: str
    """The kernel's ARCH."""
    description: str
    device: str
    """Selector of the channels under test when the user names none."""
    packages: tuple[str, ...] = ()
    """Debian packages beyond those of every kernel build."""
    cross_compile: str = ''
    """Prefix of the compiler, with its trailing dash."""
    kconfig_add: tuple[str, ...] = ()
    """What the machine needs of that which no-user-space.config switches off."""
    dtb: str = ''
    """Device tree below arch/*/boot/dts, for a machine that QEMU makes none for."""
    config: tuple[str, ...] = ()
    """Fragments of its kernel's configuration, files in configs/."""
    kernel_args: tuple[str, ...] = ()
    dmatest: tuple[str, ...] = ()
    """Kernel arguments that its dmatest needs, because of quirks."""
    debug: bool = False
    """The kernel's debugging aids are in it by default."""
    user_space: bool = False
    """User space is started on its kernel, which has everything of ours as modules."""
    timeout_ms: int = 500
    """Bound of one wait of a rule for its engine."""
    silence_s: int = 30
    """A console that says nothing for so long has hung."""
    boot_timeout_s: int = 300
    """Bound of a whole boot with all its rules."""
    ends: bool = True
    """The machine ends by itself; otherwise it is stopped after its last result."""
    objects: int = 1500
    """Object files of a first build, for its progress bar."""
    groups: tuple[str, ...] = ()
    """Names under which it can be chosen together with others."""
    time_travel: bool = False
    """Code takes no time, and the clock jumps on while everything waits: user-mode Linux."""
    quirks: tuple[str, ...] = ()
    """What is odd about the machine, and why it is treated as it is."""

    @property
    def qemu(self) -> bool:
        """It is a machine, with a file for kunit.py's --qemu_config."""
        return bool(self.emulator)

    @property
    def commands(self) -> tuple[str, ...]:
        """What its packages must have brought."""
        return (f'{self.cross_compile}gcc', *filter(None, [self.emulator]))

    @property
    def overlay(self) -> Path | None:
        """What the project adds to the machine's device tree: a .dtso file beside this one."""
        overlay = self.path.with_suffix('.dtso')
        return overlay if overlay.exists() else None


KEYS = {field.name for field in fields(Target)} - {'name', 'path', 'emulator'}


def names() -> list[str]:
    """The targets there are."""
    return sorted(path.stem for path in MACHINES.glob('*.py'))


def load(name: str, debug: bool = False) -> Target:
    """The target called @name; a Problem if there is none or its file is wrong.

    With @debug its kernel has the debugging aids in any case.
    """
    if name not in names():
        raise unknown('target', name, names())
    target = read(MACHINES / f'{name}.py')
    return replace(target, debug=True) if debug else target


def in_plain_time(target: Target) -> Target:
    """The machine of @target with a clock that runs as those of others do."""
    return replace(target, time_travel=False)


def with_user_space(target: Target) -> Target:
    """The machine of @target with a kernel that user space is started on."""
    return replace(target, kernel=f'{target.kernel}-user', user_space=True)


def choose(words: str, debug: bool = False) -> list[Target]:
    """The targets that @words name: names and groups, with commas; "all" is every target."""
    every = [load(name, debug) for name in names()]
    chosen: list[Target] = []
    for word in words.split(','):
        found = [target for target in every
                 if word in (ALL, target.name) or word in target.groups]
        if not found:
            raise unknown('target', word, [ALL, *names(), *groups()])
        chosen += [target for target in found if target not in chosen]
    return chosen


def groups() -> list[str]:
    """The groups there are."""
    return sorted({group for name in names() for group in read(MACHINES / f'{name}.py').groups})


def read(path: Path) -> Target:
    """The target that the file @path describes."""
    assigned = _assignments(path)
    if 'DMACONF' not in assigned:
        raise Problem(f'{path}: no DMACONF = {{...}} in it')
    try:
        settings: dict[str, Any] = ast.literal_eval(assigned['DMACONF'])
    except ValueError as error:
        raise Problem(f'{path}: DMACONF must be a plain literal: {error}') from error
    for key in settings.keys() - KEYS - {'like'}:
        raise unknown(f'key in {path}', str(key), KEYS)
    settings = {key: tuple(value) if isinstance(value, list) else value
                for key, value in settings.items()}
    if like := settings.pop('like', None):
        return replace(load(like), name=path.stem, **settings)
    try:
        kernel = settings.pop('kernel', path.stem)
        return Target(path.stem, path, _emulator(assigned.get('QEMU_ARCH')), kernel, **settings)
    except TypeError as error:
        raise Problem(f'{path}: DMACONF is incomplete: {error}') from error


def _emulator(machine: ast.expr | None) -> str:
    """The command that kunit.py starts for a QEMU_ARCH."""
    words = machine.keywords if isinstance(machine, ast.Call) else []
    return next((f'qemu-system-{ast.literal_eval(word.value)}' for word in words
                 if word.arg == 'qemu_arch'), '')


def _assignments(path: Path) -> dict[str, ast.expr]:
    """The right-hand sides of the module's plain assignments, by name."""
    module = ast.parse(path.read_text(), str(path))
    return {target.id: node.value
            for node in module.body if isinstance(node, ast.Assign)
            for target in node.targets if isinstance(target, ast.Name)}
