# SPDX-License-Identifier: GPL-2.0-only
"""The verdict on a boot of the selftests, and the grammar as it is written down."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from dmaconflib import PROJECT, declarations, guest, kselftest, kselftest_faults
from dmaconflib.guest import Guest
from dmaconflib.kselftest import Outcome, Wishes
from dmaconflib.problem import Problem
from dmaconflib.process import Ending
from dmaconflib.source import Tree

GOOD = '''dmaconf: user space of Linux 6.12.117
TAP version 13
1..2
# timeout set to 600
# selftests: dmaengine: lifecycle
# TAP version 13
# 1..2
# #  RUN           copy.memcpy.one_transfer ...
# #            OK  copy.memcpy.one_transfer
# ok 1 copy.memcpy.one_transfer
# ok 2 copy.minimal.one_transfer
# # PASSED: 2 / 2 tests passed.
ok 1 selftests: dmaengine: lifecycle
# selftests: dmaengine: kunit
# ok 1 suites.run # SKIP the kernel has no KUnit (CONFIG_KUNIT)
ok 2 selftests: dmaengine: kunit # SKIP
dmaconf: end
'''


def outcome(text: str) -> Outcome:
    made = Outcome()
    for line in text.splitlines():
        made.feed(line)
    return made


def test_a_good_boot_is_good() -> None:
    made = outcome(GOOD)
    assert made.good
    assert (made.release, made.passed, made.failed, made.skipped) == ('6.12.117', 2, [], 1)
    assert made.programs == {'lifecycle': 'pass', 'kunit': 'skip'}


@pytest.mark.parametrize('old, new', [
    ('ok 2 copy.minimal', 'not ok 2 copy.minimal'),
    ('ok 1 selftests: dmaengine: lifecycle',
     'not ok 1 selftests: dmaengine: lifecycle # exit=139'),
    ('ok 1 selftests: dmaengine: lifecycle',
     'not ok 1 selftests: dmaengine: lifecycle # TIMEOUT 600 seconds'),
    ('dmaconf: end\n', ''),
    ('# ok ', '# '),
])
def test_a_bad_boot_is_not(old: str, new: str) -> None:
    assert not outcome(GOOD.replace(old, new)).good


def test_a_failed_test_has_its_programs_name() -> None:
    made = outcome(GOOD.replace('# ok 2 copy', '# not ok 2 copy')
                   .replace('ok 1 selftests', 'not ok 1 selftests'))
    assert made.failed == ['lifecycle:copy.minimal.one_transfer']


def test_a_program_that_the_kernel_never_ended_is_missed() -> None:
    made = outcome(GOOD.replace('ok 2 selftests: dmaengine: kunit # SKIP\ndmaconf: end\n', ''))
    assert not made.good
    assert 'NOT FINISHED' in str(made)


@pytest.mark.parametrize('line, wrong', [
    ('[    1.2] BUG: KASAN: slab-use-after-free in stub_tick', True),
    ('[    1.2] WARNING: possible circular locking dependency detected', True),
    ('[    1.2] DMA-API: debugging out of memory - disabling', True),
    ('[    1.2] kmemleak: 2 new suspected memory leaks (see /sys/kernel/debug/kmemleak)', True),
    ('[    1.2] INFO: task fuzz:77 blocked for more than 120 seconds.', True),
    ('[    1.2] BUG: sleeping function called from invalid context', True),
    ('[    1.2] DMA-API: preallocated 65536 debug entries', False),
    ('[    1.2] Lockdown: lockdown: debugfs access is restricted; see man kernel_lockdown.7',
     False),
])
def test_the_kernels_reports_are_found(tmp_path: Path, line: str, wrong: bool) -> None:
    log = tmp_path / 'log'
    log.write_text(f'[    0.0] Linux version 6.12\n{line}\n')
    assert bool(kselftest.reports(log)) == wrong


def test_a_boot_without_a_kernel_log_is_no_good(tmp_path: Path) -> None:
    assert kselftest.reports(tmp_path / 'none')


def machine(arch: str) -> Guest:
    tree = Tree(Path('/tree'), '6.12', True)
    return Guest('x', tree, arch, '6.12', Path('/kernel'), Path('/kdir'), Path('/out'), {})


@pytest.mark.parametrize('arch', ['um', 'x86_64'])
def test_the_tests_have_a_console_of_their_own(arch: str) -> None:
    words = ' '.join(machine(arch).command(['DMACONF_TESTS=fuzz'], Path('/log')))
    assert 'DMACONF_CONSOLE=tty' in words
    assert 'DMACONF_TESTS=fuzz' in words
    assert words.count('/log') == 1


def commands() -> list[str]:
    table = (guest.SELFTESTS / 'dmaconf-client/commands.c').read_text()
    return re.findall(r'^\t{ "(\w+)", "', table, re.M)


def test_every_command_is_in_the_readme() -> None:
    readme = (guest.SELFTESTS / 'README.md').read_text()
    grammar = readme[readme.index('### The grammar'):]
    told = set(re.findall(r'`(\w+)[ `]', grammar))
    assert commands()
    assert set(commands()) <= told


def test_every_program_is_in_the_readme_and_ignored() -> None:
    makefile = (guest.SELFTESTS / 'Makefile').read_text().replace('\\\n', ' ')
    found = re.search(r'^TEST_GEN_PROGS := (.*)$', makefile, re.M)
    assert found
    readme = (guest.SELFTESTS / 'README.md').read_text()
    ignored = (guest.SELFTESTS / '.gitignore').read_text().split()
    for name in found[1].split():
        assert f'{name}.c ' in readme
        assert f'/{name}' in ignored
        assert (PROJECT / 'selftests' / f'{name}.c').exists()


def played(monkeypatch: pytest.MonkeyPatch, consoles: list[str], kernel: str = '') -> list[str]:
    """Has kselftest.boot() play @consoles, one per boot; the value collects its arguments."""
    arguments: list[str] = []

    def boot(machine: Guest, wishes: Wishes, name: str, words: list[str],
             watch: Callable[[str], None]) -> Ending:
        arguments.extend(words)
        kselftest.kernel_log(machine, name).write_text(kernel)
        for line in consoles.pop(0).splitlines():
            watch(line)
        return Ending.EXITED

    monkeypatch.setattr(kselftest, 'boot', boot)
    return arguments


def boots(tmp_path: Path) -> Guest:
    return replace(machine('x86_64'), out=tmp_path)


BODY = '\n'.join(GOOD.splitlines()[1:-1])
BAD = BODY.replace('# ok 2 copy', '# not ok 2 copy').replace('ok 1 selftests', 'not ok 1 selftests')


def test_a_fault_is_noticed_by_a_test_that_fails(monkeypatch: pytest.MonkeyPatch,
                                                 tmp_path: Path) -> None:
    played(monkeypatch, [f'dmaconf: fault none\n{BODY}\ndmaconf: fault one\n{BAD}\n'
                         f'dmaconf: fault two\n{BODY}\ndmaconf: end\n'])
    rows = kselftest_faults.run(boots(tmp_path), Wishes(), ['none', 'one', 'two'], print)
    assert [(row.fault, row.noticed, row.good) for row in rows] == [
        ('none', False, True), ('one', True, True), ('two', False, False)]


def test_the_next_boot_goes_on_behind_a_fault_that_ends_the_kernel(
        monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    words = played(monkeypatch, [f'dmaconf: fault none\n{BODY}\ndmaconf: fault one\n# TAP',
                                 f'dmaconf: fault two\n{BAD}\ndmaconf: end\n'])
    rows = kselftest_faults.run(boots(tmp_path), Wishes(), ['none', 'one', 'two'], print)
    assert [(row.fault, row.died) for row in rows] == [
        ('none', False), ('one', True), ('two', False)]
    assert words == ['DMACONF_FROM=none', 'DMACONF_FROM=two']


def test_a_kernel_report_is_the_fault_s_that_it_came_with(monkeypatch: pytest.MonkeyPatch,
                                                          tmp_path: Path) -> None:
    played(monkeypatch, [f'dmaconf: fault none\n{BODY}\ndmaconf: fault one\n{BODY}\n'
                         'dmaconf: end\n'],
           '[ 1.0] dmaconf: fault none\n[ 2.0] dmaconf: fault one\n[ 3.0] BUG: KASAN: uaf\n')
    rows = kselftest_faults.run(boots(tmp_path), Wishes(), ['none', 'one'], print)
    assert [row.good for row in rows] == [True, True]
    assert rows[1].outcome.reports


def test_a_conformant_stub_that_fails_is_not_good(monkeypatch: pytest.MonkeyPatch,
                                                  tmp_path: Path) -> None:
    played(monkeypatch, [f'dmaconf: fault none\n{BAD}\ndmaconf: end\n'])
    assert not kselftest_faults.run(boots(tmp_path), Wishes(), ['none'], print)[0].good


def test_a_machine_that_comes_to_no_test_is_a_problem(monkeypatch: pytest.MonkeyPatch,
                                                      tmp_path: Path) -> None:
    played(monkeypatch, ['Booting\n'])
    with pytest.raises(Problem):
        kselftest_faults.run(boots(tmp_path), Wishes(), ['none'], print)


def test_every_fault_is_noticed_or_has_a_reason() -> None:
    names = {fault.name for fault in declarations.faults()}
    assert set(kselftest_faults.listed()) == names


def test_a_fault_with_a_reason_is_not_looked_for(tmp_path: Path,
                                                 monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / 'faults'
    path.write_text('# About it.\n\none\ntwo    too early for a process\nthree\n')
    monkeypatch.setattr(kselftest_faults, 'LIST', path)
    assert kselftest_faults.listed()['two'] == 'too early for a process'
    assert kselftest_faults.visible('t*') == ['none', 'three']
    assert kselftest_faults.visible('two,one,t*') == ['none', 'one', 'three']
    with pytest.raises(Problem):
        kselftest_faults.visible('two')


def test_what_make_test_runs_exists() -> None:
    makefile = (guest.SELFTESTS / 'Makefile').read_text()
    for name in kselftest.BRIEF:
        assert re.search(rf'\b{name}\b', makefile)


def test_many_commands_of_the_fuzzer_have_their_time() -> None:
    wishes = kselftest.patient(Wishes(arguments=['a']), 1000000)
    assert wishes.overall_s > 1000000 * kselftest.SLOWEST_S
    assert wishes.arguments == ['a', f'DMACONF_TIMEOUT={wishes.overall_s:.0f}']
