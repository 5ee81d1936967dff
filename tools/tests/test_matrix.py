# SPDX-License-Identifier: GPL-2.0-only
"""How the fault matrix boots: in which order, and in which time."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dmaconflib import matrix, targets
from dmaconflib.declarations import Fault
from dmaconflib.kernel import Kernel
from dmaconflib.matrix import Row
from dmaconflib.results import Judgement, Result, Verdict
from dmaconflib.session import Wishes

FAULTS = [Fault(name, 'term.idle', 'a fault', 'faults/a.c:1') for name in ('a', 'b', 'c')]


def booted(out: Path, seconds: dict[str, float]) -> tuple[list[str], list[str]]:
    """The order of the boots, one at a time, and that of the rows."""
    begun = []

    def boot_one(fault: Fault) -> Row:
        begun.append(fault.name)
        return Row(fault, seconds[fault.name])

    kernel: Any = SimpleNamespace(out=out)
    rows = matrix._parallel(boot_one, kernel, FAULTS, 1)
    return begun, [row.fault.name for row in rows]


def test_what_took_longest_begins_first_the_next_time(tmp_path: Path) -> None:
    seconds = {'a': 2.0, 'b': 30.0, 'c': 5.0}
    assert booted(tmp_path, seconds) == (['a', 'b', 'c'], ['a', 'b', 'c'])
    assert booted(tmp_path, seconds) == (['b', 'c', 'a'], ['a', 'b', 'c'])


@pytest.mark.parametrize('rubbish', ['', '{"a": ', '[1]'])
def test_a_damaged_file_of_times_is_as_good_as_none(tmp_path: Path, rubbish: str) -> None:
    (tmp_path / matrix.SECONDS).write_text(rubbish)
    begun, rows = booted(tmp_path, {'a': 1.0, 'b': 2.0, 'c': 3.0})
    assert begun == rows == ['a', 'b', 'c']


@pytest.mark.parametrize(('travelled', 'plain', 'caught', 'boots'), [
    ('fail', 'pass', True, 1), ('inconclusive', 'fail', True, 2),
    ('inconclusive', 'pass', False, 2), ('pass', 'fail', False, 1)])
def test_plain_time_is_asked_for_what_time_travel_leaves_open_only(
        monkeypatch: pytest.MonkeyPatch, tmp_path: Path, travelled: str, plain: str,
        caught: bool, boots: int) -> None:
    times = []

    def executed(kernel: Kernel, wishes: Wishes, console: str) -> tuple[None, Judgement]:
        times.append(kernel.target.time_travel)
        verdict = Verdict(travelled if kernel.target.time_travel else plain)
        results = [Result(rule.id, 'MUST', 'stub/0', verdict) for rule in wishes.chosen]
        return None, Judgement(results, [])

    monkeypatch.setattr(matrix, '_executed', executed)
    tree: Any = None
    rule: Any = SimpleNamespace(id=FAULTS[0].rule)
    row = matrix._rules_row(Kernel(tree, targets.load('uml'), tmp_path),
                            Wishes([rule], [rule], 'stub', 500), FAULTS[0])
    assert row.good is caught
    assert times == [True, False][:boots]
