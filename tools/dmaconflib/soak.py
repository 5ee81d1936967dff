# SPDX-License-Identifier: GPL-2.0-only
"""Soaking: the same rules, boot after boot, and no verdict may change.

Each run has another seed; or all have the same, and then a machine under time
travel has to do the same to the microsecond, and to come to the same verdicts
in plain time. Where it does not, that is told, and counts unless it is expected:
time travel could not decide the rule, or a waiver says that timing decides it.
A run is what it is elsewhere: as many boots as it takes.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import as_completed
from dataclasses import dataclass, replace

from . import progress
from .document import About
from .kernel import Kernel
from .problem import Problem
from .process import workers
from .results import ORDER, Judgement, Result, Verdict
from .session import Wishes, drivers, verdicts
from .waivers import known_on, struck_by
from .wording import plural

MAX_SEED = (1 << 32) - 1
PLAIN = 3
"""Runs in plain time that one under time travel is compared with."""


@dataclass(frozen=True)
class Change:
    """A rule whose verdict on a channel is not always the same."""

    rule: str
    channel: str
    seen: dict[Verdict, int]
    """How often each verdict came."""
    seed: int
    """Of a boot with the verdict that came least often."""


@dataclass(frozen=True)
class Soaked:
    """All runs together; @problems are those of runs that gave no verdicts."""

    runs: int
    changes: list[Change]
    problems: list[str]
    exact: bool = False
    """They had one seed, under time travel but for the last ones: durations count."""
    expected: Sequence[str] = ()
    """What was otherwise in plain time, as it may, and why."""

    @property
    def steady(self) -> bool:
        """Nothing changed."""
        return not self.changes and not self.problems


def run(kernel: Kernel, wishes: Wishes, runs: int, jobs: int, same_seed: bool = False) -> Soaked:
    """Runs @kernel @runs times, @jobs at a time, each with a seed of its own or all with one."""
    draw = random.Random(wishes.seed)
    seeds = [draw.randrange(1, MAX_SEED)] * runs if same_seed else draw.sample(
        range(1, MAX_SEED), runs)
    exact = same_seed and kernel.target.time_travel
    kernels = [kernel] * runs
    if exact:
        kernels += [kernel.in_plain_time] * PLAIN
        seeds += [seeds[0]] * PLAIN
    judged, names, problems = _judged(kernels, wishes, seeds, jobs)
    expected: list[str] = []
    travelled = {number: judged[number] for number in sorted(judged) if number < runs}
    if exact and travelled:
        known = known_on(wishes.findings, kernel.target.name, kernel.tree.version)
        first, *plain = (known.applied(judged[number], names) for number in sorted(judged)
                         if number >= runs or number == min(travelled))
        told, expected = _in_plain_time(first, plain, known.unsteady)
        problems += [*drifts(travelled.values()), *told]
    return Soaked(len(seeds), changes((seeds[number], judgement)
                                      for number, judgement in travelled.items()),
                  problems, exact, expected)


def _judged(kernels: Sequence[Kernel], wishes: Wishes, seeds: Sequence[int],
            jobs: int) -> tuple[dict[int, Judgement], dict[str, str], list[str]]:
    """What the runs came to, by number; the driver of each channel; and what went wrong."""
    judged: dict[int, Judgement] = {}
    names: dict[str, str] = {}
    problems: list[str] = []
    title = f'Soaking {kernels[0].target.name}: {plural(len(seeds), "run")}, {jobs} at a time'
    with progress.step(title) as shown, workers(jobs) as pool:
        runs = {pool.submit(_run, kernels[number], wishes, seed, number): number
                for number, seed in enumerate(seeds)}
        for done, future in enumerate(as_completed(runs), 1):
            number = runs[future]
            try:
                about, judged[number] = future.result()
                names = drivers(about)
                problems += [f'seed {seeds[number]:#x}: {error}'
                             for error in judged[number].errors]
            except Problem as problem:
                problems.append(f'seed {seeds[number]:#x}: {problem}')
            shown.update(done, len(seeds), f'{done} of {len(seeds)}')
    return judged, names, problems


def _in_plain_time(travelled: Judgement, plain: Iterable[Judgement],
                   unsteady: Collection[str]) -> tuple[list[str], list[str]]:
    """What is otherwise() in any of the @plain runs, and how often, with their strikes.

    Whether a known report strikes each time that a rule is asked is a matter of timing, too.
    """
    told: Counter[str] = Counter()
    expected: Counter[str] = Counter()
    for one in plain:
        wrong, may = otherwise(travelled, one,
                               {*unsteady, *(strike.rule for strike in one.struck)})
        told.update(wrong)
        expected.update(may + struck_by(one))
    return _often(told), _often(expected)


def _often(counted: Counter[str]) -> list[str]:
    return [f'{line} ({count} of {PLAIN})' for line, count in counted.items()]


def otherwise(travelled: Judgement, plain: Judgement,
              unsteady: Collection[str]) -> tuple[list[str], list[str]]:
    """What of @travelled came to another verdict in @plain time; waivers were applied.

    A failure that is waived is the same verdict, however it shows: memory that was freed is
    a wrong result in one boot and the kernel's end in the next. The second list is what may
    be otherwise, among it the rules that are @unsteady.
    """
    told: list[str] = []
    expected: list[str] = []
    there = {(result.rule, result.channel): result for result in plain.results}
    for one in travelled.results:
        other = there.get((one.rule, one.channel), one)
        if other.verdict is one.verdict:
            continue
        line = (f'{one.rule} on {one.channel}: {one.verdict} under time travel, {other.verdict} '
                'in plain time')
        why = _why_otherwise(one, other) if (
            one.rule in unsteady or one.verdict is Verdict.INCONCLUSIVE) else ''
        (expected if why else told).append(f'{line}: {why}' if why else line)
    return told, expected


def _why_otherwise(travelled: Result, plain: Result) -> str:
    """Why a rule may come to something else in @plain time, or ''."""
    if waived := travelled.waived or plain.waived:
        return f'{waived.reason} ({waived.file})'
    return travelled.reason if travelled.verdict is Verdict.INCONCLUSIVE else ''


def drifts(judged: Iterable[Judgement]) -> list[str]:
    """The rules that take more or less time in one of these boots than in another."""
    took: dict[tuple[str, str], set[int]] = defaultdict(set)
    for judgement in judged:
        for result in judgement.results:
            took[result.rule, result.channel].add(result.duration_us or 0)
    return [f'{rule} on {channel}: {min(us)} to {max(us)} us, though the clock stands still'
            for (rule, channel), us in sorted(took.items()) if len(us) > 1]


def changes(judged: Iterable[tuple[int, Judgement]]) -> list[Change]:
    """What differs between the judgements, each with the seed of its run."""
    seeds: dict[tuple[str, str], dict[Verdict, list[int]]] = defaultdict(lambda: defaultdict(list))
    for seed, judgement in judged:
        for result in judgement.results:
            seeds[result.rule, result.channel][result.verdict].append(seed)
    return [_change(rule, channel, seen)
            for (rule, channel), seen in sorted(seeds.items()) if len(seen) > 1]


def tell(soaked: Soaked) -> str:
    """What a person reads: each change with the command that shows it, and the sum."""
    lines = [f'{change.rule} on {change.channel}: {_counts(change.seen)}; '
             f'to see it: --rules {change.rule} --seed {change.seed:#x}'
             for change in soaked.changes]
    rules = Counter(change.rule for change in soaked.changes)
    verdict = 'no verdict changed' if not rules else f'{plural(len(rules), "rule")} changed'
    if soaked.problems:
        verdict += f', {plural(len(soaked.problems), "problem")}'
    if soaked.exact and soaked.steady:
        verdict += f', nor how long a rule takes; the last {PLAIN} of them in plain time'
    expected = [f'expected: {line}' for line in soaked.expected]
    return '\n'.join([*lines, *soaked.problems, *expected,
                      f'{plural(soaked.runs, "run")}: {verdict}'])


def _run(kernel: Kernel, wishes: Wishes, seed: int, number: int) -> tuple[About, Judgement]:
    return verdicts(kernel, replace(wishes, seed=seed, run=f'soak-{number}-'))


def _change(rule: str, channel: str, seen: dict[Verdict, list[int]]) -> Change:
    counts = {verdict: len(seen[verdict]) for verdict in sorted(seen, key=ORDER.index)}
    rarest = min(counts, key=lambda verdict: (counts[verdict], ORDER.index(verdict)))
    return Change(rule, channel, counts, seen[rarest][0])


def _counts(seen: dict[Verdict, int]) -> str:
    return ', '.join(f'{verdict} {count} times' for verdict, count in seen.items())
