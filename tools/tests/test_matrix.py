# SPDX-License-Identifier: GPL-2.0-only
"""The order in which the fault matrix boots, which only saves time."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dmaconflib import matrix
from dmaconflib.declarations import Fault
from dmaconflib.matrix import Row

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
