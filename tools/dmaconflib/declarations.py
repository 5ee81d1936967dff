# SPDX-License-Identifier: GPL-2.0-only
"""The rules and faults, read from their declarations in the C sources.

A declaration is a macro call that starts a line: DMACONF_RULE(area, name,
strength, title, source, needs) in kunit/, STUB_FAULT(name, rule, sentence,
...) in provider-stub/faults/. Only as much C is understood as that takes:
arguments, nested brackets, adjacent string literals and comments.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import PROJECT
from .problem import Problem

STRING = r'"(?:\\.|[^"\\])*"'
TOKEN = re.compile(
    rf"/\*.*?\*/ | //[^\n]* | {STRING} | '(?:\\.|[^'\\])*' | [(){{}}\[\],]"
    rf"| [^\"'/(){{}}\[\],]+ | /", re.S | re.X)
COMMENT_ABOVE = re.compile(r'/\*((?:(?!\*/).)*)\*/\s*\Z', re.S)
STRAY = re.compile(r'^(?:/\*| \*) Broken:(?!(?:(?!\*/).)*\*/\s*DMACONF_RULE\()', re.M | re.S)
LABELLED = re.compile(r'(?:^|\n)(Broken|Disputed):(.*?)(?=\n\n|\n(?:Broken|Disputed):|\Z)', re.S)
TODO = 'TODO'
STRENGTHS = ('MUST', 'SHOULD')
ESCAPES = {'n': '\n', 't': '\t'}


@dataclass(frozen=True)
class Rule:
    """One rule of the contract. @broken and @disputed stand in the comment above it, or are ''."""

    id: str
    area: str
    name: str
    strength: str
    title: str
    source: str
    needs: tuple[str, ...]
    broken: str
    """What a client sees of a provider that does not keep it."""
    disputed: str
    """Why it is disputed that providers have to keep it."""
    place: str
    """Where it is declared: 'kunit/cookie.c:12'."""


@dataclass(frozen=True)
class Fault:
    """One way to break the stub, and the @rule that must notice."""

    name: str
    rule: str
    sentence: str
    place: str
    target: str = ''
    """The only machine that it shows on, or ''."""


@dataclass(frozen=True)
class Omitted:
    """A rule of the contract that is not implemented, and why."""

    id: str
    strength: str
    title: str
    source: str
    reason: str

    @property
    def area(self) -> str:
        """The first half of its id."""
        return self.id.partition('.')[0]


def rules(project: Path = PROJECT) -> list[Rule]:
    """All rules, by area, within an area as declared.

    A Problem if two share an id, or for a rule without text or a text without rule.
    """
    found = [_rule(call) for path in sorted((project / 'kunit').rglob('*.c'))
             for call in _calls(path, 'DMACONF_RULE', project)]
    _reject_twins('rule', [(rule.id, rule.place) for rule in found])
    if gaps := _rules_without_text(found) + _texts_without_rule(project):
        raise Problem('\n'.join(gaps))
    return sorted(found, key=lambda rule: rule.area)


def faults(project: Path = PROJECT) -> list[Fault]:
    """All faults, in the order of their files; a Problem if two share a name."""
    found = [_fault(call) for path in sorted((project / 'provider-stub/faults').glob('*.c'))
             for call in _calls(path, 'STUB_FAULT(?:_SETUP|_OF|_ON)?', project)]
    _reject_twins('fault', [(fault.name, fault.place) for fault in found])
    return found


def omitted(project: Path = PROJECT) -> list[Omitted]:
    """What kunit/omitted.toml lists, by id; a Problem if it lists an implemented rule."""
    path = project / 'kunit/omitted.toml'
    if not path.exists():
        return []
    implemented = {rule.id: rule.place for rule in rules(project)}
    try:
        found = [Omitted(**entry) for entry in tomllib.loads(path.read_text()).get('rule', [])]
    except (tomllib.TOMLDecodeError, TypeError) as error:
        raise Problem(f'kunit/omitted.toml: {error}') from error
    for rule in found:
        if rule.id in implemented:
            raise Problem(f'kunit/omitted.toml: {rule.id} is implemented, in '
                          f'{implemented[rule.id]}')
    _reject_twins('rule', [(rule.id, 'kunit/omitted.toml') for rule in found])
    return sorted(found, key=lambda rule: rule.id)


def inconsistencies(all_rules: Sequence[Rule], all_faults: Sequence[Fault]) -> list[str]:
    """Rules without a fault, faults without a rule, what is to be filled in; a sentence each."""
    known = {rule.id for rule in all_rules}
    named = {fault.rule for fault in all_faults}
    return ([f'{rule.place}: rule {rule.id} has no fault'
             for rule in all_rules if rule.id not in named]
            + [f'{fault.place}: fault {fault.name} names no rule: {fault.rule}'
               for fault in all_faults if fault.rule not in known]
            + [f'{rule.place}: rule {rule.id} is to be filled in' for rule in all_rules
               if TODO in rule.title + rule.source + rule.broken]
            + [f'{fault.place}: fault {fault.name} is to be filled in'
               for fault in all_faults if TODO in fault.sentence])


def _line(text: str, offset: int) -> int:
    return text.count('\n', 0, offset) + 1


def faults_by_rule(all_faults: list[Fault]) -> dict[str, list[str]]:
    """The names of the faults that each rule has to notice."""
    named: dict[str, list[str]] = {}
    for fault in all_faults:
        named.setdefault(fault.rule, []).append(fault.name)
    return named


def _rules_without_text(found: Sequence[Rule]) -> list[str]:
    return [f'{rule.place}: rule {rule.id} does not say what a client sees when it is broken: '
            'begin a paragraph with "Broken:" in the comment right above'
            for rule in found if not rule.broken]


def _texts_without_rule(project: Path) -> list[str]:
    """Comments that say "Broken:" and stand above no declaration, one sentence each."""
    return [f'{path.relative_to(project)}:{_line(text, stray.start())}: '
            'a text "Broken:" without a rule below it'
            for path in sorted((project / 'kunit').rglob('*.c'))
            for text in [path.read_text()]
            for stray in STRAY.finditer(text)]


@dataclass(frozen=True)
class _Call:
    """A macro call: its arguments as C text, and the text in front of it."""

    arguments: list[str]
    before: str
    place: str


def _calls(path: Path, macro: str, project: Path) -> Iterator[_Call]:
    text = path.read_text()
    for found in re.finditer(rf'^[ \t]*{macro}\(', text, re.M):
        place = f'{path.relative_to(project)}:{_line(text, found.start())}'
        yield _Call(_arguments(text, found.end(), place), text[:found.start()], place)


def _arguments(text: str, start: int, place: str) -> list[str]:
    """The arguments of the call whose opening bracket ends at @start."""
    arguments, depth = [''], 0
    for token in TOKEN.finditer(text, start):
        piece = token[0]
        if piece in (')', '}', ']'):
            if depth == 0:
                return [argument.strip() for argument in arguments]
            depth -= 1
        elif piece in ('(', '{', '['):
            depth += 1
        elif piece == ',' and depth == 0:
            arguments.append('')
            continue
        if not piece.startswith(('/*', '//')):
            arguments[-1] += piece
    raise Problem(f'{place}: the declaration does not end')


def _string(text: str, place: str) -> str:
    """The value of adjacent C string literals, with its white space made single."""
    literals = re.findall(STRING, text)
    if not literals or re.sub(STRING, '', text).strip():
        raise Problem(f'{place}: expected a string literal, got {text[:40]!r}')
    joined = ''.join(literal[1:-1] for literal in literals)
    plain = re.sub(r'\\(.)', lambda found: ESCAPES.get(found[1], found[1]), joined)
    return ' '.join(plain.split())


def _rule(call: _Call) -> Rule:
    if len(call.arguments) != 6:
        raise Problem(f'{call.place}: a rule has 6 arguments, not {len(call.arguments)}')
    area, name, strength, title, source, needs = call.arguments
    if strength not in STRENGTHS:
        raise Problem(f'{call.place}: strength {strength!r} is none of {STRENGTHS}')
    remarks = _remarks(call.before)
    return Rule(f'{area}.{name}', area, name, strength,
                _string(title, call.place), _string(source, call.place),
                tuple(word.strip(' ()\n\t') for word in needs.split('|')),
                remarks.get('Broken', ''), remarks.get('Disputed', ''), call.place)


def _remarks(before: str) -> dict[str, str]:
    """The labelled paragraphs of the comment that ends the C text @before."""
    comment = COMMENT_ABOVE.search(before)
    if not comment:
        return {}
    text = re.sub(r'^[ \t]*\* ?', '', comment[1], flags=re.M).strip()
    return {found[1]: ' '.join(found[2].split()) for found in LABELLED.finditer(text)}


def _fault(call: _Call) -> Fault:
    arguments, target = call.arguments, ''
    if arguments[0].startswith('"'):
        target, arguments = _string(arguments[0], call.place), arguments[1:]
    if len(arguments) < 3:
        raise Problem(f'{call.place}: a fault has a name, a rule and a sentence')
    name, rule, sentence = arguments[:3]
    return Fault(name, _string(rule, call.place), _string(sentence, call.place), call.place,
                 target)


def _reject_twins(kind: str, named: list[tuple[str, str]]) -> None:
    places: dict[str, str] = {}
    for name, place in named:
        if name in places:
            raise Problem(f'{place}: {kind} {name} is declared in {places[name]} already')
        places[name] = place
