# SPDX-License-Identifier: GPL-2.0-only
"""Soaking: the same rules, boot after boot with another seed, and no verdict may change."""

import random
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace

from . import progress
from .kernel import Kernel
from .problem import Problem
from .process import stop_all
from .results import ORDER, Judgement, Verdict
from .session import Wishes, execute
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

    @property
    def steady(self) -> bool:
        """Nothing changed."""
        return not self.changes and not self.problems


def run(kernel: Kernel, wishes: Wishes, runs: int, jobs: int) -> Soaked:
    """Boots @kernel @runs times, @jobs at a time; each boot has a seed of its own."""
    seeds = random.Random(wishes.seed).sample(range(1, MAX_SEED), runs)
    judged: dict[int, Judgement] = {}
    problems: list[str] = []
    title = f'Soaking {kernel.target.name}: {plural(runs, "boot")}, {jobs} at a time'
    with progress.step(title) as shown, ThreadPoolExecutor(jobs) as pool:
        try:
            boots = {pool.submit(_boot, kernel, wishes, seed): seed for seed in seeds}
            for number, future in enumerate(as_completed(boots), 1):
                try:
                    judged[boots[future]] = future.result()
                except Problem as problem:
                    problems.append(f'seed {boots[future]:#x}: {problem}')
                shown.update(number, runs, f'{number} of {runs}')
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            stop_all()
            raise
    problems += [f'seed {seed:#x}: {error}'
                 for seed, judgement in judged.items() for error in judgement.errors]
    return Soaked(runs, changes(judged), problems)


def changes(judged: dict[int, Judgement]) -> list[Change]:
    """What differs between the judgements, whose keys are their seeds."""
    seeds: dict[tuple[str, str], dict[Verdict, list[int]]] = defaultdict(lambda: defaultdict(list))
    for seed, judgement in judged.items():
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
    verdict = 'no verdict changed' if soaked.steady else f'{plural(len(rules), "rule")} changed'
    return '\n'.join([*lines, *soaked.problems, f'{plural(soaked.runs, "boot")}: {verdict}'])


def _boot(kernel: Kernel, wishes: Wishes, seed: int) -> Judgement:
    console = kernel.consoles / f'soak-{seed:08x}.log'
    return execute(kernel, replace(wishes, seed=seed), console, lambda _: None)[1]


def _change(rule: str, channel: str, seen: dict[Verdict, list[int]]) -> Change:
    counts = {verdict: len(seen[verdict]) for verdict in sorted(seen, key=ORDER.index)}
    rarest = min(counts, key=lambda verdict: (counts[verdict], ORDER.index(verdict)))
    return Change(rule, channel, counts, seen[rarest][0])


def _counts(seen: dict[Verdict, int]) -> str:
    return ', '.join(f'{verdict} {count} times' for verdict, count in seen.items())
