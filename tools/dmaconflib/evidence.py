# SPDX-License-Identifier: GPL-2.0-only
"""What a run leaves behind, and the verdicts that anyone can compute from it again.

    environment     key=value: suite, kernel, device, seed, when, by which command
    journal         plan, begin and end of each step, written before and after it
    logs/*.log      raw consoles, one for each step: a boot on a host, a rule on a board
    system/*        kernel configuration, command line, taint, modules, device, dmesg

tools/board/dmaconf-run writes it on a board, a Recorder here where dmaconf boots itself.
"""

import hashlib
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

from . import ktap
from .archive import Files
from .boot import Booted
from .declarations import Rule
from .document import About
from .problem import Problem
from .process import Ending
from .results import Judgement, Result, Verdict, judge
from .waivers import Known, known_on

FORMAT = '1'
KEYS = ('format', 'suite_version', 'suite_commit', 'rules_digest', 'kernel', 'arch', 'target',
        'device', 'seed', 'timeout_ms', 'started', 'duration_s', 'command')
ENDINGS = {'exited': Ending.EXITED, 'died': Ending.EXITED, 'silent': Ending.SILENT,
           'overtime': Ending.OVERTIME}
WORDS = {Ending.EXITED: 'exited', Ending.SILENT: 'silent', Ending.OVERTIME: 'overtime'}
HEADER = re.compile(r'dmaconf: run (version=.*)$', re.M)
SAME = {'version': 'suite_version', 'kernel': 'kernel', 'device': 'device', 'seed': 'seed',
        'timeout_ms': 'timeout_ms'}
"""What a log's header says again of the environment."""


@dataclass(frozen=True)
class Step:
    """One log: the @rules that were to run while it was written, and how that ended."""

    number: int
    log: str
    rules: tuple[str, ...]
    ending: str
    """One of ENDINGS."""
    sha256: str


@dataclass(frozen=True)
class Evidence:
    """A run as it was left behind, read and found to be in one piece."""

    files: Files
    environment: dict[str, str]
    planned: tuple[str, ...]
    steps: tuple[Step, ...]

    @property
    def started(self) -> datetime:
        """When the run began, by the clock of its machine."""
        return datetime.fromisoformat(self.environment['started'])

    @property
    def day(self) -> date:
        """The day in UTC that waivers are looked at."""
        return self.started.astimezone(timezone.utc).date()


def digest(rules: Sequence[Rule]) -> str:
    """Of all that is declared about the @rules: another suite has another one."""
    text = '\n'.join('\t'.join((rule.id, rule.strength, rule.title, rule.source, rule.disputed,
                                *rule.needs))
                     for rule in sorted(rules, key=lambda rule: rule.id))
    return hashlib.sha256(text.encode()).hexdigest()


def load(files: Files) -> Evidence:
    """The run in @files; a Problem for what is missing, damaged or of another run."""
    for name in ('environment', 'journal'):
        if name not in files:
            raise Problem(f'{name} is missing: this is no run of the suite')
    environment = _environment(_text(files, 'environment'))
    planned, steps = _journal(_text(files, 'journal'))
    for step in steps:
        _check_log(files, step, environment)
    known = {step.log for step in steps}
    for name in files:
        if name.startswith('logs/') and name not in known:
            raise Problem(f'{name}: the journal knows nothing of it: of another run, or left out')
    return Evidence(files, environment, planned, steps)


def judged(evidence: Evidence, rules: Sequence[Rule], known: Known) -> tuple[About, Judgement]:
    """The circumstances and the verdicts of a run, from its logs alone."""
    by_id = {rule.id: rule for rule in rules}
    for rule in evidence.planned:
        if rule not in by_id:
            raise Problem(f'{rule} was run, and this suite has no such rule; it was version '
                          f'{evidence.environment["suite_version"]}, '
                          f'{evidence.environment["suite_commit"]}')
    logs = [_parsed(evidence, step) for step in evidence.steps]
    channels = _channels(evidence.steps, logs)
    about = _about(evidence, channels)
    drivers = {channel['label']: channel['driver'] for channel in channels}
    here = known_on(known, about.target, about.kernel['release'], evidence.day)
    judgement = Judgement([], [], boots=0)
    for step, log in zip(evidence.steps, logs):
        boot = _judged_step(step, log, rules, by_id)
        judgement = judgement.continued(here.noting(boot, drivers))
    judgement = here.applied(_with_unreached(judgement, evidence, by_id), drivers)
    return about, replace(judgement, boots=max(1, judgement.boots))


