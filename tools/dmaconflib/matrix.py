# SPDX-License-Identifier: GPL-2.0-only
"""The fault matrix: one boot per fault, and the rule that has to notice it."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import as_completed
from dataclasses import dataclass, replace

from . import dmatest, progress
from .declarations import Fault
from .document import About
from .kernel import Kernel
from .problem import Problem
from .process import workers
from .results import BROKEN, Judgement, Verdict
from .session import Wishes, execute
from .wording import plural

DMATEST_ITERATIONS = 10
DMATEST_SILENCE_S = 15.0
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
    def good(self) -> bool:
        """The fault was caught by its rule; without a fault, nothing failed."""
        if self.fault == CLEAN:
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


def run(kernel: Kernel, wishes: Wishes, faults: Sequence[Fault], jobs: int,
        gaps: list[str]) -> Matrix:
    """Boots @kernel once without and once with each of the @faults, @jobs at a time.

    A Problem if the boot of the conformant stub does not come to its rules.
    """
    clock = time.monotonic()
    rows = _parallel(lambda fault: _row(kernel, wishes, fault), [CLEAN, *faults], jobs)
    about = rows[0].about
    assert about is not None
    return Matrix(about, rows, jobs, time.monotonic() - clock, gaps)


def _parallel(boot: Callable[[Fault], Row], todo: list[Fault], jobs: int) -> list[Row]:
    """The rows of all faults in @todo's order; on any exception no boot goes on."""
    rows: dict[str, Row] = {}
    with progress.step(f'Booting {plural(len(todo), "kernel")}, {jobs} at a time') as shown, \
            workers(jobs) as pool:
        for future in as_completed([pool.submit(boot, fault) for fault in todo]):
            row = future.result()
            rows[row.fault.name] = row
            bad = sum(not row.good for row in rows.values())
            shown.update(len(rows), len(todo), f'{len(rows)} of {len(todo)}, {bad} bad')
    return [rows[fault.name] for fault in todo]


def _row(kernel: Kernel, wishes: Wishes, fault: Fault) -> Row:
    """One boot. Only the conformant stub's has to come to its rules.

    A fault that ends the kernel in another rule before its own has one more, for
    its own.
    """
    clock = time.monotonic()
    wishes = replace(wishes, fault=fault.name)
    try:
        about, judgement = _executed(kernel, wishes, f'fault-{fault.name}.log')
        if fault.rule in judgement.unreached:
            own = [rule for rule in wishes.chosen if rule.id == fault.rule]
            _, later = _executed(kernel, replace(wishes, chosen=own),
                                 f'fault-{fault.name}-again.log')
            judgement = judgement.continued(later)
    except Problem as problem:
        if fault == CLEAN:
            raise
        return Row(fault, time.monotonic() - clock, problem=str(problem),
                   dmatest=_dmatest(kernel, wishes, fault))
    return replace(_judged(fault, about, judgement, time.monotonic() - clock),
                   dmatest=_dmatest(kernel, wishes, fault))


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
    if fault == CLEAN and not judgement.conformant and not others:
        problem = problem or 'some rules did not run'
    return Row(fault, seconds, verdicts.get(fault.rule), others, problem, about)
