# SPDX-License-Identifier: GPL-2.0-only
"""The stub's faults, as user space sees them: which selftests notice which.

All faults are chosen in one boot, one after the other. One in which the kernel dies,
or that cannot be taken back, is noticed too, and the next boot goes on behind it.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatch

from . import guest, kselftest
from .guest import Guest
from .kselftest import Outcome, Wishes
from .problem import Problem

LIST = guest.SELFTESTS / 'faults'
"""Every fault, one per line: a name alone must be noticed, a name with a reason cannot be."""
PROGRAMS = ('lifecycle', 'data', 'raid', 'ring', 'packet', 'edges', 'traces', 'flight', 'view',
            'unplug')
"""In this order; with a fault, the first one that notices it is the last."""
SILENCE_S = 180.0
"""A program has less time, so the kernel hangs."""
MARK = re.compile(r'dmaconf: fault (\S+)$')
NONE = 'none'


@dataclass(frozen=True)
class Row:
    """A fault, and the tests that failed with it."""

    fault: str
    outcome: Outcome
    died: bool

    @property
    def noticed(self) -> bool:
        """Something failed; without any test at all nothing was looked at."""
        return self.died or bool(self.outcome.failed or self.outcome.reports)

    @property
    def good(self) -> bool:
        """Noticed; without a fault, everything passed."""
        return not self.noticed and self.outcome.passed > 0 if self.fault == NONE else self.noticed


def listed() -> dict[str, str]:
    """Every fault by its name, and why no selftest can notice it; '' if one must."""
    lines = [line for line in LIST.read_text().splitlines() if line and line[0] != '#']
    return {name: reason.strip() for name, _, reason in (line.partition(' ') for line in lines)}


def visible(pattern: str | None) -> list[str]:
    """The conformant stub, and the chosen ones of the faults that must be noticed.

    @pattern is a glob, or several with commas.
    """
    names = [name for name, reason in listed().items() if not reason]
    patterns = pattern.split(',') if pattern else ['*']
    chosen = [name for name in names if any(fnmatch(name, each) for each in patterns)]
    if not chosen:
        raise Problem(f'no fault that user space can see, in {LIST}, matches {pattern}')
    return [NONE, *chosen]


def run(machine: Guest, wishes: Wishes, faults: Sequence[str],
        tell: Callable[[Row], None]) -> list[Row]:
    """Boots as often as it takes; @tell gets every row as soon as it is there."""
    rows: list[Row] = []
    wishes = replace(wishes, tests=wishes.tests or PROGRAMS, silence_s=SILENCE_S)
    while left := list(faults[len(rows):]):
        before = len(rows)
        rows += _boot(machine, wishes, left)
        if len(rows) == before:
            raise Problem(f'the machine did not come to its tests, see {machine.out}')
        for row in rows[before:]:
            tell(row)
    return rows


def _boot(machine: Guest, wishes: Wishes, faults: Sequence[str]) -> list[Row]:
    outcomes: dict[str, Outcome] = {}
    ended = False

    def watch(line: str) -> None:
        nonlocal ended
        ended = ended or line == kselftest.END
        if found := MARK.match(line):
            outcomes[found[1]] = Outcome()
        elif outcomes:
            outcomes[list(outcomes)[-1]].feed(line)

    name = f'faults-{faults[0]}'
    kselftest.boot(machine, wishes, name, [f'DMACONF_FROM={faults[0]}'], watch)
    _add_reports(machine, name, outcomes)
    last = list(outcomes)[-1] if outcomes and not ended else None
    return [Row(fault, outcome, fault == last) for fault, outcome in outcomes.items()]


def _add_reports(machine: Guest, name: str, outcomes: dict[str, Outcome]) -> None:
    """What the kernel said, to the fault that it said it with."""
    log, fault = kselftest.kernel_log(machine, name), None
    for line in log.read_text(errors='replace').splitlines() if log.exists() else []:
        if found := MARK.search(line):
            fault = found[1]
        elif kselftest.REPORT.search(line) and fault in outcomes:
            outcomes[fault].reports.append(line)


def line_of(row: Row) -> str:
    """A row for people."""
    what = 'died' if row.died else f'{len(row.outcome.failed)} failed'
    reports = f', {len(row.outcome.reports)} kernel reports' if row.outcome.reports else ''
    first = f': {row.outcome.failed[0]}' if row.outcome.failed else ''
    verdict = 'clean' if row.fault == NONE and row.good else 'yes' if row.noticed else 'NO'
    return f' {"" if row.good else "!"}{row.fault:32} {verdict:6} {what}{reports}{first}'