# reading

def _environment(text: str) -> dict[str, str]:
    read = dict(line.split('=', 1) for line in text.splitlines() if '=' in line)
    for key in KEYS:
        if key not in read:
            raise Problem(f'environment: {key}= is missing')
    if read['format'] != FORMAT:
        raise Problem(f'environment: format {read["format"]} is unknown, this is {FORMAT}')
    try:
        if datetime.fromisoformat(read['started']).tzinfo is None:
            raise ValueError('started= has no time zone')
        int(read['seed'], 0), int(read['timeout_ms']), float(read['duration_s'])
    except ValueError as error:
        raise Problem(f'environment: {error}') from error
    return read


def _journal(text: str) -> tuple[tuple[str, ...], tuple[Step, ...]]:
    planned: list[str] = []
    steps: dict[int, Step] = {}
    for number, line in enumerate(text.splitlines(), 1):
        try:
            match line.split():
                case ['plan', rule]:
                    planned.append(rule)
                case ['begin', step, log, rules]:
                    if int(step) in steps:
                        raise ValueError(f'step {step} begins twice')
                    steps[int(step)] = Step(int(step), log, tuple(rules.split(',')), 'died', '')
                case ['end', step, word, sha256, *_]:
                    if steps[int(step)].sha256:
                        raise ValueError(f'step {step} ends twice')
                    steps[int(step)] = replace(steps[int(step)], ending=_ending(word),
                                               sha256=sha256)
                case ['session' | 'note', *_] | []:
                    pass
                case _:
                    raise ValueError('not understood')
        except (ValueError, KeyError) as error:
            raise Problem(f'journal:{number}: {line[:80]}: {error}') from error
    if not steps:
        raise Problem('journal: no step was begun')
    return tuple(dict.fromkeys(planned)), tuple(steps[step] for step in sorted(steps))


def _ending(word: str) -> str:
    if word not in ENDINGS:
        raise ValueError(f'"{word}" is no ending')
    return word


def _check_log(files: Files, step: Step, environment: Mapping[str, str]) -> None:
    """A Problem if the step's log is missing, cut, or not of this run."""
    if step.log not in files:
        raise Problem(f'{step.log} is missing: the log of step {step.number}, '
                      f'{_first(step.rules)}')
    found = hashlib.sha256(files[step.log]).hexdigest()
    if step.sha256 and found != step.sha256:
        raise Problem(f'{step.log}: truncated or altered: the journal saw other contents')
    for header in HEADER.finditer(_text(files, step.log)):
        said = ktap.fields(header[1])
        for word, key in SAME.items():
            if not _same(said.get(word, ''), environment[key]):
                raise Problem(f'{step.log}: of another run: {word} is {said.get(word)}, '
                              f'the environment says {environment[key]}')


def _same(one: str, other: str) -> bool:
    """Whether both are the same text or the same number."""
    try:
        return int(one, 0) == int(other, 0)
    except ValueError:
        return one == other


def _first(rules: Sequence[str]) -> str:
    return rules[0] if len(rules) == 1 else f'{len(rules)} rules from {rules[0]} on'


def _text(files: Files, name: str) -> str:
    return files[name].decode('utf-8', 'backslashreplace')


# judging

def _parsed(evidence: Evidence, step: Step) -> ktap.Log:
    parser = ktap.Parser()
    for line in _text(evidence.files, step.log).split('\n'):
        parser.feed(line)
    return parser.finish()


def _channels(steps: Sequence[Step], logs: Sequence[ktap.Log]) -> list[dict[str, Any]]:
    """The channels under test; a Problem if the logs do not agree about them.

    Their order is that of registration, which a rule that unbinds a driver changes.
    """
    first: set[tuple[str, str]] = set()
    channels: list[dict[str, Any]] = []
    for step, log in zip(steps, logs):
        said = {(channel.get('label', ''), channel.get('driver', '')) for channel in log.channels}
        if not channels:
            first = said
            channels = [channel(line) for line in log.channels]
        elif said and said != first:
            odd = sorted({label for label, _ in said ^ first})
            raise Problem(f'{step.log}: of another device: {", ".join(odd)} is not in all logs')
    return channels


def channel(said: dict[str, str]) -> dict[str, Any]:
    """A channel as documents have it, from what its line @said."""
    caps = [cap for cap in said.get('caps', '').split(',') if cap]
    return {key: said.get(key, '') for key in ('label', 'driver', 'name')} | {'caps': caps}


