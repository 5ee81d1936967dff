# SPDX-License-Identifier: GPL-2.0-only
"""Verdicts, and the documents and lines that are made from them."""

import io
from datetime import datetime, timezone
from pathlib import Path

import jsonschema
import pytest
from rich.console import Console

from conftest import DATA
from dmaconflib import declarations, document, matrix_report, screen
from dmaconflib.boot import Booted
from dmaconflib.document import About
from dmaconflib.ktap import SLEPT
from dmaconflib.matrix import CLEAN, Matrix, Row
from dmaconflib.process import Ending
from dmaconflib.results import Judgement, Verdict, judge
from test_ktap import MEMCPY, SLAVE, parse, text

RULES = declarations.rules(DATA / 'project')
FAULTS = declarations.faults(DATA / 'project')
ABOUT = About(
    suite={'version': '0.1.0', 'commit': 'abc'}, kernel={'release': '6.12.117', 'arch': 'um'},
    target='uml', device='stub', driver='dmaconf-stub',
    channels=[{'label': MEMCPY, 'driver': 'dmaconf-stub', 'name': 'dma0chan0', 'caps': ['memcpy']}],
    seed=42, timeout_ms=500, started=datetime(2026, 1, 1, tzinfo=timezone.utc), duration_s=1.5,
    command=['dmaconf', 'run'])


def judged(console: str, ending: Ending = Ending.EXITED) -> Judgement:
    """The judgement of a recorded console."""
    return judge(Booted(parse(console), ending), RULES, RULES)


def verdicts(judgement: Judgement) -> dict[tuple[str, str], Verdict]:
    """Verdicts by rule and channel."""
    return {(result.rule, result.channel): result.verdict for result in judgement.results}


def test_conformant_run() -> None:
    judgement = judged(text('conformant'))
    assert verdicts(judgement) == {
        ('cookie.monotonic', MEMCPY): Verdict.PASS,
        ('cookie.monotonic', SLAVE): Verdict.NOT_APPLICABLE,
        ('cookie.poll', MEMCPY): Verdict.NOT_TESTED,
        ('cookie.poll', SLAVE): Verdict.PASS,
        ('wait.callback', MEMCPY): Verdict.PASS,
        ('wait.callback', SLAVE): Verdict.INCONCLUSIVE}
    assert judgement.results[1].reason == 'the channel does not offer memcpy'
    assert judgement.conformant


def test_must_fails_disputed_does_not_and_an_invariant_always_fails() -> None:
    judgement = judged(text('violations'))
    assert verdicts(judgement)['cookie.monotonic', MEMCPY] is Verdict.FAIL
    assert verdicts(judgement)['cookie.poll', SLAVE] is Verdict.DISPUTED
    assert judgement.results[3].message.endswith(
        'disputed: the documentation allows both answers here.')
    assert verdicts(judgement)['wait.callback', MEMCPY] is Verdict.FAIL
    assert 'hint: the cookie counter went back' in judgement.results[0].message
    assert judgement.results[0].reason == 'Expected second > first, but'
    assert not judgement.conformant


def test_a_must_that_is_a_should_on_this_channel_warns() -> None:
    begin = '    # monotonic: dmaconf: begin channel=stub-memcpy.0/0\n'
    console = text('violations').replace(
        begin, f'{begin}    # monotonic: dmaconf: should public providers may\n')
    first = judged(console).results[0]
    assert (first.verdict, first.strength) == (Verdict.WARN, 'SHOULD')
    assert first.message.endswith('only a SHOULD here: public providers may')


def test_a_should_that_breaks_an_invariant_fails() -> None:
    console = text('violations').replace(
        '    # poll: dmaconf: end channel=stub-slave',
        '    # poll: dmaconf: invariant a mapping is left\n'
        '    # poll: dmaconf: end channel=stub-slave')
    assert verdicts(judged(console))['cookie.poll', SLAVE] is Verdict.FAIL


@pytest.mark.parametrize('report', [
    'WARNING: CPU: 0 bad thing',
    'list_del corruption, ff6000->next is LIST_POISON1 (dead000000000100)',
    'BUG kmalloc-64 (Not tainted): Poison overwritten',
    'BUG dma-descs (Tainted: G        W         ): Object already free',
    'refcount_t: underflow; use-after-free.',
    'ODEBUG: free active (active state 0) object: ffff object type: timer_list',
    'kernel BUG at mm/slub.c:448!',
    'dma-pl330 f8003000.dma-controller: Runtime PM usage count underflow!',
    'dma dma12chan0: BUG: XFER bit set, but channel not idle!',
    'zynqmp 1.dma: Unbalanced pm_runtime_enable!',
    'irq 12: nobody cared (try booting with the "irqpoll" option)',
])
def test_a_kernel_report_fails_a_rule_that_says_ok(report: str) -> None:
    line = '    # callback: dmaconf: end channel=stub-memcpy.0/0 us=30\n'
    judgement = judged(text('conformant').replace(line, f'{report}\n{line}'))
    assert verdicts(judgement)['wait.callback', MEMCPY] is Verdict.FAIL
    assert judgement.results[4].reason == f'the kernel complained: {report}'


