# SPDX-License-Identifier: GPL-2.0-only
"""Checks a certification package without trusting who made it: all of it is made again."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import certificate, document, evidence, package, profiles, waivers
from .archive import Files
from .certificate import Certificate
from .declarations import Rule
from .evidence import Evidence
from .package import EVIDENCE, SIGNATURE, SUMS, WAIVERS, Made, Suite
from .problem import Problem
from .profiles import Profile
from .waivers import Known

SUM_LINE = re.compile(r'([0-9a-f]{64})  (\S.*)')
MANY = 8


@dataclass(frozen=True)
class Verified:
    """What came of a check: what is wrong, what is worth a note, and the verdict made again."""

    wrong: tuple[str, ...]
    notes: tuple[str, ...]
    certificate: Certificate | None

    @property
    def good(self) -> bool:
        """Nothing was altered, and it is a certificate."""
        return not self.wrong and self.certificate is not None and self.certificate.certified


def verify(files: Files, rules: Sequence[Rule], known: Known, key: Path | None = None) -> Verified:
    """Checks a package against this checkout and, with @key, its signature."""
    wrong = [*_sums(files)]
    notes: list[str] = []
    if key and (error := package.signature_error(files, key)):
        wrong.append(f'signature: {error}')
    elif not key:
        notes.append('the signature was not checked, as no key was given'
                     if SIGNATURE in files else 'it is not signed')
    made: Made | None = None
    try:
        run = evidence.load({name.removeprefix(EVIDENCE): content
                             for name, content in files.items() if name.startswith(EVIDENCE)})
        profile = _profile(files)
        notes += _other_commit(run)
        wrong += [*_suite(run, rules), *_profile_file(files, profile), *_waivers(files)]
        if run.environment['rules_digest'] == evidence.digest(rules):
            made = package.make(run, Suite(rules, profile, known))
            wrong += _derived(files, made, run.environment['suite_commit'])
    except Problem as problem:
        wrong.append(str(problem))
    return Verified(tuple(wrong), tuple(notes), made.certificate if made else None)


def _sums(files: Mapping[str, bytes]) -> Iterator[str]:
    """Where the files and SHA256SUMS do not agree."""
    if SUMS not in files:
        yield f'{SUMS} is missing'
        return
    listed: dict[str, str] = {}
    for line in files[SUMS].decode('utf-8', 'replace').splitlines():
        if found := SUM_LINE.fullmatch(line):
            listed[found[2]] = found[1]
        else:
            yield f'{SUMS}: not understood: {line[:80]}'
    present = dict(line.split('  ', 1)[::-1] for line in package.sums(files).decode().splitlines())
    for name in sorted(listed.keys() | present.keys()):
        if name not in present:
            yield f'{name} is missing'
        elif name not in listed:
            yield f'{name} is not listed in {SUMS}'
        elif listed[name] != present[name]:
            yield f'{name} is not the file that {SUMS} lists'


def _profile(files: Mapping[str, bytes]) -> Profile:
    """The profile that the package names, as it is in this checkout."""
    claimed = _json(files, 'certificate.json', certificate.SCHEMA)['profile']
    profile = profiles.load(claimed['name'])
    if claimed['version'] != profile.version:
        raise Problem(f'profile {profile.name}: the package has version {claimed["version"]}, '
                      f'this suite has {profile.version}')
    return profile


def _profile_file(files: Mapping[str, bytes], profile: Profile) -> Iterator[str]:
    if files.get('profile.rules') != (profiles.FOLDER / f'{profile.name}.rules').read_bytes():
        yield f'profile.rules is not version {profile.version} of {profile.name} as it is here'


def _suite(run: Evidence, rules: Sequence[Rule]) -> Iterator[str]:
    """Whether it was this suite, and a clean version of it."""
    commit = run.environment['suite_commit']
    if run.environment['rules_digest'] != evidence.digest(rules):
        yield (f'it was made by a suite with other rules ({run.environment["suite_version"]}, '
               f'{commit}); check that version out to verify it')
    if commit == 'unknown' or commit.endswith('-dirty'):
        yield f'it was made by a suite that was no clean version of itself: {commit}'


def _other_commit(run: Evidence) -> Iterator[str]:
    made, here = run.environment['suite_commit'], document.commit()
    if made != here:
        yield f'the suite was at commit {made}, this one is at {here}'


def _waivers(files: Mapping[str, bytes]) -> Iterator[str]:
    """Waivers that are not those of this checkout."""
    for name, content in files.items():
        if name.startswith(WAIVERS):
            here = waivers.FOLDER / name.removeprefix(WAIVERS)
            if not here.exists():
                yield f'{name}: this suite has no such waivers'
            elif here.read_bytes() != content:
                yield f'{name}: not the waivers of this suite'


def _derived(files: Mapping[str, bytes], made: Made, commit: str) -> Iterator[str]:
    """What is not as it follows from the logs; @commit is the suite that wrote it."""
    for name in package.DERIVED:
        if name not in files:
            yield f'{name} is missing'
        elif files[name] != made.files[name]:
            told = [*_difference(name, files, made)]
            yield from told or [_unexplained(name, commit)]
    yield from (f'{name} does not belong there' for name in files
                if name not in made.files and name not in (SUMS, SIGNATURE))


def _difference(name: str, files: Mapping[str, bytes], made: Made) -> Iterator[str]:
    """What its content says of a file that is not as it should be."""
    try:
        if name == 'results.json':
            found = [*_verdicts(_json(files, name, document.RESULTS_SCHEMA),
                                json.loads(made.files[name]))]
            yield from found[:MANY]
            if len(found) > MANY:
                yield f'{name}: and {len(found) - MANY} more'
        elif name == 'certificate.json':
            claimed = _json(files, name, certificate.SCHEMA)['certified']
            if claimed != made.certificate.certified:
                yield (f'{name} says {"" if claimed else "not "}certified; the logs say '
                       f'{"" if made.certificate.certified else "not "}certified')
    except Problem as problem:
        yield str(problem)


def _unexplained(name: str, commit: str) -> str:
    """Of a file that looks otherwise, and whose content says no more."""
    if commit == document.commit():
        return f'{name} was altered: it is not what the logs give'
    return (f'{name} is not what this version of the suite makes of the logs; check out {commit} '
            'to tell whether it was altered')


def _verdicts(claimed: dict[str, Any], computed: dict[str, Any]) -> Iterator[str]:
    """Where two results documents differ."""
    theirs, ours = ({(result['rule'], result['channel']): result
                     for result in results['results']} for results in (claimed, computed))
    for place in [*ours, *(place for place in theirs if place not in ours)]:
        where = f'results.json: {place[0]} on {place[1] or "the provider"}'
        if place not in theirs:
            yield f'{where} was removed; the logs say {ours[place]["verdict"]}'
        elif place not in ours:
            yield f'{where} was added; the logs have no such result'
        elif theirs[place]['verdict'] != ours[place]['verdict']:
            yield (f'{where} says {theirs[place]["verdict"]}; the logs say '
                   f'{ours[place]["verdict"]}')
        elif theirs[place] != ours[place]:
            yield f'{where} was altered, not in its verdict'
    yield from (f'results.json: "{key}" was altered' for key in computed
                if key != 'results' and claimed.get(key) != computed[key])


def _json(files: Mapping[str, bytes], name: str, schema: str) -> dict[str, Any]:
    """A document of the package; a Problem if it is none."""
    import jsonschema

    if name not in files:
        raise Problem(f'{name} is missing')
    try:
        read: dict[str, Any] = json.loads(files[name])
        jsonschema.validate(read, document.schema(schema))
    except ValueError as error:
        raise Problem(f'{name}: no JSON: {error}') from error
    except jsonschema.ValidationError as error:
        raise Problem(f'{name}: not a {schema} document: {error.message[:200]}') from error
    return read
