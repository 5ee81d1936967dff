# SPDX-License-Identifier: GPL-2.0-only
"""Profiles: which rules a kind of provider has to keep to be certified as one.

configs/profiles/<name>.toml says what such a provider offers; <name>.rules, made from
that and from the declarations of the rules, lists them. Certification goes by the list,
which has a version: a rule that is newer than the list is for information until the
list is made again.
"""

import hashlib
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from . import PROJECT
from .contract import needs
from .declarations import Rule
from .problem import Problem, unknown

FOLDER = PROJECT / 'configs/profiles'
SCHEMA = 'profile-1'
HEAD = '''# Made by `tools/dmaconf profiles --write` from {name}.toml and the declared rules.
version {version}
'''


class Kind(Enum):
    """What a profile says of a rule."""

    MANDATORY = 'mandatory'
    """It must have been decided, and kept."""
    WHERE_OFFERED = 'where-offered'
    """It must not be broken; a provider may lack its subject, or the bench the means."""
    INFORMATION = 'information'
    """It is told, and decides nothing."""


@dataclass(frozen=True)
class Profile:
    """A profile as it is checked in; @rules in the order of their ids."""

    name: str
    title: str
    capability: str
    version: int
    rules: dict[str, Kind]
    digest: str
    """Of its list, so that another one with the same name and version is told from it."""

    def of(self, kind: Kind) -> list[str]:
        """Its rules of one @kind."""
        return [rule for rule, its in self.rules.items() if its is kind]


@dataclass(frozen=True)
class Drift:
    """How a list differs from what would be generated now."""

    newer: list[str]
    withdrawn: list[str]
    changed: list[str]

    def __bool__(self) -> bool:
        return bool(self.newer or self.withdrawn or self.changed)


def names(folder: Path | None = None) -> list[str]:
    """The profiles there are."""
    return sorted(path.stem for path in (folder or FOLDER).glob('*.toml'))


def load(name: str, folder: Path | None = None) -> Profile:
    """The profile called @name; a Problem if there is none or its files are wrong."""
    folder = folder or FOLDER
    if name not in names(folder):
        raise unknown('profile', name, names(folder))
    definition, path = _definition(folder / f'{name}.toml'), folder / f'{name}.rules'
    if not path.exists():
        raise Problem(f'{path}: missing; `tools/dmaconf profiles --write` makes it')
    text = path.read_text()
    version, rules = _list(text, path)
    return Profile(name, definition['title'], definition.get('capability', ''), version, rules,
                   hashlib.sha256(text.encode()).hexdigest())


def drift(profile: Profile, known: Sequence[Rule], folder: Path | None = None) -> Drift:
    """What making the list of @profile from the @known rules would change."""
    now = classify(profile.name, known, folder)
    return Drift([rule for rule in now if rule not in profile.rules],
                 [rule for rule in profile.rules if rule not in now],
                 [rule for rule, kind in now.items() if profile.rules.get(rule, kind) is not kind])


def write(name: str, known: Sequence[Rule], folder: Path | None = None) -> bool:
    """Makes the list of a profile from the @known rules, under the next version if it differs."""
    folder = folder or FOLDER
    path, now = folder / f'{name}.rules', classify(name, known, folder)
    version, before = _list(path.read_text(), path) if path.exists() else (0, {})
    if before == now:
        return False
    path.write_text(HEAD.format(name=name, version=version + 1)
                    + ''.join(f'{kind.value} {rule}\n' for rule, kind in now.items()))
    return True


def classify(name: str, known: Sequence[Rule], folder: Path | None = None) -> dict[str, Kind]:
    """What the profile called @name says of each of the @known rules, by id."""
    path = (folder or FOLDER) / f'{name}.toml'
    definition = _definition(path)
    where_offered = definition.get('where_offered', {})
    for rule in where_offered:
        if rule not in {one.id for one in known}:
            raise Problem(f'{path}: where_offered: {unknown("rule", rule, [r.id for r in known])}')
    return {rule.id: _kind(rule, definition, where_offered)
            for rule in sorted(known, key=lambda rule: rule.id)}


def _kind(rule: Rule, definition: dict[str, Any], where_offered: Iterable[str]) -> Kind:
    asked = {need.removeprefix('NEEDS_').lower() for need in rule.needs} - {'any'}
    offers = set(definition['offers'])
    if rule.strength != 'MUST' or rule.disputed or asked - offers - set(definition['optional']):
        return Kind.INFORMATION
    if asked - offers or rule.id in where_offered:
        return Kind.WHERE_OFFERED
    return Kind.MANDATORY


def _definition(path: Path) -> dict[str, Any]:
    import jsonschema

    from . import document

    try:
        read = tomllib.loads(path.read_text())
        jsonschema.validate(read, document.schema(SCHEMA))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Problem(f'{path}: {error}') from error
    except jsonschema.ValidationError as error:
        raise Problem(f'{path}: {error.message}') from error
    known = {need.removeprefix('NEEDS_').lower() for need in needs()}
    for need in read['offers'] + read['optional']:
        if need not in known:
            raise Problem(f'{path}: {unknown("need", need, known)}')
    return read


def _list(text: str, path: Path) -> tuple[int, dict[str, Kind]]:
    """The version and the rules of a list."""
    version, rules = 0, {}
    for number, line in enumerate(text.splitlines(), 1):
        word, _, value = line.partition(' ')
        try:
            if word == 'version':
                version = int(value)
            elif line and not line.startswith('#'):
                rules[value] = Kind(word)
        except ValueError:
            raise Problem(f'{path}:{number}: not understood: {line}') from None
    if version < 1:
        raise Problem(f'{path}: it does not say its version')
    return version, rules