@pytest.mark.parametrize('others, verdict', [
    ('', Verdict.PASS),
    (SLEPT + ' at mm/slab.h:1\n', Verdict.FAIL),
    ('WARNING: CPU: 0 bad thing\n', Verdict.FAIL),
])
def test_a_prep_that_sleeps_in_a_window_is_held_against_another_rule(
        others: str, verdict: Verdict) -> None:
    line = '    # callback: dmaconf: end channel=stub-memcpy.0/0 us=30\n'
    said = '    # callback: dmaconf: excused 1 reports of a prep that may sleep\n'
    judgement = judged(text('conformant').replace(
        line, f'{SLEPT} at mm/slab.h:1\nCall Trace:\n{others}{said}{line}'))
    assert verdicts(judgement)['wait.callback', MEMCPY] is verdict


def test_what_a_corrupt_kernel_refuses_was_not_run() -> None:
    console = text('conformant').replace(' # SKIP inconclusive: the window was missed',
                                         ' # SKIP not-run: the memory is corrupt')
    console = console.replace('ok 1 callback',
                              'WARNING: what it says then is nobody\'s\nok 1 callback')
    judgement = judged(console)
    assert verdicts(judgement)['wait.callback', SLAVE] is Verdict.NOT_RUN
    assert judgement.results[-1].reason == 'the memory is corrupt'
    assert not judgement.conformant
    assert judgement.unreached == {'wait.callback'} and judgement.ended_in == 'wait.callback'
    assert not judgement.ended_at_once and judged(text('hang')).ended_in


def test_death_keeps_verdicts_and_tells_what_was_not_run() -> None:
    judgement = judged(text('panic'))
    assert verdicts(judgement) == {
        ('cookie.monotonic', MEMCPY): Verdict.PASS,
        ('cookie.monotonic', SLAVE): Verdict.NOT_APPLICABLE,
        ('cookie.poll', MEMCPY): Verdict.INCOMPLETE,
        ('cookie.poll', SLAVE): Verdict.NOT_RUN,
        ('wait.callback', MEMCPY): Verdict.NOT_RUN,
        ('wait.callback', SLAVE): Verdict.NOT_RUN}
    assert 'BUG: kernel NULL pointer' in judgement.results[2].reason
    assert not judgement.conformant


def test_silence_is_a_timeout_of_the_rule_that_ran() -> None:
    judgement = judged(text('hang'), Ending.SILENT)
    assert verdicts(judgement)['cookie.poll', MEMCPY] is Verdict.TIMEOUT
    assert not judgement.conformant


@pytest.mark.parametrize('console', [
    pytest.param(text('zero-tests'), id='zero tests'),
    pytest.param(text('no-ktap'), id='no ktap'),
    pytest.param(text('conformant').replace('dmaconf_', 'other_'), id='other suites'),
])
def test_nothing_executed_is_no_pass(console: str) -> None:
    judgement = judged(console)
    assert 'no rule was executed' in judgement.errors
    assert not judgement.conformant


def test_only_skips_are_no_pass() -> None:
    console = text('conformant').replace(
        '        ok 1 stub-memcpy.0/0\n', '        ok 1 stub-memcpy.0/0 # SKIP x: y\n').replace(
        '        ok 2 stub-slave.0/0\n', '        ok 2 stub-slave.0/0 # SKIP x: y\n')
    judgement = judged(console)
    assert judgement.errors == ['no rule was executed']
    assert verdicts(judgement)['wait.callback', MEMCPY] is Verdict.INCONCLUSIVE
    assert judgement.results[0].reason == 'x: y'


def test_damage_is_no_pass() -> None:
    judgement = judged(text('conformant').replace('    1..2', '    1..3'))
    assert judgement.errors == ['dmaconf_cookie planned 3 rules, 2 were seen']
    assert not judgement.conformant


def test_rules_that_were_not_chosen_are_not_judged() -> None:
    judgement = judge(Booted(parse(text('panic')), Ending.EXITED), RULES, RULES[:1])
    assert {result.rule for result in judgement.results} == {'cookie.monotonic'}
    assert judgement.conformant


def test_a_rule_that_no_source_declares_is_told() -> None:
    judgement = judge(Booted(parse(text('conformant')), Ending.EXITED), RULES[1:], RULES[1:])
    assert 'cookie.monotonic ran, but no source declares it' in judgement.errors


def test_a_rule_that_the_kernel_does_not_have_is_not_run() -> None:
    start = text('conformant').index('    KTAP version 1\n    # Subtest: dmaconf_wait')
    judgement = judged(text('conformant')[:start].replace('\n1..2', '\n1..1'))
    assert verdicts(judgement)['wait.callback', SLAVE] is Verdict.NOT_RUN
    assert not judgement.conformant


