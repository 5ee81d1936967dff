# SPDX-License-Identifier: GPL-2.0-only
"""What changed between two runs: other kernels, other suites, other drivers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from . import archive
from .problem import Problem
from .results import EXECUTED, WRONG, Verdict
from .table import Document, by_rule, load
from .wording import plural

SLOWER = 2.0
"""How many times longer a rule takes before it is worth a line."""
NOTICED_US = 50_000
KINDS = ('failing', 'passing', 'undecided', 'other', 'new', 'withdrawn')


@dataclass(frozen=True)
class Change:
    """A rule that came to something else; None where a run did not have it."""

    rule: str
    before: Verdict | None
    after: Verdict | None


@dataclass(frozen=True)
class Shift:
    """A rule that takes much longer, or much shorter."""

    rule: str
    before_us: int
    after_us: int


@dataclass(frozen=True)
class Difference:
    """Everything that changed."""

    failing: list[Change]
    passing: list[Change]
    undecided: list[Change]
    other: list[Change]
    new: list[Change]
    withdrawn: list[Change]
    shifts: list[Shift]


def read(path: Path) -> Document:
    """The results at @path: a package, its folder, or a results document."""
    if path.suffix == '.json' and path.is_file():
        return load([path])[0]
    files = archive.read(path)
    if 'results.json' not in files:
        raise Problem(f'{path}: no package: it has no results.json')
    try:
        return dict(json.loads(files['results.json']))
    except ValueError as error:
        raise Problem(f'{path}: results.json: {error}') from error


def compare(before: Document, after: Document) -> Difference:
    """What changed from @before to @after, rule by rule, by their gravest verdicts."""
    try:
        old, new = by_rule(before), by_rule(after)
    except (KeyError, ValueError) as error:
        raise Problem(f'results.json is damaged: {error}') from error
    changes = [Change(rule, old.get(rule), new.get(rule)) for rule in sorted({*old, *new})
               if old.get(rule) is not new.get(rule)]
    return Difference(**{kind: [change for change in changes if _kind(change) == kind]
                         for kind in KINDS},
                      shifts=_shifts(_took(before), _took(after)))


def _kind(change: Change) -> str:
    before, after = change.before, change.after
    if after in WRONG:
        return 'failing'
    if before is None or after is None:
        return 'new' if before is None else 'withdrawn'
    if after is Verdict.PASS:
        return 'passing'
    if before in EXECUTED and after not in EXECUTED:
        return 'undecided'
    return 'other'


def _took(document: Mapping[str, Any]) -> dict[str, int]:
    """How long the rules took that ended on every channel."""
    took: dict[str, int] = {}
    for result in document['results']:
        took[result['rule']] = took.get(result['rule'], 0) + (result['duration_us'] or 0)
    return took


def _shifts(before: Mapping[str, int], after: Mapping[str, int]) -> list[Shift]:
    shifts = [Shift(rule, us, after[rule]) for rule, us in before.items() if rule in after
              and abs(after[rule] - us) >= NOTICED_US
              and max(after[rule], us) >= SLOWER * min(after[rule], us)]
    return sorted(shifts, key=lambda shift: shift.before_us - shift.after_us)


def show(out: Console, before: Document, after: Document, difference: Difference) -> None:
    """The difference, for people."""
    for word, document in (('A', before), ('B', after)):
        out.print(f'{word}: {_title(document)}', soft_wrap=True)
    for title, changes, style in (
            ('newly failing', difference.failing, 'bold red'),
            ('newly passing', difference.passing, 'green'),
            ('not decided any more', difference.undecided, 'yellow'),
            ('changed otherwise', difference.other, 'yellow'),
            ('new rules', difference.new, ''), ('withdrawn rules', difference.withdrawn, '')):
        if changes:
            out.print(Text(f'{title}:', style))
            for change in changes:
                out.print(f'  {change.rule}: {_word(change.before)} -> {_word(change.after)}')
                _reasons(out, change, before, after)
    if difference.shifts:
        out.print('timing:')
        for shift in difference.shifts:
            out.print(f'  {shift.rule}: {shift.before_us / 1000:.0f} ms -> '
                      f'{shift.after_us / 1000:.0f} ms')
    out.print(f'{plural(len(difference.failing), "rule")} newly failing, '
              f'{len(difference.passing)} newly passing, {len(difference.new)} new, '
              f'{len(difference.withdrawn)} withdrawn')


def _reasons(out: Console, change: Change, before: Document, after: Document) -> None:
    for word, document, verdict in (('A', before, change.before), ('B', after, change.after)):
        if why := _why(document, change.rule, verdict):
            out.print(Text(f'    {word}: {why}', 'dim'), soft_wrap=True)


def _why(document: Document, rule: str, verdict: Verdict | None) -> str:
    """The first reason that a rule gave for its @verdict; of a waived failure the waiver's."""
    for result in document['results']:
        if result['rule'] == rule and verdict and result['verdict'] == verdict.value:
            waived = result.get('waived') or {}
            return str(waived.get('reason') or result.get('reason') or '')
    return ''


def _title(document: Document) -> str:
    return (f'{document["driver"]} on {document["target"]}, Linux '
            f'{document["kernel"]["release"]}, suite {document["suite"]["version"]} '
            f'({document["suite"]["commit"]})')


def _word(verdict: Verdict | None) -> str:
    return verdict.value if verdict else 'none'
