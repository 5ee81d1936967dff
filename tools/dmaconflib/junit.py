# SPDX-License-Identifier: GPL-2.0-only
"""Results as JUnit XML: a suite for each area, a case for each rule and channel."""

from collections.abc import Sequence

from .declarations import Rule
from .document import About
from .results import BROKEN, Judgement, Result, Verdict

ERRORS = {Verdict.INCOMPLETE, Verdict.TIMEOUT, Verdict.NOT_RUN}
SKIPPED = {Verdict.WAIVED, Verdict.INCONCLUSIVE, Verdict.NOT_TESTED, Verdict.NOT_APPLICABLE}


def xml(about: About, judgement: Judgement, rules: Sequence[Rule]) -> bytes:
    """The file; rules in the order of @rules."""
    from junitparser import JUnitXml, TestSuite

    everything = JUnitXml('dmaconf')
    for area in dict.fromkeys(rule.area for rule in rules):
        suite = TestSuite(f'dmaconf.{area}')
        suite.timestamp = about.started.isoformat(timespec='seconds')
        suite.add_property('driver', about.driver)
        suite.add_property('kernel', about.kernel['release'])
        for rule in (rule for rule in rules if rule.area == area):
            for result in judgement.results:
                if result.rule == rule.id:
                    suite.add_testcase(_case(result, rule))
        if suite.tests:
            everything.add_testsuite(suite)
    everything.update_statistics()
    text: bytes = everything.tostring()
    return text


def _case(result: Result, rule: Rule) -> object:
    from junitparser import Error, Failure, Skipped, TestCase

    case = TestCase(f'{rule.id} on {result.channel}' if result.channel else rule.id,
                    f'dmaconf.{rule.area}', (result.duration_us or 0) / 1e6)
    kind = (Error if result.verdict in ERRORS else Failure if result.verdict in BROKEN
            else Skipped if result.verdict in SKIPPED else None)
    if kind:
        told = kind(_line(result), result.verdict.value)
        if kind is not Skipped:
            told.text = f'{rule.title}\nsource: {rule.source}\n{result.message}'
        case.result = [told]
    elif result.verdict is not Verdict.PASS:
        case.system_out = f'{result.verdict.value}: {result.reason}\n{result.message}'
    return case


def _line(result: Result) -> str:
    reason = result.waived.reason if result.waived else result.reason
    return f'{result.verdict.value}: {reason}'
