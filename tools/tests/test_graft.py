# SPDX-License-Identifier: GPL-2.0-only
"""The graft: complete, repeatable, and gone without a trace."""

import os
import stat
from pathlib import Path

import pytest

from dmaconflib import graft
from dmaconflib.problem import Problem


def snapshot(tree: Path) -> dict[str, tuple[int, bytes]]:
    """Every file's and link's mode and content."""
    found = {}
    for path in sorted(tree.rglob('*')):
        if not path.is_dir() or path.is_symlink():
            content = os.readlink(path).encode() if path.is_symlink() else path.read_bytes()
            found[str(path.relative_to(tree))] = (stat.S_IMODE(path.lstat().st_mode), content)
    return found


def lines(tree: Path, name: str) -> list[str]:
    """The lines of one of the two edited files."""
    return (tree / 'drivers/dma' / name).read_text().splitlines()


def test_graft_puts_links_and_lines_in_place(tree: Path) -> None:
    graft.graft(tree)
    assert lines(tree, 'Kconfig')[-2:] == ['source "drivers/dma/dmaconf/Kconfig"', 'endif']
    assert lines(tree, 'Makefile')[-2:] == [
        'obj-$(CONFIG_DMACONF) += dmaconf/ dmaconf-stub/', 'obj-y += xilinx/']
    for name, target in graft.LINKS.items():
        assert (tree / name).resolve() == target.resolve()
    assert graft.is_grafted(tree)


def test_a_tree_without_kselftest_has_no_link_to_the_selftests(tree: Path) -> None:
    (tree / 'tools/testing/selftests/Makefile').unlink()
    (tree / 'tools/testing/selftests').rmdir()
    before = snapshot(tree)
    graft.graft(tree)
    assert graft.is_grafted(tree)
    graft.ungraft(tree)
    assert snapshot(tree) == before


def test_ungraft_restores_every_byte_and_mode(tree: Path) -> None:
    (tree / 'drivers/dma/Kconfig').chmod(0o640)
    before = snapshot(tree)
    graft.graft(tree)
    assert snapshot(tree) != before
    graft.ungraft(tree)
    assert snapshot(tree) == before
    assert not graft.is_grafted(tree)


def test_both_are_idempotent(tree: Path) -> None:
    before = snapshot(tree)
    graft.ungraft(tree)
    assert snapshot(tree) == before
    graft.graft(tree)
    once = snapshot(tree)
    graft.graft(tree)
    assert snapshot(tree) == once


def test_no_line_is_put_into_a_continued_one(tree: Path) -> None:
    makefile = tree / 'drivers/dma/Makefile'
    makefile.write_text('obj-y += a.o\nobj-y += b.o \\\nobj-c.o\n')
    graft.graft(tree)
    assert lines(tree, 'Makefile')[1:3] == [
        'obj-$(CONFIG_DMACONF) += dmaconf/ dmaconf-stub/', 'obj-y += b.o \\']


def test_missing_newline_at_the_end_stays_missing(tree: Path) -> None:
    for name, text in (('Kconfig', 'if X\nendif # DMADEVICES'), ('Makefile', 'obj-y += x/')):
        (tree / 'drivers/dma' / name).write_text(text)
    before = snapshot(tree)
    graft.graft(tree)
    assert graft.is_grafted(tree)
    graft.ungraft(tree)
    assert snapshot(tree) == before


@pytest.mark.parametrize('when', ['before', 'while grafted'])
def test_local_changes_are_kept(tree: Path, when: str) -> None:
    makefile = tree / 'drivers/dma/Makefile'
    if when == 'while grafted':
        graft.graft(tree)
    makefile.write_text(makefile.read_text() + 'obj-y += mine/\n')
    if when == 'before':
        graft.graft(tree)
    graft.ungraft(tree)
    assert lines(tree, 'Makefile')[-2:] == ['obj-y += xilinx/', 'obj-y += mine/']


@pytest.mark.parametrize('failing_call', [1, 2, 3, 4])
@pytest.mark.parametrize('complete_first', [True, False])
def test_a_graft_cut_short_is_completed_or_undone(
        tree: Path, monkeypatch: pytest.MonkeyPatch, failing_call: int,
        complete_first: bool) -> None:
    before = snapshot(tree)
    real, calls = os.replace, 0

    def cut(source: str, target: str) -> None:
        nonlocal calls
        calls += 1
        if calls == failing_call:
            raise KeyboardInterrupt
        real(source, target)

    with monkeypatch.context() as patched:
        patched.setattr(os, 'replace', cut)
        with pytest.raises(KeyboardInterrupt):
            graft.graft(tree)
    assert not graft.is_grafted(tree)
    if complete_first:
        graft.graft(tree)
        assert graft.is_grafted(tree)
    graft.ungraft(tree)
    assert snapshot(tree) == before


def test_what_is_in_the_way_is_left_alone(tree: Path) -> None:
    (tree / 'drivers/dma/dmaconf').mkdir()
    (tree / 'drivers/dma/dmaconf/mine.c').write_text('mine')
    before = snapshot(tree)
    with pytest.raises(Problem, match='is in the way'):
        graft.graft(tree)
    with pytest.raises(Problem, match='is in the way'):
        graft.ungraft(tree)
    assert snapshot(tree) == before


def test_another_checkouts_link_is_replaced_in_our_own_tree_only(
        tree: Path, tmp_path: Path) -> None:
    (tree / 'drivers/dma/dmaconf').symlink_to(tmp_path)
    with pytest.raises(Problem, match='not this checkout'):
        graft.graft(tree)
    graft.graft(tree, own=True)
    assert graft.is_grafted(tree)


@pytest.mark.parametrize('name, text', [('Kconfig', 'config X\n'), ('Makefile', '# nothing\n')])
def test_a_file_without_a_place_changes_nothing(tree: Path, name: str, text: str) -> None:
    (tree / 'drivers/dma' / name).write_text(text)
    before = snapshot(tree)
    with pytest.raises(Problem, match='no place for the suite'):
        graft.graft(tree)
    assert snapshot(tree) == before
