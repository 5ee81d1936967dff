# SPDX-License-Identifier: GPL-2.0-only
"""Counts of lines and branches: read from a trace, excused, and held against the floors."""

from pathlib import Path

import pytest

from dmaconflib import coverage, coverage_verb, covered, targets
from dmaconflib.coverage import Counting, Coverage
from dmaconflib.covered import Counts, Share
from dmaconflib.kernel import Kernel
from dmaconflib.problem import Problem
from dmaconflib.source import Tree

CORE, VIRT = coverage_verb.FLOORS
SOURCE = '''static int get(struct x *x)
{
    x->y = kzalloc(sizeof(*x->y), GFP_KERNEL);
    if (!x->y)
        return -ENOMEM;
    return 0;
}
int put(struct x *x)
{
    if (x->z)
        return -EBUSY;
    return 0;
}
'''
TRACE = '''TN:
SF:{path}
FN:1,get
FN:8,put
FNDA:9,get
FNDA:9,put
DA:3,9
DA:4,9
DA:5,0
DA:6,9
DA:10,9
DA:11,0
DA:12,9
BRDA:4,0,0,0
BRDA:4,0,1,9
BRDA:10,0,0,-
BRDA:10,0,1,9
end_of_record
'''
EXCUSE = f'''[[excuse]]
file = "{CORE}"
functions = ["get"]
lines = ["!x->y", "-ENOMEM"]
reason = "an allocation fails"
'''


@pytest.fixture
def counts(tmp_path: Path) -> dict[str, Counts]:
    """What a trace of the sample says, as if it were the core and virt-dma."""
    source = tmp_path / CORE
    source.parent.mkdir(parents=True)
    source.write_text(SOURCE)
    trace = tmp_path / 'a.info'
    trace.write_text(TRACE.format(path=source) + TRACE.format(path=tmp_path / VIRT))
    return covered.read(trace, tmp_path)


def excuses(folder: Path, text: str) -> list[covered.Excuse]:
    """Those in a file with @text."""
    path = folder / 'excuses.toml'
    path.write_text(text)
    return covered.excuses(path)


def test_a_trace_is_read(counts: dict[str, Counts]) -> None:
    assert covered.shares(counts[CORE]) == (Share(5, 7), Share(2, 4))
    assert covered.missed(counts[CORE], []) == {None: [4, 5, 10, 11]}
    assert [counts[CORE].function(line) for line in (1, 7, 8)] == ['get', 'get', 'put']


def test_what_is_excused_does_not_count(counts: dict[str, Counts], tmp_path: Path) -> None:
    excused = excuses(tmp_path, EXCUSE)
    assert covered.shares(counts[CORE], excused) == (Share(5, 6), Share(2, 3))
    assert covered.missed(counts[CORE], excused) == {excused[0]: [4, 5], None: [10, 11]}
    assert covered.stale(counts, excused) == []


def test_what_could_be_reached_counts_all_the_same(counts: dict[str, Counts],
                                                   tmp_path: Path) -> None:
    excused = excuses(tmp_path, EXCUSE + 'reachable = true\n')
    assert covered.shares(counts[CORE], excused) == covered.shares(counts[CORE])
    assert covered.stale(counts, excused) == []


@pytest.mark.parametrize('change', [('"get"', '"put"'), ('!x->y", "-ENOMEM', 'x->y = kzalloc'),
                                    (CORE, 'drivers/dma/none.c')])
def test_an_excuse_for_nothing_is_told(counts: dict[str, Counts], tmp_path: Path,
                                       change: tuple[str, str]) -> None:
    excused = excuses(tmp_path, EXCUSE.replace(*change))
    assert covered.stale(counts, excused) == excused
    told = coverage_verb.complaints(Coverage(counts, {}, tmp_path), excused)
    assert any(line.startswith('nothing was excused by') for line in told)


@pytest.mark.parametrize('change', [('reason = "an allocation fails"\n', ''), ('reason', 'why'),
                                    ('functions = ["get"]\nlines = ["!x->y", "-ENOMEM"]\n', '')])
def test_an_excuse_without_its_reason_or_place_is_none(tmp_path: Path,
                                                       change: tuple[str, str]) -> None:
    with pytest.raises(Problem, match='an excuse has a file, a reason'):
        excuses(tmp_path, EXCUSE.replace(*change))


def test_too_little_is_told(counts: dict[str, Counts], tmp_path: Path) -> None:
    told = coverage_verb.complaints(Coverage(counts, {}, tmp_path), [])
    assert told[:2] == [f'{CORE}: 71.4 % of 7 lines reached, 85 % are wanted',
                        f'{CORE}: 50.0 % of 4 branches reached, 70 % are wanted']
    for one in counts.values():
        one.lines = {line: 1 for line in one.lines}
        one.branches = {line: [1, 1] for line in one.branches}
    assert coverage_verb.complaints(Coverage(counts, {}, tmp_path), []) == []


def test_a_core_that_was_not_measured_is_a_problem(tmp_path: Path) -> None:
    with pytest.raises(Problem, match=f'knows nothing of {CORE}'):
        coverage_verb.complaints(Coverage({}, {}, tmp_path), [])


def test_the_table_names_what_is_left(counts: dict[str, Counts], tmp_path: Path,
                                      capsys: pytest.CaptureFixture[str]) -> None:
    from dmaconflib import screen
    coverage_verb.show(screen.console(), Coverage(counts, {}, tmp_path),
                       excuses(tmp_path, EXCUSE))
    shown = capsys.readouterr().out
    assert '71.4 %' in shown and '83.3 %' in shown
    assert '2 lines, which nobody can reach: an allocation fails' in shown
    assert '11: put: not run: return -EBUSY;' in shown
    assert '10: put: not every way of: if (x->z)' in shown
    assert '-ENOMEM' not in shown


def test_the_counts_of_a_boot_have_their_folder(tmp_path: Path) -> None:
    target = coverage.instrumented(targets.load('uml'))
    assert target.kernel == 'uml-coverage' and coverage.CONFIG in target.config
    kernel = Counting(Tree(tmp_path, '6.12', True), target, Path('/a/b/out'), tmp_path / 'counts')
    assert isinstance(kernel, Kernel)
    assert kernel.env()['GCOV_PREFIX'] == str(tmp_path / 'counts')
    assert kernel.env()['GCOV_PREFIX_STRIP'] == '3'


def test_only_user_mode_linux_counts() -> None:
    with pytest.raises(Problem, match='user-mode Linux only'):
        coverage.instrumented(targets.load('q35'))


def test_the_excuses_that_are_checked_in_are_as_they_should_be() -> None:
    assert all(excuse.file in coverage.MEASURED for excuse in covered.excuses())
