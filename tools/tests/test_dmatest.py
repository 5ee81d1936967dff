# SPDX-License-Identifier: GPL-2.0-only
"""What a console with dmatest in it says about the channels under test."""

import pytest

from dmaconflib import dmatest
from dmaconflib.boot import Booted
from dmaconflib.process import Ending
from test_ktap import parse

NAMES = {'dma0chan0', 'dma0chan1'}
THREAD = 'dma{}-copy0: summary 20 tests, {} failures 9708.73 iops 68825 KB/s (0)\n'
PASSES = ('BUG: something before dmatest began\n'
          'KTAP version 1\n1..1\n'
          '    KTAP version 1\n    # Subtest: dmatest\n    1..1\n'
          '[    0.1] dmatest: No channels configured, continue with any\n'
          'dmatest: Added 1 threads using dma0chan0\n'
          '[    0.200000][    T1] dmatest: Added 1 threads using dma0chan1\n'
          'dmatest: Added 1 threads using dma1chan0\n'
          'dmatest: Started 1 threads using dma0chan0\n'
          'dmatest: ' + THREAD.format('0chan0', 0)
          + 'dmatest: ' + THREAD.format('0chan1', 0)
          + 'dmatest: ' + THREAD.format('1chan0', 20)
          + '    ok 1 dmatest_ends\nok 1 dmatest\nreboot: System halted\n')
FAILS = PASSES.replace('20 tests, 0', '20 tests, 3', 1)


def found(console: str, ending: Ending = Ending.EXITED) -> dmatest.Found:
    """The judgement of a console."""
    return dmatest.judge('default', console, Booted(parse(console), ending), NAMES)


def test_only_the_channels_under_test_count() -> None:
    seen = found(PASSES)
    assert (seen.channels, seen.tests, seen.failures, seen.outcome) == (2, 40, 0, 'passes')
    assert str(seen) == '0 of 40 tests failed'


@pytest.mark.parametrize('console, ending, outcome, told', [
    (FAILS, Ending.EXITED, 'fails', '3 of 40 tests failed'),
    (PASSES.replace('dmatest: dma0chan1-copy0', 'dma'), Ending.EXITED, 'fails',
     '1 thread did not end'),
    (PASSES.replace('    ok 1', 'WARNING: CPU: 0 PID: 1 at lib/list.c:1\n    ok 1'), Ending.EXITED,
     'crashes', 'the kernel complained: WARNING: CPU: 0'),
    (PASSES[:PASSES.index('    ok 1')], Ending.EXITED, 'crashes', 'the kernel died'),
    ('', Ending.EXITED, 'crashes', 'the kernel died'),
    (PASSES[:PASSES.index('    ok 1')], Ending.SILENT, 'hangs', 'it said nothing for too long'),
])
def test_what_went_wrong(console: str, ending: Ending, outcome: str, told: str) -> None:
    seen = found(console, ending)
    assert seen.outcome == outcome
    assert told in str(seen)


def test_channels_that_dmatest_does_not_test() -> None:
    assert str(found('KTAP version 1\n1..0\n')) == 'tests none of these channels'
