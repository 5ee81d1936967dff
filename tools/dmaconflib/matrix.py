# SPDX-License-Identifier: GPL-2.0-only
"""The fault matrix: one boot per fault, and the rule that has to notice it.

A fault that shows on one machine only, where there are two CPUs or sanitizers,
is booted there, and with its own rule alone: those machines are slow.
"""

import json
import time
from collections.abc import Callable, Sequence
from concurrent.futures import as_completed
from dataclasses import dataclass, replace

from . import boot, dmatest, progress
from .declarations import Fault
from .document import About
from .kernel import Kernel
from .problem import Problem
from .process import workers
from .results import BROKEN, Judgement, Verdict
from .session import Wishes, execute, in_plain_time
from .wording import plural

DMATEST_ITERATIONS = 10
DMATEST_SILENCE_S = 15.0
SECONDS = 'fault-seconds.json'
"""In the build folder: how long each fault took the last time."""
CLEAN = Fault('none', '', 'the conformant stub', '')
DETECTED = BROKEN | {Verdict.WARN, Verdict.DISPUTED}


@dataclass(frozen=True)
class Row:
    """What became of one fault. @problem says what was wrong with its boot, or ''."""

    fault: Fault
    seconds: float
    verdict: Verdict | None = None
    """Of the rule that the fault names."""
    others: tuple[str, ...] = ()
    """Other rules that failed or warned."""
    problem: str = ''
    about: About | None = None
    """Of its boot, if that came to its rules."""
    dmatest: str | None = None
    """What the kernel's own dmatest does with the fault: one of its outcomes."""

    @property
    def clean(self) -> bool:
        """It is one of the conformant stub."""
        return self.fault.name == CLEAN.name

    @property
    def good(self) -> bool:
        """The fault was caught by its rule; without a fault, nothing failed."""
        if self.clean:
            return not self.problem and not self.others and self.dmatest in (None, 'passes')
        return self.verdict in DETECTED


@dataclass(frozen=True)
class Matrix:
    """All rows, the one of the conformant stub first; @about is that boot's."""

    about: About
    rows: list[Row]
    jobs: int
    seconds: float
    gaps: list[str]
    """Rules that no fault breaks, and faults that name no rule."""

    @property
    def good(self) -> bool:
        """Whether the suite has shown that it can tell."""
        return not self.gaps and all(row.good for row in self.rows)

    def joined(self, rows: list[Row], seconds: float) -> 'Matrix':
        """This matrix and the rows of another machine."""
        return replace(self, rows=self.rows + rows, seconds=self.seconds + seconds)


def run(kernel: Kernel, wishes: Wishes, faults: Sequence[Fault], jobs: int,
        gaps: list[str]) -> Matrix:
    """Boots @kernel once without and once with each of the @faults, @jobs at a time.

    A Problem if the boot of the conformant stub does not come to its rules.
    """
    clock = time.monotonic()
    rows = _parallel(lambda fault: _row(kernel, wishes, fault), kernel, [CLEAN, *faults], jobs)
    about = rows[0].about
    assert about is not None
    return Matrix(about, rows, jobs, time.monotonic() - clock, gaps)


def elsewhere(matrix: Matrix, kernel: Kernel, wishes: Wishes,
              faults: Sequence[Fault]) -> Matrix:
    """@matrix with the @faults of another machine, whose @kernel this is.

    The conformant stub has to pass all their rules there.
    """
    clock = time.monotonic()
    rules = {rule.id: rule for rule in wishes.known}
    named = [rules[name] for name in dict.fromkeys(fault.rule for fault in faults)]
    there = replace(wishes, timeout_ms=kernel.target.timeout_ms)

    def boot_one(fault: Fault) -> Row:
        chosen = [rules[fault.rule]] if fault.rule else named
        return _rules_row(kernel, replace(there, chosen=chosen), fault)

    clean = replace(CLEAN, target=kernel.target.name)
    rows = _parallel(boot_one, kernel, [clean, *faults], min(matrix.jobs, boot.jobs(kernel.target)))
    return matrix.joined(rows, time.monotonic() - clock)


