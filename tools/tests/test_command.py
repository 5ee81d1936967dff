# SPDX-License-Identifier: GPL-2.0-only
"""dmaconf from its command line to its exit code, on a kunit.py that replays."""

import contextlib
import json
import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

from conftest import DATA, Start
from dmaconflib import graft
from test_dmatest import FAILS
from test_graft import snapshot
from test_waivers import HEAD, REPORT, WAIVER


def finish(process: 'subprocess.Popen[str]') -> tuple[int, str, str]:
    """Exit code, standard output and standard error."""
    out, error = process.communicate(timeout=30)
    return process.returncode, out, error


def record(logs: Path, name: str, as_fault: str = 'default') -> None:
    """The played kernel says what @name's recording says."""
    (logs / f'{as_fault}.log').write_text((DATA / f'{name}.log').read_text())


@pytest.mark.parametrize('name, env, code, told', [
    ('conformant', {}, 0, 'CONFORMANT, 3 rules passed on 2 channels, 0 failed'),
    ('violations', {}, 1, 'NOT CONFORMANT, 0 rules passed'),
    ('panic', {}, 1, 'INCOMPLETE cookie.poll'),
    ('hang', {'FAKE_END': 'hang'}, 1, 'the boot was stopped in it: it said nothing for too long'),
    ('zero-tests', {}, 1, 'error: no rule was executed'),
    ('no-ktap', {}, 2, 'the kernel ended before its first rule'),
    ('no-ktap', {'FAKE_END': 'hang'}, 2, 'TIMEOUT: the boot was stopped'),
    ('unknown-device', {}, 2, 'nearest: dmaconf-stub-memcpy.0'),
    ('never-probed', {}, 2, 'device=f8003000.dma-controller waits=f8000000.slcr:clkc'),
    ('conformant', {'FAKE_BUILD': 'fail'}, 2, 'the compiler said something'),
])
def test_run(start: Start, tree: Path, logs: Path, name: str, env: dict[str, str], code: int,
             told: str) -> None:
    record(logs, name)
    before = snapshot(tree)
    device = ['--device', 'dmaconf-stub-memcopy.0']
    ended, out, error = finish(start('run', '--ksrc', tree, *device, **env))
    assert told in out + error
    assert ended == code
    assert snapshot(tree) == before
    assert not processes_with(logs)


def without(console: str, *rules: str) -> str:
    """A conformant console with the suites of these rules, the only ones in them, cut out."""
    for rule in rules:
        suite = f'dmaconf_{rule}'
        begin = console.index(f'    KTAP version 1\n    # Subtest: {suite}')
        end = re.search(rf'^ok \d+ {suite}\n', console, re.M)
        assert end
        console = console[:begin] + console[end.end():]
    return console.replace('\n1..2', '\n1..1', 1).replace('\nok 2 ', '\nok 1 ', 1)


def test_a_dead_kernel_costs_one_rule(start: Start, tree: Path, logs: Path) -> None:
    record(logs, 'panic')
    whole = (DATA / 'conformant.log').read_text()
    (logs / 'dmaconf_wait.callback.log').write_text(without(whole, 'cookie'))
    code, out, error = finish(start('run', '--ksrc', tree))
    assert 'INCOMPLETE cookie.poll' in out
    assert 'came to its end in cookie.poll; boot 2 goes on with cookie.poll' in error
    assert 'came to its end in cookie.poll; boot 3 goes on with wait.callback' in error
    assert 'NOT CONFORMANT, 2 rules passed' in out and '3 boots' in out
    assert code == 1


def corrupt(console: str) -> str:
    """The second channel of cookie.poll corrupts the kernel, and the harness runs no more."""
    report = ('list_del corruption. prev->next should be ffff, but was 0000\n'
              'WARNING: CPU: 0 PID: 9 at lib/list_debug.c:62 __list_del_entry_valid\n')
    end = '    # poll: dmaconf: end channel=stub-slave.0/0'
    assert end in console
    console = console.replace(end, report + end)
    at = console.index('    # callback: dmaconf: begin')
    lines = [line for line in console[at:].splitlines(keepends=True) if 'dmaconf: ' not in line]
    refused = re.sub(r'(ok \d stub-\S+).*', r'\1 # SKIP not-run: the memory is corrupt',
                     ''.join(lines))
    return console[:at] + refused


