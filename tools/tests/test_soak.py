# SPDX-License-Identifier: GPL-2.0-only
"""Soaking: what differs between boots is named, with a seed that shows it."""

from dataclasses import replace

from dmaconflib.results import Judgement, Result, Strike, Verdict, Waived
from dmaconflib.soak import Soaked, _in_plain_time, changes, drifts, otherwise, tell


def judged(*verdicts: Verdict) -> list[tuple[int, Judgement]]:
    """Boots whose seeds count from 1, in which term.idle came to these verdicts."""
    steady = Result('err.reported', 'MUST', 'a/0', Verdict.PASS)
    return [(seed, Judgement([Result('term.idle', 'MUST', 'a/0', verdict), steady], []))
            for seed, verdict in enumerate(verdicts, 1)]


def test_the_same_everywhere_is_steady() -> None:
    assert not changes(judged(Verdict.PASS, Verdict.PASS, Verdict.PASS))
    assert tell(Soaked(3, [], [])) == '3 runs: no verdict changed'


def test_the_rarest_verdict_has_its_seed_told() -> None:
    changed = changes(judged(Verdict.PASS, Verdict.PASS, Verdict.FAIL, Verdict.PASS))
    assert [(change.rule, change.seed) for change in changed] == [('term.idle', 3)]
    told = tell(Soaked(4, changed, []))
    assert '--rules term.idle --seed 0x3' in told
    assert told.endswith('4 runs: 1 rule changed')


def test_a_boot_without_verdicts_is_no_steady_one() -> None:
    assert not Soaked(2, [], ['seed 0x1: TIMEOUT']).steady


def timed(us: int) -> Judgement:
    return Judgement([Result('term.idle', 'MUST', 'a/0', Verdict.PASS, duration_us=us)], [])


def test_under_time_travel_a_rule_always_takes_the_same_time() -> None:
    assert not drifts([timed(20), timed(20)])
    assert drifts([timed(20), timed(21)]) == [
        'term.idle on a/0: 20 to 21 us, though the clock stands still']


def test_exact_runs_are_told_as_such() -> None:
    assert tell(Soaked(51, [], [], True)).endswith('the last 3 of them in plain time')
    assert 'plain' not in tell(Soaked(51, [], ['term.idle on a/0: 20 to 21 us'], True))


WAIVED = Waived('fail', 'freed memory is used', 'driver', 'configs/waivers/x.toml')


def one(verdict: Verdict, waived: Waived | None = None, reason: str = '') -> Judgement:
    return Judgement([Result('term.idle', 'MUST', 'a/0', verdict, reason, waived=waived)], [])


def test_plain_time_has_to_come_to_the_same_verdict() -> None:
    assert otherwise(one(Verdict.PASS), one(Verdict.PASS), set()) == ([], [])
    told, expected = otherwise(one(Verdict.PASS), one(Verdict.FAIL), set())
    assert told == ['term.idle on a/0: pass under time travel, fail in plain time']
    assert not expected
    assert not Soaked(2, [], told, True).steady
    assert tell(Soaked(2, [], told, True)).endswith('2 runs: no verdict changed, 1 problem')


def test_what_a_waiver_leaves_to_timing_is_told_as_expected() -> None:
    waived = one(Verdict.WAIVED, WAIVED)
    told, expected = otherwise(waived, one(Verdict.PASS), {'term.idle'})
    assert not told
    assert expected == ['term.idle on a/0: waived under time travel, pass in plain time: '
                        'freed memory is used (configs/waivers/x.toml)']
    assert tell(Soaked(2, [], [], True, expected)).startswith('expected: term.idle on a/0')
    told, expected = otherwise(waived, one(Verdict.PASS), set())
    assert told and not expected


def test_timing_excuses_nothing_that_no_waiver_is_about() -> None:
    told, expected = otherwise(one(Verdict.PASS), one(Verdict.FAIL), {'term.idle'})
    assert told and not expected


def test_what_time_travel_does_not_decide_is_expected_to_be_otherwise() -> None:
    undecided = one(Verdict.INCONCLUSIVE, reason='nothing came in between')
    told, expected = otherwise(undecided, one(Verdict.PASS), set())
    assert not told
    assert expected == ['term.idle on a/0: inconclusive under time travel, pass in plain time: '
                        'nothing came in between']


def test_a_rule_that_plain_time_does_not_come_to_is_told() -> None:
    told, expected = otherwise(one(Verdict.PASS), one(Verdict.NOT_RUN), set())
    assert told == ['term.idle on a/0: pass under time travel, not-run in plain time']
    assert not expected


def test_a_known_report_that_strikes_each_time_is_told_as_expected() -> None:
    strike = Strike('term.idle', WAIVED.reason, WAIVED.file)
    plain = [replace(one(verdict, waived), struck=[strike]) for verdict, waived in (
        (Verdict.WAIVED, WAIVED), (Verdict.PASS, None), (Verdict.FAIL, None))]
    told, expected = _in_plain_time(one(Verdict.PASS), plain, set())
    assert told == ['term.idle on a/0: pass under time travel, fail in plain time (1 of 3)']
    assert expected == [
        'term.idle on a/0: pass under time travel, waived in plain time: freed memory is used '
        '(configs/waivers/x.toml) (1 of 3)',
        'what is known struck 1 time, in term.idle: freed memory is used (configs/waivers/x.toml) '
        '(3 of 3)']
