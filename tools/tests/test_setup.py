# SPDX-License-Identifier: GPL-2.0-only
"""Packages, kernel sources and targets: what is missing or wrong is said in time."""

import io
import os
import subprocess
import tarfile
from pathlib import Path

import pytest

from dmaconflib import packages, source, targets
from dmaconflib.problem import Problem


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The apt-get commands that were run, instead of running them."""
    commands: list[list[str]] = []
    monkeypatch.setattr(packages, '_apt', lambda title, command: commands.append(command))
    return commands


def installed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """dpkg-query says @text from now on."""
    monkeypatch.setattr(subprocess, 'run', lambda *_, **__:
                        subprocess.CompletedProcess([], 1, stdout=text))


def test_only_what_is_not_installed_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, 'flex installed\nbison config-files\n')
    assert packages.missing(['flex', 'bison', 'bc']) == ['bc', 'bison']


def test_root_installs(monkeypatch: pytest.MonkeyPatch, called: list[list[str]]) -> None:
    installed(monkeypatch, '')
    monkeypatch.setattr(os, 'geteuid', lambda: 0)
    packages.ensure(['bc'])
    assert called == [['apt-get', 'update'],
                      ['apt-get', 'install', '-y', '--no-install-recommends', 'bc']]


def test_others_are_told_the_command(monkeypatch: pytest.MonkeyPatch,
                                     called: list[list[str]]) -> None:
    installed(monkeypatch, 'flex installed\n')
    monkeypatch.setattr(os, 'geteuid', lambda: 1000)
    with pytest.raises(Problem, match='sudo apt-get install -y --no-install-recommends bc$'):
        packages.ensure(['flex', 'bc'])
    assert not called


def test_nothing_missing_runs_nothing(monkeypatch: pytest.MonkeyPatch,
                                      called: list[list[str]]) -> None:
    installed(monkeypatch, 'bc installed\n')
    packages.ensure(['bc'])
    assert not called


@pytest.mark.parametrize('lost', ['riscv64-linux-gnu-gcc', 'qemu-system-riscv64'])
def test_a_command_that_is_gone_is_told_with_its_packages(monkeypatch: pytest.MonkeyPatch,
                                                          lost: str) -> None:
    monkeypatch.setattr(packages.shutil, 'which',
                        lambda command: None if command == lost else f'/bin/{command}')
    target = targets.load('sifive_u')
    with pytest.raises(Problem, match=f'{lost}; .*qemu-system-misc'):
        packages.ensure_commands(target.commands, target.packages)


def test_a_good_tree_has_its_version(tree: Path) -> None:
    assert source.check(tree) == source.Tree(tree, '6.12.117', own=False)


@pytest.mark.parametrize('part', source.PARTS)
def test_no_kernel_tree_is_said(tree: Path, part: str) -> None:
    (tree / part).unlink()
    with pytest.raises(Problem, match=f'not a Linux kernel tree: it has no {part}'):
        source.check(tree)


def test_no_directory_is_said(tmp_path: Path) -> None:
    with pytest.raises(Problem, match='no such directory'):
        source.check(tmp_path / 'nowhere')


@pytest.mark.parametrize('version, dotted', [('5 19 2', '5.19.2'), ('6 0 9', '6.0.9')])
def test_too_old_is_said(tree: Path, version: str, dotted: str) -> None:
    names = ('VERSION', 'PATCHLEVEL', 'SUBLEVEL')
    (tree / 'Makefile').write_text(
        ''.join(f'{name} = {part}\n' for name, part in zip(names, version.split())))
    with pytest.raises(Problem, match=f'is Linux {dotted}; 6.1 or later'):
        source.check(tree)


def test_newer_than_the_minimum_is_good(tree: Path) -> None:
    (tree / 'Makefile').write_text('VERSION = 7\nPATCHLEVEL = 0\nSUBLEVEL = 0\n')
    assert source.check(tree).version == '7.0.0'


def test_a_tree_built_in_place_is_said(tree: Path) -> None:
    source.check_clean(source.check(tree), 'um')
    (tree / '.config').write_text('')
    with pytest.raises(Problem, match='mrproper'):
        source.check_clean(source.check(tree), 'um')


def archive(path: Path, intact: bool) -> Path:
    """A small linux-source archive."""
    packed = path / 'linux-source-9.9.tar.xz'
    with tarfile.open(packed, 'w:xz') as tar:
        member = tarfile.TarInfo('linux-source-9.9/Makefile')
        member.size = 1 << 20
        tar.addfile(member, io.BytesIO(os.urandom(member.size)))
    if not intact:
        packed.write_bytes(packed.read_bytes()[:500000])
    return packed


def test_unpacked_is_all_there(tmp_path: Path) -> None:
    source.unpack(archive(tmp_path, intact=True), tmp_path / 'build/linux-source-9.9')
    assert (tmp_path / 'build/linux-source-9.9/Makefile').stat().st_size == 1 << 20


def test_half_unpacked_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Problem, match='cannot unpack'):
        source.unpack(archive(tmp_path, intact=False), tmp_path / 'build/linux-source-9.9')
    assert not (tmp_path / 'build/linux-source-9.9').exists()


def test_unknown_kernel_names_the_nearest() -> None:
    with pytest.raises(Problem, match='unknown kernel "6.13"; nearest: 6.1, 6.12'):
        source.package('6.13')


@pytest.mark.parametrize('name', targets.names())
def test_every_target_can_be_read(name: str) -> None:
    target = targets.load(name)
    assert target.qemu == (target.arch != 'um')
    assert len(target.commands) == 1 + target.qemu
    assert target.description and target.device


def test_a_variant_shares_machine_and_kernel() -> None:
    base, variant = targets.load('q35'), targets.load('q35-swiotlb')
    assert variant.name == 'q35-swiotlb'
    assert (variant.path, variant.kernel, variant.debug) == (base.path, base.kernel, True)
    assert variant.kernel_args == ('swiotlb=force',)


def test_debugging_aids_can_be_added_to_any_target() -> None:
    assert not targets.load('xlnx-versal-virt').debug
    assert targets.load('xlnx-versal-virt', debug=True).debug


def test_unknown_target_names_the_nearest() -> None:
    with pytest.raises(Problem, match='unknown target "xlnx-versal"; nearest: xlnx-versal-virt'):
        targets.load('xlnx-versal')


@pytest.mark.parametrize('text, told', [
    ('X = 1', 'no DMACONF'),
    ('DMACONF = {"arch": open("/etc/passwd")}', 'plain literal'),
    ('DMACONF = {"arch": "um"}', 'incomplete'),
    ('DMACONF = {"packges": []}', 'nearest: packages'),
])
def test_a_bad_target_file_is_said(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / 'bad.py'
    path.write_text(text)
    with pytest.raises(Problem, match=told):
        targets.read(path)