@pytest.mark.parametrize('again', [True, False])
def test_a_corrupt_kernel_is_left_at_once(start: Start, tree: Path, logs: Path,
                                          again: bool) -> None:
    whole = (DATA / 'conformant.log').read_text()
    (logs / 'first.log').write_text(corrupt(whole))
    (logs / 'default.log').write_text(corrupt(whole) if again else whole)
    (logs / 'dmaconf_wait.callback.log').write_text(without(whole, 'cookie'))
    code, out, error = finish(start('run', '--ksrc', tree))
    assert code == 1
    assert 'passed on 2 channels' in out
    if again:
        assert 'FAIL cookie.poll' in out
        assert 'the kernel complained: list_del corruption' in out
        assert 'not run' not in out and '3 boots' in out
    else:
        assert 'error: a boot ended in cookie.poll (the kernel complained: list_del' in out
        assert 'one that begins with it does not' in ' '.join(out.split())
        assert '2 boots' in out and 'FAIL' not in out


@pytest.mark.parametrize('always', [True, False])
def test_a_known_report_decides_no_rule(start: Start, tree: Path, logs: Path, project: Path,
                                        always: bool) -> None:
    whole = (DATA / 'conformant.log').read_text()
    (logs / 'first.log').write_text(corrupt(whole))
    (logs / 'default.log').write_text(corrupt(whole) if always else whole)
    (logs / 'dmaconf_wait.callback.log').write_text(without(whole, 'cookie'))
    waive(project, **{', "wait.callback"': '', 'fault =': REPORT + 'fault ='})
    code, out, error = finish(start('run', '--ksrc', tree))
    assert code == 0, out + error
    assert 'came to its end in cookie.poll, as is known; boot 2 goes on with cookie.poll' in error
    assert f'struck {"8 times" if always else "1 time"}, in cookie.poll: cookies go back' in out
    assert ('WAIVED cookie.poll' in out) == always
    assert ('9 boots' if always else '2 boots') in out


def waive(project: Path, **changes: str) -> None:
    """The sample project gets the file of test_waivers.py, with some words changed."""
    content = HEAD + WAIVER
    for old, new in changes.items():
        content = content.replace(old, new)
    (project / 'configs/waivers').mkdir(exist_ok=True)
    (project / 'configs/waivers/dmaconf-stub.toml').write_text(content)


def test_a_run_with_waivers(start: Start, tree: Path, logs: Path, project: Path) -> None:
    record(logs, 'violations')
    waive(project)
    code, out, _ = finish(start('run', '--ksrc', tree))
    assert code == 0 and 'CONFORMANT BUT FOR WHAT IS WAIVED' in out
    assert 'cookies go back' in finish(start('findings'))[1]
    waive(project, driver='drivre')
    code, _, error = finish(start('run', '--ksrc', tree))
    assert code == 2 and 'configs/waivers/dmaconf-stub.toml: ' in error


def test_a_deadly_rule_runs_alone(start: Start, tree: Path, logs: Path,
                                  project: Path) -> None:
    record(logs, 'panic', 'dmaconf_cookie.poll')
    whole = (DATA / 'conformant.log').read_text()
    begin = whole.index('        KTAP version 1\n        # Subtest: poll')
    end = whole.index('# dmaconf_cookie: pass')
    (logs / 'default.log').write_text((whole[:begin] + whole[end:]).replace(
        '    1..2\n', '    1..1\n', 1))
    waive(project, **{'"cookie.monotonic", "wait.callback"': '"cookie.poll"',
                      'fault =': 'targets = ["uml"]\nverdicts = ["incomplete"]\nfault ='})
    code, out, error = finish(start('run', '--ksrc', tree))
    assert 'CONFORMANT BUT FOR WHAT IS WAIVED, 2 rules passed' in out, out + error
    assert '1 waived, 2 boots' in out
    assert code == 0


def test_a_machine_that_cannot_end_is_stopped_after_its_last_result(
        start: Start, tree: Path, logs: Path) -> None:
    record(logs, 'conformant')
    code, out, _ = finish(start('run', '--ksrc', tree, '--target', 'endless', FAKE_END='hang'))
    assert 'CONFORMANT, 3 rules passed on 2 channels, 0 failed' in out
    assert code == 0
    assert not processes_with(logs)


