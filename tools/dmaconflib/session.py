# SPDX-License-Identifier: GPL-2.0-only
"""One run of rules on one kernel, from the command line's wishes to a judgement."""

import difflib
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path

from . import boot, dmatest, document, evidence, ktap, progress
from .boot import Boot, Booted
from .declarations import Rule
from .dmatest import Found
from .document import About
from .evidence import Recorder
from .kernel import Kernel
from .problem import Problem
from .process import Ending, workers
from .progress import say
from .results import Judgement, Verdict, judge
from .selection import kunit_arguments
from .table import STUB
from .waivers import Known, known_on
from .wording import plural


ASKED = 8
"""Boots for a rule that known reports of the kernel keep from being decided."""


@dataclass(frozen=True)
class Wishes:
    """What to run: the @chosen of the @known rules, on which device, how."""

    known: Sequence[Rule]
    chosen: Sequence[Rule]
    device: str
    timeout_ms: int
    seed: int | None = None
    fault: str | None = None
    findings: Known = Known()
    """What is known about the rules on any driver, target and kernel."""
    recorder: Recorder | None = None
    """Keeps what a package is made of."""
    kernel_args: Sequence[str] = ()
    """Beside those that follow from all this."""
    silence_s: float | None = None
    """Patience with a console that says nothing; None: the target's."""
    run: str = ''
    """One of several runs at the same time: names its consoles. None of its boots is shown, and
    what it does not decide under time travel stays so."""


def execute(kernel: Kernel, wishes: Wishes, console: Path,
            watch: Callable[[ktap.Parser], None]) -> tuple[About, Judgement]:
    """Boots @kernel and judges; a Problem if its rules could not start at all.

    @console keeps the raw console; @watch sees the parser after every line.
    """
    started, clock = datetime.now(timezone.utc), time.monotonic()
    booted = boot.run(Boot(kernel, *_boot_arguments(wishes), console, wishes.silence_s), watch)
    if wishes.recorder:
        wishes.recorder.boot(console, wishes.chosen, booted.ending)
    reject(booted, wishes)
    about = about_boot(kernel, wishes, booted, started, time.monotonic() - clock)
    return about, judge(booted, wishes.known, wishes.chosen)


def compared(kernel: Kernel, wishes: Wishes) -> tuple[About, Judgement, list[Found]]:
    """watched(), and with all rules chosen what dmatest finds on the same channels."""
    about, judgement = watched(kernel, wishes)
    if len(wishes.chosen) < len(wishes.known):
        return about, judgement, []
    names = {str(channel['name']) for channel in about.channels}
    return about, judgement, dmatest.both(kernel, names, wishes.timeout_ms)


def watched(kernel: Kernel, wishes: Wishes) -> tuple[About, Judgement]:
    """All of @wishes, with waivers and hints."""
    about, judgement = verdicts(kernel, wishes)
    known = known_on(wishes.findings, kernel.target.name, kernel.tree.version)
    return about, known.applied(judgement, drivers(about))


def verdicts(kernel: Kernel, wishes: Wishes) -> tuple[About, Judgement]:
    """All of @wishes, as the kernels say; one that dies costs the rule it died in.

    The rules that it did not reach are run by another boot, until every rule
    was reached or a boot comes no further. Rules that are known to end the
    kernel have a boot of their own each, beside the others: most of such a
    boot is waiting for a kernel that says nothing any more.
    """
    clock = time.monotonic()
    known = known_on(wishes.findings, kernel.target.name, kernel.tree.version)
    harmless, deadly = known.apart(wishes.chosen)
    wishes = replace(wishes, seed=wishes.seed or random.randrange(1, 1 << 32), findings=known)
    alone: list[Future[Judgement]] = []
    with ExitStack() as stack:
        def begun() -> None:
            if deadly and not alone:
                jobs = 1 if wishes.run else max(1, boot.jobs(kernel.target) - 1)
                pool = stack.enter_context(workers(jobs))
                alone.extend(pool.submit(_alone, kernel, _impatient(kernel, wishes, rule))
                             for rule in deadly)

        about, judgement = _until_reached(kernel, replace(wishes, chosen=harmless), 'console',
                                          begun)
        judgement = in_plain_time(
            kernel, wishes, judgement,
            lambda plain, left: _until_reached(plain, left, 'console-plain')[1])
        for later in alone:
            judgement = judgement.continued(later.result())
    return replace(about, duration_s=round(time.monotonic() - clock, 3)), judgement


