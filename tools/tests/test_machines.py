# SPDX-License-Identifier: GPL-2.0-only
"""The files of configs/machines/, and the device trees that are made for them."""

import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from dmaconflib import devicetree, targets
from dmaconflib.problem import Problem
from dmaconflib.targets import Target

MACHINES = [target for target in map(targets.load, targets.names()) if target.qemu]


@pytest.fixture
def qemu_config(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the files import from kunit.py's folder."""
    fake = ModuleType('kunit_py.qemu_config')
    vars(fake)['QemuArchParams'] = SimpleNamespace
    monkeypatch.setitem(sys.modules, 'kunit_py', ModuleType('kunit_py'))
    monkeypatch.setitem(sys.modules, 'kunit_py.qemu_config', fake)


def qemu_arch(target: Target) -> Any:
    """The machine as kunit.py sees it."""
    text = target.path.read_text().replace('from ..qemu_config', 'from kunit_py.qemu_config')
    names: dict[str, Any] = {'__file__': str(target.path)}
    exec(compile(text, target.path, 'exec'), names)  # as kunit.py does
    return names['QEMU_ARCH']


@pytest.mark.usefixtures('qemu_config')
@pytest.mark.parametrize('target', MACHINES, ids=lambda target: target.name)
def test_a_machine_is_what_its_file_says(target: Target) -> None:
    arch = qemu_arch(target)
    assert arch.linux_arch == target.arch
    shown = [getattr(arch, 'serial', 'stdio'), *arch.extra_qemu_params]
    assert shown.count('stdio') == 1
    assert any(word.endswith(target.dtb) for word in arch.extra_qemu_params if target.dtb) == (
        target.dtb != '')


@pytest.mark.usefixtures('qemu_config')
def test_one_kernel_has_one_configuration() -> None:
    kernels = defaultdict(set)
    for target in MACHINES:
        arch = qemu_arch(target)
        kernels[target.kernel].add((arch.linux_arch, arch.kconfig, arch.kernel_path,
                                    target.kconfig_add, target.cross_compile))
    assert {name: len(kinds) for name, kinds in kernels.items()} == dict.fromkeys(kernels, 1)


@dataclass
class Build:
    """A build folder whose device tree tools put texts together."""

    out: Path
    machine: Target

    def tool(self, name: str, does: str) -> None:
        path = self.out / 'scripts/dtc' / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'#!/bin/sh\n{does}\n')
        path.chmod(0o755)


@pytest.fixture
def build(tmp_path: Path) -> Build:
    board = tmp_path / 'out/arch/arm/boot/dts/maker/board.dtb'
    board.parent.mkdir(parents=True)
    board.write_text('the board')
    path = tmp_path / 'board.py'
    made = Build(tmp_path / 'out', Target('board', path, True, 'board', 'arm', 'a board', 'dma',
                                          dtb='maker/board.dtb'))
    made.tool('dtc', 'cp "$8" "$7"')
    made.tool('fdtoverlay', 'cat "$2" "$5" > "$4"')
    return made


def test_a_board_is_booted_as_the_kernel_describes_it(build: Build) -> None:
    devicetree.make(build.machine, build.out, build.out / 'board.dtb')
    assert (build.out / 'board.dtb').read_text() == 'the board'


def test_an_overlay_is_laid_over_the_board(build: Build) -> None:
    build.machine.path.with_suffix('.dtso').write_text(' and the aid')
    devicetree.make(build.machine, build.out, build.out / 'board.dtb')
    assert (build.out / 'board.dtb').read_text() == 'the board and the aid'


def test_what_the_compiler_says_is_told(build: Build) -> None:
    build.machine.path.with_suffix('.dtso').write_text('}')
    build.tool('dtc', 'echo "board.dtso:1.1 syntax error" >&2; exit 1')
    with pytest.raises(Problem, match='board.dtso:1.1 syntax error'):
        devicetree.make(build.machine, build.out, build.out / 'board.dtb')


def test_a_board_that_was_not_built_is_said(build: Build) -> None:
    (build.out / 'arch/arm/boot/dts/maker/board.dtb').unlink()
    with pytest.raises(Problem, match='made no .*board.dtb'):
        devicetree.make(build.machine, build.out, build.out / 'board.dtb')
