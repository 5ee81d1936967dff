# SPDX-License-Identifier: GPL-2.0-only
"""Soaking: the same rules, boot after boot, and no verdict may change.

Each boot has another seed; or all have the same, and then a machine under time
travel has to do the same to the microsecond, and to come to the same verdicts
in plain time. Where it does not, that is told, and counts unless it is expected:
time travel could not decide the rule, or a waiver says that timing decides it.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace

from . import progress
from .document import About
from .kernel import Kernel
from .problem import Problem
from .process import stop_all
from .results import ORDER, Judgement, Result, Verdict
from .session import Wishes, drivers, unwatched
from .targets import in_plain_time
from .waivers import known_on
from .wording import plural

MAX_SEED = (1 << 32) - 1


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
    """All boots together; @problems are those of boots that gave no verdicts."""

    runs: int
    changes: list[Change]
    problems: list[str]
    exact: bool = False
    """They had one seed, under time travel but for the last one: durations count."""
    expected: Sequence[str] = ()
    """What was otherwise in plain time, as it may, and why."""

    @property
    def steady(self) -> bool:
        """Nothing changed."""
        return not self.changes and not self.problems


def run(kernel: Kernel, wishes: Wishes, runs: int, jobs: int, same_seed: bool = False) -> Soaked:
    """Boots @kernel @runs times, @jobs at a time, each with a seed of its own or all with one."""
    draw = random.Random(wishes.seed)
    seeds = [draw.randrange(1, MAX_SEED)] * runs if same_seed else draw.sample(
        range(1, MAX_SEED), runs)
    exact = same_seed and kernel.target.time_travel
    kernels = [kernel] * runs
    if exact:
        kernels.append(replace(kernel, target=in_plain_time(kernel.target)))
        seeds.append(seeds[0])
    judged: dict[int, Judgement] = {}
    names: dict[str, str] = {}
    problems: list[str] = []
    title = f'Soaking {kernel.target.name}: {plural(len(seeds), "boot")}, {jobs} at a time'
    with progress.step(title) as shown, ThreadPoolExecutor(jobs) as pool:
        try:
            boots = {pool.submit(_boot, kernels[number], wishes, seed, number): number
                     for number, seed in enumerate(seeds)}
            for done, future in enumerate(as_completed(boots), 1):
                try:
                    about, judged[boots[future]] = future.result()
                    names = drivers(about)
                except Problem as problem:
                    problems.append(f'seed {seeds[boots[future]]:#x}: {problem}')
                shown.update(done, len(seeds), f'{done} of {len(seeds)}')
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            stop_all()
            raise
    problems += [f'seed {seeds[number]:#x}: {error}'
                 for number, judgement in judged.items() for error in judgement.errors]
    expected: list[str] = []
    if exact:
        problems += drifts(judged[number] for number in judged if number < runs)
        known = known_on(wishes.findings, kernel.target.name, kernel.tree.version)
        plain = judged.pop(runs, None)
        if plain and judged:
            told, expected = otherwise(known.applied(next(iter(judged.values())), names),
                                       known.applied(plain, names), known.unsteady)
            problems += told
    return Soaked(len(seeds), changes((seeds[number], judged[number]) for number in judged),
                  problems, exact, expected)


def otherwise(travelled: Judgement, plain: Judgement,
              unsteady: Collection[str]) -> tuple[list[str], list[str]]:
    """What of @travelled came to another verdict in @plain time; waivers were applied.

    The same waiver is the same verdict: memory that was freed is a wrong result in one
    boot and the kernel's end in the next. The second list is what may be otherwise, among
    it the rules that are @unsteady.
    """
    told: list[str] = []
    expected: list[str] = []
    there = {(result.rule, result.channel): result for result in plain.results}
    if missed := plain.unreached:
        last = next(number for number, result in enumerate(plain.results)
                    if result.verdict is Verdict.NOT_RUN)
        told.append(f'the boot in plain time ended in {plain.results[max(last - 1, 0)].rule}: '
                    f'{plural(len(missed), "rule")} not run')
    for one in travelled.results:
        other = there.get((one.rule, one.channel), one)
        if other.verdict in (one.verdict, Verdict.NOT_RUN):
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
    """What differs between the judgements, each with the seed of its boot."""
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
        verdict += ', nor how long a rule takes; the last of them in plain time'
    expected = [f'expected: {line}' for line in soaked.expected]
    return '\n'.join([*lines, *soaked.problems, *expected,
                      f'{plural(soaked.runs, "boot")}: {verdict}'])


def _boot(kernel: Kernel, wishes: Wishes, seed: int, number: int) -> tuple[About, Judgement]:
    console = kernel.consoles / f'soak-{number}.log'
    return unwatched(kernel, replace(wishes, seed=seed), console)


def _change(rule: str, channel: str, seen: dict[Verdict, list[int]]) -> Change:
    counts = {verdict: len(seen[verdict]) for verdict in sorted(seen, key=ORDER.index)}
    rarest = min(counts, key=lambda verdict: (counts[verdict], ORDER.index(verdict)))
    return Change(rule, channel, counts, seen[rarest][0])


def _counts(seen: dict[Verdict, int]) -> str:
    return ', '.join(f'{verdict} {count} times' for verdict, count in seen.items())
