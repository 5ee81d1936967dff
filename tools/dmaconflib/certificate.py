# SPDX-License-Identifier: GPL-2.0-only
"""Whether a run earns a certificate, why not, and the statement that says so."""

import re
import textwrap
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from . import PROJECT
from .declarations import Rule
from .document import About
from .evidence import Evidence, digest
from .problem import Problem
from .profiles import Kind, Profile
from .results import WRONG, Judgement, Result, Verdict, gravest, group
from .waivers import Known, Waiver, known_on, struck_by
from .wording import plural

SCHEMA = 'certificate-2'
NOT_WAIVABLE = PROJECT / 'configs/not-waivable.toml'
KEPT = {Verdict.PASS, Verdict.WAIVED, Verdict.WARN}
"""Decided, and nothing that the contract demands is broken."""
WIDTH = 92
REMEDIES = {
    r'no aid with a data port': 'a port for slave channels: memory can be one, see "Describe an '
                                'aid of a board" in configs/README.md',
    r'kernel without CONFIG_': 'kernel options: configs/board.config has those that the mandatory '
                               'rules take',
    r'was not among the rules': 'rules that were left out: run again without --rules',
    r'no clean version of itself': 'a clean suite: commit or undo what was changed in it, and run '
                                   'again',
    r'suite with other rules': 'the version of the suite that it was run by',
    r'counts in no certification': 'waivers that count: see "Write a waiver" in configs/README.md',
}
"""What can be done about gaps that are not the provider's, by what they say."""
SCOPE = '''A certificate says that no violation of the mandatory rules was found on these channels,
with this kernel, on this machine, by this version of the suite, and no more.'''


@dataclass(frozen=True)
class NotWaivable:
    """What no waiver excuses: rules, and failures that say certain things; with the reasons."""

    rules: dict[str, str]
    lines: dict[str, str]

    def why(self, result: Result) -> str:
        """Why the failure of @result cannot be waived, or ''."""
        if result.rule in self.rules:
            return f'a provider that breaks this rule {self.rules[result.rule]}'
        said = [result.reason, *result.message.splitlines()]
        return next((why for pattern, why in self.lines.items()
                     if any(re.search(pattern, line) for line in said)), '')


@dataclass(frozen=True)
class Gap:
    """Why there is no certificate: a rule, or the run as a whole, and what is wrong."""

    rule: str
    what: str

    def __str__(self) -> str:
        return f'{self.rule}: {self.what}' if self.rule else self.what


@dataclass(frozen=True)
class Warned:
    """A mandatory rule that is no more than a SHOULD on these channels, and does not hold there."""

    rule: str
    channels: tuple[str, ...]
    what: str
    why: str

    def __str__(self) -> str:
        return f'{self.rule} on {", ".join(self.channels)}: {self.what}; {self.why}'


@dataclass(frozen=True)
class UsedWaiver:
    """A waiver that stood between a failure and the verdict."""

    rule: str
    channels: tuple[str, ...]
    reason: str
    fault: str
    file: str
    expires: str


@dataclass(frozen=True)
class Certificate:
    """What the profile makes of a run."""

    profile: Profile
    gaps: tuple[Gap, ...]
    warnings: tuple[Warned, ...]
    waivers: tuple[UsedWaiver, ...]
    passed: int
    channels: tuple[str, ...]
    """Those that count: they offer what the profile is about."""

    @property
    def certified(self) -> bool:
        """Nothing is missing."""
        return not self.gaps


def not_waivable(path: Path = NOT_WAIVABLE) -> NotWaivable:
    """The checked-in list; a Problem if it is wrong."""
    try:
        read = tomllib.loads(path.read_text())
        for pattern in read['lines']:
            re.compile(pattern)
        return NotWaivable(**read)
    except (tomllib.TOMLDecodeError, KeyError, TypeError, re.error) as error:
        raise Problem(f'{path}: {error}') from error


def certify(evidence: Evidence, about: About, judgement: Judgement, profile: Profile,
            known: Known, rules: Sequence[Rule]) -> Certificate:
    """Holds the @judgement of a run against @profile; @known and @rules as in evidence.judged()."""
    counting = [channel['label'] for channel in about.channels
                if not profile.capability or profile.capability in channel['caps']]
    results = [result for result in judgement.results
               if not result.channel or result.channel in counting]
    here = known_on(known, about.target, about.kernel['release'], evidence.day)
    refused = _refused(results, here, not_waivable(), evidence.day)
    gaps = [*_other_rules(evidence, rules), *_run_gaps(evidence, judgement, profile, counting),
            *_rule_gaps(profile, results, refused)]
    kept = [rule for rule in profile.of(Kind.MANDATORY)
            if rule not in {gap.rule for gap in gaps}]
    return Certificate(profile, tuple(gaps), tuple(_warned(profile, results)),
                       tuple(_used(results, here)), len(kept), tuple(counting))


