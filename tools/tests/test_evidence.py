# SPDX-License-Identifier: GPL-2.0-only
"""Runs as they are left behind: what is read from them, and everything that is wrong with some."""

import io
import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from dmaconflib import archive, evidence
from dmaconflib.archive import Files
from dmaconflib.problem import Problem
from dmaconflib.results import Judgement, Verdict
from dmaconflib.waivers import Known
from runs import RULES, left_behind, recorded
from test_ktap import MEMCPY


def judged(files: Files) -> Judgement:
    """What comes of the run in @files."""
    return evidence.judged(evidence.load(files), RULES, Known())[1]


def one_by_one(*rules: str, lost: str = '') -> Files:
    """A board's run: a log for each rule; of the one that is @lost nothing was written."""
    whole, files = recorded('conformant').decode(), left_behind(b'')
    del files['logs/0001.log']
    journal = [f'plan {rule.id}' for rule in RULES]
    for number, rule in enumerate(rules, 1):
        log = f'logs/{number:04}-{rule}.log'
        files[log] = b'' if rule == lost else whole.encode()
        end = evidence.hashlib.sha256(files[log]).hexdigest()
        journal.append(f'begin {number} {log} {rule}')
        journal += [] if rule == lost else [f'end {number} exited {end}']
    return files | {'journal': '\n'.join(journal).encode()}


def test_verdicts_come_from_the_logs() -> None:
    about, judgement = evidence.judged(evidence.load(left_behind(recorded('conformant'))), RULES,
                                       Known())
    assert judgement.conformant and judgement.boots == 1
    assert (about.driver, about.seed, about.target) == ('dmaconf-stub', 42, 'board')
    assert about.channels[0]['label'] == MEMCPY


def test_one_log_for_each_rule() -> None:
    judgement = judged(one_by_one('cookie.monotonic', 'cookie.poll', 'wait.callback'))
    assert judgement.conformant
    assert {result.rule for result in judgement.results} == {rule.id for rule in RULES}


def test_the_rule_that_the_machine_went_down_in_is_the_culprit() -> None:
    judgement = judged(one_by_one('cookie.monotonic', 'cookie.poll', lost='cookie.poll'))
    assert judgement.by_rule['cookie.poll'] is Verdict.INCOMPLETE
    assert judgement.by_rule['wait.callback'] is Verdict.NOT_RUN
    assert not judgement.conformant


def test_a_rule_that_was_stopped_is_a_timeout() -> None:
    console = recorded('hang')
    assert Verdict.TIMEOUT in judged(left_behind(console, 'silent')).by_rule.values()


CONFORMANT = recorded('conformant')


@pytest.mark.parametrize('change, told', [
    (lambda files: files.pop('environment'), 'environment is missing'),
    (lambda files: files.pop('journal'), 'journal is missing'),
    (lambda files: files.pop('logs/0001.log'), 'logs/0001.log is missing: the log of step 1'),
    (lambda files: files.update({'logs/0001.log': CONFORMANT[:900]}),
     'logs/0001.log: truncated or altered'),
    (lambda files: files.update({'logs/0002.log': CONFORMANT}),
     'logs/0002.log: the journal knows nothing of it'),
    (lambda files: files.update({'journal': b'plan a.b\n'}), 'no step was begun'),
    (lambda files: files.update({'journal': files['journal'] + b'end 7 exited 0\n'}), 'journal:6'),
    (lambda files: files.update({'journal': files['journal'] * 2}), 'step 1 begins twice'),
    (lambda files: files.update({'journal': b'\xff\0 nonsense\n'}), 'journal:1: .*not understood'),
    (lambda files: files.update({'environment': b'format=1\n'}), 'suite_version= is missing'),
    (lambda files: files.update({'journal': files['journal'].replace(b'exited', b'well')}),
     '"well" is no ending'),
])
def test_a_run_that_is_not_whole(change: Callable[[Files], object], told: str) -> None:
    files = left_behind(CONFORMANT)
    change(files)
    with pytest.raises(Problem, match=told):
        evidence.load(files)


@pytest.mark.parametrize('changed, told', [
    ({'format': '2'}, 'format 2 is unknown'),
    ({'started': 'yesterday'}, 'yesterday'),
    ({'started': '2026-01-01T00:00:00'}, 'no time zone'),
    ({'seed': 'x'}, "'x'"),
    ({'seed': '43'}, 'of another run: seed is 0x0000002a, the environment says 43'),
    ({'device': 'other'}, 'of another run: device is stub'),
    ({'kernel': '6.1.1'}, 'of another run: kernel is 6.12.117'),
    ({'suite_version': '0.2.0'}, 'of another run: version is 0.1.0'),
])
def test_a_log_of_another_run(changed: dict[str, str], told: str) -> None:
    with pytest.raises(Problem, match=told):
        evidence.load(left_behind(CONFORMANT, **changed))


def test_two_runs_in_one_log() -> None:
    with pytest.raises(Problem, match='of another run: seed is 0x2b'):
        evidence.load(left_behind(CONFORMANT + CONFORMANT.replace(b'0x0000002a', b'0x2b')))


def test_logs_of_two_devices() -> None:
    files = one_by_one('cookie.monotonic', 'wait.callback')
    other = CONFORMANT.replace(b'stub-memcpy.0', b'stub-memcpy.7')
    old = evidence.hashlib.sha256(CONFORMANT).hexdigest().encode()
    new = evidence.hashlib.sha256(other).hexdigest().encode()
    files['logs/0002-wait.callback.log'] = other
    files['journal'] = new.join(files['journal'].rsplit(old, 1))
    with pytest.raises(Problem, match='0002-wait.callback.log: of another device: stub-memcpy'):
        judged(files)


