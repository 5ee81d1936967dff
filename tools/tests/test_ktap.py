# SPDX-License-Identifier: GPL-2.0-only
"""The console parser, on recorded consoles and on damaged ones."""

import re
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from conftest import DATA
from dmaconflib import ktap, session
from dmaconflib.boot import Booted
from dmaconflib.problem import Problem
from dmaconflib.process import Ending

MEMCPY, SLAVE = 'stub-memcpy.0/0', 'stub-slave.0/0'


def text(name: str) -> str:
    """A recorded console."""
    return (DATA / f'{name}.log').read_text()


def parse(console: str) -> ktap.Log:
    """The log of a whole console."""
    parser = ktap.Parser()
    for line in console.split('\n'):
        parser.feed(line)
    return parser.finish()


def results(log: ktap.Log) -> list[tuple[str, str, bool | None, str | None]]:
    """The outcomes as plain tuples."""
    return [(seen.rule, seen.channel, seen.ok, seen.skip) for seen in log.outcomes]


WHOLE = [
    ('cookie.monotonic', MEMCPY, True, None),
    ('cookie.monotonic', SLAVE, True, 'not-applicable: the channel does not offer memcpy'),
    ('cookie.poll', MEMCPY, True, 'not-tested: no gate'),
    ('cookie.poll', SLAVE, True, None),
    ('wait.callback', MEMCPY, True, None),
    ('wait.callback', SLAVE, True, 'inconclusive: the window was missed'),
]


def test_conformant_console_is_read_whole() -> None:
    log = parse(text('conformant'))
    assert results(log) == WHOLE
    assert log.header == {'version': '0.1.0', 'seed': '0x0000002a', 'device': 'stub',
                          'timeout_ms': '500', 'kernel': '6.12.117', 'arch': 'um'}
    assert [channel['label'] for channel in log.channels] == [MEMCPY, SLAVE]
    assert log.stub == {'fault': 'none'}
    assert log.outcomes[0].duration_us == 123
    assert log.complete and not log.damage and not log.panicked


def test_skips_that_kunit_leaves_out_are_read_from_the_harness() -> None:
    silent = re.sub(r'^( *)(ok \d+ stub-\S+) # SKIP (.*)$', r'\1# x: dmaconf: skip \3\n\1\2',
                    text('conformant'), flags=re.M)
    assert ' # SKIP not' not in silent
    assert results(parse(silent)) == WHOLE


@pytest.mark.parametrize('dress', [
    pytest.param(lambda line: f'[    0.123456] {line}', id='printk time'),
    pytest.param(lambda line: f'[   12.123456][    T1] {line}', id='printk time and thread'),
    pytest.param(lambda line: f'\r{line}\r\r', id='carriage returns'),
    pytest.param(lambda line: re.sub(r'^ +(?=# \w+: )', '', line), id='notes not indented'),
    pytest.param(lambda line: f'{line}\nrandom: crng init done', id='other messages between'),
])
def test_the_way_of_the_line_does_not_matter(dress: Callable[[str], str]) -> None:
    log = parse('\n'.join(dress(line) for line in text('conformant').split('\n')))
    assert results(log) == WHOLE
    assert log.complete and not log.damage


BENCH = '''KTAP version 1
1..3
    KTAP version 1
    # Subtest: dmabench
    # module: dmaconf
    1..1
        KTAP version 1
        # Subtest: bench_round
    ok 1 bench_round # SKIP
ok 1 dmabench # SKIP
'''


def test_a_suite_without_rules_is_gone_over() -> None:
    """As a module the suite says all that is in it, also what was not asked for."""
    rules = re.sub(r'(?m)^ok (\d) ', lambda found: f'ok {int(found[1]) + 1} ',
                   text('conformant').split('1..2\n', 1)[1])
    log = parse(BENCH + rules)
    assert log.complete and not log.damage
    assert results(log) == WHOLE


def test_violations_keep_their_diagnosis() -> None:
    log = parse(text('violations'))
    assert log.outcomes[0].ok is False
    assert log.outcomes[0].said == [
        'EXPECTATION FAILED at drivers/dma/dmaconf/cookie.c:66',
        'Expected second > first, but', 'second == 5 (0x5)', 'first == 6 (0x6)',
        'diag: cookie 5 after 6', 'hint: the cookie counter went back']
    assert log.outcomes[4].invariants == ['red zone after dst changed at +0']
    assert not log.damage


def test_panic_leaves_the_rule_that_ran_open() -> None:
    log = parse(text('panic'))
    last = log.outcomes[-1]
    assert (last.rule, last.channel, last.ok) == ('cookie.poll', MEMCPY, None)
    assert last.reports[0].startswith('BUG: kernel NULL pointer dereference')
    assert log.panicked and not log.complete


def test_running_names_the_rule_that_runs_now() -> None:
    parser = ktap.Parser()
    for line in text('hang').split('\n'):
        parser.feed(line)
    assert parser.running is not None
    assert (parser.running.rule, parser.running.channel) == ('cookie.poll', MEMCPY)


def test_report_in_a_rule_that_says_ok_is_kept_with_it() -> None:
    line = '    # callback: dmaconf: end channel=stub-memcpy.0/0 us=30\n'
    log = parse(text('conformant').replace(
        line, 'WARNING: CPU: 0 PID: 9 at kernel/dma/debug.c:1 check_unmap\nModules:\n' + line))
    assert log.outcomes[4].ok is True
    assert log.outcomes[4].reports == [
        'WARNING: CPU: 0 PID: 9 at kernel/dma/debug.c:1 check_unmap', 'Modules:']