def in_plain_time(kernel: Kernel, wishes: Wishes, judgement: Judgement,
                  again: Callable[[Kernel, Wishes], Judgement]) -> Judgement:
    """@judgement with what a boot in plain time decides and one under time travel could not.

    @again boots for the rules of @wishes that are left, if there are any.
    """
    undecided = [rule for rule in wishes.chosen
                 if judgement.by_rule.get(rule.id) is Verdict.INCONCLUSIVE]
    if not kernel.target.time_travel or not undecided or wishes.run:
        return judgement
    return judgement.continued(again(kernel.in_plain_time, replace(wishes, chosen=undecided)))


def drivers(about: About) -> dict[str, str]:
    """The driver of each channel, by its label."""
    return {str(channel['label']): str(channel['driver']) for channel in about.channels}


def _until_reached(kernel: Kernel, wishes: Wishes, console: str,
                   begun: Callable[[], None] | None = None) -> tuple[About, Judgement]:
    """As many boots as it takes to reach all rules; @begun when the first comes to them.

    A boot ends early in a rule in which the kernel died, fell silent, or was
    found to be corrupt. Any rule before it may have done that: only the first
    rule of a boot is blamed at once, another one has to do it again. A report of
    the kernel that is known, and may strike any rule, blames none: it is asked again.
    """
    about, last = (_shown(kernel, wishes, console, begun) if begun
                   else _shown_again(kernel, wishes, console))
    judgement = last
    while left := _left(judgement, wishes, drivers(about)):
        explained = wishes.findings.ended(last, drivers(about))
        suspect = None if last.ended_at_once or explained else last.ended_in
        before, number = last, judgement.boots + 1
        chosen = [rule for rule in wishes.chosen if rule in left or rule.id == suspect]
        _say(wishes, f'{_ended(last, explained)}; boot {number} goes on with {chosen[0].id}')
        try:
            _, last = _shown_again(kernel, replace(wishes, chosen=chosen), f'{console}-{number}')
        except Problem as problem:
            _say(wishes, f'dmaconf: {problem}')
            break
        judgement = judgement.continued(last.acquitting(suspect, before))
        if not suspect and len(last.unreached) == len(left):
            break
    return about, judgement


def _left(judgement: Judgement, wishes: Wishes, names: dict[str, str]) -> list[Rule]:
    """The rules that no boot has come to, and those that may be asked again."""
    asked = Counter(strike.rule for strike in judgement.struck)
    again = {rule for rule in wishes.findings.struck(judgement, names) if asked[rule] < ASKED}
    return [rule for rule in wishes.chosen if rule.id in judgement.unreached | again]


def _ended(last: Judgement, explained: bool) -> str:
    """How the @last boot ended, for the person who waits; @explained by a known report."""
    if last.ended_in is None:
        return f'A known report struck {", ".join(strike.rule for strike in last.struck)}'
    return f'The boot came to its end in {last.ended_in}{", as is known" if explained else ""}'


def _impatient(kernel: Kernel, wishes: Wishes, rule: Rule) -> Wishes:
    """@wishes for @rule only; where silence is its known end, half of it is enough."""
    silence_s = kernel.target.silence_s / 2 if rule.id in wishes.findings.silent else None
    return replace(wishes, chosen=[rule], silence_s=silence_s)


def _alone(kernel: Kernel, wishes: Wishes) -> Judgement:
    """A boot with one rule; an error in the judgement if the boot did not come to it."""
    rule = wishes.chosen[0]
    try:
        judgement = _until_reached(kernel, wishes, f'console-{rule.id}')[1]
        return in_plain_time(
            kernel, wishes, judgement,
            lambda plain, left: _until_reached(plain, left, f'console-plain-{rule.id}')[1])
    except Problem as problem:
        return Judgement([], [f'{rule.id} was not run: {problem}'])


def _shown_again(kernel: Kernel, wishes: Wishes, console: str) -> tuple[About, Judgement]:
    """_shown() of a kernel that came to its rules before: if not, that was chance or load."""
    try:
        return _shown(kernel, wishes, console)
    except Problem as problem:
        _say(wishes, f'dmaconf: {problem}\nOnce more ...')
        return _shown(kernel, replace(wishes, silence_s=None), console)


