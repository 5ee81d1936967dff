# SPDX-License-Identifier: GPL-2.0-only
"""What goes onto a board: the bundle, the checks of a kernel, and dmaconf-run on a played one."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import DATA, TOOLS
from dmaconflib import archive, bundle, declarations, evidence
from dmaconflib.bundle import Board
from dmaconflib.problem import Problem
from dmaconflib.results import Verdict
from dmaconflib.waivers import Known
from runs import RULES

BUILD_MODULES = TOOLS / 'board/build-modules'


@pytest.fixture
def kdir(tmp_path: Path) -> Path:
    """A kernel's build folder, as far as it is looked at before make."""
    config = tmp_path / 'kdir/include/config'
    config.mkdir(parents=True)
    (tmp_path / 'kdir/Makefile').write_text('modules:\n\t@touch $(M)/dmaconf/dmaconf.ko\n')
    (config / 'kernel.release').write_text('6.1.9-board\n')
    (config / 'auto.conf').write_text(
        'CONFIG_MODULES=y\nCONFIG_DMADEVICES=y\nCONFIG_KUNIT=m\n')
    return tmp_path / 'kdir'


def build(kdir: Path, **env: str) -> 'subprocess.CompletedProcess[str]':
    """What build-modules says of @kdir."""
    said = {'KDIR': str(kdir), 'OUT': str(kdir.parent / 'out')} | env
    return subprocess.run([str(BUILD_MODULES)], env=dict(os.environ) | said, text=True,
                          capture_output=True, check=False)


def test_modules_are_built_beside_the_sources(kdir: Path) -> None:
    done = build(kdir)
    assert done.returncode == 0
    assert done.stdout == f'{kdir.parent}/out/dmaconf/dmaconf.ko\n'
    assert 'the stub is left out: there is no drivers/dma/virt-dma.h' in done.stderr
    assert not [*(TOOLS.parent / 'kunit').rglob('*.ko')]


def without(kdir: Path, *options: str) -> None:
    """Takes @options out of the kernel's configuration."""
    conf = kdir / 'include/config/auto.conf'
    conf.write_text('\n'.join(line for line in conf.read_text().splitlines()
                              if not any(f'CONFIG_{name}=' in line for name in options)))


@pytest.mark.parametrize('lacks, told', [
    (['KUNIT'], 'has no CONFIG_KUNIT.'), (['DMADEVICES'], 'has no CONFIG_DMADEVICES.'),
    (['KUNIT', 'DMADEVICES'], 'has no CONFIG_DMADEVICES, CONFIG_KUNIT.')])
def test_a_kernel_that_lacks_something(kdir: Path, lacks: list[str], told: str) -> None:
    without(kdir, *lacks)
    done = build(kdir)
    assert done.returncode == (2 if 'DMADEVICES' in lacks else 0)
    assert f'the kernel 6.1.9-board in {kdir} {told}' in done.stderr
    assert 'configs/board.config' in done.stderr and 'selftests/README.md' in done.stderr
    for name in lacks:
        assert f'CONFIG_{name}=' in (TOOLS.parent / 'configs/board.config').read_text()


@pytest.mark.parametrize('lacks, suite', [([], 'm'), (['KUNIT'], '')])
def test_without_kunit_the_user_space_half_is_built(kdir: Path, lacks: list[str],
                                                    suite: str) -> None:
    (kdir / 'Makefile').write_text(
        'modules:\n\t@grep -q dmaconf-client $(M)/Kbuild && '
        'echo "suite=$(CONFIG_DMACONF_KUNIT_TEST) aid=$(CONFIG_DMACONF_AID)."\n')
    without(kdir, *lacks)
    done = build(kdir)
    assert done.returncode == 0 and f'suite={suite} aid=m.' in done.stderr
    assert (kdir.parent / 'out/dmaconf-client/session.c').exists()


def test_a_kernel_that_was_only_prepared(kdir: Path) -> None:
    (kdir / 'Makefile').write_text('modules:\n\t@echo "warn=$(KBUILD_MODPOST_WARN)."\n')
    said = build(kdir).stderr
    assert 'has no Module.symvers' in said and 'warn=1.' in said
    (kdir / 'Module.symvers').write_text('')
    said = build(kdir).stderr
    assert 'has no Module.symvers' not in said and 'warn=.' in said


