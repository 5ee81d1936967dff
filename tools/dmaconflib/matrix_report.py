# SPDX-License-Identifier: GPL-2.0-only
"""The fault matrix on the screen and as JSON."""

from collections.abc import Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from .document import FAULTS_SCHEMA, head
from .matrix import Matrix, Row
from .results import Verdict
from .wording import plural

CRASHES = {Verdict.INCOMPLETE: 'crashed in it', Verdict.TIMEOUT: 'hung in it'}


def show(out: Console, matrix: Matrix) -> None:
    """The table, what went wrong, and the totals in the last line."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column('fault', ratio=3, overflow='fold')
    table.add_column('rule', ratio=3, overflow='fold')
    table.add_column('caught', min_width=6)
    table.add_column('dmatest', no_wrap=True)
    table.add_column('others', justify='right', no_wrap=True)
    table.add_column('s', justify='right', no_wrap=True)
    for row in matrix.rows:
        table.add_row(_name(row), row.fault.rule, _caught(row), row.dmatest or '',
                      str(len(row.others)), f'{row.seconds:.1f}')
    out.print(table)
    for row in matrix.rows:
        if not row.good:
            out.print(_complaint(row))
    for gap in matrix.gaps:
        out.print(gap)
    out.print(closing_line(matrix), soft_wrap=True)


def closing_line(matrix: Matrix) -> str:
    """The totals of a matrix in one line."""
    faults = [row for row in matrix.rows if not row.clean]
    caught = sum(row.good for row in faults)
    stub = 'fails nothing' if all(row.good for row in matrix.rows if row.clean) else 'FAILS'
    return (f'dmaconf {matrix.about.suite["version"]} fault matrix: {caught} of {len(faults)} '
            f'faults caught (by dmatest {_by_dmatest(faults)}), the conformant stub {stub}, '
            f'{plural(len(matrix.gaps), "gap")}, {matrix.seconds:.0f} s with {matrix.jobs} boots '
            'at a time')


def _by_dmatest(faults: Sequence[Row]) -> int:
    return sum(row.dmatest not in (None, 'passes') for row in faults)


def document(matrix: Matrix) -> dict[str, Any]:
    """The JSON document of a matrix."""
    faults = [row for row in matrix.rows if not row.clean]
    return head(FAULTS_SCHEMA, matrix.about) | {
        'duration_s': round(matrix.seconds, 3),
        'jobs': matrix.jobs,
        'clean': _entry(matrix.rows[0]),
        'clean_elsewhere': [_entry(row) for row in matrix.rows[1:] if row.clean],
        'faults': [_entry(row) for row in faults],
        'gaps': matrix.gaps,
        'totals': {'caught': sum(row.good for row in faults),
                   'missed': sum(not row.good for row in faults),
                   'dmatest': _by_dmatest(faults)},
        'good': matrix.good,
    }


def _name(row: Row) -> str:
    """Of the fault, with the machine that it needs."""
    return f'{row.fault.name} on {row.fault.target}' if row.fault.target else row.fault.name


def _caught(row: Row) -> Text:
    if row.clean:
        return Text('clean', 'green') if row.good else Text('FAILS', 'bold red')
    if not row.good:
        return Text('MISSED', 'bold red')
    assert row.verdict is not None
    if row.verdict in CRASHES:
        return Text(CRASHES[row.verdict], 'yellow')
    return Text('yes', 'green') if row.verdict is Verdict.FAIL else Text('yes, warns', 'green')


def _complaint(row: Row) -> Text:
    """Why a row is not as it should be."""
    if row.clean:
        why = ', '.join(row.others) + row.problem or f'dmatest {row.dmatest}'
    else:
        why = row.problem or f'{row.fault.rule} says {row.verdict}'
        why += f'; failed instead: {", ".join(row.others)}' if row.others else ''
    return Text.assemble((f'{_name(row)}: ', 'bold red'), why)


def _entry(row: Row) -> dict[str, Any]:
    return {'fault': row.fault.name, 'rule': row.fault.rule, 'sentence': row.fault.sentence,
            'target': row.fault.target,
            'good': row.good, 'verdict': row.verdict.value if row.verdict else None,
            'others': list(row.others), 'seconds': round(row.seconds, 3),
            'problem': row.problem, 'dmatest': row.dmatest}
