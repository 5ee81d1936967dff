# SPDX-License-Identifier: GPL-2.0-only
"""The check of a series: in a copy of the tree, patch by patch."""

from pathlib import Path

import pytest

from dmaconflib import graft, patches, series
from dmaconflib.problem import Problem
from test_patches import kernel, series as written  # noqa: F401 (a fixture)


@pytest.fixture(autouse=True)
def unbuilt(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is compiled here."""
    monkeypatch.setattr(series, '_build', lambda copy, out: [])


def checkpatch(tree: Path, text: str) -> None:
    """Puts a checkpatch.pl into @tree."""
    (tree / 'scripts').mkdir()
    script = tree / 'scripts/checkpatch.pl'
    script.write_text(f'#!/bin/sh\n{text}\n')
    script.chmod(0o755)


def test_every_patch_is_applied_and_checked(kernel: Path, tmp_path: Path) -> None:
    checkpatch(kernel, 'case "$*" in *0003-*) echo "a.c:1: WARNING: x";; esac')
    made = written(kernel, tmp_path / 'out')
    graft.graft(kernel)
    before = (kernel / f'{patches.DMA}/Kconfig').read_text()
    found = series.check_series(kernel, made, tmp_path / 'series')
    assert [len(complaints) for complaints in found.values()] == [0, 0, 1, 0, 0]
    assert (tmp_path / 'series/tree' / patches.DMA / 'dmaconf/.kunitconfig').is_file()
    assert (kernel / f'{patches.DMA}/Kconfig').read_text() == before
    assert graft.is_grafted(kernel)


def test_a_patch_that_does_not_apply_is_a_problem(kernel: Path, tmp_path: Path) -> None:
    checkpatch(kernel, 'true')
    made = written(kernel, tmp_path / 'out')
    (kernel / patches.DMA / 'Makefile').write_text('obj-y += another.o\n')
    with pytest.raises(Problem, match='git .* am'):
        series.check_series(kernel, made, tmp_path / 'series')