@pytest.mark.parametrize('name', ['conformant', 'violations', 'panic', 'hang', 'zero-tests'])
def test_results_keep_their_schema(name: str, tmp_path: Path) -> None:
    made = document.results(ABOUT, judged(text(name)))
    document.write(made, tmp_path / 'results.json')
    assert sum(made['totals']['results'].values()) == len(made['results'])


def test_what_is_decided_is_counted_by_rule() -> None:
    console = text('conformant')
    whole = judged(console)
    assert whole.decided == whole.applicable == {'cookie.monotonic', 'cookie.poll', 'wait.callback'}
    cookies, wait = console.split('# Subtest: dmaconf_wait')
    wait = wait.replace(f'ok 1 {MEMCPY}', f'ok 1 {MEMCPY} # SKIP not-tested: no aid')
    made = document.results(ABOUT, judged(f'{cookies}# Subtest: dmaconf_wait{wait}'))
    assert made['decided'] == {'rules': 2, 'applicable': 3, 'undecided': ['wait.callback']}
    poll = cookies.replace('not-tested: no gate', 'not-applicable: no cookies').replace(
        f'ok 2 {SLAVE}\n    # poll: pass',
        f'ok 2 {SLAVE} # SKIP not-applicable: none\n    # poll: pass')
    made = document.results(ABOUT, judged(f'{poll}# Subtest: dmaconf_wait{wait}'))
    assert made['decided'] == {'rules': 1, 'applicable': 2, 'undecided': ['wait.callback']}


def test_the_schema_is_strict(tmp_path: Path) -> None:
    made = document.results(ABOUT, judged(text('conformant')))
    for broken in (made | {'more': 1}, made | {'seed': -1}, made | {'target': None}):
        with pytest.raises(jsonschema.ValidationError):
            document.write(broken, tmp_path / 'results.json')
    assert not (tmp_path / 'results.json').exists()


@pytest.mark.parametrize('name', [document.RESULTS_SCHEMA, document.FAULTS_SCHEMA])
def test_the_schemas_are_schemas(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(document.schema(name))


def shown(judgement: Judgement, width: int = 80) -> str:
    """What a person sees."""
    out = Console(width=width, record=True, highlight=False, markup=False, file=io.StringIO())
    screen.show(out, ABOUT, judgement, RULES)
    return out.export_text()


def test_the_screen_ends_with_a_line_to_quote() -> None:
    assert shown(judged(text('conformant'))).splitlines()[-1] == (
        'dmaconf 0.1.0: dmaconf-stub on Linux 6.12.117 (um): CONFORMANT, 3 rules passed on '
        '1 channel, 0 failed, 0 warnings, 3 of 3 applicable rules decided (seed 0x2a)')


def test_the_screen_tells_failures_whole() -> None:
    seen = shown(judged(text('violations')))
    for told in ('FAIL cookie.monotonic\n', '  Cookies of a channel are unique', 'dmaengine.h:596',
                 f'on {MEMCPY}:', 'second == 5 (0x5)', 'hint: the cookie counter went back',
                 'DISPUTED cookie.poll', 'NOT CONFORMANT, 0 rules passed',
                 '2 failed, 0 warnings, 1 disputed'):
        assert told in seen


def rows(*changed: Row) -> Matrix:
    """A matrix in which all is as it should be, but for the @changed rows."""
    good = {CLEAN.name: Row(CLEAN, 1.0)} | {
        fault.name: Row(fault, 1.0, Verdict.FAIL) for fault in FAULTS}
    rows_by_name = good | {row.fault.name: row for row in changed}
    return Matrix(ABOUT, list(rows_by_name.values()), 2, 3.0, [])


@pytest.mark.parametrize('row, good', [
    (Row(FAULTS[0], 1.0, Verdict.WARN), True),
    (Row(FAULTS[0], 1.0, Verdict.INCOMPLETE), True),
    (Row(FAULTS[0], 1.0, Verdict.PASS, ('wait.callback',)), False),
    (Row(FAULTS[0], 1.0, Verdict.NOT_APPLICABLE), False),
    (Row(FAULTS[0], 1.0, Verdict.NOT_RUN), False),
    (Row(FAULTS[0], 1.0, problem='it said nothing'), False),
    (Row(CLEAN, 1.0), True),
    (Row(CLEAN, 1.0, None, ('wait.callback',)), False),
    (Row(CLEAN, 1.0, problem='some rules did not run'), False),
])
def test_the_matrix_is_good_only_if_every_row_is(row: Row, good: bool, tmp_path: Path) -> None:
    matrix = rows(row)
    assert matrix.good == good
    document.write(matrix_report.document(matrix), tmp_path / 'faults.json')


def test_a_gap_spoils_the_matrix() -> None:
    assert rows().good
    assert not Matrix(ABOUT, rows().rows, 2, 3.0, ['a rule has no fault']).good
