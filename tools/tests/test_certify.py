# SPDX-License-Identifier: GPL-2.0-only
"""Packages: what is in them, what earns a certificate, and what does not."""

import json
import re
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest
from junitparser import Failure, JUnitXml, Skipped

from conftest import DATA, Start
from dmaconflib import archive, declarations, document, evidence, package
from dmaconflib.package import SUMS
from dmaconflib.results import Verdict
from runs import Bench, bench, left_behind, recorded  # noqa: F401
from test_command import finish, record
from test_evidence import one_by_one
from test_ktap import MEMCPY, SLAVE
from test_waivers import HEAD, REPORT, WAIVER

VIOLATIONS = recorded('violations')
EXPIRY = 'devices = ["stub-memcpy.0"]\nexpires = 2026-12-31\n'


def gaps(made: package.Made) -> dict[str, str]:
    """Why there is no certificate, by rule."""
    return {gap.rule: gap.what for gap in made.certificate.gaps}


def test_a_conformant_run_is_certified(bench: Bench) -> None:
    made = bench.package()
    assert made.certificate.certified and made.certificate.passed == 2
    assert made.certificate.channels == (MEMCPY,)
    statement = made.files['statement.txt'].decode()
    assert statement.startswith('CERTIFIED: dmaconf-stub, profile "sample" version 1')
    assert 'Of 2 mandatory rules, 2 were decided and kept.' in statement


def test_everything_is_in_the_package_and_keeps_its_schema(bench: Bench) -> None:
    files = bench.package().files
    assert {*package.DERIVED, SUMS, 'profile.rules', 'evidence/journal', 'evidence/environment',
            'evidence/logs/0001.log', 'evidence/system/compatible'} == files.keys()
    for name, schema in (('results.json', 'results-2'), ('kcidb.json', 'kcidb-4.5'),
                         ('certificate.json', 'certificate-2')):
        jsonschema.validate(json.loads(files[name]), document.schema(schema))


def test_the_same_run_gives_the_same_bytes(bench: Bench) -> None:
    one, other = (archive.pack(bench.package().files, 'p') for _ in range(2))
    assert one == other


def test_junit(bench: Bench) -> None:
    suites = ElementTree.fromstring(bench.package(VIOLATIONS).files['junit.xml'])
    assert suites.attrib['tests'] == '6' and suites.attrib['failures'] == '2'
    failure = suites.find('.//testcase[@name="cookie.monotonic on '
                          f'{MEMCPY}"]/failure')
    assert failure is not None
    assert failure.attrib['message'] == 'fail: Expected second > first, but'
    assert 'source: include/linux/dmaengine.h:596' in (failure.text or '')


def test_junit_as_its_library_reads_it(bench: Bench, tmp_path: Path) -> None:
    path = tmp_path / 'junit.xml'
    path.write_bytes(bench.package(VIOLATIONS).files['junit.xml'])
    read = JUnitXml.fromfile(str(path))
    assert (read.tests, read.failures) == (6, 2)
    cases = {case.name: case for suite in read for case in suite}
    [failed] = cases[f'cookie.monotonic on {MEMCPY}'].result
    assert isinstance(failed, Failure) and failed.type == 'fail'
    [skipped] = cases[f'cookie.monotonic on {SLAVE}'].result
    assert isinstance(skipped, Skipped)


def test_kcidb(bench: Bench) -> None:
    report = json.loads(bench.package(VIOLATIONS).files['kcidb.json'])
    tests = {(test['path'], test['misc']['channel']): test for test in report['tests']}
    assert tests['dmaconf.cookie.monotonic', MEMCPY]['status'] == 'FAIL'
    assert tests['dmaconf.cookie.monotonic', SLAVE]['status'] == 'SKIP'
    disputed = tests['dmaconf.cookie.poll', SLAVE]
    assert (disputed['status'], disputed['waived']) == ('FAIL', True)
    assert disputed['environment']['compatible'] == ['acme,board', 'acme,soc']
    assert report['builds'][0]['checkout_id'] == report['checkouts'][0]['id']
    report['tests'][0]['status'] = 'OK'
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(report, document.schema('kcidb-4.5'))


