# SPDX-License-Identifier: GPL-2.0-only
"""Waivers and hints: their files, what they do to verdicts, and their write-ups."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from conftest import DATA
from dmaconflib import declarations, document, findings, session, targets, waivers
from dmaconflib.problem import Problem
from dmaconflib.process import Ending
from dmaconflib.results import Judgement, Result, Verdict
from dmaconflib.session import Wishes
from dmaconflib.waivers import Known
from test_ktap import MEMCPY, SLAVE, text
from test_results import ABOUT, judged, shown, verdicts

RULES = declarations.rules(DATA / 'project')
DRIVERS = {MEMCPY: 'dmaconf-stub', SLAVE: 'dmaconf-stub'}
HEAD = 'driver = "dmaconf-stub"\n'
WAIVER = '''
[[waiver]]
rules = ["cookie.monotonic", "wait.callback"]
kernels = ["6.1", "6.12"]
fault = "driver"
reason = "cookies go back"
contract = "Cookies increase."
happens = "They do not."
reproduce = "tools/dmaconf run --rules cookie.monotonic"
evidence = """
second == 5
    first == 6
"""
where = "drivers/dma/stub.c:12, submit"
fix = "Count up."
upstream = "the kernel under test may lack commit 0123456789ab"
'''
HINT = '''
[[hint]]
rules = ["wait.callback"]
kernels = ["6.12", "6.12"]
text = "the kernel under test may lack commit ba9876543210"
'''


REPORT = r'''targets = ["uml"]
report = ['list_del corruption\. .*', 'WARNING: .* at lib/list_debug\.c:\d+ .*']
'''
"""Keys of a waiver that names a report of the kernel."""


def known(tmp_path: Path, content: str, name: str = 'dmaconf-stub') -> Known:
    """What a file with @content says."""
    (tmp_path / f'{name}.toml').write_text(content)
    return waivers.load(RULES, ['uml'], tmp_path)


@pytest.fixture
def waived(tmp_path: Path) -> Known:
    """The waiver of two rules."""
    return known(tmp_path, HEAD + WAIVER)


def test_a_waived_failure_is_green_and_in_sight(waived: Known, tmp_path: Path) -> None:
    judgement = waived.applied(judged(text('violations')), DRIVERS)
    assert verdicts(judgement)['cookie.monotonic', MEMCPY] is Verdict.WAIVED
    assert judgement.conformant
    seen = shown(judgement, 120)
    for told in ('WAIVED cookie.monotonic: fail on', "cookies go back (the driver's fault",
                 'hint: the kernel under test may lack commit 0123', '2 waived',
                 'CONFORMANT BUT FOR WHAT IS WAIVED'):
        assert told in seen
    made = document.results(ABOUT, judgement)
    document.write(made, tmp_path / 'results.json')
    assert made['results'][0]['waived']['verdict'] == 'fail'
    assert made['totals']['rules']['waived'] == 2


def test_other_failures_are_not_waived(tmp_path: Path) -> None:
    content = HEAD + WAIVER.replace(', "wait.callback"', '') + HINT
    judgement = known(tmp_path, content).applied(judged(text('violations')), DRIVERS)
    assert verdicts(judgement)['wait.callback', MEMCPY] is Verdict.FAIL
    assert not judgement.conformant
    assert 'hint: the kernel under test may lack commit ba98' in shown(judgement, 120)


@pytest.mark.parametrize('change', [
    ('driver = "dmaconf-stub"', 'driver = "pl330"'),
    ('fault =', 'devices = ["stub-other.0"]\nfault ='),
    ('fault =', 'verdicts = ["warn"]\nfault ='),
])
def test_waivers_stay_in_their_scope(tmp_path: Path, change: tuple[str, str]) -> None:
    name = 'pl330' if 'pl330' in change[1] else 'dmaconf-stub'
    entries = known(tmp_path, (HEAD + WAIVER).replace(*change), name)
    assert verdicts(entries.applied(judged(text('violations')), DRIVERS))[
        'cookie.monotonic', MEMCPY] is Verdict.FAIL


@pytest.mark.parametrize('target, release, applies', [
    ('uml', '6.12.117', True), ('uml', '6.1.0-rc3', True), ('uml', '6.0.19', False),
    ('uml', '6.13', False), ('sifive_u', '6.12', False)])
def test_targets_and_kernels_bound_a_waiver(tmp_path: Path, target: str, release: str,
                                            applies: bool) -> None:
    entries = known(tmp_path, HEAD + WAIVER.replace('fault =', 'targets = ["uml"]\nfault ='))
    assert bool(waivers.known_on(entries, target, release).waivers) == applies


def test_a_waiver_for_other_kernels_is_a_hint(waived: Known) -> None:
    applied = waivers.known_on(waived, 'uml', '6.13.1').applied(judged(text('violations')), DRIVERS)
    assert not applied.conformant
    assert 'hint: waived on Linux 6.1 to 6.12 only: cookies go back' in shown(applied, 120)


def test_a_waiver_for_other_targets_is_a_hint(tmp_path: Path) -> None:
    entries = known(tmp_path, HEAD + WAIVER.replace('fault =', 'targets = ["uml"]\nfault ='))
    here = waivers.known_on(entries, 'board', '6.12')
    applied = here.applied(judged(text('violations')), DRIVERS)
    assert not applied.conformant
    assert 'hint: waived on Linux 6.1 to 6.12 on uml only: cookies go back' in shown(applied, 120)


def test_a_run_goes_on_with_a_waiver_that_has_expired(tmp_path: Path) -> None:
    entries = known(tmp_path, HEAD + WAIVER + 'expires = 2020-12-31\n')
    here = waivers.known_on(entries, 'uml', '6.12')
    applied = here.applied(judged(text('violations')), DRIVERS)
    assert applied.by_rule['cookie.monotonic'] is Verdict.WAIVED
    assert 'waiver expired on 2020-12-31: cookie.monotonic' in '\n'.join(applied.notes)
    assert not waivers.known_on(entries, 'uml', '6.12', date(2021, 1, 1)).waivers
    assert waivers.known_on(entries, 'uml', '6.12', date(2020, 12, 31)).waivers


def test_a_waiver_that_is_not_needed_is_told(waived: Known) -> None:
    judgement = waived.applied(judged(text('conformant')), DRIVERS)
    assert len(judgement.notes) == 2
    assert 'waiver not needed any more: cookie.monotonic passes on dmaconf-stub' in (
        shown(judgement, 120))
    assert waived.applied(judged(text('violations')), DRIVERS).notes == []


def test_a_rule_that_fails_only_sometimes_may_pass(tmp_path: Path) -> None:
    entries = known(tmp_path, HEAD + WAIVER + 'sometimes = ["wait.callback"]\n')
    assert ['cookie.monotonic' in note for note in
            entries.applied(judged(text('conformant')), DRIVERS).notes] == [True]
    with pytest.raises(Problem, match='sometimes: cookie.poll: not among'):
        known(tmp_path, HEAD + WAIVER + 'sometimes = ["cookie.poll"]\n')


DEADLY = WAIVER.replace('fault =', 'targets = ["uml"]\nverdicts = ["incomplete", "timeout"]\n'
                        'fault =').replace('cookie.monotonic', 'cookie.poll')


@pytest.mark.parametrize('name, ending', [('panic', Ending.EXITED), ('hang', Ending.SILENT)])
def test_the_end_of_a_kernel_is_waived_for_all_its_channels(tmp_path: Path, name: str,
                                                            ending: Ending) -> None:
    entries = known(tmp_path, HEAD + DEADLY)
    assert entries.deadly == entries.silent == {'cookie.poll', 'wait.callback'}
    judgement = entries.applied(judged(text(name), ending), DRIVERS)
    assert verdicts(judgement)['cookie.poll', MEMCPY] is Verdict.WAIVED
    assert verdicts(judgement)['cookie.poll', SLAVE] is Verdict.WAIVED
    assert verdicts(judgement)['wait.callback', MEMCPY] is Verdict.NOT_RUN


def test_known_silence_is_waited_for_half_as_long(tmp_path: Path) -> None:
    entries = known(tmp_path, HEAD + DEADLY + HINT)
    kernel: Any = SimpleNamespace(target=SimpleNamespace(silence_s=30))
    wishes = Wishes(RULES, RULES, 'stub', 500, findings=entries)
    waits = {rule.id: session._impatient(kernel, wishes, rule).silence_s
             for rule in RULES}
    assert waits == {'cookie.monotonic': None, 'cookie.poll': 15, 'wait.callback': 15}


def test_a_corrupt_kernel_is_waived_for_all_its_channels(tmp_path: Path) -> None:
    report = 'list_del corruption. prev is poison\n'
    line = '    # callback: dmaconf: end channel=stub-memcpy.0/0'
    console = text('conformant').replace(line, report + line).replace(
        '# SKIP inconclusive', '# SKIP not-run')
    judgement = known(tmp_path, HEAD + WAIVER).applied(judged(console), DRIVERS)
    assert verdicts(judgement)['wait.callback', MEMCPY] is Verdict.WAIVED
    assert verdicts(judgement)['wait.callback', SLAVE] is Verdict.WAIVED
    assert judgement.conformant


@pytest.mark.parametrize('content, told', [
    ('driver = ', 'Invalid value'),
    ('driver = "other"', 'driver "other", which is not its name'),
    (HEAD + WAIVER.replace('cookie.mono', 'cookie.mno'), 'nearest: cookie.monotonic'),
    (HEAD + WAIVER.replace('"cookie.monotonic"', '"cookie.*"'), 'does not match'),
    (HEAD + WAIVER.replace('"6.1", "6.12"', '"6.12.5", "6.12.1"'), '6.12.5 comes after 6.12.1'),
    (HEAD + WAIVER.replace('"6.1", "6.12"', '"6.1"'), 'waiver.0.kernels'),
    (HEAD + WAIVER.replace('"driver"', '"nobody"'), 'waiver.0.fault'),
    (HEAD + WAIVER.replace('fix = "Count up."', ''), "'fix' is a required property"),
    (HEAD + WAIVER.replace('fault =', 'targets = ["umm"]\nfault ='), 'nearest: uml'),
    (HEAD + DEADLY.replace('targets = ["uml"]\n', ''), 'must name its targets'),
    (HEAD + WAIVER.replace('fault =', 'verdicts = ["pass"]\nfault ='), 'waiver.0.verdicts'),
])
def test_a_bad_file_is_told_with_its_name(tmp_path: Path, content: str, told: str) -> None:
    with pytest.raises(Problem) as raised:
        known(tmp_path, content)
    assert told in str(raised.value) and 'dmaconf-stub.toml: ' in str(raised.value)


def test_findings_are_written_up(tmp_path: Path) -> None:
    entries = known(tmp_path, HEAD + WAIVER + HINT)
    written = findings.document(entries, 'dmaconf-stub')
    for told in ('cookies go back\n~~~~~~~~~~~~~~~\n', ':Linux: 6.1 to 6.12\n',
                 ':At fault: the driver\n', '    second == 5\n        first == 6\n',
                 '**What would mend it.** Count up.', 'may lack commit ba98'):
        assert told in written
    with pytest.raises(Problem, match='nearest: dmaconf-stub'):
        findings.document(entries, 'dmaconf-stup')


def test_the_real_files_are_right() -> None:
    entries = waivers.load(declarations.rules(), targets.names())
    findings.document(entries, None)
    for waiver in entries.waivers:
        assert waiver.expires, f'{waiver.scope.place}: {waiver.scope.rules}: expires is missing'
        assert not waiver.unfit(waiver.expires - waivers.LONGEST), waiver.scope


LIST = 'list_del corruption. prev is poison'
FOLLOWS = 'WARNING: CPU: 0 PID: 9 at lib/list_debug.c:62 __list_del_entry_valid'
HARNESS = """invariant: the kernel warned during the rule
EXPECTATION FAILED at drivers/dma/dmaconf/after.c:300
an invariant does not hold after the rule
"""


def failed(message: str, verdict: Verdict = Verdict.FAIL, rule: str = 'cookie.poll') -> Judgement:
    """A rule that came to this on one channel, and passed on another one."""
    return Judgement([Result(rule, 'MUST', MEMCPY, verdict, message=message),
                      Result(rule, 'MUST', SLAVE, Verdict.PASS)], [])


@pytest.fixture
def reported(tmp_path: Path) -> Known:
    """A waiver that names a report of the kernel."""
    return known(tmp_path, HEAD + WAIVER.replace('fault =', REPORT + 'fault ='))


@pytest.mark.parametrize('verdict, message', [
    (Verdict.INCOMPLETE, LIST), (Verdict.INCOMPLETE, f'{LIST}\n{FOLLOWS}'),
    (Verdict.FAIL, f'{HARNESS}{LIST}\n{FOLLOWS}'), (Verdict.FAIL, f'diag: odd\n{LIST}')])
def test_a_known_report_may_strike_any_rule(reported: Known, verdict: Verdict,
                                            message: str) -> None:
    boot = failed(message, verdict)
    assert list(reported.struck(boot, DRIVERS)) == ['cookie.poll']
    noted = reported.noting(boot, DRIVERS)
    judgement = reported.applied(noted.continued(noted), DRIVERS)
    assert judgement.conformant and verdicts(judgement)['cookie.poll', MEMCPY] is Verdict.WAIVED
    assert judgement.notes == ['what is known struck 2 times, in cookie.poll: cookies go back '
                               f'({reported.waivers[0].scope.place})']


@pytest.mark.parametrize('message', [
    '', f'{LIST}\nBUG: another one', f'BUG: another one\n{LIST}', FOLLOWS,
    f'EXPECTATION FAILED at drivers/dma/dmaconf/rules/cookie.c:9\n{LIST}',
    f'EXPECTATION FAILED at drivers/dma/dmaconf/rules/cookie.c:9\n{HARNESS}{LIST}',
    f'invariant: byte 0 of a source buffer of 9 is 1, should be 2\n{HARNESS}{LIST}'])
def test_a_known_report_hides_nothing_else(reported: Known, message: str) -> None:
    boot = failed(message)
    assert not reported.struck(boot, DRIVERS)
    assert not reported.applied(boot, DRIVERS).conformant


def test_a_known_report_hides_no_other_channel(reported: Known) -> None:
    boot = failed(LIST)
    other = failed('EXPECTATION FAILED at drivers/dma/dmaconf/rules/cookie.c:9')
    both = Judgement([boot.results[0], replace(other.results[0], channel=SLAVE)], [])
    assert not reported.struck(both, DRIVERS)
    assert not reported.applied(both, DRIVERS).conformant


def test_a_known_report_strikes_its_own_driver_only(reported: Known) -> None:
    assert not reported.struck(failed(LIST), {MEMCPY: 'pl330', SLAVE: 'pl330'})
    assert not reported.struck(failed(LIST, Verdict.TIMEOUT), DRIVERS)
    assert not reported.struck(failed(LIST, rule='cookie.monotonic'), DRIVERS)


def test_a_waiver_of_a_report_is_checked(tmp_path: Path) -> None:
    for report, told in ((REPORT.partition('\n')[2], 'must name its targets'),
                         (REPORT.replace('corruption', '('), 'report: ')):
        with pytest.raises(Problem, match=told):
            known(tmp_path, HEAD + WAIVER.replace('fault =', report + 'fault ='))