def test_folders_that_are_none(kdir: Path, tmp_path: Path) -> None:
    assert 'no such folder' in build(tmp_path / 'nothing').stderr
    assert 'it has no Makefile' in build(tmp_path).stderr
    (kdir / 'include/config/auto.conf').unlink()
    assert f'make -C {kdir} modules_prepare' in build(kdir).stderr
    nothing = subprocess.run([str(BUILD_MODULES)], env={'PATH': os.environ['PATH']}, text=True,
                             capture_output=True, check=False)
    assert nothing.returncode == 2 and 'make modules KDIR=' in nothing.stderr


def test_a_build_that_fails(kdir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, 'BUILD', kdir.parent)
    (kdir / 'Makefile').write_text('modules:\n\t@echo broken >&2; exit 1\n')
    with pytest.raises(Problem, match='(?s)broken.*the modules did not build'):
        bundle.make(Board(kdir, 'x86_64'), RULES)


def test_a_compiler_without_a_c_library_leaves_the_selftests_out(
        kdir: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(bundle, 'BUILD', kdir.parent)
    framework = kdir / 'tools/testing/selftests/lib.mk'
    framework.parent.mkdir(parents=True)
    framework.write_text('')
    compiler = kdir.parent / 'bare-gcc'
    board = Board(kdir, 'bare', f'{kdir.parent}/bare-')
    with pytest.raises(Problem, match='bare-gcc: No such file or directory'):
        bundle.make(board, RULES)
    compiler.write_text('#!/bin/sh\nexit 1\n')
    compiler.chmod(0o755)
    _, files, _ = bundle.make(board, RULES)
    assert 'modules/dmaconf.ko' in files and not any('selftests/' in name for name in files)
    assert f'the selftests are left out: {compiler} makes no static program' in (
        capfd.readouterr().err)


INSMOD = '''#!/bin/sh
# Plays a kernel that runs the one rule it is told to.
rule=$(printf '%s\\n' "$@" | sed -n 's/^rules=//p')
[ -n "$rule" ] || exit 0
[ "$rule" != "$FAKE_REFUSE" ] || exit 1
seed=$(printf '%s\\n' "$@" | sed -n 's/^seed=//p')
ms=$(printf '%s\\n' "$@" | sed -n 's/^timeout_ms=//p')
area=${rule%.*} name=${rule#*.}
[ "$rule" != "$FAKE_HANG" ] || { [ -z "$FAKE_STUCK" ] || : > "$FAKE/stuck"; exec sleep 4; }
word=ok; [ "$rule" != "$FAKE_FAIL" ] || word='not ok'
{
	cat <<EOF
KTAP version 1
1..1
# dmaconf: run version=0.1.0 seed=$seed device=stub timeout_ms=$ms kernel=$(uname -r) arch=x
# dmaconf: channel label=stub-memcpy.0/0 driver=dmaconf-stub name=dma0chan0 caps=memcpy
    KTAP version 1
    # Subtest: dmaconf_$area
    1..1
        KTAP version 1
        # Subtest: $name
    # $name: dmaconf: begin channel=stub-memcpy.0/0
EOF
	[ "$rule" != "$FAKE_DIE" ] || kill -9 "$(cat "$FAKE/pid")"
	cat <<EOF
    # $name: dmaconf: end channel=stub-memcpy.0/0 us=5
        $word 1 stub-memcpy.0/0
    $word 1 $name
$word 1 dmaconf_$area
EOF
} | sed 's/^/[    1.234567] /' >> "$FAKE/dmesg"
'''


@pytest.fixture
def board(tmp_path: Path) -> Path:
    """A folder with the bundle, and commands that play a board's."""
    here, bin_ = tmp_path / 'bundle', tmp_path / 'bin'
    for folder in (here / 'modules', here / 'profiles', bin_):
        folder.mkdir(parents=True)
    shutil.copy2(TOOLS / 'board/dmaconf-run', here)
    (here / 'modules/dmaconf.ko').write_text('a module')
    (here / 'profiles/sample.rules').write_text(
        'version 1\nmandatory wait.callback\ninformation cookie.poll\n')
    for name, content in bundle.lists(RULES).items():
        (here / name).write_bytes(content)
    sums = subprocess.run('sha256sum $(find * -type f) > SHA256SUMS', shell=True, cwd=here,
                          check=True)
    assert sums.returncode == 0
    (tmp_path / 'dmesg').write_text('[    0.000000] Linux version\n')
    for name, script in (('insmod', INSMOD), ('dmesg', '#!/bin/sh\ncat "$FAKE/dmesg"\n'),
                         ('id', '#!/bin/sh\necho 0\n'),
                         ('sync', '#!/bin/sh\nwhile [ -e "$FAKE/stuck" ]; do sleep 0.1; done\n'),
                         ('reboot', '#!/bin/sh\nrm -f "$FAKE/stuck"\n'),
                         *((name, '#!/bin/sh\n')
                           for name in ('rmmod', 'mount', 'modprobe'))):
        (bin_ / name).write_text(script)
        (bin_ / name).chmod(0o755)
    return here


def run(board: Path, *arguments: str, **env: str) -> 'subprocess.CompletedProcess[str]':
    """dmaconf-run with the results beside the bundle."""
    said = {'PATH': f'{board.parent}/bin:{os.environ["PATH"]}', 'FAKE': str(board.parent),
            'DMACONF_KMSG': str(board.parent / 'dmesg'), 'TMPDIR': str(board.parent),
            'DMACONF_SYSRQ': str(board.parent / 'sysrq'),
            'DMACONF_SYSCTL': str(board.parent)} | env
    script = 'echo $$ > "$FAKE/pid"; exec ./dmaconf-run --out ../out "$@"'
    return subprocess.run(['/bin/sh', '-c', script, 'sh', *arguments], cwd=board, text=True,
                          env=dict(os.environ) | said, capture_output=True, check=False,
                          timeout=30)


def verdicts(board: Path) -> dict[str, Verdict]:
    """What the suite makes of the results."""
    run_ = evidence.load(archive.read(board.parent / 'out'))
    return evidence.judged(run_, RULES, Known())[1].by_rule


def test_a_board_run_is_judged(board: Path) -> None:
    done = run(board, '--device', 'stub', FAKE_FAIL='wait.callback')
    assert done.returncode == 1
    assert done.stdout.splitlines()[:3] == [
        'RESULT cookie.monotonic pass', 'RESULT cookie.poll pass', 'RESULT wait.callback fail']
    assert verdicts(board) == {'cookie.monotonic': Verdict.PASS, 'cookie.poll': Verdict.PASS,
                               'wait.callback': Verdict.FAIL}


def test_a_profile_and_a_list_choose(board: Path) -> None:
    assert run(board, '--device', 'stub', '--profile', 'sample').stdout.startswith(
        'RESULT wait.callback pass\ndmaconf-run: done: 1 rules')
    shutil.rmtree(board.parent / 'out')
    assert run(board, '--device', 'stub', '--rules', 'cookie.poll').returncode == 0
    shutil.rmtree(board.parent / 'out')
    assert 'unknown rule cookie.pool' in run(board, '--device', 'stub', '--rules',
                                             'cookie.pool').stderr


def test_a_rule_that_hangs_is_stopped_and_gone_around(board: Path) -> None:
    done = run(board, '--device', 'stub', '--limit-s', '1', FAKE_HANG='cookie.poll')
    assert done.returncode == 3
    assert 'cookie.poll did not end within 1 s; reboot, then' in done.stderr
    again = run(board, '--resume')
    assert again.stdout.splitlines()[0] == 'RESULT wait.callback pass'
    assert verdicts(board) == {'cookie.monotonic': Verdict.PASS, 'cookie.poll': Verdict.TIMEOUT,
                               'wait.callback': Verdict.PASS}


@pytest.mark.parametrize('stuck', ['', 'so that no sync ends'])
def test_it_reboots_when_it_may(board: Path, stuck: str) -> None:
    (board.parent / 'panic_on_rcu_stall').write_text('0\n')
    run(board, '--device', 'stub', '--limit-s', '1', '--reboot', FAKE_HANG='cookie.poll',
        FAKE_STUCK=stuck)
    assert (board.parent / 'sysrq').read_text() == 'b\n'
    assert (board.parent / 'panic_on_rcu_stall').read_text() == '1\n'
    assert not (board.parent / 'softlockup_panic').exists()


def test_a_rule_that_could_not_be_loaded_is_no_culprit(board: Path) -> None:
    done = run(board, '--device', 'stub', FAKE_REFUSE='cookie.poll')
    assert done.returncode == 2 and 'dmaconf.ko cannot be loaded' in done.stderr
    assert run(board, '--resume').returncode == 0
    assert verdicts(board)['cookie.poll'] is Verdict.PASS


def test_a_place_that_takes_no_fifo_is_gone_around(board: Path) -> None:
    assert run(board, '--device', 'stub', TMPDIR='/nowhere').returncode == 0


def test_a_machine_that_goes_down_has_a_culprit(board: Path) -> None:
    assert run(board, '--device', 'stub', FAKE_DIE='cookie.poll').returncode == -9
    again = run(board, '--resume')
    assert 'the machine went down in cookie.poll' in again.stdout
    assert verdicts(board)['cookie.poll'] is Verdict.INCOMPLETE
    assert verdicts(board)['wait.callback'] is Verdict.PASS


@pytest.mark.parametrize('arguments, told', [
    ([], '--device is missing'), (['--device'], 'its value is missing'),
    (['--what', 'x'], '--what: unknown'), (['--resume'], 'there is nothing to resume'),
    (['--device', 'stub', '--profile', 'none'], 'unknown profile none; there are sample')])
def test_what_dmaconf_run_refuses(board: Path, arguments: list[str], told: str) -> None:
    done = run(board, *arguments)
    assert done.returncode == 2 and told in done.stderr


def test_a_bundle_without_rules(board: Path) -> None:
    (board / 'modules/dmaconf.ko').unlink()
    subprocess.run('sha256sum $(find * -type f ! -name SHA256SUMS) > SHA256SUMS', shell=True,
                   cwd=board, check=True)
    said = run(board, '--device', 'stub').stderr
    assert 'the kernel that it was made for has no CONFIG_KUNIT' in said


def test_a_bundle_that_was_damaged(board: Path) -> None:
    (board / 'modules/dmaconf.ko').write_text('another module')
    assert 'the bundle is damaged' in run(board, '--device', 'stub').stderr


def test_results_are_not_overwritten(board: Path) -> None:
    assert run(board, '--device', 'stub').returncode == 0
    assert 'is there already' in run(board, '--device', 'stub').stderr


def test_the_lists_of_a_bundle() -> None:
    rules = declarations.rules(DATA / 'project')
    lists = bundle.lists(rules)
    assert lists['rules'].decode().split() == [rule.id for rule in rules]
    assert re.match(r'suite_version=0\.1\.0\nsuite_commit=\S+\nrules_digest=[0-9a-f]{64}\n',
                    lists['suite'].decode())


def dkms(kdir: Path | str) -> dict[str, list[str]]:
    """What dkms.conf says of the kernel in @kdir, as dkms reads it."""
    names = ('PACKAGE_VERSION', 'MAKE', 'BUILD_EXCLUSIVE_CONFIG', 'BUILT_MODULE_NAME',
             'BUILT_MODULE_LOCATION', 'DEST_MODULE_LOCATION')
    said = subprocess.run(
        ['bash', '-ec', '. "$1"; shift; for name; do declare -n its=$name; '
         'printf "%s\\t" "$name" "${its[@]}"; echo; done', 'sh',
         TOOLS.parent / 'dkms.conf', *names],
        env={'kernel_source_dir': str(kdir), 'dkms_tree': '/var/lib/dkms'}, text=True,
        capture_output=True, check=True).stdout
    return {words[0]: words[1:-1] for words in (line.split('\t') for line in said.splitlines())}


@pytest.mark.parametrize('lacks, built', [
    ([], {'dmaconf-aid', 'dmaconf-client', 'dmaconf'}),
    (['KUNIT'], {'dmaconf-aid', 'dmaconf-client'})])
def test_dkms_builds_what_there_is(kdir: Path, lacks: list[str], built: set[str]) -> None:
    without(kdir, *lacks)
    said = dkms(kdir)
    assert said['PACKAGE_VERSION'] == [bundle.version()]
    assert said['BUILD_EXCLUSIVE_CONFIG'] == ['CONFIG_DMADEVICES']
    assert set(said['BUILT_MODULE_NAME']) == built
    assert said['DEST_MODULE_LOCATION'] == ['/updates/dkms'] * len(built)
    folders = {'dmaconf': 'kunit', 'dmaconf-client': 'selftests/dmaconf-client'}
    for name, place in zip(said['BUILT_MODULE_NAME'], said['BUILT_MODULE_LOCATION']):
        makefile = TOOLS.parent / folders[place.removeprefix('out/')] / 'Makefile'
        assert f'= {name}.o' in makefile.read_text()


def test_dkms_knows_its_modules_before_it_knows_the_kernel() -> None:
    assert dkms('')['BUILT_MODULE_NAME'] == ['dmaconf-aid', 'dmaconf-client']
