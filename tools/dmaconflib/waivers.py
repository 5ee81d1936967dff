# SPDX-License-Identifier: GPL-2.0-only
"""Known findings: failures of rules on drivers that were looked into and written up.

One TOML file per driver in configs/waivers/. A waiver takes a failure out of a
run's verdict and keeps it in sight; a hint says which fix the kernel may lack.
"""

import re
import tomllib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from . import PROJECT
from .declarations import Rule
from .ktap import REPORT
from .problem import Problem, unknown
from .results import BROKEN, KILLED, Judgement, Result, Strike, Verdict, Waived, group
from .wording import plural

FOLDER = PROJECT / 'configs/waivers'
SCHEMA = 'waivers-1'
LONGEST = timedelta(days=366)
"""How long after a run a waiver may last that counts in its certification."""
WARNED = 'invariant: the kernel warned during the rule'
"""What the harness makes of a report, and no more than that."""
Release = tuple[int, ...]


@dataclass(frozen=True)
class Scope:
    """Where an entry of a file applies: rules on a driver, on kernels from first to last."""

    driver: str
    rules: tuple[str, ...]
    targets: tuple[str, ...]
    devices: tuple[str, ...]
    kernels: tuple[str, str]
    place: str
    """The file, from the project's folder on."""

    def at(self, target: str) -> bool:
        """Whether it applies on @target."""
        return target in self.targets or not self.targets

    def covers(self, release: str) -> bool:
        """Whether the kernel @release is one of its kernels."""
        first, last = (_release(end) for end in self.kernels)
        running = _release(release)
        return first <= running and running[:len(last)] <= last

    def holds(self, rule: str, label: str, driver: str) -> bool:
        """Whether it is about @rule on the channel @label of @driver."""
        return rule in self.rules and self.about(label, driver)

    def about(self, label: str, driver: str) -> bool:
        """Whether it is about the channel @label of @driver."""
        return driver == self.driver and (
            not self.devices or label.rpartition('/')[0] in self.devices)


@dataclass(frozen=True)
class Waiver:
    """A finding, written up for the driver's author; @verdicts are the ones it waives.

    The rules @sometimes do not fail in every run.
    """

    scope: Scope
    verdicts: frozenset[Verdict]
    sometimes: frozenset[str]
    fault: str
    reason: str
    contract: str
    happens: str
    reproduce: str
    evidence: str
    where: str
    fix: str
    upstream: str
    expires: date | None
    """Its last day."""
    report: tuple[re.Pattern[str], ...] = ()
    """What the kernel complains of first when it strikes any rule, and what may follow."""

    def reported(self, result: Result, driver: str) -> bool:
        """Whether the kernel complained of just this in @result."""
        said = [line for line in result.message.splitlines() if REPORT.match(line)]
        return (bool(self.report and said and self.report[0].fullmatch(said[0]))
                and all(any(line.fullmatch(one) for line in self.report) for one in said)
                and self.scope.about(result.channel, driver))

    def expired(self, on: date) -> bool:
        """Whether its last day is over."""
        return self.expires is not None and self.expires < on

    def unfit(self, day: date) -> str:
        """Why it counts in no certification of a run on that @day, or ''."""
        if self.expires is None:
            return 'does not say when it expires'
        if self.expires > day + LONGEST:
            return f'is to last until {self.expires}, more than a year after the run'
        if not self.scope.targets and not self.scope.devices:
            return 'names neither the targets nor the devices that it was seen on'
        return ''

    @property
    def always(self) -> list[str]:
        """Its rules whose passing is news."""
        return [rule for rule in self.scope.rules if rule not in self.sometimes]

    @property
    def kills(self) -> bool:
        """Its rules end the kernel that they run in."""
        return bool(self.verdicts & KILLED)


@dataclass(frozen=True)
class Hint:
    """What is known about failures of some rules: usually the fix that a kernel lacks."""

    scope: Scope
    text: str


FAILURES = {Verdict.FAIL, Verdict.WARN, *KILLED}