def test_channels_may_be_found_in_another_order() -> None:
    files = one_by_one('cookie.monotonic', 'wait.callback')
    lines = CONFORMANT.splitlines(keepends=True)
    first, second = (number for number, line in enumerate(lines) if b'dmaconf: channel' in line)
    lines[first], lines[second] = lines[second], lines[first]
    old = evidence.hashlib.sha256(CONFORMANT).hexdigest().encode()
    new = evidence.hashlib.sha256(b''.join(lines)).hexdigest().encode()
    files['logs/0002-wait.callback.log'] = b''.join(lines)
    files['journal'] = new.join(files['journal'].rsplit(old, 1))
    assert judged(files).by_rule['wait.callback'] is Verdict.PASS


def test_a_rule_that_this_suite_does_not_have() -> None:
    files = left_behind(CONFORMANT)
    files['journal'] = b'plan cookie.other\n' + files['journal']
    with pytest.raises(Problem, match='cookie.other was run, and this suite has no such rule'):
        judged(files)


def packed(tmp_path: Path, *members: tuple[str, bytes, dict[str, object]]) -> Path:
    """An archive with @members: name, content, and attributes that differ."""
    path = tmp_path / 'run.tar.gz'
    with tarfile.open(path, 'w:gz') as tar:
        for name, content, attributes in members:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            for key, value in attributes.items():
                setattr(member, key, value)
            tar.addfile(member, io.BytesIO(content))
    return path


@pytest.mark.parametrize('name, attributes, told', [
    ('../../etc/passwd', {}, 'leads out of the archive'),
    ('/etc/passwd', {}, 'leads out of the archive'),
    ('run/../../x', {}, 'leads out of the archive'),
    ('run/log', {'type': tarfile.SYMTYPE, 'linkname': '/etc/passwd'}, 'no links or devices'),
    ('run/log', {'type': tarfile.LNKTYPE, 'linkname': 'run/environment'}, 'no links or devices'),
    ('run/log', {'type': tarfile.CHRTYPE}, 'no links or devices'),
    ('run/environment', {}, 'is in it twice'),
])
def test_an_archive_that_climbs_out(tmp_path: Path, name: str, attributes: dict[str, object],
                                    told: str) -> None:
    path = packed(tmp_path, ('run/environment', b'', {}), (name, b'', attributes))
    before = sorted(tmp_path.rglob('*'))
    with pytest.raises(Problem, match=told):
        archive.read(path)
    assert sorted(tmp_path.rglob('*')) == before


@pytest.mark.parametrize('folder', ['run/', './', './run/', ''])
def test_an_archive_with_and_without_a_folder(tmp_path: Path, folder: str) -> None:
    path = packed(tmp_path, (f'{folder}environment', b'1', {}), (f'{folder}logs/a', b'2', {}))
    assert archive.read(path) == {'environment': b'1', 'logs/a': b'2'}


def test_a_log_of_2_gib_in_a_folder_and_in_an_archive(tmp_path: Path) -> None:
    with (tmp_path / 'console.log').open('wb') as log:
        log.truncate(2 << 30)
    with pytest.raises(Problem, match='console.log has 2048 MiB; a file of a run has at most 64'):
        archive.read(tmp_path)
    header = tarfile.TarInfo('run/console.log')
    header.size = 2 << 30
    huge = tmp_path / 'run.tar.gz'
    huge.write_bytes(archive.gzip.compress(header.tobuf() + bytes(1024)))
    with pytest.raises(Problem, match='console.log has 2048 MiB'):
        archive.read(huge)


@pytest.mark.parametrize('kind', [tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE])
def test_a_header_that_claims_to_be_2_gib_long(tmp_path: Path, kind: bytes,
                                               monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, 'MAX_ALL', 8 * archive.MIB)
    header = tarfile.TarInfo('run/console.log')
    header.size, header.type = 2 << 30, kind
    huge = tmp_path / 'run.tar.gz'
    with archive.gzip.open(huge, 'wb', compresslevel=1) as packed:
        packed.write(header.tobuf())
        packed.write(bytes(20 * archive.MIB))
    with pytest.raises(Problem, match='more than 16 MiB when it is unpacked'):
        archive.read(huge)


def test_what_is_no_archive(tmp_path: Path) -> None:
    path = tmp_path / 'run.tar.gz'
    path.write_bytes(b'no archive')
    with pytest.raises(Problem, match='damaged or truncated'):
        archive.read(path)
    path.write_bytes(archive.pack({'a': bytes(os.urandom(9000))}, 'run')[:4000])
    with pytest.raises(Problem, match='damaged or truncated'):
        archive.read(path)
    with pytest.raises(Problem, match='No such file'):
        archive.read(tmp_path / 'nothing')
    (tmp_path / 'run').mkdir()
    (tmp_path / 'run/link').symlink_to('/etc/passwd')
    with pytest.raises(Problem, match='neither a file nor a folder'):
        archive.read(tmp_path / 'run')


def test_the_same_files_give_the_same_archive(tmp_path: Path) -> None:
    files = {'b': b'2', 'logs/a': b'1'}
    packed_once = archive.pack(files, 'run')
    assert packed_once == archive.pack(dict(reversed(files.items())), 'run')
    (tmp_path / 'x').write_bytes(packed_once)
    assert archive.read(tmp_path / 'x') == files
