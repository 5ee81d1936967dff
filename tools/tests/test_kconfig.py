# SPDX-License-Identifier: GPL-2.0-only
"""Why an option cannot be had."""

from pathlib import Path

import pytest

from dmaconflib import kconfig

KCONFIG = '''menuconfig DMADEVICES
\tbool "DMA Engine support"

if DMADEVICES

config PL330_DMA
\ttristate "DMA API Driver for PL330"
\tselect DMA_ENGINE
\tdepends on ARM_AMBA
\thelp
\t  Not for all.

if ARCH_FOO || COMPILE_TEST
config FOO_DMA
\tbool "Foo"
\tdepends on OF && !BAR
endif

endif
'''
SAID = ['Not all Kconfig options selected in kunitconfig were in the generated .config.',
        'This is probably due to unsatisfied dependencies.']


@pytest.fixture(name='tree')
def _tree(tmp_path: Path) -> Path:
    (tmp_path / 'drivers/dma').mkdir(parents=True)
    (tmp_path / 'drivers/dma/Kconfig').write_text(KCONFIG)
    return tmp_path


def explained(tree: Path, option: str, *there: str) -> list[str]:
    config = tree / '.config'
    config.write_text(''.join(f'CONFIG_{symbol}=y\n' for symbol in there))
    return kconfig.explain([*SAID, f'Missing: CONFIG_{option}=y'], tree, config)


def test_what_an_option_depends_on_is_named(tree: Path) -> None:
    assert explained(tree, 'PL330_DMA', 'DMADEVICES') == [
        'CONFIG_PL330_DMA depends on what is not so: ARM_AMBA (drivers/dma/Kconfig)']


def test_blocks_count_and_alternatives_that_hold_do_not(tree: Path) -> None:
    assert 'not so: OF (' in explained(tree, 'FOO_DMA', 'DMADEVICES', 'COMPILE_TEST')[0]
    assert 'ARCH_FOO, COMPILE_TEST' in explained(tree, 'FOO_DMA', 'DMADEVICES', 'OF')[0]
    forbidden = explained(tree, 'FOO_DMA', 'DMADEVICES', 'OF', 'COMPILE_TEST', 'BAR')
    assert 'not so: no BAR (' in forbidden[0]
    assert 'not so: DMADEVICES' in explained(tree, 'FOO_DMA', 'OF', 'COMPILE_TEST')[0]


def test_an_option_that_does_not_exist_is_told(tree: Path) -> None:
    assert explained(tree, 'NONSENSE') == ['CONFIG_NONSENSE is no option of this kernel']


def test_other_failures_are_left_alone(tree: Path) -> None:
    (tree / '.config').write_text('')
    assert not kconfig.explain(['foo.c:1: error: bar'], tree, tree / '.config')