def test_the_report_has_everything_and_loads_nothing(bench: Bench) -> None:
    html = bench.package(VIOLATIONS).files['report.html'].decode()
    assert html.index('NOT CERTIFIED') < html.index('What keeps it') < html.index('Areas')
    for text in ('Expected second &gt; first, but', 'Source: include/linux/dmaengine.h:596',
                 'the cookie counter went back', '@media print', 'prefers-color-scheme: dark',
                 '<svg role="img" aria-label="Slowest rules"', 'acme' not in html and '<h2>Areas'):
        assert text in html
    for foreign in ('http:', 'https:', '<script', '<link', 'src=', '@import', 'url('):
        assert foreign not in html


def test_what_a_driver_is_called_cannot_break_the_report(bench: Bench) -> None:
    console = recorded('conformant').replace(b'driver=dmaconf-stub', b'driver=<script>&')
    assert b'<script>' not in bench.package(console).files['report.html']


def test_a_failure(bench: Bench) -> None:
    made = bench.package(VIOLATIONS)
    assert not made.certificate.certified
    assert gaps(made)['cookie.monotonic'] == (f'failed on {MEMCPY}: Expected second > first, but')
    assert 'cookie.monotonic: failed on' in made.files['statement.txt'].decode()


def test_a_warning_where_a_must_is_only_a_should_is_told(bench: Bench) -> None:
    begin = b'    # monotonic: dmaconf: begin channel=stub-memcpy.0/0\n'
    lenient = VIOLATIONS.replace(begin, begin + b'    # monotonic: dmaconf: should a public '
                                 b'provider may\n')
    assert lenient != VIOLATIONS
    made = bench.package(lenient)
    assert 'cookie.monotonic' not in gaps(made) and 'wait.callback' in gaps(made)
    told = (f'cookie.monotonic on {MEMCPY}: Expected second > first, but; only a SHOULD here: a '
            'public provider may')
    assert [str(warned) for warned in made.certificate.warnings] == [told]
    statement = ' '.join(made.files['statement.txt'].decode().split())
    assert f'was not found to hold: - {told}' in statement
    assert 'was not found to hold</h2>' in made.files['report.html'].decode()
    assert json.loads(made.files['certificate.json'])['warnings'][0]['channels'] == [MEMCPY]
    assert not bench.package(VIOLATIONS).certificate.warnings


def test_a_mandatory_rule_that_was_not_applicable_or_not_run(bench: Bench) -> None:
    console = recorded('conformant').decode()
    for skip, what in (('not-applicable: has none', 'not applicable: has none'),
                       ('not-tested: kernel without CONFIG_PM',
                        'not tested: kernel without CONFIG_PM')):
        made = bench.package(console.replace(
            '        ok 1 stub-memcpy.0/0\n',
            f'        ok 1 stub-memcpy.0/0 # SKIP {skip}\n', 1).encode())
        assert gaps(made) == {'cookie.monotonic': what}
        told = 'How to get what is missing:\n  - kernel options: configs/board.config'
        assert (told in made.files['statement.txt'].decode()) is ('CONFIG' in what)
    cut = bench.package(recorded('panic'))
    assert gaps(cut)['wait.callback'].startswith('not run')


def test_a_rule_that_was_left_out_of_the_run(bench: Bench) -> None:
    """Whatever the profile says of it, but for information."""
    rules = bench.folder / 'profiles/sample.rules'
    for kind in ('mandatory', 'where-offered'):
        rules.write_text(re.sub(r'\S+ wait.callback', f'{kind} wait.callback', rules.read_text()))
        files = one_by_one('cookie.monotonic', 'cookie.poll')
        files['journal'] = files['journal'].replace(b'plan wait.callback\n', b'')
        assert gaps(package.make(evidence.load(files), bench.suite)) == {
            'wait.callback': 'was not among the rules that were run'}


