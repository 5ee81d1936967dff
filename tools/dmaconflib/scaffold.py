# SPDX-License-Identifier: GPL-2.0-only
"""A new rule and its fault, put where they belong; they build, and fail until filled in."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import PROJECT
from .declarations import TODO, Fault, Rule
from .problem import Problem, unknown

ID = re.compile(r'[a-z][a-z0-9]*\.[a-z][a-z0-9_]*')
TEMPLATES = Path(__file__).resolve().parents[1] / 'templates'
LIST_END = '\t{}\n};'


@dataclass(frozen=True)
class Place:
    """A file that was added to, and the first line that has to be filled in."""

    path: Path
    line: int


def new(rule_id: str, rules: Sequence[Rule], faults: Sequence[Fault],
        project: Path = PROJECT) -> list[Place]:
    """Adds rule @rule_id and a fault for it; the value is where to go on.

    A Problem, with nothing written, for an id that is malformed or taken, and for
    an area that has no file yet.
    """
    area, name = _checked(rule_id, rules)
    words = {'area': area, 'name': name, 'fault': f'{area}_{name}_todo'}
    peers = {rule.id for rule in rules if rule.area == area}
    suite = f'static struct kunit_case {area}_rules[] = {{\n'
    rule_file = _holding(suite, project / 'kunit/rules')
    fault_file = project / _most(fault.place for fault in faults if fault.rule in peers)
    texts = {
        rule_file: _added(rule_file, re.escape(suite), _filled('rule.c.j2', words),
                          f'\tDMACONF_CASE({area}, {name}),\n'),
        fault_file: _added(fault_file, r'const struct stub_fault \w+\[\] = {\n',
                           _filled('fault.c.j2', words), _filled('fault_entry.c.j2', words)),
    }
    for path, text in texts.items():
        path.write_text(text)
    return [Place(path, _line_of(text, words)) for path, text in texts.items()]


def _checked(rule_id: str, rules: Sequence[Rule]) -> tuple[str, str]:
    if not ID.fullmatch(rule_id):
        raise Problem(f'"{rule_id}" is no id of a rule: it has the form area.name, in lower case')
    taken = {rule.id: rule.place for rule in rules}
    if rule_id in taken:
        raise Problem(f'{rule_id} is there already, in {taken[rule_id]}')
    area, _, name = rule_id.partition('.')
    areas = {rule.area for rule in rules}
    if area not in areas:
        raise Problem(f'{unknown("area", area, areas)}\n'
                      'A new area is a new file; kunit/README.md says what it takes.')
    return area, name


def _holding(text: str, folder: Path) -> Path:
    """The file of @folder that holds @text."""
    for path in sorted(folder.glob('*.c')):
        if text in path.read_text():
            return path
    raise Problem(f'no file in {folder} has a line {text.strip()}')


def _most(places: Iterable[str]) -> str:
    """The file that most of the @places, 'file:line', are in."""
    return Counter(place.partition(':')[0] for place in places).most_common(1)[0][0]


def _added(path: Path, opening: str, code: str, entry: str) -> str:
    """The text of @path with @code before the list that @opening begins, and @entry at its end."""
    text = path.read_text()
    begin = re.search(rf'^{opening}', text, re.M)
    end = text.find(LIST_END, begin.end()) if begin else -1
    if not begin or end < 0:
        raise Problem(f'{path}: no list begins with {opening} and ends with {{}}')
    return text[:begin.start()] + code + text[begin.start():end] + entry + text[end:]


def _filled(template: str, words: dict[str, str]) -> str:
    import jinja2

    made = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES),
                              undefined=jinja2.StrictUndefined, keep_trailing_newline=True)
    render: Callable[..., str] = made.get_template(template).render
    return render(words)


def _line_of(text: str, words: dict[str, str]) -> int:
    """The line of the first TODO of what was added."""
    declared = max(text.find(f'DMACONF_RULE({words["area"]}, {words["name"]},'),
                   text.find(f'static void {words["fault"]}('))
    return text.count('\n', 0, text.rfind(TODO, 0, declared)) + 1
