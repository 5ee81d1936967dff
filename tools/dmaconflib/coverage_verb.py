# SPDX-License-Identifier: GPL-2.0-only
"""What `coverage` does: a table of files, what was missed, and whether it is enough."""

import argparse
from collections.abc import Iterable, Sequence
from pathlib import PurePath

from rich import box
from rich.console import Console
from rich.table import Table

from . import coverage, covered, declarations, screen, targets
from .coverage import Coverage
from .covered import Counts, Excuse, Share
from .kernel import prepared
from .problem import Problem
from .session import Wishes
from .wording import plural

FLOORS = {'drivers/dma/dmaengine.c': (85, 70), 'drivers/dma/virt-dma.c': (85, 70)}
"""Per cent of lines and of branches that must be reached, of those that can be."""


def coverage_verb(options: argparse.Namespace) -> int:
    """coverage: 0 if enough of the core ran, and every excuse for the rest is one."""
    target = coverage.instrumented(targets.load(options.target))
    rules, excuses = declarations.rules(), covered.excuses()
    wishes = Wishes(rules, rules, target.device, target.timeout_ms)
    coverage.make_linkable()
    with prepared(target, options.kernel, options.ksrc) as kernel:
        found = coverage.run(kernel, wishes, coverage.jobs(kernel), options.out)
    show(screen.console(), found, excuses)
    faults = complaints(found, excuses)
    for line in faults:
        print(line)
    print(f'line by line: {found.html}')
    return 1 if faults else 0


def complaints(found: Coverage, excuses: Sequence[Excuse]) -> list[str]:
    """What falls short, and excuses that excuse nothing."""
    said = [f'nothing was excused by {excuse} in {covered.REASONS.name}'
            for excuse in covered.stale(found.suite, excuses)]
    for name, floors in FLOORS.items():
        if name not in found.suite:
            raise Problem(f'lcov knows nothing of {name}')
        for what, share, floor in zip(('lines', 'branches'),
                                      covered.shares(found.suite[name], excuses), floors):
            if share.percent < floor:
                said.append(f'{name}: {share} of {share.of} {what} reached, {floor} % are wanted')
    return said


def show(out: Console, found: Coverage, excuses: Sequence[Excuse]) -> None:
    """The core's files one by one with what was missed, our own by folder."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column('file', no_wrap=True)
    for what in ('lines', 'branches'):
        for title in (what, 'ran', 'reachable', 'dmatest'):
            table.add_column(title, justify='right', no_wrap=True)
    core = [name for name in coverage.MEASURED if name in found.suite]
    for title, names in ({name: [name] for name in core} | _folders(found.suite)).items():
        table.add_row(title.removeprefix('drivers/dma/'), *_cells(names, found, excuses))
    out.print(table)
    for name in core:
        _missed(out, found.suite[name], excuses)


def _folders(suite: Iterable[str]) -> dict[str, list[str]]:
    folders: dict[str, list[str]] = {}
    for name in sorted(set(suite) - set(coverage.MEASURED)):
        folders.setdefault(str(PurePath(name).parent), []).append(name)
    return folders


def _cells(names: Sequence[str], found: Coverage, excuses: Sequence[Excuse]) -> list[str]:
    """Of all files with one of the @names together: lines, then branches."""
    columns = [[covered.shares(found.suite[name]) for name in names],
               [covered.shares(found.suite[name], excuses) for name in names],
               [covered.shares(found.dmatest.get(name, Counts(name))) for name in names]]
    cells = []
    for kind in (0, 1):
        sums = [sum((shares[kind] for shares in column), Share(0, 0)) for column in columns]
        cells += [str(sums[0].of), *map(str, sums)]
    return cells


def _missed(out: Console, counts: Counts, excuses: Sequence[Excuse]) -> None:
    """What is said about the lines that were missed, and every line that nothing is said about."""
    missed = covered.missed(counts, excuses)
    unknown = missed.pop(None, [])
    out.print(f'{counts.name}: {plural(len(counts.missed), "line")} that did not run, '
              'or not every way')
    for excuse, lines in missed.items():
        if excuse:
            kind = '' if excuse.reachable else ', which nobody can reach'
            out.print(f'  {plural(len(lines), "line")}{kind}: {excuse.reason}', soft_wrap=True)
    for line in unknown:
        how = 'not every way of' if counts.lines.get(line) else 'not run'
        out.print(f'  {line}: {counts.function(line)}: {how}: {counts.text(line)}',
                  soft_wrap=True)