@dataclass(frozen=True)
class Known:
    """What is known beforehand about a run on one target and kernel."""

    waivers: Sequence[Waiver] = ()
    hints: Sequence[Hint] = ()
    expired: Sequence[Waiver] = ()
    """Waivers whose last day is over."""

    @property
    def deadly(self) -> set[str]:
        """Rules that are known to end the kernel."""
        return {rule for waiver in self.waivers if waiver.kills for rule in waiver.scope.rules}

    def apart(self, rules: Sequence[Rule]) -> tuple[list[Rule], list[Rule]]:
        """@rules for one boot, at least one, and those that need a boot of their own each."""
        deadly = self.deadly
        together = [rule for rule in rules if rule.id not in deadly]
        alone = [rule for rule in rules if rule.id in deadly]
        return together or [alone.pop(0)], alone

    @property
    def unsteady(self) -> set[str]:
        """Rules that are known to fail in some runs only."""
        return {rule for waiver in self.waivers for rule in waiver.sometimes}

    @property
    def silent(self) -> set[str]:
        """Rules that are known to end the kernel without a word."""
        return {rule for waiver in self.waivers if Verdict.TIMEOUT in waiver.verdicts
                for rule in waiver.scope.rules}

    def struck(self, judgement: Judgement, drivers: dict[str, str]) -> dict[str, Waiver]:
        """The rules of @judgement that a known report decided, and against which nothing else
        speaks."""
        found = {rule: {self._striking(result, _driver(result, drivers)) for result in results
                        if result.verdict in BROKEN | {Verdict.WARN}}
                 for rule, results in group(judgement.results).items()}
        return {rule: waiver for rule, waivers in found.items() if len(waivers) == 1
                for waiver in waivers if waiver}

    def ended(self, boot: Judgement, drivers: dict[str, str]) -> bool:
        """Whether it was a known report that ended @boot, whatever the rule did that ran."""
        return any(waiver.reported(result, _driver(result, drivers))
                   for result in boot.results if result.rule == boot.ended_in
                   for waiver in self.waivers)

    def noting(self, boot: Judgement, drivers: dict[str, str]) -> Judgement:
        """The judgement of one @boot, with its strikes."""
        strikes = [Strike(rule, waiver.reason, waiver.scope.place)
                   for rule, waiver in self.struck(boot, drivers).items()]
        return replace(boot, struck=strikes)

    def applied(self, judgement: Judgement, drivers: dict[str, str]) -> Judgement:
        """@judgement with waived failures and hints; @drivers names each channel's driver."""
        results = [self._applied(result, _driver(result, drivers))
                   for result in judgement.results]
        results = _follow_the_dead(results)
        notes = [*judgement.notes, *struck_by(judgement), *self._unneeded(results, drivers),
                 *self._overdue(set(drivers.values()))]
        return replace(judgement, results=results, notes=notes)

    def _applied(self, result: Result, driver: str) -> Result:
        hints = tuple(hint.text for hint in self.hints
                      if result.verdict in FAILURES
                      and hint.scope.holds(result.rule, result.channel, driver))
        waiver = self._naming(result, driver) or self._striking(result, driver)
        if not waiver:
            return replace(result, hints=hints)
        waived = Waived(result.verdict.value, waiver.reason, waiver.fault, waiver.scope.place)
        upstream = (waiver.upstream,) if waiver.upstream else ()
        return replace(result, verdict=Verdict.WAIVED, waived=waived, hints=hints + upstream)

    def _naming(self, result: Result, driver: str) -> Waiver | None:
        """The waiver that has the rule and the verdict of @result."""
        return next((waiver for waiver in self.waivers if result.verdict in waiver.verdicts
                     and waiver.scope.holds(result.rule, result.channel, driver)), None)

    def _striking(self, result: Result, driver: str) -> Waiver | None:
        """The waiver whose report decided @result; none where the rule itself is known to fail."""
        if self._naming(result, driver) or not _only_reported(result):
            return None
        return next((waiver for waiver in self.waivers if waiver.reported(result, driver)), None)

    def _unneeded(self, results: Sequence[Result], drivers: dict[str, str]) -> list[str]:
        """One sentence for every rule of a waiver that passed wherever it was decided.

        Not for one that fails only sometimes: that it passes is no news.
        """
        told = []
        for waiver in self.waivers:
            for rule in waiver.always:
                found = {result.verdict for result in results if result.rule == rule
                         and waiver.scope.holds(rule, result.channel, _driver(result, drivers))}
                if Verdict.PASS in found and not found & (FAILURES | {Verdict.WAIVED}):
                    told.append(f'waiver not needed any more: {rule} passes on '
                                f'{waiver.scope.driver} ({waiver.scope.place})')
        return told

    def _overdue(self, drivers: Collection[str]) -> list[str]:
        return [f'waiver expired on {waiver.expires}: {", ".join(waiver.scope.rules)} on '
                f'{waiver.scope.driver}: {waiver.reason} ({waiver.scope.place})'
                for waiver in self.expired if waiver.scope.driver in drivers]


