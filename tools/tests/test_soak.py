# SPDX-License-Identifier: GPL-2.0-only
"""Soaking: what differs between boots is named, with a seed that shows it."""

from dmaconflib.results import Judgement, Result, Verdict
from dmaconflib.soak import Soaked, changes, compared, drifts, tell


def judged(*verdicts: Verdict) -> list[tuple[int, Judgement]]:
    """Boots whose seeds count from 1, in which term.idle came to these verdicts."""
    steady = Result('err.reported', 'MUST', 'a/0', Verdict.PASS)
    return [(seed, Judgement([Result('term.idle', 'MUST', 'a/0', verdict), steady], []))
            for seed, verdict in enumerate(verdicts, 1)]


def test_the_same_everywhere_is_steady() -> None:
    assert not changes(judged(Verdict.PASS, Verdict.PASS, Verdict.PASS))
    assert tell(Soaked(3, [], [])) == '3 boots: no verdict changed'


def test_the_rarest_verdict_has_its_seed_told() -> None:
    changed = changes(judged(Verdict.PASS, Verdict.PASS, Verdict.FAIL, Verdict.PASS))
    assert [(change.rule, change.seed) for change in changed] == [('term.idle', 3)]
    told = tell(Soaked(4, changed, []))
    assert '--rules term.idle --seed 0x3' in told
    assert told.endswith('4 boots: 1 rule changed')


def test_a_boot_without_verdicts_is_no_steady_one() -> None:
    assert not Soaked(2, [], ['seed 0x1: TIMEOUT']).steady


def timed(us: int) -> Judgement:
    return Judgement([Result('term.idle', 'MUST', 'a/0', Verdict.PASS, duration_us=us)], [])


def test_under_time_travel_a_rule_always_takes_the_same_time() -> None:
    assert not drifts([timed(20), timed(20)])
    assert drifts([timed(20), timed(21)]) == [
        'term.idle on a/0: 20 to 21 us, though the clock stands still']


def test_exact_runs_are_told_as_such() -> None:
    assert tell(Soaked(51, [], [], True)).endswith('the last of them in plain time')
    assert 'plain' not in tell(Soaked(51, [], ['term.idle on a/0: 20 to 21 us'], True))


def test_what_timing_decides_is_not_compared_with_plain_time() -> None:
    boots = {0: judged(Verdict.INCONCLUSIVE)[0][1], 1: judged(Verdict.PASS)[0][1]}
    left = compared(boots, 1, set())
    assert [result.rule for result in left[1].results] == ['err.reported']
    assert not changes([(1, left[0]), (1, left[1])])
    boots[0] = judged(Verdict.FAIL)[0][1]
    assert changes([(1, judgement) for judgement in compared(boots, 1, set()).values()])
    assert not changes([(1, judgement)
                        for judgement in compared(boots, 1, {'term.idle'}).values()])