def test_what_the_bench_could_not_decide_is_told(bench: Bench) -> None:
    rules = bench.folder / 'profiles/sample.rules'
    rules.write_text(rules.read_text().replace('mandatory wait', 'where-offered wait'))
    before, wait = recorded('conformant').decode().split('# Subtest: dmaconf_wait')
    told = ('What this bench could not decide, and is not mandatory for this reason:\n'
            '  - wait.callback: not tested: no aid that provokes failures')
    skipped = wait.replace('ok 1 stub-memcpy.0/0',
                           'ok 1 stub-memcpy.0/0 # SKIP not-tested: no aid that provokes failures')
    for console, expected in ((wait, False), (skipped, True)):
        made = bench.package(f'{before}# Subtest: dmaconf_wait{console}'.encode())
        assert made.certificate.certified
        assert (told in made.files['statement.txt'].decode()) is expected


def test_channels_without_the_capability_do_not_count(bench: Bench) -> None:
    console = recorded('conformant').replace(b'caps=memcpy,private', b'caps=slave')
    assert gaps(bench.package(console))[''] == 'no channel under test offers memcpy'


@pytest.mark.parametrize('commit', ['abc-dirty', 'unknown'])
def test_a_suite_that_is_not_clean(bench: Bench, commit: str) -> None:
    assert gaps(bench.package(suite_commit=commit)) == {
        '': f'the suite was no clean version of itself: commit {commit}'}


def test_a_suite_with_other_rules(bench: Bench) -> None:
    assert gaps(bench.package(rules_digest='0' * 64)) == {
        '': 'it was run by a suite with other rules (0.1.0, abc): check that version out to '
            'certify it'}


def test_a_waiver_with_an_expiry_counts_and_is_in_the_statement(bench: Bench) -> None:
    bench.waive(HEAD + WAIVER.replace(', "wait.callback"', '') + EXPIRY)
    console = VIOLATIONS.replace(b'invariant: ', b'diag: ').replace(
        b'dmaconf: invariant', b'dmaconf: diag')
    made = bench.package(console)
    assert 'cookie.monotonic' not in gaps(made)
    assert made.certificate.waivers[0].expires == '2026-12-31'
    assert 'until 2026-12-31' in made.files['statement.txt'].decode()
    assert 'waivers/dmaconf-stub.toml' in made.files


@pytest.mark.parametrize('lines, told', [
    ('devices = ["stub-memcpy.0"]\n', 'does not say when it expires'),
    ('devices = ["stub-memcpy.0"]\nexpires = 2027-01-03\n',
     'is to last until 2027-01-03, more than a year after the run'),
    ('expires = 2026-12-31\n',
     'names neither the targets nor the devices that it was seen on')])
def test_a_waiver_that_lacks_something_counts_in_no_certification(bench: Bench, lines: str,
                                                                  told: str) -> None:
    bench.waive(HEAD + WAIVER + lines)
    made = bench.package(VIOLATIONS)
    assert gaps(made)['cookie.monotonic'] == (
        f'failed; its waiver {told}, and counts in no certification')
    assert made.judgement.by_rule['cookie.monotonic'] is Verdict.WAIVED


def test_a_rule_and_a_line_that_are_not_waivable(bench: Bench) -> None:
    bench.waive(HEAD + WAIVER + EXPIRY)
    assert gaps(bench.package(VIOLATIONS))['wait.callback'] == (
        f'failed on {MEMCPY}: invariant: red zone after dst changed at +0; '
        'not waivable: a provider that breaks this rule never calls back')
    console = VIOLATIONS.replace(b'    # monotonic: dmaconf: end channel=stub-memcpy.0/0',
                                 b'    # monotonic: dmaconf: invariant memory is gone\n'
                                 b'    # monotonic: dmaconf: end channel=stub-memcpy.0/0')
    assert gaps(bench.package(console))['cookie.monotonic'] == (
        f'failed on {MEMCPY}: invariant: memory is gone; '
        'not waivable: memory is written where it may not be')


