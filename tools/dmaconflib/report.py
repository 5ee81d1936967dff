# SPDX-License-Identifier: GPL-2.0-only
"""The report of a certification: one HTML file that needs nothing else."""

import functools
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .certificate import SCOPE, Certificate
from .contract import TEMPLATES
from .declarations import Rule
from .document import About
from .profiles import Kind
from .results import BROKEN, Judgement, Result, Verdict, gravest, group

if TYPE_CHECKING:
    import jinja2

SHOWN = ('pass', 'waived', 'warn', 'fail', 'undecided', 'n/a')
"""The colours of the charts, from left to right."""
COLOUR = {Verdict.PASS: 'pass', Verdict.WAIVED: 'waived', Verdict.WARN: 'warn',
          Verdict.DISPUTED: 'warn', Verdict.NOT_APPLICABLE: 'n/a',
          Verdict.INCONCLUSIVE: 'undecided', Verdict.NOT_TESTED: 'undecided',
          Verdict.NOT_RUN: 'undecided', **{verdict: 'fail' for verdict in BROKEN}}
TOLD = (Verdict.FAIL, Verdict.INCOMPLETE, Verdict.TIMEOUT, Verdict.NOT_RUN, Verdict.WARN,
        Verdict.DISPUTED, Verdict.WAIVED)
SLOWEST = 20
WIDTH = 600.0
"""Of a chart, in its own units."""


def html(certificate: Certificate, about: About, judgement: Judgement, rules: Sequence[Rule],
         environment: Mapping[str, str]) -> bytes:
    """The file; @environment as in evidence.py."""
    text = _template().render(
        certificate=certificate, about=about, judgement=judgement, environment=environment,
        scope=SCOPE, shown=SHOWN, width=WIDTH, areas=_areas(judgement, rules),
        failures=_failures(judgement, rules), caps=_caps(about), timings=_timings(judgement),
        rules=_rules(judgement, rules, certificate),
        mandatory=len(certificate.profile.of(Kind.MANDATORY)))
    return (text + '\n').encode()


@functools.cache
def _template() -> 'jinja2.Template':
    import jinja2

    templates = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), trim_blocks=True,
                                   lstrip_blocks=True, undefined=jinja2.StrictUndefined,
                                   autoescape=True)
    templates.filters['slug'] = lambda text: text.replace('/', '')
    return templates.get_template('report.html.j2')


def _areas(judgement: Judgement, rules: Sequence[Rule]) -> list[dict[str, Any]]:
    """A stacked bar for each area: how many of its rules came to what."""
    counted: dict[str, Counter[str]] = {}
    for rule in rules:
        if verdict := judgement.by_rule.get(rule.id):
            counted.setdefault(rule.area, Counter())[COLOUR[verdict]] += 1
    widest = max((sum(counts.values()) for counts in counted.values()), default=1)
    return [{'name': area, 'bars': _stacked(counts, WIDTH / widest), 'counts': counts}
            for area, counts in counted.items()]


def _stacked(counts: Mapping[str, int], unit: float) -> list[dict[str, Any]]:
    bars, x = [], 0.0
    for colour in SHOWN:
        if count := counts.get(colour, 0):
            bars.append({'colour': colour, 'count': count, 'x': round(x, 1),
                         'width': round(count * unit, 1)})
            x += count * unit
    return bars


def _failures(judgement: Judgement, rules: Sequence[Rule]) -> list[dict[str, Any]]:
    """Everything that is no pass and no skip, the gravest first, with all there is to know."""
    known = {rule.id: rule for rule in rules}
    told = group(result for result in judgement.results if result.verdict in TOLD)
    found = [{'rule': known[rule], 'verdict': gravest(result.verdict for result in results),
              'alike': _alike(results),
              'hints': list(dict.fromkeys(hint for result in results for hint in result.hints))}
             for rule, results in told.items()]
    return sorted(found, key=lambda entry: TOLD.index(entry['verdict']))


def _alike(results: Sequence[Result]) -> list[dict[str, Any]]:
    """Channels that failed with the same words, together."""
    alike: dict[tuple[str, str], list[Result]] = {}
    for result in results:
        alike.setdefault((result.reason, result.message), []).append(result)
    return [{'reason': reason, 'waived': same[0].waived,
             'message': message if message.strip() != reason.strip() else '',
             'channels': [result.channel or 'the provider' for result in same]}
            for (reason, message), same in alike.items()]


def _caps(about: About) -> dict[str, Any]:
    """The table of what each channel offers."""
    names = list(dict.fromkeys(cap for channel in about.channels for cap in channel['caps']))
    return {'names': names,
            'rows': [{'label': channel['label'], 'driver': channel['driver'],
                      'has': [name in channel['caps'] for name in names]}
                     for channel in about.channels]}


def _timings(judgement: Judgement) -> list[dict[str, Any]]:
    """The rules that took longest, over all channels."""
    took: Counter[str] = Counter()
    for result in judgement.results:
        took[result.rule] += result.duration_us or 0
    slowest = sorted(took.items(), key=lambda pair: (-pair[1], pair[0]))[:SLOWEST]
    longest = max((us for _, us in slowest), default=0) or 1
    return [{'rule': rule, 'ms': us / 1000, 'width': round(us * (WIDTH - 90) / longest, 1)}
            for rule, us in slowest if us]


def _rules(judgement: Judgement, rules: Sequence[Rule],
           certificate: Certificate) -> list[dict[str, Any]]:
    """Every rule with what the profile says of it and what it came to."""
    grouped = group(judgement.results)
    kinds = certificate.profile.rules
    return [{'rule': rule, 'kind': kinds.get(rule.id, Kind.INFORMATION).value.replace('-', ' '),
             'counts': _counts(grouped.get(rule.id, []))} for rule in rules]


def _counts(results: Sequence[Result]) -> list[dict[str, Any]]:
    counted = Counter(result.verdict for result in results)
    return [{'word': verdict.value.replace('-', ' '), 'colour': COLOUR[verdict],
             'times': counted[verdict]} for verdict in Verdict if counted[verdict]]