def _parallel(boot_one: Callable[[Fault], Row], kernel: Kernel, todo: list[Fault],
              jobs: int) -> list[Row]:
    """The rows of all faults in @todo's order; on any exception no boot goes on.

    What took longest the last time begins first, so that nothing is left to wait for.
    """
    rows: dict[str, Row] = {}
    known = _last_seconds(kernel)
    order = sorted(todo, key=lambda fault: -known.get(fault.name, 0))
    with progress.step(f'Booting {plural(len(todo), "kernel")}, {jobs} at a time') as shown, \
            workers(jobs) as pool:
        for future in as_completed([pool.submit(boot_one, fault) for fault in order]):
            row = future.result()
            rows[row.fault.name] = row
            bad = sum(not row.good for row in rows.values())
            shown.update(len(rows), len(todo), f'{len(rows)} of {len(todo)}, {bad} bad')
    _remember_seconds(kernel, known | {name: row.seconds for name, row in rows.items()})
    return [rows[fault.name] for fault in todo]


def _last_seconds(kernel: Kernel) -> dict[str, float]:
    """How long the faults took on @kernel the last time, as far as they are known."""
    try:
        return dict(json.loads((kernel.out / SECONDS).read_text()))
    except (OSError, TypeError, ValueError):
        return {}


def _remember_seconds(kernel: Kernel, seconds: dict[str, float]) -> None:
    (kernel.out / SECONDS).write_text(json.dumps(seconds))


def _row(kernel: Kernel, wishes: Wishes, fault: Fault) -> Row:
    """One boot of the rules and one of dmatest."""
    clock = time.monotonic()
    row = _rules_row(kernel, wishes, fault)
    row = replace(row, dmatest=_dmatest(kernel, wishes, fault))
    return replace(row, seconds=time.monotonic() - clock)


def _rules_row(kernel: Kernel, wishes: Wishes, fault: Fault) -> Row:
    """One boot. Only the conformant stub's has to come to its rules.

    A fault that ends the kernel in another rule before its own has one more, for
    its own; and what cannot be decided under time travel is asked in plain time.
    """
    clock = time.monotonic()
    wishes = replace(wishes, fault=fault.name)
    try:
        own = [rule for rule in wishes.chosen if rule.id == fault.rule]
        about, judgement = _executed(kernel, wishes, f'fault-{fault.name}.log')
        if fault.rule in judgement.unreached:
            _, later = _executed(kernel, replace(wishes, chosen=own),
                                 f'fault-{fault.name}-again.log')
            judgement = judgement.continued(later)
        asked = wishes.chosen if fault.name == CLEAN.name else own
        judgement = in_plain_time(
            kernel, replace(wishes, chosen=asked), judgement,
            lambda plain, left: _executed(plain, left, f'fault-{fault.name}-plain.log')[1])
    except Problem as problem:
        if fault.name == CLEAN.name:
            raise
        return Row(fault, time.monotonic() - clock, problem=str(problem))
    return _judged(fault, about, judgement, time.monotonic() - clock)


def _executed(kernel: Kernel, wishes: Wishes, console: str) -> tuple[About, Judgement]:
    return execute(kernel, wishes, kernel.consoles / console, lambda _: None)


def _dmatest(kernel: Kernel, wishes: Wishes, fault: Fault) -> str:
    """One more boot: what the kernel's own dmatest does with @fault."""
    arguments = [f'dmatest.timeout={wishes.timeout_ms}', f'dmaconf_stub.fault={fault.name}']
    console = kernel.consoles / f'dmatest-{fault.name}.log'
    return dmatest.run(kernel, None, fault.name, arguments, console, DMATEST_SILENCE_S,
                       DMATEST_ITERATIONS).outcome


def _judged(fault: Fault, about: About, judgement: Judgement, seconds: float) -> Row:
    verdicts = judgement.by_rule
    others = tuple(rule for rule, verdict in verdicts.items()
                   if rule != fault.rule and verdict in DETECTED)
    problem = '; '.join(judgement.errors)
    if fault.name == CLEAN.name and not judgement.conformant and not others:
        problem = problem or 'some rules did not run'
    return Row(fault, seconds, verdicts.get(fault.rule), others, problem, about)