def test_a_known_report_lets_no_run_be_certified(bench: Bench) -> None:
    bench.waive(HEAD + WAIVER.replace(', "wait.callback"', '').replace(
        'fault =', REPORT + 'fault =') + 'expires = 2026-12-31\n')
    end = b'    # poll: dmaconf: end channel=stub-slave.0/0'
    console = recorded('conformant').replace(end, b'list_del corruption. prev is 0\n' + end)
    made = bench.package(console, target='uml')
    assert made.judgement.by_rule['cookie.poll'] is Verdict.WAIVED
    assert 'what is known struck 1 time, in cookie.poll: cookies go back' in '\n'.join(
        map(str, made.certificate.gaps))


def test_expired_and_unneeded_waivers_are_reported(bench: Bench) -> None:
    bench.waive(HEAD + WAIVER + EXPIRY.replace('2026', '2025'))
    made = bench.package(VIOLATIONS)
    assert 'cookie.monotonic' in gaps(made)
    assert any(note.startswith('waiver expired on 2025-12-31: cookie.monotonic, wait.callback')
               for note in made.judgement.notes)
    bench.waive(HEAD + WAIVER + EXPIRY)
    assert any('waiver not needed any more: cookie.monotonic' in note
               for note in bench.package().judgement.notes)
    assert 'not needed any more' in bench.package().files['statement.txt'].decode()


def test_a_waiver_lasts_until_the_end_of_its_last_day(bench: Bench) -> None:
    bench.waive(HEAD + WAIVER + EXPIRY)
    for day, expired in (('2026-12-31T23:59:59', False), ('2027-01-01T00:00:00', True)):
        made = bench.package(VIOLATIONS, started=f'{day}+00:00')
        assert any('waiver expired' in note for note in made.judgement.notes) is expired


def test_the_digest_of_the_rules_sees_every_change() -> None:
    rules = declarations.rules(DATA / 'project')
    assert evidence.digest(rules) == evidence.digest(rules[::-1])
    assert evidence.digest(rules) != evidence.digest(rules[1:])


def test_the_time_of_a_board_may_be_anywhere(bench: Bench) -> None:
    made = bench.package(started='2026-01-01T05:00:00+05:00')
    assert made.about.started == datetime.fromisoformat('2026-01-01T00:00:00+00:00')
    assert left_behind(b'')['environment']


def test_from_a_run_to_a_verified_package(start: Start, logs: Path, tree: Path,
                                          tmp_path: Path) -> None:
    record(logs, 'conformant')
    run, package_ = tmp_path / 'run', tmp_path / 'p.tar.gz'
    code, _, _ = finish(start('run', '--ksrc', tree, '--evidence', run))
    assert code == 0
    assert 'logs/0001-console.log cookie.monotonic,cookie.poll,wait.callback' in (
        run / 'journal').read_text()
    code, out, _ = finish(start('certify', run, '--profile', 'sample', '--out', package_))
    assert code == 1                    # a sample project is under no version control
    assert 'Of 2 mandatory rules, 2 were decided and kept.' in out
    code, out, _ = finish(start('verify', package_))
    assert code == 1 and 'NOT VERIFIED: 1 problem' in out
    assert 'no clean version of itself: unknown' in out
    code, out, _ = finish(start('diff', package_, package_))
    assert code == 0 and '0 rules newly failing' in out
    code, out, _ = finish(start('verify', run))
    assert code == 1 and 'SHA256SUMS is missing' in out
    code, _, error = finish(start('run', '--ksrc', tree, '--evidence', run))
    assert code == 2 and 'not empty; a run is written to a folder of its own' in error
