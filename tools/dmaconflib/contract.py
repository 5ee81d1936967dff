# SPDX-License-Identifier: GPL-2.0-only
"""The documentation of the contract, generated from the declarations of its rules."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import PROJECT
from .declarations import Fault, Omitted, Rule
from .problem import Problem

TEMPLATES = Path(__file__).resolve().parents[1] / 'templates'
NEED = re.compile(r'^#define NEEDS_(\w+)\s+\S.*?/\* (.*?) \*/', re.M)
MARKUP = re.compile(r'([\\*`|])|_(?!\w)')
LIFECYCLE = (
    ('Registration and capabilities', ('reg', 'ops', 'caps', 'sysfs', 'debugfs', 'router')),
    ('Requesting and releasing a channel', ('chan', 'pub')),
    ('Configuring a slave channel', ('cfg',)),
    ('Mapping memory', ('map',)),
    ('Preparing a descriptor', ('prep', 'flags', 'meta', 'reuse')),
    ('Memory to memory', ('memcpy', 'memset', 'xor', 'pq', 'val', 'intr')),
    ('Between memory and a peripheral', ('sg', 'vec', 'cyclic', 'ilv', 'repeat')),
    ('Submitting and issuing', ('cookie', 'submit', 'issue')),
    ('Completion', ('cb',)),
    ('Status and residue', ('status', 'residue')),
    ('Pausing, terminating, synchronizing', ('pause', 'ctl', 'term', 'sync')),
    ('Errors', ('err', 'irq')),
    ('Concurrency', ('conc', 'stress')),
    ('Unplugging and power management', ('unplug', 'pm')),
)
"""What a channel goes through, and the areas of rules that are about it."""


def write(rules: Sequence[Rule], faults: Sequence[Fault], omitted: Sequence[Omitted],
          folder: Path) -> list[Path]:
    """Writes the contract to @folder as HTML and as reStructuredText; the value is the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name in ('contract.html', 'contract.rst'):
        path = folder / name
        path.write_text(render(name, rules, faults, omitted))
        written.append(path)
    return written


def render(name: str, rules: Sequence[Rule], faults: Sequence[Fault],
           omitted: Sequence[Omitted]) -> str:
    """The text of one of the files that write() writes."""
    import jinja2

    templates = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), trim_blocks=True,
                                   lstrip_blocks=True, undefined=jinja2.StrictUndefined,
                                   autoescape=lambda name: '.html' in (name or ''))
    templates.filters |= {'rst': _plain_rst, 'underlined': _underlined}
    text: str = templates.get_template(f'{name}.j2').render(_content(rules, faults, omitted))
    return text + '\n'


def strays(rules: Sequence[Rule], omitted: Sequence[Omitted]) -> list[str]:
    """Areas that are in no stage of LIFECYCLE, one sentence each."""
    placed = {area for _, areas in LIFECYCLE for area in areas}
    areas = dict.fromkeys([rule.area for rule in rules] + [rule.area for rule in omitted])
    return [f'area {area} is in no stage of LIFECYCLE in contract.py'
            for area in areas if area not in placed]


def needs(project: Path = PROJECT) -> dict[str, str]:
    """What each NEEDS_* bit stands for, as dmaconf.h says."""
    return {f'NEEDS_{name}': what
            for name, what in NEED.findall((project / 'kunit/dmaconf.h').read_text())}


def _content(rules: Sequence[Rule], faults: Sequence[Fault],
             omitted: Sequence[Omitted]) -> dict[str, Any]:
    """What the templates print."""
    if lost := strays(rules, omitted):
        raise Problem('\n'.join(lost))
    meaning = needs()
    stages = [{'title': title,
               'rules': [_entry(rule, faults, meaning) for area in areas
                         for rule in rules if rule.area == area],
               'omitted': [rule for area in areas for rule in omitted if rule.area == area]}
              for title, areas in LIFECYCLE]
    return {'stages': [stage for stage in stages if stage['rules'] or stage['omitted']],
            'count': len(rules)}


def _entry(rule: Rule, faults: Sequence[Fault], meaning: dict[str, str]) -> dict[str, Any]:
    for need in rule.needs:
        if need not in meaning:
            raise Problem(f'{rule.place}: {need} is not explained in kunit/dmaconf.h')
    return {'rule': rule, 'sources': rule.source.split('; '),
            'broken': rule.broken[:1].upper() + rule.broken[1:],
            'needs': [meaning[need] for need in rule.needs if need != 'NEEDS_ANY'],
            'faults': [fault for fault in faults if fault.rule == rule.id]}


def _plain_rst(text: str) -> str:
    """@text with all that reStructuredText would take for markup escaped."""
    return MARKUP.sub(lambda found: '\\' + found[0], text)


def _underlined(text: str, line: str) -> str:
    return f'{text}\n{line * len(text)}'