def test_results_are_written(start: Start, tree: Path, logs: Path, tmp_path: Path) -> None:
    record(logs, 'violations')
    path = tmp_path / 'results.json'
    code, _, _ = finish(start('run', '--ksrc', tree, '--json', path, '--seed', '0x2a'))
    written = json.loads(path.read_text())
    assert code == 1
    assert written['seed'] == 42
    assert written['totals']['rules']['fail'] == 2
    assert written['conformant'] is False


def test_a_grafted_tree_stays_grafted(start: Start, tree: Path, logs: Path) -> None:
    record(logs, 'conformant')
    finish(start('graft', tree))
    before = snapshot(tree)
    assert finish(start('run', '--ksrc', tree))[0] == 0
    assert snapshot(tree) == before
    assert finish(start('ungraft', tree))[0] == 0
    assert not (tree / 'drivers/dma/dmaconf').is_symlink()


@pytest.mark.parametrize('arguments, told', [
    (['run', '--rules', 'cookie.monotnic'], 'nearest: cookie.monotonic'),
    (['run', '--target', 'umm'], 'nearest: uml'),
    (['run', '--kernel', '6.13'], 'nearest: 6.1, 6.12'),
    (['faults', '--fault', 'cookie_stck'], 'nearest: cookie_stuck'),
    (['run', '--ksrc', '/nowhere'], 'no such directory'),
    (['run', '--ksrc', '/usr'], 'not a Linux kernel tree'),
    (['run', '--seed', '-1'], 'argument --seed'),
    (['ran'], 'invalid choice'),
])
def test_bad_requests_end_with_2(start: Start, arguments: list[str], told: str) -> None:
    code, _, error = finish(start(*arguments))
    assert told in error
    assert code == 2


def test_a_reader_that_has_seen_enough_is_no_error(start: Start) -> None:
    process = start('list')
    assert process.stdout and process.stderr
    process.stdout.close()
    assert process.stderr.read() == ''
    assert process.wait(30) == 128 + signal.SIGPIPE


