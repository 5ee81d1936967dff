# SPDX-License-Identifier: GPL-2.0-only
"""The verdict on a boot of the selftests, and the grammar as it is written down."""

import re
from pathlib import Path

import pytest

from dmaconflib import PROJECT, guest, kselftest
from dmaconflib.guest import Guest
from dmaconflib.kselftest import Outcome
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