def _shown(kernel: Kernel, wishes: Wishes, console: str,
           begun: Callable[[], None] = lambda: None) -> tuple[About, Judgement]:
    """execute() with strikes and progress: the rule that runs now, and how many have ended."""
    total = len(wishes.chosen)
    what = plural(total, 'rule') if total > 1 else wishes.chosen[0].id
    with progress.step(f'Running {what} on {kernel.target.name}', bool(wishes.run)) as shown:
        def watch(parser: ktap.Parser) -> None:
            rules = len({outcome.rule for outcome in parser.log.outcomes})
            running = parser.running
            if rules:
                begun()
            shown.update(rules, total, f'{running.rule} on {running.channel}' if running else None)

        about, judgement = execute(kernel, wishes, kernel.consoles / f'{wishes.run}{console}.log',
                                   watch)
        return about, wishes.findings.noting(judgement, drivers(about))


def _say(wishes: Wishes, text: str) -> None:
    if not wishes.run:
        say(text)


def _boot_arguments(wishes: Wishes) -> tuple[str, list[str]]:
    filter_glob, rules = kunit_arguments(wishes.known, wishes.chosen)
    arguments = [f'dmaconf.device={wishes.device}', f'dmaconf.timeout_ms={wishes.timeout_ms}']
    if wishes.seed is not None:
        arguments.append(f'dmaconf.seed={wishes.seed}')
    if wishes.fault is not None:
        arguments.append(f'dmaconf_stub.fault={wishes.fault}')
    return filter_glob, [*arguments, *rules, *wishes.kernel_args]


def reject(booted: Booted, wishes: Wishes) -> None:
    """A Problem for a boot that never came to its rules."""
    log = booted.log
    if log.errors and not log.outcomes:
        raise Problem('\n'.join([*dict.fromkeys(log.errors), *_devices(log, wishes.device)]))
    # Where a real driver is tested, the stub is not needed.
    tested = {channel.get('driver') for channel in log.channels}
    if 'error' in log.stub and (STUB in tested or not log.outcomes):
        raise Problem(f'the stub refuses: {log.stub["error"]}')
    if log.outcomes and wishes.fault is not None and log.stub.get('fault') != wishes.fault:
        raise Problem(f'the stub did not take the fault {wishes.fault}')
    if log.outcomes or (log.started and log.complete):
        return
    tail = '\n'.join(f'  {line}' for line in log.tail) or '  (nothing at all)'
    if booted.ending is Ending.EXITED:
        raise Problem(f'the kernel ended before its first rule; its console:\n{tail}')
    raise Problem(f'TIMEOUT: the boot was stopped before its first rule, {booted.ending.value}; '
                  f'its console:\n{tail}')


def _devices(log: ktap.Log, device: str) -> list[str]:
    """The devices that there are, the nearest to @device first."""
    words = [word for entry in log.available
             for word in (entry.get('device', ''), entry.get('driver', ''))]
    near = difflib.get_close_matches(device, dict.fromkeys(words), n=3, cutoff=0.4)
    lines = [f'  device={entry.get("device")} driver={entry.get("driver")}'
             for entry in log.available]
    nearest = [f'nearest: {", ".join(near)}'] if near else []
    return nearest + (['available:', *lines] if lines else []) + _unbound(log)


def _unbound(log: ktap.Log) -> list[str]:
    """DMA controllers without a driver, and what those that are deferred wait for."""
    lines = {'  ' + ' '.join(f'{key}={value}' for key, value in entry.items()): None
             for entry in log.unbound}
    return ['DMA controllers that no driver has taken:', *lines] if lines else []


def about_boot(kernel: Kernel, wishes: Wishes, booted: Booted, started: datetime,
               duration_s: float) -> About:
    """The circumstances of a boot."""
    header, channels = booted.log.header, booted.log.channels
    drivers = dict.fromkeys(channel.get('driver', '?') for channel in channels)
    return About(
        suite={'version': header.get('version', 'unknown'), 'commit': document.commit()},
        kernel={'release': header.get('kernel', kernel.tree.version),
                'arch': kernel.target.arch},
        target=kernel.target.name,
        device=header.get('device', wishes.device),
        driver=', '.join(drivers) or 'no driver',
        channels=[evidence.channel(channel) for channel in channels],
        seed=int(header.get('seed', str(wishes.seed or 0)), 0),
        timeout_ms=wishes.timeout_ms,
        started=started,
        duration_s=round(duration_s, 3),
        command=['dmaconf', *sys.argv[1:]])
