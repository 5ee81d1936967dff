# SPDX-License-Identifier: GPL-2.0-only
"""What a person sees of a run: tables, failures, and one line to quote."""

import re
import textwrap
from collections import Counter
from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from .declarations import Omitted, Rule
from .dmatest import Found
from .document import About
from .results import BROKEN, SKIPS, Judgement, Result, Verdict, Waived, gravest, group
from .wording import plural

STYLES = {Verdict.PASS: 'green', Verdict.WARN: 'yellow', Verdict.FAIL: 'bold red',
          Verdict.INCOMPLETE: 'bold red', Verdict.TIMEOUT: 'bold red',
          Verdict.NOT_RUN: 'magenta', Verdict.WAIVED: 'yellow', Verdict.DISPUTED: 'yellow'}
WORDS = {Verdict.NOT_APPLICABLE: 'n/a'}
TOLD = BROKEN | {Verdict.WARN, Verdict.DISPUTED}
COUNTED = (Verdict.WAIVED, Verdict.DISPUTED, Verdict.NOT_RUN, *SKIPS.values())
REASONS_SHOWN = 6
LINES_SHOWN = 12


def console() -> Console:
    """Standard output, at most 120 columns wide; 100 where there is no terminal."""
    out = Console(highlight=False, markup=False, emoji=False)
    return Console(highlight=False, markup=False, emoji=False, soft_wrap=False,
                   width=min(out.width, 120) if out.is_terminal else 100)


def show(out: Console, about: About, judgement: Judgement, rules: Sequence[Rule],
         dmatest: Sequence[Found] = ()) -> None:
    """Everything about a run, the closing line last."""
    known = {rule.id: rule for rule in rules}
    grouped = group(judgement.results)
    for area in dict.fromkeys(rule.area for rule in rules):
        _area(out, area, {rule: results for rule, results in grouped.items()
                          if known[rule].area == area})
    _skips(out, judgement.results)
    show_brief(out, about, judgement, rules, dmatest)


def show_brief(out: Console, about: About, judgement: Judgement, rules: Sequence[Rule],
               dmatest: Sequence[Found] = ()) -> None:
    """What needs a look, and the closing line."""
    known = {rule.id: rule for rule in rules}
    _failures(out, judgement.results, known)
    _waived(out, judgement.results)
    for note in judgement.notes:
        out.print(Text.assemble(('note: ', 'yellow'), note), soft_wrap=True)
    for error in judgement.errors:
        out.print(Text.assemble(('error: ', 'bold red'), error))
    if dmatest:
        told = '; '.join(f'{found.mode}: {found}' for found in dmatest)
        out.print(f'dmatest beside it: {told}', soft_wrap=True)
    out.print(closing_line(about, judgement), soft_wrap=True)


def closing_line(about: About, judgement: Judgement) -> str:
    """The verdict of a run in one line that can be quoted."""
    counted = Counter(judgement.by_rule.values())
    failed = sum(counted[verdict] for verdict in BROKEN)
    channels = plural(len(about.channels), 'channel')
    parts = [f'{plural(counted[Verdict.PASS], "rule")} passed on {channels}',
             f'{failed} failed', plural(counted[Verdict.WARN], 'warning')]
    parts += [f'{counted[verdict]} {verdict.value.replace("-", " ")}'
              for verdict in COUNTED if counted[verdict]]
    parts += [plural(judgement.boots, 'boot')] if judgement.boots > 1 else []
    parts += [plural(len(judgement.errors), 'error')] if judgement.errors else []
    parts += [f'{len(judgement.decided)} of {len(judgement.applicable)} applicable rules decided']
    word = 'CONFORMANT' if judgement.conformant else 'NOT CONFORMANT'
    if judgement.conformant and counted[Verdict.WAIVED]:
        word += ' BUT FOR WHAT IS WAIVED'
    return (f'dmaconf {about.suite["version"]}: {about.driver} on Linux '
            f'{about.kernel["release"]} ({about.kernel["arch"]}): {word}, '
            f'{", ".join(parts)} (seed {about.seed:#x})')


