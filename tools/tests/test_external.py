# SPDX-License-Identifier: GPL-2.0-only
"""The modules outside of a tree: what they are built against, and what is complained of."""

from pathlib import Path

import pytest

from dmaconflib import external
from dmaconflib.guest import Guest
from dmaconflib.source import Tree

MAKE = ('modules:\n\t@for name in dmaconf dmaconf-aid dmaconf-client dmaconf-stub; do '
        'touch $(M)/$$name.ko; done\n\t@{}\n')


@pytest.fixture
def machine(tmp_path: Path) -> Guest:
    """A kernel's headers, as far as they are looked at before make."""
    kdir, tree = tmp_path / 'headers', tmp_path / 'tree'
    for folder in (kdir / 'include/config', kdir / 'include/generated', tree / 'lib/kunit',
                   tmp_path / 'scripts', tree / 'drivers/dma'):
        folder.mkdir(parents=True)
    (kdir / 'scripts').symlink_to('../scripts')
    (kdir / 'Makefile').write_text(MAKE.format(':'))
    (kdir / 'vmlinux').write_text('large')
    (kdir / 'Module.symvers').write_text('0x1\tprintk\tvmlinux\tEXPORT_SYMBOL\t\n')
    (kdir / 'include/config/auto.conf').write_text('CONFIG_MODULES=y\nCONFIG_DMADEVICES=y\n')
    (kdir / 'include/generated/autoconf.h').write_text('#define CONFIG_MODULES 1\n')
    (tree / 'lib/kunit/test.c').write_text('EXPORT_SYMBOL_GPL(kunit_run);\nEXPORT_SYMBOL(k2);\n')
    return Guest('debian', Tree(tree, '6.12', own=True), 'x86_64', '6.12', Path(), kdir,
                 tmp_path / 'out', {'PATH': '/usr/bin:/bin'})


def test_the_headers_get_kunit_and_stay_as_they_are(machine: Guest, tmp_path: Path) -> None:
    before = (machine.kdir / 'Module.symvers').read_text()
    copy = external.with_kunit(machine.kdir, machine.tree.path, tmp_path / 'copy')
    assert 'CONFIG_KUNIT=m' in (copy / 'include/config/auto.conf').read_text()
    assert '#define CONFIG_KUNIT_MODULE 1' in (copy / 'include/generated/autoconf.h').read_text()
    assert [line.split('\t')[1] for line in (copy / 'Module.symvers').read_text().splitlines()] == [
        'printk', 'kunit_run', 'k2']
    assert (copy / 'scripts').resolve() == tmp_path / 'scripts'
    assert not (copy / 'vmlinux').exists()
    assert (machine.kdir / 'Module.symvers').read_text() == before


def test_modules_that_build(machine: Guest) -> None:
    assert not external.complaints(machine)


@pytest.mark.parametrize('said, told', [
    ("echo 'ERROR: modpost: \"no_such\" [dmaconf.ko] undefined!' >&2; exit 1", 'no_such'),
    ("echo 'x.c:1: warning: unused' >&2", 'unused'),
    ('rm $(M)/dmaconf.ko', 'dmaconf.ko was not built')])
def test_what_is_wrong_with_them_is_told(machine: Guest, said: str, told: str) -> None:
    (machine.kdir / 'Makefile').write_text(MAKE.format(said))
    assert told in '\n'.join(external.complaints(machine))