def document(certificate: Certificate, evidence: Evidence, about: About,
             rules: Sequence[Rule]) -> dict[str, Any]:
    """certificate.json."""
    profile = certificate.profile
    return {
        'schema': SCHEMA,
        'certified': certificate.certified,
        'profile': {'name': profile.name, 'version': profile.version, 'digest': profile.digest,
                    'mandatory': len(profile.of(Kind.MANDATORY)), 'kept': certificate.passed},
        'suite': {**about.suite, 'rules_digest': digest(rules)},
        'provider': {'driver': about.driver, 'device': about.device, 'target': about.target,
                     'channels': list(certificate.channels)},
        'kernel': about.kernel,
        'started': evidence.started.isoformat(timespec='seconds'),
        'gaps': [asdict(gap) for gap in certificate.gaps],
        'warnings': [asdict(warned) | {'channels': list(warned.channels)}
                     for warned in certificate.warnings],
        'waivers': [asdict(waiver) | {'channels': list(waiver.channels)}
                    for waiver in certificate.waivers],
    }


def statement(certificate: Certificate, about: About, judgement: Judgement) -> str:
    """statement.txt: what may be said about the provider, and what may not."""
    profile = certificate.profile
    word = 'CERTIFIED' if certificate.certified else 'NOT CERTIFIED'
    parts = [
        f'{word}: {about.driver}, profile "{profile.name}" version {profile.version}',
        f'{about.driver} ({about.device}) on {about.target}, Linux {about.kernel["release"]} '
        f'({about.kernel["arch"]}), was tested on {about.started:%Y-%m-%d} by dmaconf '
        f'{about.suite["version"]} ({about.suite["commit"]}), seed {about.seed:#x}, on '
        f'{plural(len(certificate.channels), "channel")} that count: '
        f'{", ".join(certificate.channels) or "none"}.',
        f'Of {plural(len(profile.of(Kind.MANDATORY)), "mandatory rule")}, '
        f'{certificate.passed} were decided and kept.']
    blocks = [textwrap.fill(part, WIDTH, break_on_hyphens=False, break_long_words=False)
              for part in parts]
    blocks += _listed('What keeps it from being certified:', map(str, certificate.gaps))
    blocks += _listed('How to get what is missing:', _remedies(certificate.gaps))
    blocks += _listed('What the contract only recommends here, and was not found to hold:',
                      map(str, certificate.warnings))
    blocks += _listed('What this bench could not decide, and is not mandatory for this reason:',
                      _undecided(certificate, judgement.results))
    blocks += _listed('Failures that are known and waived:', map(_waived, certificate.waivers))
    blocks += _listed('Notes:', judgement.notes)
    return '\n\n'.join([*blocks, SCOPE]) + '\n'


def _listed(title: str, items: Iterable[str]) -> list[str]:
    lines = [textwrap.fill(item, WIDTH, initial_indent='  - ', subsequent_indent='    ',
                           break_on_hyphens=False, break_long_words=False) for item in items]
    return ['\n'.join([title, *lines])] if lines else []


def _undecided(certificate: Certificate, results: Sequence[Result]) -> Iterator[str]:
    """Rules that bind the provider as far as they can be decided, by why they were not."""
    kinds, reasons = certificate.profile.rules, dict[str, list[str]]()
    counting = [result for result in results
                if not result.channel or result.channel in certificate.channels]
    for rule, its in group(counting).items():
        worst = next(result for result in its
                     if result.verdict is gravest(one.verdict for one in its))
        if (kinds.get(rule) is Kind.WHERE_OFFERED
                and worst.verdict in (Verdict.NOT_TESTED, Verdict.INCONCLUSIVE)):
            reasons.setdefault(f'{_words(worst.verdict)}: {worst.reason}', []).append(rule)
    yield from (f'{", ".join(rules)}: {reason}' for reason, rules in reasons.items())


def _remedies(gaps: Sequence[Gap]) -> Iterator[str]:
    yield from (remedy for pattern, remedy in REMEDIES.items()
                if any(re.search(pattern, gap.what) for gap in gaps))


