# SPDX-License-Identifier: GPL-2.0-only
"""Verdicts: from what a console told, and from the rules that were to run."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from .boot import Booted
from .declarations import Rule
from .ktap import Log, Outcome
from .process import Ending


class Verdict(Enum):
    """What a rule came to on one channel, the gravest first."""

    FAIL = 'fail'
    INCOMPLETE = 'incomplete'
    TIMEOUT = 'timeout'
    NOT_RUN = 'not-run'
    WAIVED = 'waived'
    WARN = 'warn'
    DISPUTED = 'disputed'
    PASS = 'pass'
    INCONCLUSIVE = 'inconclusive'
    NOT_TESTED = 'not-tested'
    NOT_APPLICABLE = 'not-applicable'

    def __str__(self) -> str:
        return self.value


ORDER = list(Verdict)
KILLED = {Verdict.INCOMPLETE, Verdict.TIMEOUT}
BROKEN = {Verdict.FAIL, *KILLED}
WRONG = BROKEN | {Verdict.NOT_RUN}
"""What keeps a run from being conformant, unless it is waived."""
EXECUTED = BROKEN | {Verdict.PASS, Verdict.WARN, Verdict.DISPUTED, Verdict.WAIVED}
NOTHING = 'no rule was executed'
SKIPS = {verdict.value: verdict for verdict in
         (Verdict.INCONCLUSIVE, Verdict.NOT_TESTED, Verdict.NOT_APPLICABLE)}
REFUSED = {Verdict.NOT_RUN.value: Verdict.NOT_RUN}
"""The harness runs nothing more in a kernel that is corrupt."""


@dataclass(frozen=True)
class Waived:
    """Why a failure does not count: its own @verdict, and whose @fault it is, as in @file."""

    verdict: str
    reason: str
    fault: str
    file: str


@dataclass(frozen=True)
class Result:
    """One rule on one channel. @reason is one line, @message the whole diagnosis."""

    rule: str
    strength: str
    channel: str
    verdict: Verdict
    reason: str = ''
    message: str = ''
    duration_us: int | None = None
    waived: Waived | None = None
    hints: tuple[str, ...] = ()
    """What is known about failures like this one, usually the fix that the kernel lacks."""


@dataclass(frozen=True)
class Strike:
    """A boot in which a report of the kernel that is known kept a @rule from being decided.

    @reason and @file are those of the waiver that knows it.
    """

    rule: str
    reason: str
    file: str


@dataclass(frozen=True)
class Judgement:
    """All results of a run, what was wrong with the run itself, and what is worth a note."""

    results: list[Result]
    errors: list[str]
    notes: list[str] = field(default_factory=list)
    boots: int = 1
    struck: list[Strike] = field(default_factory=list)
    """The boots that did not decide what they were to, in their order."""

    @property
    def by_rule(self) -> dict[str, Verdict]:
        """The gravest verdict of every rule."""
        return {rule: gravest(result.verdict for result in results)
                for rule, results in group(self.results).items()}

    @property
    def applicable(self) -> set[str]:
        """Rules whose subject a channel offers; they could have come to a verdict there."""
        return {rule for rule, verdict in self.by_rule.items()
                if verdict is not Verdict.NOT_APPLICABLE}

    @property
    def decided(self) -> set[str]:
        """Rules that came to a verdict about the provider, on one channel at least."""
        return {result.rule for result in self.results if result.verdict in EXECUTED}

    @property
    def unreached(self) -> set[str]:
        """Rules that the boot ended before; not the one that it ended in."""
        return {rule for rule, verdict in self.by_rule.items() if verdict is Verdict.NOT_RUN}

    @property
    def ended_in(self) -> str | None:
        """The rule in which the boot came to its end, when others were still to be run."""
        run = [result.rule for result in self.results if result.verdict is not Verdict.NOT_RUN]
        return run[-1] if run and self.unreached else None

    @property
    def ended_at_once(self) -> bool:
        """No other rule came before the one that it ended in."""
        return self.ended_in in (None, self.results[0].rule)

    def continued(self, later: 'Judgement') -> 'Judgement':
        """This judgement, with what a @later boot found out about unreached and other rules."""
        found = later.by_rule.keys()
        results = [result for result in self.results if result.rule not in found]
        results += later.results
        errors = dict.fromkeys(self.errors + later.errors)
        if any(result.verdict in EXECUTED for result in results):
            errors.pop(NOTHING, None)
        return Judgement(results, list(errors), boots=self.boots + later.boots,
                         struck=self.struck + later.struck)

    def acquitting(self, suspect: str | None, before: 'Judgement') -> 'Judgement':
        """This judgement, with an error if the boot @before ended in @suspect and this did not.

        A boot that only took too long in all is nobody's fault.
        """
        why = next((result.reason for result in before.results
                    if result.rule == suspect and result.verdict in BROKEN), '')
        if not why or self.ended_in == suspect or Ending.OVERTIME.value in why:
            return self
        told = (f'a boot ended in {suspect} ({why}), and one that begins with it does not: '
                'a rule before it is at fault')
        return replace(self, errors=[*self.errors, told])

    @property
    def conformant(self) -> bool:
        """Nothing broken but what is waived, nothing left out, and something was executed."""
        verdicts = {result.verdict for result in self.results}
        return (bool(verdicts & {Verdict.PASS, Verdict.WAIVED}) and not self.errors
                and not verdicts & WRONG)


def judge(booted: Booted, known: Sequence[Rule], chosen: Sequence[Rule]) -> Judgement:
    """The verdicts of a boot that was to run the @chosen of the @known rules."""
    log, wanted = booted.log, {rule.id: rule for rule in chosen}
    others = {rule.id for rule in known} - wanted.keys()
    errors = log.damage + log.errors
    results = []
    for outcome in log.outcomes:
        if outcome.rule in others:
            continue
        if outcome.rule in wanted:
            results.append(_result(outcome, wanted[outcome.rule], log, booted.ending))
        else:
            errors.append(f'{outcome.rule} ran, but no source declares it')
    results += _not_run(log, chosen, booted.ending)
    if not any(result.verdict in EXECUTED for result in results):
        errors.append(NOTHING)
    return Judgement(results, list(dict.fromkeys(errors)))


def gravest(verdicts: Iterable[Verdict]) -> Verdict:
    """The one of the @verdicts that a person has to know of first."""
    return min(verdicts, key=ORDER.index)


def group(results: Iterable[Result]) -> dict[str, list[Result]]:
    """The results of each rule, in the order in which the rules first appear."""
    grouped: dict[str, list[Result]] = {}
    for result in results:
        grouped.setdefault(result.rule, []).append(result)
    return grouped


def totals(verdicts: Iterable[Verdict]) -> dict[str, int]:
    """How often each verdict occurs; every verdict has its entry."""
    counted = Counter(verdicts)
    return {verdict.value: counted[verdict] for verdict in Verdict}


def _result(outcome: Outcome, rule: Rule, log: Log, ending: Ending) -> Result:
    strength = 'SHOULD' if outcome.should else rule.strength
    failed = (Verdict.DISPUTED if rule.disputed
              else Verdict.WARN if strength == 'SHOULD' else Verdict.FAIL)
    verdict, reason = _verdict(outcome, failed, log, ending)
    message = '\n'.join(outcome.said + outcome.reports)
    if outcome.should and verdict is Verdict.WARN:
        message += f'\nonly a SHOULD here: {outcome.should}'
    if verdict is Verdict.DISPUTED:
        message += f'\ndisputed: {rule.disputed}'
    return Result(rule.id, strength, outcome.channel, verdict, reason, message,
                  outcome.duration_us)


def _verdict(outcome: Outcome, failed: Verdict, log: Log, ending: Ending) -> tuple[Verdict, str]:
    """The verdict of one outcome, @failed if the rule itself failed, and why it is that."""
    if outcome.ok is None:
        return _unfinished(outcome, log, ending)
    kind, _, reason = (outcome.skip or '').partition(':')
    if kind in REFUSED:
        return REFUSED[kind], reason.strip()
    if complaints := outcome.complaints:
        return Verdict.FAIL, f'the kernel complained: {complaints[0]}'
    if outcome.invariants:
        return Verdict.FAIL, f'invariant: {outcome.invariants[0]}'
    if not outcome.ok:
        return failed, _why(outcome.said)
    if outcome.skip is not None:
        if kind in SKIPS:
            return SKIPS[kind], reason.strip()
        return Verdict.INCONCLUSIVE, outcome.skip
    return Verdict.PASS, ''


def _why(said: Sequence[str]) -> str:
    """The first line of a diagnosis that says more than where."""
    telling = [line for line in said if ' FAILED at ' not in line]
    return (telling or said or ['no diagnosis was printed'])[0]


def _unfinished(outcome: Outcome, log: Log, ending: Ending) -> tuple[Verdict, str]:
    if ending is not Ending.EXITED:
        return Verdict.TIMEOUT, f'the boot was stopped in it: {ending.value}'
    if outcome.reports:
        return Verdict.INCOMPLETE, f'the kernel died in it: {outcome.reports[0]}'
    died = 'its result line is missing' if log.complete else 'the kernel died in it'
    return Verdict.INCOMPLETE, died


def _not_run(log: Log, rules: Sequence[Rule], ending: Ending) -> list[Result]:
    """A result for every rule and channel that should have come and did not."""
    labels = [channel.get('label', '') for channel in log.channels] or ['']
    seen = {(outcome.rule, outcome.channel) for outcome in log.outcomes}
    whole = {outcome.rule for outcome in log.outcomes if outcome.channel == ''}
    reason = ('the kernel ended before it' if ending is Ending.EXITED
              else f'the boot was stopped before it: {ending.value}')
    if log.complete:
        reason = 'the kernel left it out'
    return [Result(rule.id, rule.strength, label, Verdict.NOT_RUN, reason)
            for rule in rules if rule.id not in whole
            for label in labels if (rule.id, label) not in seen]
