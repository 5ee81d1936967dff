# SPDX-License-Identifier: GPL-2.0-only
"""Soaking: what differs between boots is named, with a seed that shows it."""

from dmaconflib.results import Judgement, Result, Verdict
from dmaconflib.soak import Soaked, changes, tell


def judged(*verdicts: Verdict) -> dict[int, Judgement]:
    """Boots whose seeds count from 1, in which term.idle came to these verdicts."""
    steady = Result('err.reported', 'MUST', 'a/0', Verdict.PASS)
    return {seed: Judgement([Result('term.idle', 'MUST', 'a/0', verdict), steady], [])
            for seed, verdict in enumerate(verdicts, 1)}


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