@pytest.mark.parametrize('target', ['uml', 'uml,endless'])
@pytest.mark.parametrize('stop, code', [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_run_leaves_nothing_behind(
        start: Start, tree: Path, logs: Path, tmp_path: Path, stop: signal.Signals,
        code: int, target: str) -> None:
    before = snapshot(tree)
    record(logs, 'hang')
    os.mkfifo(logs / 'up')
    process = start('run', '--ksrc', tree, '--target', target, FAKE_END='hang')
    (logs / 'up').read_text()   # comes when the kernel is up
    assert graft.KCONFIG_LINE in (tree / 'drivers/dma/Kconfig').read_bytes()
    process.send_signal(stop)
    ended, _, error = finish(process)
    assert ended == code, error
    assert snapshot(tree) == before
    assert not processes_with(logs)


def processes_with(logs: Path) -> list[str]:
    """The running processes that replay @logs, whoever started them."""
    found = []
    for folder in Path('/proc').glob('[0-9]*'):
        with contextlib.suppress(OSError):
            if f'FAKE_LOGS={logs}' in (folder / 'environ').read_text():
                found.append((folder / 'cmdline').read_text())
    return found


def matrix(start: Start, tree: Path, tmp_path: Path, *arguments: str) -> tuple[int, dict, str]:
    """Exit code, document and table of a fault matrix."""
    path = tmp_path / 'faults.json'
    code, out, error = finish(start('faults', '--ksrc', tree, '--json', path, *arguments))
    assert path.exists(), error
    return code, json.loads(path.read_text()), out


def test_fault_matrix(start: Start, tree: Path, logs: Path, tmp_path: Path) -> None:
    record(logs, 'conformant', 'none')
    for fault, name in (('cookie_stuck', 'violations'), ('poll_lies', 'panic'),
                        ('callback_lost', 'conformant')):
        record(logs, name, fault)
        log = logs / f'{fault}.log'
        log.write_text(log.read_text().replace('fault=none', f'fault={fault}'))
    code, written, out = matrix(start, tree, tmp_path)
    assert code == 1
    assert [(row['fault'], row['good'], row['verdict']) for row in written['faults']] == [
        ('cookie_stuck', True, 'fail'), ('poll_lies', True, 'incomplete'),
        ('callback_lost', False, 'pass')]
    assert written['faults'][0]['others'] == ['cookie.poll', 'wait.callback']
    assert written['clean']['good'] is True
    assert 'crashed in it' in out and 'MISSED' in out
    assert '2 of 3 faults caught (by dmatest 1), the conformant stub' in out.splitlines()[-1]

    _, _, out = matrix(start, tree, tmp_path, '--rules', 'cookie.poll')
    assert ', 0 gaps, ' in out, out
    code, written, _ = matrix(start, tree, tmp_path, '--fault', 'cookie_*,poll*')
    assert code == 0 and written['totals'] == {'caught': 2, 'missed': 0, 'dmatest': 1}


def test_a_fault_that_ends_the_kernel_before_its_rule_has_another_boot(
        start: Start, tree: Path, logs: Path, tmp_path: Path) -> None:
    record(logs, 'conformant', 'none')
    whole = (DATA / 'violations.log').read_text().replace('fault=none', 'fault=callback_lost')
    panic = (DATA / 'panic.log').read_text().replace('fault=none', 'fault=callback_lost')
    (logs / 'callback_lost.log').write_text(panic)
    begin, end = whole.index('    KTAP version 1\n    # Subtest: dmaconf_cookie'), whole.index(
        '    KTAP version 1\n    # Subtest: dmaconf_wait')
    (logs / 'dmaconf_wait.callback.log').write_text(
        (whole[:begin] + whole[end:]).replace('\n1..2', '\n1..1', 1).replace(
            '\nnot ok 2 dmaconf_wait', '\nnot ok 1 dmaconf_wait'))
    code, written, _ = matrix(start, tree, tmp_path, '--fault', 'callback_lost')
    row = written['faults'][0]
    assert (code, row['verdict'], row['good'], row['others']) == (0, 'fail', True, ['cookie.poll'])


def test_dmatest_runs_beside_both(start: Start, tree: Path, logs: Path, tmp_path: Path) -> None:
    record(logs, 'conformant', 'none')
    record(logs, 'conformant')
    path = tmp_path / 'results.json'
    (logs / 'dmatest.log').write_text(FAILS)
    out = finish(start('run', '--ksrc', tree, '--json', path))[1]
    assert ('dmatest beside it: default: 23 of 40 tests failed; polled, noverify: 23 of 40 '
            'tests failed') in out
    assert [found['outcome'] for found in json.loads(path.read_text())['dmatest']] == [
        'fails', 'fails']
    assert 'dmatest beside it' not in finish(start('run', '--ksrc', tree, '--rules', 'cookie'))[1]
    code, written, out = matrix(start, tree, tmp_path, '--fault', 'callback_lost')
    assert code == 1 and written['totals']['dmatest'] == 1
    assert written['clean']['good'] is False and 'none: dmatest fails' in out


def test_a_fault_that_the_stub_did_not_take_is_not_caught(
        start: Start, tree: Path, logs: Path, tmp_path: Path) -> None:
    record(logs, 'conformant', 'none')
    record(logs, 'violations')
    code, written, _ = matrix(start, tree, tmp_path, '--fault', 'cookie_stuck')
    assert code == 1
    assert 'did not take the fault' in written['faults'][0]['problem']


def test_a_stub_that_fails_without_fault_is_told(start: Start, tree: Path, logs: Path,
                                                 tmp_path: Path) -> None:
    record(logs, 'violations')
    code, written, out = matrix(start, tree, tmp_path, '--fault', 'cookie_stuck')
    assert code == 1
    assert written['clean']['good'] is False
    assert 'the conformant stub FAILS' in out


def test_list_is_generated_from_the_sources(start: Start) -> None:
    code, out, _ = finish(start('list', '--json'))
    assert code == 0
    assert json.loads(out)[1] == {
        'id': 'cookie.poll', 'area': 'cookie', 'strength': 'SHOULD',
        'title': 'Polling says "complete" (or an error), once.',
        'source': 'Documentation/driver-api/dmaengine/client.rst:300',
        'needs': ['NEEDS_MEMCPY', 'NEEDS_GATE'], 'faults': ['poll_lies'],
        'broken': 'a client that polls waits for ever.',
        'disputed': 'the documentation allows both answers here.', 'omitted': None}
    assert 'cookie_stuck' in finish(start('list'))[1]
