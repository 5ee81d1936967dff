# SPDX-License-Identifier: GPL-2.0-only
"""Why an option cannot be had: what it depends on, and the configuration lacks.

Seldom more than a driver that is asked for on an architecture that it does not
build for. kunit.py names the option only.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

MISSING = re.compile(r'^Missing: (.*)$', re.M)
OPTION = re.compile(r'CONFIG_(\w+)=[ym]')
SYMBOL = re.compile(r'\b[A-Z0-9]*[A-Z][A-Z0-9_]*\b')
ENTRY = re.compile(r'^\s*(menuconfig|config|if|endif|menu|endmenu|choice|endchoice|comment|source)'
                   r'\b\s*(.*?)\s*$')
DEPENDS = re.compile(r'^\s+depends on (.*?)\s*$')


def explain(said: Sequence[str], tree: Path, config: Path) -> list[str]:
    """A sentence for each option that kunit.py @said it misses, from the @tree's Kconfig files."""
    found = MISSING.search('\n'.join(said))
    if not found or not config.exists():
        return []
    there = set(OPTION.findall(config.read_text()))
    return [sentence for option in OPTION.findall(found[1])
            for sentence in _sentences(option, tree, there)]


def _sentences(option: str, tree: Path, there: Collection[str]) -> Iterator[str]:
    files = [path for folder in ('drivers/dma', 'drivers/clk', 'drivers/pci', 'lib', 'arch')
             for path in sorted((tree / folder).rglob('Kconfig*')) if path.is_file()]
    for path in files:
        conditions = _conditions(path.read_text(errors='replace').splitlines(), option)
        if conditions is None:
            continue
        lacking = [word for condition in conditions if not _holds(condition, there)
                   for word in _lacking(condition, there)]
        what = ', '.join(dict.fromkeys(lacking)) or 'nothing that is known here'
        yield f'CONFIG_{option} depends on what is not so: {what} ({path.relative_to(tree)})'
        return
    yield f'CONFIG_{option} is no option of this kernel'


def _conditions(lines: Iterable[str], option: str) -> list[str] | None:
    """All that @option depends on in a file with these @lines; None if it is not there."""
    blocks: list[str] = []
    found: list[str] | None = None
    for line in lines:
        entry = ENTRY.match(line)
        if entry and found is not None:
            break
        if entry and entry[1] == 'if':
            blocks.append(entry[2])
        elif entry and entry[1] == 'endif' and blocks:
            blocks.pop()
        elif entry and entry[1] in ('config', 'menuconfig') and entry[2] == option:
            found = list(blocks)
        elif found is not None and (depends := DEPENDS.match(line)):
            found.append(depends[1])
    return found


def _lacking(condition: str, there: Collection[str]) -> Iterator[str]:
    """The symbols of a @condition that are not set, and "no X" for those that must not be."""
    for negated, symbol in re.findall(rf'(!?)\s*({SYMBOL.pattern})', condition):
        if bool(negated) == (symbol in there):
            yield f'no {symbol}' if negated else symbol


def _holds(condition: str, there: Collection[str]) -> bool:
    """Whether a Kconfig expression is true; comparisons count as true."""
    if '=' in condition:
        return True
    text = SYMBOL.sub(lambda symbol: str(symbol[0] in there), condition)
    text = text.replace('&&', ' and ').replace('||', ' or ').replace('!', ' not ')
    if not re.fullmatch(r'(True|False|and|or|not|[()\s])*', text):
        return True
    return bool(eval(text, {'__builtins__': {}}))  # nothing but these words is in it