def _waived(used: UsedWaiver) -> str:
    return (f"{used.rule} on {', '.join(used.channels)}: {used.reason} (the {used.fault}'s "
            f'fault; {used.file}, until {used.expires or "no day"})')


def _other_rules(evidence: Evidence, rules: Sequence[Rule]) -> Iterator[Gap]:
    said = evidence.environment
    if said['rules_digest'] != digest(rules):
        yield Gap('', f'it was run by a suite with other rules ({said["suite_version"]}, '
                      f'{said["suite_commit"]}): check that version out to certify it')


def _run_gaps(evidence: Evidence, judgement: Judgement, profile: Profile,
              counting: Sequence[str]) -> Iterator[Gap]:
    """What is wrong with the run as a whole."""
    commit = evidence.environment['suite_commit']
    if commit == 'unknown' or commit.endswith('-dirty'):
        yield Gap('', f'the suite was no clean version of itself: commit {commit}')
    if not counting:
        yield Gap('', f'no channel under test offers {profile.capability or "anything"}')
    for error in judgement.errors:
        yield Gap('', f'error: {error}')
    for told in struck_by(judgement):
        yield Gap('', told)


def _rule_gaps(profile: Profile, results: Sequence[Result],
               refused: dict[str, str]) -> Iterator[Gap]:
    """What is wrong rule by rule, in the order of the profile."""
    by_rule = group(results)
    for rule, kind in profile.rules.items():
        if kind is Kind.INFORMATION:
            continue
        if what := _gap(by_rule.get(rule, []), kind is Kind.MANDATORY):
            yield Gap(rule, what)
        elif rule in refused:
            yield Gap(rule, refused[rule])


def _gap(results: Sequence[Result], mandatory: bool) -> str:
    """What the @results of a rule lack, or ''."""
    if not results:
        return 'was not among the rules that were run'
    worst = gravest(result.verdict for result in results)
    first = next(result for result in results if result.verdict is worst)
    if worst in WRONG:
        return f'{_words(worst)} on {first.channel or "the provider"}: {first.reason}'
    if mandatory and not any(result.verdict in KEPT for result in results):
        return f'{_words(worst)}: {first.reason}' if first.reason else _words(worst)
    return ''


def _warned(profile: Profile, results: Sequence[Result]) -> Iterator[Warned]:
    """Rules are declared MUST to be mandatory; the contract may ask less of some providers."""
    alike: dict[tuple[str, str, str], list[str]] = {}
    for result in results:
        if result.verdict is Verdict.WARN and profile.rules.get(result.rule) is Kind.MANDATORY:
            why = result.message.splitlines()[-1]
            alike.setdefault((result.rule, result.reason, why), []).append(
                result.channel or 'the provider')
    for (rule, what, why), channels in alike.items():
        yield Warned(rule, tuple(channels), what, why)


def _words(verdict: Verdict) -> str:
    return {Verdict.FAIL: 'failed'}.get(verdict, verdict.value.replace('-', ' '))


def _waiver_of(result: Result, known: Known) -> Waiver | None:
    """The waiver that covers @result."""
    return next((waiver for waiver in known.waivers if result.waived
                 and waiver.scope.place == result.waived.file
                 and waiver.reason == result.waived.reason), None)


def _refused(results: Sequence[Result], known: Known, never: NotWaivable,
             day: date) -> dict[str, str]:
    """Waived rules whose waiver does not count on that @day, and why."""
    refused: dict[str, str] = {}
    for result in results:
        if result.verdict is not Verdict.WAIVED or result.rule in refused:
            continue
        waiver = _waiver_of(result, known)
        assert waiver is not None
        if why := never.why(result):
            assert result.waived is not None
            word = _words(Verdict(result.waived.verdict))
            refused[result.rule] = (f'{word} on {result.channel or "the provider"}: '
                                    f'{result.reason}; not waivable: {why}')
        elif why := waiver.unfit(day):
            refused[result.rule] = f'failed; its waiver {why}, and counts in no certification'
    return refused


def _used(results: Sequence[Result], known: Known) -> Iterator[UsedWaiver]:
    waived: dict[str, list[Result]] = {}
    for result in results:
        if result.waived:
            waived.setdefault(result.rule, []).append(result)
    for rule, alike in waived.items():
        why, waiver = alike[0].waived, _waiver_of(alike[0], known)
        assert why is not None
        expires = waiver.expires.isoformat() if waiver and waiver.expires else ''
        yield UsedWaiver(rule, tuple(result.channel for result in alike), why.reason, why.fault,
                         why.file, expires)