def _judged_step(step: Step, log: ktap.Log, rules: Sequence[Rule],
                 by_id: Mapping[str, Rule]) -> Judgement:
    chosen = [by_id[rule] for rule in step.rules if rule in by_id]
    judgement = judge(Booted(log, ENDINGS[step.ending]), rules, chosen)
    if step.ending == 'exited' or len(step.rules) > 1:
        return judgement
    return replace(judgement, results=[_culprit(result, step) for result in judgement.results])


def _culprit(result: Result, step: Step) -> Result:
    """A rule that was begun alone and never ended is what the machine hung or went down in."""
    if result.verdict is not Verdict.NOT_RUN:
        return result
    if step.ending == 'died':
        return replace(result, verdict=Verdict.INCOMPLETE,
                       reason='the machine went down in it; the journal has its begin and no end')
    return replace(result, verdict=Verdict.TIMEOUT,
                   reason='it was stopped before it said anything')


def _with_unreached(judgement: Judgement, evidence: Evidence,
                    by_id: Mapping[str, Rule]) -> Judgement:
    """@judgement with the rules that were planned and that no step came to."""
    begun = {rule for step in evidence.steps for rule in step.rules}
    missing = [Result(rule, by_id[rule].strength, '', Verdict.NOT_RUN,
                      'the run was not brought to its end')
               for rule in evidence.planned if rule not in begun]
    order = list(by_id)
    results = sorted(judgement.results + missing, key=lambda result: order.index(result.rule))
    return replace(judgement, results=results)


def _about(evidence: Evidence, channels: list[dict[str, Any]]) -> About:
    said = evidence.environment
    drivers = dict.fromkeys(channel['driver'] for channel in channels)
    return About(
        suite={'version': said['suite_version'], 'commit': said['suite_commit']},
        kernel={'release': said['kernel'], 'arch': said['arch']},
        target=said['target'], device=said['device'],
        driver=', '.join(drivers) or 'no driver', channels=channels,
        seed=int(said['seed'], 0), timeout_ms=int(said['timeout_ms']), started=evidence.started,
        duration_s=float(said['duration_s']), command=said['command'].split(' '))


# recording

class Recorder:
    """Writes down a run that this tool boots: one step for each boot."""

    def __init__(self, folder: Path) -> None:
        if folder.exists() and any(folder.iterdir()):
            raise Problem(f'{folder}: not empty; a run is written to a folder of its own')
        (folder / 'logs').mkdir(parents=True, exist_ok=True)
        (folder / 'system').mkdir(exist_ok=True)
        self.folder = folder
        self._journal: list[str] = []
        self._count = 0
        self._lock = threading.Lock()

    def boot(self, console: Path, rules: Sequence[Rule], ending: Ending) -> None:
        """A boot that was to run @rules has ended and left its @console; from any thread."""
        content, names = console.read_bytes(), ','.join(rule.id for rule in rules)
        with self._lock:
            self._count += 1
            log = f'logs/{self._count:04}-{console.name}'
            (self.folder / log).write_bytes(content)
            self._journal += [f'plan {rule.id}' for rule in rules]
            self._journal += [f'begin {self._count} {log} {names}',
                              f'end {self._count} {WORDS[ending]} '
                              f'{hashlib.sha256(content).hexdigest()}']

    def finish(self, about: About, rules: Sequence[Rule], system: Mapping[str, bytes]) -> None:
        """All boots have ended; @system is what else there is to know, by file name."""
        for name, content in system.items():
            (self.folder / 'system' / name).write_bytes(content)
        (self.folder / 'journal').write_text('\n'.join(self._journal) + '\n')
        (self.folder / 'environment').write_text(''.join(
            f'{key}={value}\n' for key, value in self._environment(about, rules)))

    @staticmethod
    def _environment(about: About, rules: Sequence[Rule]) -> Iterator[tuple[str, Any]]:
        yield from (('format', FORMAT), ('tool', 'dmaconf'))
        yield from (('suite_version', about.suite['version']),
                    ('suite_commit', about.suite['commit']), ('rules_digest', digest(rules)))
        yield from (('kernel', about.kernel['release']), ('arch', about.kernel['arch']))
        yield from (('target', about.target), ('device', about.device),
                    ('seed', f'{about.seed:#x}'), ('timeout_ms', about.timeout_ms),
                    ('started', about.started.isoformat(timespec='seconds')),
                    ('duration_s', about.duration_s), ('command', ' '.join(about.command)))
