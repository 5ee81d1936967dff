# SPDX-License-Identifier: GPL-2.0-only
"""verify: every kind of tampering is found, and said."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from dmaconflib import certificate, document, evidence, package, profiles
from dmaconflib.archive import Files
from dmaconflib.package import SIGNATURE, SUMS
from dmaconflib.verify import Verified, verify
from runs import Bench, bench, recorded  # noqa: F401
from test_ktap import MEMCPY
from test_waivers import HEAD, WAIVER

VIOLATIONS = recorded('violations')


def checked(files: Files, bench: Bench, key: Path | None = None) -> Verified:
    """What verify says of @files here."""
    return verify(files, bench.suite.rules, bench.suite.known, key)


def resummed(files: Files) -> Files:
    """@files, by somebody who knows what SHA256SUMS is for."""
    return files | {SUMS: package.sums(files)}


def edited(files: Files, name: str, old: bytes, new: bytes) -> Files:
    """@files with one change in one of them, and the sums made again."""
    assert old in files[name]
    return resummed(files | {name: files[name].replace(old, new, 1)})


def test_an_untouched_package(bench: Bench) -> None:
    found = checked(bench.package().files, bench)
    assert found.good and not found.wrong
    assert found.notes == ('it is not signed', 'the suite was at commit abc, this one is at '
                           f'{document.commit()}')


def test_an_untouched_package_that_is_no_certificate(bench: Bench) -> None:
    found = checked(bench.package(VIOLATIONS).files, bench)
    assert not found.wrong and not found.good


@pytest.mark.parametrize('name', ['statement.txt', 'report.html', 'junit.xml', 'kcidb.json',
                                  'results.json', 'certificate.json', 'profile.rules',
                                  'evidence/journal', 'evidence/environment',
                                  'evidence/logs/0001.log', 'evidence/system/compatible'])
def test_any_file_that_was_altered(bench: Bench, name: str) -> None:
    files = bench.package().files
    wrong = checked(files | {name: files[name] + b' '}, bench).wrong
    assert f'{name} is not the file that {SUMS} lists' in wrong


def test_files_that_were_added_and_removed(bench: Bench) -> None:
    files = bench.package().files
    assert checked(files | {'notes.txt': b''}, bench).wrong[0] == (
        f'notes.txt is not listed in {SUMS}')
    assert 'notes.txt does not belong there' in checked(resummed(files | {'notes.txt': b''}),
                                                        bench).wrong
    for name in files:
        less = {kept: content for kept, content in files.items() if kept != name}
        assert any(name in wrong for wrong in checked(less, bench).wrong)


@pytest.mark.parametrize('name', ['statement.txt', 'report.html', 'junit.xml', 'kcidb.json'])
def test_a_report_edited_by_hand_with_new_sums(bench: Bench, name: str,
                                               monkeypatch: pytest.MonkeyPatch) -> None:
    files = bench.package(VIOLATIONS).files
    old = {'statement.txt': b'NOT CERTIFIED', 'report.html': b'NOT CERTIFIED',
           'junit.xml': b'failures="2"', 'kcidb.json': b'"FAIL"'}[name]
    forged = edited(files, name, old, b'PASS')
    assert checked(forged, bench).wrong == (
        f'{name} is not what this version of the suite makes of the logs; check out abc to tell '
        'whether it was altered',)
    monkeypatch.setattr(document, 'commit', lambda: 'abc')
    assert checked(forged, bench).wrong == (f'{name} was altered: it is not what the logs give',)


def test_a_verdict_edited_in_the_results(bench: Bench) -> None:
    files = bench.package(VIOLATIONS).files
    wrong = checked(edited(files, 'results.json', b'"verdict": "fail"', b'"verdict": "pass"'),
                    bench).wrong
    assert wrong == (f'results.json: cookie.monotonic on {MEMCPY} says pass; the logs say fail',)


def test_results_removed_added_and_altered_otherwise(bench: Bench) -> None:
    files = bench.package(VIOLATIONS).files
    results = json.loads(files['results.json'])

    def told(**changed: object) -> tuple[str, ...]:
        text = json.dumps(results | changed).encode()
        return checked(resummed(files | {'results.json': text}), bench).wrong

    first, *rest = results['results']
    assert told(results=rest)[0].endswith('was removed; the logs say fail')
    assert told(results=[*results['results'], first | {'channel': 'x'}])[0].endswith(
        'was added; the logs have no such result')
    assert told(results=[first | {'reason': 'unlucky'}, *rest])[0].endswith(
        'was altered, not in its verdict')
    assert told(seed=1) == ('results.json: "seed" was altered',)
    assert 'not a results-2 document' in told(seed=-1)[0]


def test_a_certificate_made_up(bench: Bench) -> None:
    files = bench.package(VIOLATIONS).files
    assert checked(edited(files, 'certificate.json', b'"certified": false',
                          b'"certified": true'), bench).wrong == (
        'certificate.json says certified; the logs say not certified',)
    wrong = checked(resummed(files | {'certificate.json': b'{}'}), bench).wrong
    assert 'not a certificate-2 document' in wrong[0]


def test_a_log_edited_with_new_sums(bench: Bench) -> None:
    files = bench.package(VIOLATIONS).files
    wrong = checked(edited(files, 'evidence/logs/0001.log', b'not ok 1 stub', b'ok 1 stub'),
                    bench).wrong
    assert wrong == ('logs/0001.log: truncated or altered: the journal saw other contents',)


def test_a_log_edited_with_journal_and_sums_does_not_fit_itself(bench: Bench) -> None:
    files = bench.package(VIOLATIONS).files
    log = files['evidence/logs/0001.log']
    new = log.replace(b'        not ok 1 stub', b'        ok 1 stub', 1)
    journal = files['evidence/journal'].replace(*(
        evidence.hashlib.sha256(content).hexdigest().encode() for content in (log, new)))
    forged = resummed(files | {'evidence/logs/0001.log': new, 'evidence/journal': journal})
    found = checked(forged, bench)
    assert found.certificate is not None and not found.certificate.certified
    assert any('cookie.monotonic' in wrong for wrong in found.wrong)


def test_another_version_or_content_of_the_profile(bench: Bench) -> None:
    files = bench.package().files
    path = bench.folder / 'profiles/sample.rules'
    path.write_text(path.read_text().replace('version 1', 'version 2'))
    assert checked(files, bench).wrong == (
        'profile sample: the package has version 1, this suite has 2',)
    lax = path.read_text().replace('version 2', 'version 1').replace(
        'mandatory wait', 'information wait')
    path.write_text(lax)
    wrong = checked(files, bench).wrong
    assert wrong[0] == 'profile.rules is not version 1 of sample as it is here'


def test_a_profile_made_lax(bench: Bench) -> None:
    files = edited(bench.package().files, 'profile.rules', b'mandatory', b'information')
    assert checked(files, bench).wrong == (
        'profile.rules is not version 1 of sample as it is here',
        'profile.rules was altered: it is not what the logs give')[:1]


def test_waivers_of_the_vendors_own(bench: Bench) -> None:
    bench.waive(HEAD + WAIVER + 'expires = 2026-12-31\n')
    files = bench.package(VIOLATIONS).files
    assert not checked(files, bench).wrong
    (bench.folder / 'waivers/dmaconf-stub.toml').unlink()
    wrong = checked(files, bench).wrong
    assert wrong[0] == 'waivers/dmaconf-stub.toml: this suite has no such waivers'
    assert any('says waived; the logs say fail' in one for one in wrong)
    bench.waive(HEAD)
    assert checked(files, bench).wrong[0] == (
        'waivers/dmaconf-stub.toml: not the waivers of this suite')


def test_a_suite_that_was_changed_or_is_another(bench: Bench) -> None:
    wrong = checked(bench.package(suite_commit='abc-dirty').files, bench).wrong
    assert wrong == ('it was made by a suite that was no clean version of itself: abc-dirty',)
    other = bench.package(rules_digest='0' * 64).files
    assert 'it was made by a suite with other rules (0.1.0, abc)' in checked(other, bench).wrong[0]


def test_the_sums_themselves(bench: Bench) -> None:
    files = bench.package().files
    assert checked(files | {SUMS: b'nonsense\n'}, bench).wrong[0] == (
        f'{SUMS}: not understood: nonsense')
    assert checked({name: content for name, content in files.items() if name != SUMS},
                   bench).wrong[0] == f'{SUMS} is missing'


@pytest.fixture(scope='module')
def keys(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Makes a pair of minisign keys without a password; the value is the secret one."""
    def make(name: str) -> Path:
        secret = tmp_path_factory.mktemp(name) / 'key'
        subprocess.run(['minisign', '-G', '-W', '-f', '-s', str(secret), '-p', f'{secret}.pub'],
                       check=True, capture_output=True)
        return secret
    return make


def test_signatures(bench: Bench, keys: Callable[[str], Path]) -> None:
    ours, theirs = keys('ours'), keys('theirs')
    signed = package.sign(bench.package().files, ours)
    assert checked(signed, bench, Path(f'{ours}.pub')).good
    assert checked(signed, bench).notes[0] == (
        'the signature was not checked, as no key was given')
    for files, key in ((signed, theirs), (resummed(signed | {'statement.txt': b''}), ours),
                       (signed | {SIGNATURE: b'junk'}, ours)):
        assert checked(files, bench, Path(f'{key}.pub')).wrong[0].startswith('signature: ')
    assert checked(bench.package().files, bench, Path(f'{ours}.pub')).wrong == (
        'signature: it is not signed',)


def test_profiles_and_waivers_of_the_checkout_decide(bench: Bench) -> None:
    assert profiles.FOLDER == bench.folder / 'profiles'
    assert certificate.not_waivable().rules == {'wait.callback': 'never calls back'}
