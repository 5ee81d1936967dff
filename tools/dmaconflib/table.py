# SPDX-License-Identifier: GPL-2.0-only
"""Targets side by side, from the results documents of several runs."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from .declarations import Rule
from .document import RESULTS_SCHEMA, schema
from .problem import Problem
from .results import BROKEN, EXECUTED, WRONG, Verdict, gravest
from .wording import plural

STUB = 'dmaconf-stub'
Document = dict[str, Any]
Shown = tuple[str, str, Collection[Verdict]]
CELL: tuple[Shown, ...] = (
    ('', 'green', (Verdict.PASS,)),
    ('F', 'bold red', BROKEN),
    ('X', 'magenta', (Verdict.NOT_RUN,)),
    ('K', 'yellow', (Verdict.WAIVED,)),
    ('W', 'yellow', (Verdict.WARN,)),
    ('D', 'yellow', (Verdict.DISPUTED,)),
    ('?', 'dim', (Verdict.INCONCLUSIVE,)),
    ('-', 'dim', (Verdict.NOT_TESTED,)),
)
LEGEND = ('number of rules that passed; F failed, X not run, K known and waived, W warnings, '
          'D disputed, ? inconclusive, - not tested; not applicable ones are not counted')
COLUMN = 12


def load(paths: Iterable[Path]) -> list[Document]:
    """The results documents at @paths; a Problem for a file that is none."""
    import jsonschema

    documents = []
    for path in paths:
        try:
            documents.append(json.loads(path.read_text()))
            jsonschema.validate(documents[-1], schema(RESULTS_SCHEMA))
        except OSError as error:
            raise Problem(f'{path}: {error.strerror}') from error
        except (ValueError, jsonschema.ValidationError) as error:
            told = getattr(error, 'message', str(error))
            raise Problem(f'{path}: not a {RESULTS_SCHEMA} document: {told[:200]}') from error
    return documents


def show(out: Console, documents: Sequence[Document], rules: Sequence[Rule]) -> None:
    """Areas by targets, in as many tables as the width takes, then a line for each target."""
    areas = list(dict.fromkeys(rule.area for rule in rules))
    per_table = max(1, (out.width - COLUMN) // (COLUMN + 2))
    for start in range(0, len(documents), per_table):
        _areas(out, documents[start:start + per_table], areas)
    out.print(LEGEND, style='dim')
    out.print()
    _summary(out, documents)


def by_rule(document: Document) -> dict[str, Verdict]:
    """The gravest verdict of every rule in @document."""
    found: dict[str, list[Verdict]] = {}
    for result in document['results']:
        found.setdefault(result['rule'], []).append(Verdict(result['verdict']))
    return {rule: gravest(verdicts) for rule, verdicts in found.items()}


def undecided(documents: Sequence[Document], rules: Sequence[Rule]) -> dict[str, list[str]]:
    """The rules that no document of a real driver decides, with the reasons of each."""
    real = [document for document in documents if document['driver'] != STUB]
    executed = {result['rule'] for document in real for result in document['results']
                if Verdict(result['verdict']) in EXECUTED}
    return {rule.id: list(_reasons(rule.id, real)) for rule in rules if rule.id not in executed}


def show_undecided(out: Console, documents: Sequence[Document], rules: Sequence[Rule]) -> None:
    """The list of --undecided: rules with the same reasons together."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for rule, reasons in undecided(documents, rules).items():
        alike.setdefault(tuple(reasons) or ('no run had it',), []).append(rule)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column('why', ratio=1)
    table.add_column('decided on no real driver', ratio=1)
    for why, names in sorted(alike.items(), key=lambda pair: -len(pair[1])):
        table.add_row('\n'.join(why), ', '.join(names))
    out.print(table)
    out.print(f'{plural(sum(map(len, alike.values())), "rule")} of {len(rules)}')


def _reasons(rule: str, documents: Sequence[Document]) -> Iterator[str]:
    """'not tested: no aid ... (sifive_u, raspi2b)', the most frequent reason first."""
    targets: dict[str, list[str]] = {}
    for document in documents:
        for result in document['results']:
            if result['rule'] == rule:
                reason = f'{result["verdict"].replace("-", " ")}: {result["reason"]}'
                targets.setdefault(reason, []).append(document['target'])
    everyone = {document['target'] for document in documents}
    for reason, names in sorted(targets.items(), key=lambda pair: -len(set(pair[1]))):
        where = ('everywhere' if set(names) == everyone and len(everyone) > 1
                 else ', '.join(dict.fromkeys(names)))
        yield f'{reason} ({where})'


def _areas(out: Console, documents: Sequence[Document], areas: Sequence[str]) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column('area', no_wrap=True)
    for document in documents:
        table.add_column(_name(document), min_width=COLUMN, overflow='fold')
    for area in areas:
        table.add_row(area, *(_cell(document, area) for document in documents))
    out.print(table)


def _cell(document: Document, area: str) -> Text:
    counted = Counter(verdict for rule, verdict in by_rule(document).items()
                      if rule.partition('.')[0] == area)
    text = Text()
    for letter, style, verdicts in CELL:
        if count := sum(counted[verdict] for verdict in verdicts):
            text.append(' ' if text else '')
            text.append(f'{letter}{count}', style)
    return text


def _summary(out: Console, documents: Sequence[Document]) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    table.add_column('target', no_wrap=True)
    table.add_column('driver', overflow='fold')
    table.add_column('verdict', no_wrap=True)
    for column in ('pass', 'fail', 'waived', 'decided', 'boots', 'rules s', 'all s'):
        table.add_column(column, justify='right', no_wrap=True)
    for document in documents:
        table.add_row(*_summary_row(document))
    out.print(table)
    for document in documents:
        if not document['conformant']:
            out.print(f'{_name(document)}: {_against(document)}', soft_wrap=True)


def _against(document: Document) -> str:
    """What keeps @document from being conformant, in a line."""
    rules = [f'{rule} {verdict.value}' for rule, verdict in by_rule(document).items()
             if verdict in WRONG]
    return ', '.join([*rules, *document['errors']]) or 'no rule was decided'


def _summary_row(document: Document) -> list[str | Text]:
    counted = document['totals']['rules']
    known, applicable = (document['decided'][key] for key in ('rules', 'applicable'))
    waived = counted['waived']
    word = 'NOT CONFORMANT'
    if document['conformant']:
        word = 'but for waived' if waived else 'conformant'
    us = sum(result['duration_us'] or 0 for result in document['results'])
    return [_name(document), document['driver'],
            Text(word, 'green' if document['conformant'] else 'bold red'),
            str(counted['pass']),
            str(counted['fail'] + counted['incomplete'] + counted['timeout']), str(waived),
            f'{100 * known // applicable} %' if applicable else '-', str(document['boots']),
            f'{us / 1e6:.1f}', f'{document["duration_s"]:.0f}']


def _name(document: Document) -> str:
    return str(document['target'])
