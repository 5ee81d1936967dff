# SPDX-License-Identifier: GPL-2.0-only
"""The series for a kernel tree: it applies, in order, and changes what it says."""

import subprocess
from pathlib import Path

import pytest

from dmaconflib import declarations, graft, patches
from dmaconflib.problem import Problem


def git(folder: Path, *arguments: str) -> str:
    """Runs git as nobody in particular."""
    return subprocess.run(['git', '-c', 'user.name=x', '-c', 'user.email=x@y', *arguments],
                          cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def kernel(tree: Path) -> Path:
    """A tree with all that the series changes."""
    for path, text in ((f'{patches.SELFTESTS}/Makefile',
                        'TARGETS += dmabuf-heaps\nTARGETS += drivers/dma-buf\nTARGETS += x\n'),
                       (f'{patches.BOOK}/index.rst', f'Book\n\n{patches.NEXT}\n-----\n'),
                       (patches.VENDORS, 'patternProperties:\n  "^dlink,.*":\n  "^dmo,.*":\n'),
                       ('MAINTAINERS', f'A\nM:\tb\n\n{patches.ABOVE}\nM:\tc\n')):
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_text(text)
    return tree


def series(kernel: Path, out: Path) -> list[Path]:
    """The files of the series."""
    return patches.write(kernel, out, declarations.rules(), declarations.faults(),
                         declarations.omitted())


def test_the_series_applies_in_order(kernel: Path, tmp_path: Path) -> None:
    made = series(kernel, tmp_path / 'out')
    git(kernel, 'init', '-q')
    git(kernel, 'add', '-A')
    git(kernel, 'commit', '-qm', 'base')
    git(kernel, 'am', '-q', *map(str, made))
    assert git(kernel, 'log', '--format=%s', '-5').splitlines() == [
        'Documentation: dmaengine: the contract of providers',
        'selftests: dmaengine: drive channels from user space',
        'dmaengine: add a software provider',
        'dmaengine: add a conformance suite for providers',
        'dt-bindings: dma: memory as the peripheral of channels under test']
    for path in ('drivers/dma/dmaconf/harness.c', 'drivers/dma/dmaconf-stub/engine.c',
                 f'{patches.SELFTESTS}/dmaengine/Makefile', f'{patches.BOOK}/contract.rst'):
        assert (kernel / path).is_file()
    assert 'Signed-off-by: ' in git(kernel, 'log', '-1')
    for path in ('drivers/dma/Makefile', 'drivers/dma/dmaconf/Kconfig',
                 'drivers/dma/dmaconf/.kunitconfig'):
        assert 'stub' not in git(kernel, 'show', f'HEAD~3:{path}').lower()
    assert not (kernel / 'drivers/dma/dmaconf/bench/stub.svg').exists()


def test_every_patch_owns_what_it_brings(kernel: Path, tmp_path: Path) -> None:
    for path in series(kernel, tmp_path / 'out'):
        assert '+F:\t' in path.read_text()


def test_a_grafted_tree_gives_the_same_series(kernel: Path, tmp_path: Path) -> None:
    plain = [path.read_text() for path in series(kernel, tmp_path / 'plain')]
    graft.graft(kernel)
    grafted = [path.read_text() for path in series(kernel, tmp_path / 'grafted')]
    assert [text.partition('Subject:')[2].partition('\nindex ')[0] for text in plain] == \
        [text.partition('Subject:')[2].partition('\nindex ')[0] for text in grafted]


def test_a_tree_that_lacks_a_file_is_told(kernel: Path, tmp_path: Path) -> None:
    (kernel / 'MAINTAINERS').unlink()
    with pytest.raises(Problem, match='MAINTAINERS: No such file'):
        series(kernel, tmp_path / 'out')