def rule_table(out: Console, rules: Iterable[Rule], omitted: Iterable[Omitted],
               faults: dict[str, list[str]]) -> None:
    """The table of `list`: every rule with its source, its needs, and what breaks it."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column('rule', no_wrap=True)
    table.add_column('what it says')
    for rule in rules:
        table.add_row(rule.id, f'{rule.strength}. {rule.title}')
        for word, what in (('source', rule.source), ('needs', _needs(rule)),
                           ('faults', ', '.join(faults.get(rule.id, []))),
                           ('disputed', rule.disputed)):
            if what:
                table.add_row('', Text(f'{word}: {what}', style='dim'))
    for left_out in omitted:
        table.add_row(left_out.id, f'{left_out.strength}. {left_out.title}')
        table.add_row('', Text(f'not implemented: {left_out.reason}', style='yellow'))
    out.print(table)


def _needs(rule: Rule) -> str:
    """NEEDS_TWO_PORTS as 'two ports'; nothing for a rule that any channel can take."""
    words = [need.removeprefix('NEEDS_').replace('_', ' ').lower() for need in rule.needs]
    return ', '.join(word for word in words if word != 'any')


def _area(out: Console, area: str, grouped: dict[str, list[Result]]) -> None:
    if not grouped:
        return
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(min_width=36, no_wrap=True)
    table.add_column(width=6)
    table.add_column()
    for rule, results in grouped.items():
        table.add_row(f'  {rule}', results[0].strength.lower(), _verdicts(results))
    out.print(area, style='bold')
    out.print(table)
    out.print()


def _verdicts(results: Sequence[Result]) -> Text:
    """'PASS' for one channel, 'FAIL x2, n/a x1' for several that differ."""
    counted = Counter(result.verdict for result in results)
    text = Text()
    for verdict in (verdict for verdict in Verdict if counted[verdict]):
        text.append(', ' if text else '')
        times = f' x{counted[verdict]}' if len(results) > 1 else ''
        text.append(_word(verdict) + times, STYLES.get(verdict, 'dim'))
    return text


def _failures(out: Console, results: Iterable[Result], known: dict[str, Rule]) -> None:
    """Every failure with its rule's sentence; channels that failed alike share one block."""
    broken = group(result for result in results if result.verdict in TOLD)
    for rule, told in sorted(broken.items(), key=lambda pair: list(known).index(pair[0])):
        alike: dict[tuple[Verdict, str], list[Result]] = {}
        for result in told:
            shape = re.sub(r'\d+', '#', result.reason)
            alike.setdefault((result.verdict, shape), []).append(result)
        worst = gravest(result.verdict for result in told)
        out.print(Text.assemble((_word(worst), STYLES[worst]), f' {rule}'))
        _paragraph(out, known[rule].title)
        _paragraph(out, f'source: {known[rule].source}')
        for same in alike.values():
            _diagnosis(out, same)
        for hint in dict.fromkeys(hint for result in told for hint in result.hints):
            _paragraph(out, f'hint: {hint}')
        out.print()


def _waived(out: Console, results: Iterable[Result]) -> None:
    """Every waived failure in a paragraph: what it is, whose fault, and what is known."""
    waived: dict[tuple[str, Waived], list[Result]] = {}
    for result in results:
        if result.waived and result.waived.verdict != Verdict.NOT_RUN.value:
            waived.setdefault((result.rule, result.waived), []).append(result)
    for (rule, why), alike in waived.items():
        word = _word(Verdict.WAIVED)
        out.print(Text.assemble((word, STYLES[Verdict.WAIVED]), f' {rule}: {why.verdict} on ',
                                ', '.join(result.channel for result in alike)), soft_wrap=True)
        _paragraph(out, f"{why.reason} (the {why.fault}'s fault, {why.file})")
        for hint in dict.fromkeys(hint for result in alike for hint in result.hints):
            _paragraph(out, f'hint: {hint}')
    if waived:
        out.print()


def _diagnosis(out: Console, same: Sequence[Result]) -> None:
    """What was said on the first of the channels that failed in the @same way."""
    first, others = same[0], [result.channel for result in same[1:]]
    lines = first.message.splitlines()
    lines = lines if first.reason in lines else [first.reason, *lines]
    out.print(f'  on {first.channel or "no channel"}:')
    for line in lines[:LINES_SHOWN]:
        out.print(f'    {line}', soft_wrap=True)
    if len(lines) > LINES_SHOWN:
        out.print(f'    ... and {plural(len(lines) - LINES_SHOWN, "more line")} (JSON= has all)')
    if others:
        _paragraph(out, f'likewise on {", ".join(others)}')


def _skips(out: Console, results: Iterable[Result]) -> None:
    """Skipped rules by kind and reason, the most frequent reasons first."""
    skipped: dict[tuple[Verdict, str], set[str]] = {}
    for result in results:
        if result.verdict in SKIPS.values() or result.verdict is Verdict.NOT_RUN:
            skipped.setdefault((result.verdict, result.reason), set()).add(result.rule)
    for verdict in Verdict:
        reasons = [(reason, rules) for (kind, reason), rules in skipped.items()
                   if kind is verdict]
        if reasons:
            _reasons(out, verdict, sorted(reasons, key=lambda pair: -len(pair[1])))


def _reasons(out: Console, verdict: Verdict, reasons: list[tuple[str, set[str]]]) -> None:
    out.print(f'{_word(verdict)}:', style='bold')
    for reason, rules in reasons[:REASONS_SHOWN]:
        names = next(iter(rules)) if len(rules) == 1 else plural(len(rules), 'rule')
        _paragraph(out, f'{names}: {reason}')
    if len(reasons) > REASONS_SHOWN:
        out.print(f'  ... and {len(reasons) - REASONS_SHOWN} more reasons (JSON= has all)')
    out.print()


def _paragraph(out: Console, text: str) -> None:
    out.print(textwrap.fill(text, out.width - 1, initial_indent='  ', subsequent_indent='    ',
                            break_on_hyphens=False))


def _word(verdict: Verdict) -> str:
    return WORDS.get(verdict, verdict.value.upper().replace('-', ' '))
