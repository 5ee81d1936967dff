# SPDX-License-Identifier: GPL-2.0-only
"""kmemleak's reports find the rule that allocated the memory."""

import pytest

from dmaconflib.ktap import Outcome
from dmaconflib.leaks import Leaks

BACKTRACE = ['hex dump (first 32 bytes):', '00 01 6b 6b 6b 6b 6b 6b  ..kkkkkk',
             'backtrace (crc 1234):', '    stub_desc_alloc+0x50/0xa0']


def leaked(*objects: tuple[int, int]) -> tuple[list[Outcome], list[str]]:
    """Two outcomes, and what is nobody's, after leaks by these pids at these jiffies."""
    outcomes = [Outcome('term.idle', 'a/0', pids=[10, 11], jiffies=[100, 120]),
                Outcome('err.reported', 'a/0', pids=[12, 13], jiffies=[120, 150])]
    others: list[str] = []
    leaks = Leaks(outcomes, others)
    for pid, jiffies in objects:
        for line in ('unreferenced object 0xff (size 192):',
                     f'comm "kunit_try_catch", pid {pid}, jiffies {jiffies}', *BACKTRACE):
            leaks.feed(line.strip())
    leaks.feed(f'{len(objects)} new suspected memory leaks (see /sys/kernel/debug/kmemleak)')
    return outcomes, others


@pytest.mark.parametrize('pid, jiffies, owner', [
    (11, 100, 0),
    (10, 140, 0),  # the thread says more than the time
    (12, 120, 1),
    (0, 119, 0),
    (0, 130, 1),
])
def test_a_leak_is_given_to_its_rule(pid: int, jiffies: int, owner: int) -> None:
    outcomes, _ = leaked((pid, jiffies))
    assert outcomes[owner].reports[0] == 'kmemleak: unreferenced object 0xff (size 192):'
    assert outcomes[owner].reports[-1] == '  stub_desc_alloc+0x50/0xa0'
    assert not any('6b' in line for line in outcomes[owner].reports)
    assert not outcomes[1 - owner].reports


def test_further_leaks_are_counted() -> None:
    outcomes, _ = leaked((10, 100), (10, 101), (11, 102))
    assert outcomes[0].reports[-1] == 'kmemleak: in all 3 objects'
    assert len(outcomes[0].reports) == 5


def test_what_no_rule_allocated_fails_none() -> None:
    outcomes, others = leaked((1, 5))
    assert not outcomes[0].reports and not outcomes[1].reports
    assert others[-1].startswith('kmemleak: 1 new suspected')