def load(rules: Sequence[Rule], targets: Collection[str], folder: Path | None = None) -> Known:
    """All files, in the order of their names; a Problem for the first that is wrong."""
    ids = [rule.id for rule in rules]
    waivers: list[Waiver] = []
    hints: list[Hint] = []
    for path in sorted((folder or FOLDER).glob('*.toml')):
        try:
            read = _read(path)
            waivers += [_waiver(_scope(read['driver'], entry, path, ids, targets), entry)
                        for entry in read.get('waiver', [])]
            hints += [Hint(_scope(read['driver'], entry, path, ids, targets),
                           _plain(entry['text'])) for entry in read.get('hint', [])]
        except Problem as problem:
            raise Problem(f'{_place(path)}: {problem}') from None
    return Known(waivers, hints)


def known_on(known: Known, target: str, release: str, day: date | None = None) -> Known:
    """What of the @known applies on @target with the kernel @release.

    A waiver for other targets or kernels is a hint here, and so is one that has expired on
    the @day of a certification. Without a day those that have expired apply and are told:
    a run is not another one because a year has passed.
    """
    here = [waiver for waiver in known.waivers
            if waiver.scope.at(target) and waiver.scope.covers(release)]
    expired = [waiver for waiver in here if waiver.expired(day or date.today())]
    gone = expired if day else []
    hints = [hint for hint in known.hints
             if hint.scope.at(target) and hint.scope.covers(release)]
    return Known([waiver for waiver in here if waiver not in gone],
                 hints + [_elsewhere(waiver) for waiver in known.waivers if waiver not in here]
                 + [_until(waiver) for waiver in gone], expired)


def _until(waiver: Waiver) -> Hint:
    return Hint(waiver.scope, f'waived until {waiver.expires} only: {waiver.reason} '
                              f'({waiver.scope.place})')


def _elsewhere(waiver: Waiver) -> Hint:
    first, last = waiver.scope.kernels
    where = f' on {", ".join(waiver.scope.targets)}' if waiver.scope.targets else ''
    return Hint(waiver.scope, f'waived on Linux {first} to {last}{where} only: {waiver.reason} '
                              f'({waiver.scope.place})')


def _read(path: Path) -> dict[str, Any]:
    import jsonschema

    from . import document

    try:
        read = tomllib.loads(path.read_text())
        jsonschema.validate(_without_dates(read), document.schema(SCHEMA))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Problem(str(error)) from error
    except jsonschema.ValidationError as error:
        at = '.'.join(str(step) for step in error.absolute_path) or 'the file'
        raise Problem(f'{at}: {error.message}') from error
    if read['driver'] != path.stem:
        raise Problem(f'it is about driver "{read["driver"]}", which is not its name')
    return read


def _without_dates(read: Any) -> Any:
    """@read with dates as text, as JSON and its schemas have none."""
    if isinstance(read, dict):
        return {key: _without_dates(value) for key, value in read.items()}
    if isinstance(read, list):
        return [_without_dates(value) for value in read]
    return read.isoformat() if type(read) is date else read