def test_the_message_before_a_warning_is_quoted() -> None:
    line = '    # callback: dmaconf: end channel=stub-memcpy.0/0 us=30\n'
    warning = 'WARNING: CPU: 0 PID: 9 at lib/list_debug.c:62'
    log = parse(text('conformant').replace(
        line, f'------------[ cut here ]------------\nlist_del corruption.\n{warning}\n{line}'))
    assert log.outcomes[4].reports == ['list_del corruption.', warning]


def test_report_before_the_first_rule_belongs_to_the_boot() -> None:
    log = parse('WARNING: CPU: 0 PID: 1 at mm/early.c:1\n' + text('conformant'))
    assert log.early_reports[0].startswith('WARNING')
    assert not any(outcome.reports for outcome in log.outcomes)


def without(pattern: str) -> Callable[[str], str]:
    """Removes the first line that matches."""
    return lambda console: re.sub(rf'^.*{pattern}.*\n', '', console, count=1, flags=re.M)


def twice(pattern: str) -> Callable[[str], str]:
    """Doubles the first line that matches."""
    return lambda console: re.sub(rf'^(.*{pattern}.*\n)', r'\1\1', console, count=1, flags=re.M)


DAMAGES = [
    pytest.param(lambda console: console.replace('    1..2', '    1..3'),
                 'dmaconf_cookie planned 3 rules, 2 were seen', id='plan too high'),
    pytest.param(lambda console: console.replace('    1..2', '    1..1'),
                 'dmaconf_cookie planned 1 rules, 2 were seen', id='plan too low'),
    pytest.param(twice('    1..2'), 'dmaconf_cookie has two plans', id='plan twice'),
    pytest.param(twice(r'^1\.\.2'), 'a second top plan: the kernel started twice?',
                 id='top plan twice'),
    pytest.param(lambda console: console.replace('\n1..2', '\n1..1'),
                 '1 suites planned, 2 seen', id='more suites than planned'),
    pytest.param(without('        ok 1 stub-memcpy'),
                 f'cookie.monotonic on {MEMCPY} has no result', id='channel result lost'),
    pytest.param(without('begin channel=stub-memcpy'),
                 f'cookie.monotonic on {MEMCPY} has a result but did not begin',
                 id='begin lost'),
    pytest.param(twice('        ok 1 stub-memcpy'),
                 f'cookie.monotonic on {MEMCPY} was run twice', id='channel result twice'),
    pytest.param(without('    ok 1 monotonic'), 'the result of cookie.monotonic is missing',
                 id='rule result lost'),
    pytest.param(lambda console: console.replace('    ok 1 monotonic', '    not ok 1 monotonic'),
                 'cookie.monotonic says not ok, its channels differ', id='rule differs'),
    pytest.param(lambda console: console.replace('    ok 2 poll', '    ok 4 poll'),
                 'cookie.poll is number 4, expected 2', id='rule number'),
    pytest.param(without('ok 1 dmaconf_cookie'), 'cookie.dmaconf_wait', id='suite result lost'),
    pytest.param(lambda console: console.replace('\nok 1 dmaconf_c', '\nnot ok 1 dmaconf_c'),
                 'dmaconf_cookie failed, but none of its rules did', id='suite differs'),
]


@pytest.mark.parametrize('damage, told', DAMAGES)
def test_damage_is_told(damage: Callable[[str], str], told: str) -> None:
    damaged = damage(text('conformant'))
    assert damaged != text('conformant')
    assert any(told in line for line in parse(damaged).damage), parse(damaged).damage


@pytest.mark.parametrize('cut', range(4, len(text('conformant').split('\n')) - 3))
def test_no_cut_console_looks_complete(cut: int) -> None:
    log = parse('\n'.join(text('conformant').split('\n')[:cut]))
    assert not log.complete


def test_no_ktap_at_all() -> None:
    log = parse(text('no-ktap'))
    assert not log.started and not log.outcomes
    assert log.tail[-1].startswith('Kernel panic')


def test_other_suites_are_counted_and_ignored() -> None:
    foreign = ('    KTAP version 1\n    # Subtest: example\n    1..2\n    ok 1 first\n'
               '    not ok 2 a second one\nnot ok 1 example\n')
    console = text('conformant').replace('\n1..2', '\n1..3').replace(
        '    KTAP version 1\n    # Subtest: dmaconf_c',
        foreign + '    KTAP version 1\n    # Subtest: dmaconf_c')
    console = console.replace('\nok 2 dmaconf', '\nok 3 dmaconf').replace(
        '\nok 1 dmaconf', '\nok 2 dmaconf')
    log = parse(console)
    assert results(log) == WHOLE
    assert log.complete and not log.damage


def test_a_fault_named_for_an_error_is_no_error_of_the_stub() -> None:
    console = text('conformant').replace('stub fault=none', 'stub fault=term_idle_error')
    assert parse(console).stub == {'fault': 'term_idle_error'}
    refused = text('conformant').replace('stub fault=none', 'stub error unknown fault=nix')
    assert 'unknown fault=nix' in parse(refused).stub['error']


def test_an_error_of_the_stub_matters_where_the_stub_is_tested() -> None:
    refused = text('conformant').replace('stub fault=none', 'stub error no devices')
    real = refused.replace('driver=dmaconf-stub', 'driver=bcm2835-dma')
    wishes = SimpleNamespace(fault=None, device='x')
    with pytest.raises(Problem, match='the stub refuses'):
        session.reject(Booted(parse(refused), Ending.EXITED), wishes)
    session.reject(Booted(parse(real), Ending.EXITED), wishes)
