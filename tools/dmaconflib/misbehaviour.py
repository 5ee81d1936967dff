# SPDX-License-Identifier: GPL-2.0-only
"""Models that misbehave all through a run: which faults of hardware does no rule notice?"""

import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from . import PROJECT, progress
from .kernel import Kernel
from .matrix import DETECTED
from .problem import Problem
from .process import workers
from .results import KILLED, Judgement, Verdict
from .session import Wishes, execute
from .wording import plural

SOURCE = PROJECT / 'provider-stub/models/inject.c'
PARAMETER = 'dmaconf_models.fault='
EVERY = 3
"""Each so manieth transfer goes wrong."""
PROOFS = {'irq_twice': ('irq.twice',), 'irq_late': ('irq.late', 'irq.delayed'),
          'irq_spurious': ('irq.spurious', 'irq.idle')}
"""What a driver has to survive without anybody's noticing, and the rules that say whether it does:
they provoke it themselves, in a boot without it."""
REPAIRED = {'half': ('memcpy.data', 'sg.data')}
"""What a driver can make good, and the rules that look at every byte: with the fault they pass."""
HAS_NONE = re.compile(r'has no fault "')


@dataclass(frozen=True)
class Row:
    """What became of a fault of the model: @noticed by these rules, and @survived as those say.

    A rule notices a fault that it fails with and else does not, or that it provokes itself.
    """

    target: str
    fault: str
    noticed: tuple[str, ...] = ()
    survived: tuple[str, ...] = ()
    """The rules that show that the driver survives it by right."""
    problem: str = ''
    """The boot did not come to its rules."""
    seconds: float = 0.0

    @property
    def applies(self) -> bool:
        """The model has something that can go wrong in this way."""
        return not HAS_NONE.search(self.problem)

    @property
    def lucky(self) -> bool:
        """The driver survived, and no rule can say why."""
        return self.applies and not self.noticed and not self.survived and not self.problem


def is_model(kernel_args: Iterable[str]) -> bool:
    """Whether a target with @kernel_args runs a model."""
    return any(argument.startswith('dmaconf_models.model=') for argument in kernel_args)


def faults() -> list[str]:
    """The names of all faults that a model can have, from its source."""
    found = re.findall(r'\{ "(\w+)", DMACONF_INJECT_\w+ \}', SOURCE.read_text())
    if not found:
        raise Problem(f'{SOURCE}: no faults in it')
    return found


def run(kernel: Kernel, wishes: Wishes, names: Sequence[str], jobs: int) -> list[Row]:
    """Boots the model as it should be, and with each of the faults @names."""
    what = f'Booting {kernel.target.name} with {plural(len(names), "fault")}, {jobs} at a time'
    with progress.step(what) as shown, workers(jobs) as pool:
        clean = pool.submit(_clean, kernel, wishes)
        booted = [pool.submit(_faulty, kernel, wishes, name) for name in names]
        rows = []
        for name, boot in zip(names, booted):
            rows.append(judged(kernel.target.name, name, clean.result(), *boot.result()))
            shown.update(len(rows), len(names))
        return rows


def judged(target: str, fault: str, clean: Judgement, found: Judgement | None, problem: str,
           seconds: float) -> Row:
    """The row of a @fault with which the boot @found, unlike the @clean one, or a @problem."""
    before, after = clean.by_rule, found.by_rule if found else {}
    proofs = {rule: before[rule] for rule in PROOFS.get(fault, ()) if rule in before}
    proofs |= {rule: after[rule] for rule in REPAIRED.get(fault, ()) if rule in after}
    noticed = {rule for rule, verdict in after.items()
               if verdict in DETECTED and not _as_bad(before.get(rule), verdict)}
    noticed |= {rule for rule, verdict in proofs.items() if verdict in DETECTED}
    passed = [rule for rule, verdict in proofs.items() if verdict is Verdict.PASS]
    return Row(target, fault, tuple(sorted(noticed)), tuple(passed), problem, seconds)


def show(out: Console, rows: Sequence[Row]) -> None:
    """The table, and what no rule noticed."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ('target', 'fault', 'noticed by'):
        table.add_column(column, overflow='fold')
    table.add_column('s', justify='right', no_wrap=True)
    for row in rows:
        table.add_row(row.target, row.fault, _told(row), f'{row.seconds:.1f}')
    out.print(table)
    lucky = [row for row in rows if row.lucky]
    for row in lucky:
        out.print(f'{row.target}: no rule notices {row.fault}: one is missing', soft_wrap=True)
    for row in rows:
        if row.problem and row.applies:
            out.print(f'{row.target}: {row.fault}: {row.problem}', soft_wrap=True)
    applied = [row for row in rows if row.applies]
    noticed = sum(bool(row.noticed) for row in rows)
    out.print(f'{plural(len(applied), "fault")} of models, {noticed} noticed, '
              f'{sum(bool(row.survived and not row.noticed) for row in rows)} survived by right, '
              f'{len(lucky)} by luck', soft_wrap=True)


def _told(row: Row) -> Text:
    if not row.applies:
        return Text('n/a', 'dim')
    if row.problem:
        return Text('did not run', 'bold red')
    if row.noticed:
        more = f' and {len(row.noticed) - 1} more' if len(row.noticed) > 1 else ''
        return Text(f'{row.noticed[0]}{more}', 'green')
    if row.survived:
        return Text(f'survived, see {", ".join(row.survived)}', 'green')
    return Text('NOBODY', 'bold red')


def _as_bad(before: Verdict | None, verdict: Verdict) -> bool:
    """Whether a rule with this @verdict was as bad without the fault; a death is worse."""
    return before in KILLED or (before in DETECTED and verdict not in KILLED)


def _clean(kernel: Kernel, wishes: Wishes) -> Judgement:
    """Without a fault; with boots of their own for proofs that are known to end the kernel."""
    judgement = _judgement(kernel, wishes, '')
    proofs = {rule for rules in PROOFS.values() for rule in rules}
    for rule in wishes.known:
        if rule.id in proofs and rule not in wishes.chosen:
            judgement = judgement.continued(
                _judgement(kernel, replace(wishes, chosen=[rule]), '', f'-{rule.id}'))
    return judgement


def _judgement(kernel: Kernel, wishes: Wishes, fault: str, of: str = '') -> Judgement:
    target = kernel.target
    if fault:
        arguments = (*target.kernel_args, PARAMETER + fault, f'dmaconf_models.nth={EVERY}')
        kernel = replace(kernel, target=replace(target, kernel_args=arguments))
    console = kernel.consoles / f'fault-{fault or "none"}{of}.log'
    return execute(kernel, wishes, console, lambda _: None)[1]


def _faulty(kernel: Kernel, wishes: Wishes, fault: str) -> tuple[Judgement | None, str, float]:
    clock = time.monotonic()
    try:
        found, problem = _judgement(kernel, wishes, fault), ''
    except Problem as told:
        found, problem = None, str(told)
    return found, problem, time.monotonic() - clock