def _waiver(scope: Scope, entry: dict[str, Any]) -> Waiver:
    prose = {field.name: entry.get(field.name, '').strip('\n') for field in fields(Waiver)
             if field.name not in ('scope', 'verdicts', 'sometimes', 'expires', 'report')}
    waiver = Waiver(scope, frozenset(Verdict(word) for word in entry.get('verdicts', ['fail'])),
                    frozenset(entry.get('sometimes', ())), expires=entry.get('expires'),
                    report=tuple(map(_pattern, entry.get('report', ()))),
                    **prose | {'reason': _plain(entry['reason'])})
    if waiver.report and not scope.targets:
        raise Problem(f'{", ".join(scope.rules)}: a waiver of a report of the kernel must name '
                      'its targets')
    if waiver.kills and not scope.targets:
        raise Problem(f'{", ".join(scope.rules)}: a waiver of a rule that ends the kernel must '
                      'name its targets')
    if strangers := sorted(waiver.sometimes - set(scope.rules)):
        raise Problem(f'sometimes: {", ".join(strangers)}: not among the rules of this waiver')
    return waiver


def _scope(driver: str, entry: dict[str, Any], path: Path, rules: Collection[str],
           targets: Collection[str]) -> Scope:
    first, last = entry['kernels']
    if _release(first)[:len(_release(last))] > _release(last):
        raise Problem(f'kernels: {first} comes after {last}')
    for kind, known in (('rule', rules), ('target', targets)):
        for name in entry.get(f'{kind}s', ()):
            if name not in known:
                raise unknown(kind, name, known)
    return Scope(driver, tuple(entry['rules']), tuple(entry.get('targets', ())),
                 tuple(entry.get('devices', ())), (first, last), _place(path))


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise Problem(f'report: {text}: {error}') from error


def _place(path: Path) -> str:
    return str(path.relative_to(PROJECT) if path.is_relative_to(PROJECT) else path)


def _release(text: str) -> Release:
    """6.12.117-rc1 as (6, 12, 117)."""
    numbers = re.match(r'\d+(\.\d+)*', text)
    return tuple(int(number) for number in numbers[0].split('.')) if numbers else ()


def _driver(result: Result, drivers: dict[str, str]) -> str:
    """The driver of the result's channel; of all of them where the rule has no channel."""
    everyone = set(drivers.values())
    only = everyone.pop() if len(everyone) == 1 else ''
    return drivers.get(result.channel, only)


def _only_reported(result: Result) -> bool:
    """Nothing is held against @result but what the kernel complained of.

    A kernel that fell silent did so for a reason that no report gives.
    """
    said = result.message.splitlines()
    invariants = [line for line in said if line.startswith('invariant: ')]
    failed = sum(' FAILED at ' in line for line in said)
    return (result.verdict in (Verdict.FAIL, Verdict.INCOMPLETE)
            and failed <= bool(invariants) and not set(invariants) - {WARNED})


def struck_by(judgement: Judgement) -> list[str]:
    """One sentence for every known report that kept rules from being decided."""
    rules: dict[tuple[str, str], list[str]] = {}
    for strike in judgement.struck:
        rules.setdefault((strike.reason, strike.file), []).append(strike.rule)
    return [f'what is known struck {plural(len(struck), "time")}, in '
            f'{", ".join(dict.fromkeys(struck))}: {reason} ({file})'
            for (reason, file), struck in rules.items()]


def _follow_the_dead(results: Sequence[Result]) -> list[Result]:
    """Channels that a rule did not reach, as it ended the boot on another one, and is waived."""
    dead = {result.rule: result.waived for result in results if result.waived}
    return [replace(result, verdict=Verdict.WAIVED,
                    waived=replace(waived, verdict=result.verdict.value))
            if result.verdict is Verdict.NOT_RUN and (waived := dead.get(result.rule))
            else result for result in results]


def _plain(text: str) -> str:
    return ' '.join(text.split())


def names(known: Known) -> Iterable[str]:
    """The drivers that something is known about."""
    scopes = [waiver.scope for waiver in known.waivers] + [hint.scope for hint in known.hints]
    return dict.fromkeys(scope.driver for scope in scopes)
