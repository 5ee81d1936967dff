# SPDX-License-Identifier: GPL-2.0-only
"""Counts of lines and branches from lcov's traces, and why some are missed.

tools/coverage.toml has the reasons, and says which of it nobody can reach.
"""

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from . import PROJECT
from .problem import Problem

REASONS = PROJECT / 'tools/coverage.toml'
KEYS = {'file', 'functions', 'lines', 'reason', 'reachable'}


@dataclass
class Counts:
    """Of one source file: how often its lines ran, and each way of a branch was taken."""

    name: str
    """As in the kernel's tree."""
    source: Sequence[str] = ()
    functions: dict[int, str] = field(default_factory=dict)
    """By their first lines."""
    lines: dict[int, int] = field(default_factory=dict)
    branches: dict[int, list[int]] = field(default_factory=dict)

    def function(self, line: int) -> str:
        """The function that @line is in, '' before the first."""
        return self.functions.get(max((at for at in self.functions if at <= line), default=0), '')

    def text(self, line: int) -> str:
        """What stands in @line."""
        return self.source[line - 1].strip() if line <= len(self.source) else ''

    @property
    def missed(self) -> set[int]:
        """Lines that did not run, or did not go every way."""
        return ({line for line, count in self.lines.items() if not count}
                | {line for line, ways in self.branches.items() if not all(ways)})


@dataclass(frozen=True)
class Excuse:
    """Why lines of a file do not run. Only what was missed is about: what runs needs no excuse."""

    file: str
    functions: tuple[str, ...]
    """Names; all functions if there are none."""
    lines: tuple[re.Pattern[str], ...]
    """What a line holds; all lines if there are none."""
    reason: str
    reachable: bool
    """A provider or a client could have them run: what is missed counts."""

    def covers(self, counts: Counts, line: int) -> bool:
        """Whether it is about @line of the file that @counts are of."""
        return (self.file == counts.name
                and (not self.functions or counts.function(line) in self.functions)
                and (not self.lines or any(one.search(counts.text(line)) for one in self.lines)))

    def __str__(self) -> str:
        where = [', '.join(self.functions), *(f'"{one.pattern}"' for one in self.lines)]
        return f'{self.file}: {" ".join(filter(None, where))}'


@dataclass(frozen=True)
class Share:
    """How much of something was reached."""

    reached: int
    of: int

    @property
    def percent(self) -> float:
        """100 of nothing."""
        return 100 * self.reached / self.of if self.of else 100.0

    def __add__(self, other: 'Share') -> 'Share':
        return Share(self.reached + other.reached, self.of + other.of)

    def __str__(self) -> str:
        return f'{self.percent:.1f} %'


def read(trace: Path, tree: Path) -> dict[str, Counts]:
    """The counts in lcov's @trace by the files' names in the kernel's @tree."""
    found: dict[str, Counts] = {}
    counts = Counts('')
    for entry in trace.read_text().splitlines():
        key, _, value = entry.partition(':')
        words = value.split(',')
        if key == 'SF':
            path = Path(value)
            counts = Counts(_name(path, tree), _source(path))
            found[counts.name] = counts
        elif key == 'FN':
            counts.functions[int(words[0])] = words[-1]
        elif key == 'DA':
            counts.lines[int(words[0])] = int(words[1])
        elif key == 'BRDA':
            taken = 0 if words[3] == '-' else int(words[3])
            counts.branches.setdefault(int(words[0]), []).append(taken)
    return found


def _name(path: Path, tree: Path) -> str:
    """@path from the top of the kernel's @tree on, or of the project, which is grafted in."""
    resolved = path.resolve()
    for top in (tree, PROJECT):
        if resolved.is_relative_to(top):
            return str(resolved.relative_to(top))
    return str(path)


def _source(path: Path) -> list[str]:
    return path.read_text(errors='replace').splitlines() if path.is_file() else []


def excuses(path: Path = REASONS) -> list[Excuse]:
    """What @path lists; a Problem if it is not as it should be."""
    made = []
    for entry in tomllib.loads(path.read_text()).get('excuse', []):
        if (entry.keys() - KEYS or not {'file', 'reason'} <= entry.keys()
                or not {'functions', 'lines'} & entry.keys()):
            raise Problem(f'{path}: an excuse has a file, a reason, and functions or lines: '
                          f'{entry}')
        made.append(Excuse(entry['file'], tuple(entry.get('functions', ())),
                           tuple(re.compile(line) for line in entry.get('lines', ())),
                           entry['reason'], entry.get('reachable', False)))
    return made


def shares(counts: Counts, excused: Iterable[Excuse] = ()) -> tuple[Share, Share]:
    """Lines and branches that were reached, of those that can be, for all that @excused says."""
    out = [excuse for excuse in excused if not excuse.reachable]
    lines = [count for line, count in counts.lines.items()
             if count or not why(counts, line, out)]
    branches = [taken for line, ways in counts.branches.items() for taken in ways
                if taken or not why(counts, line, out)]
    return (Share(sum(map(bool, lines)), len(lines)),
            Share(sum(map(bool, branches)), len(branches)))


def why(counts: Counts, line: int, excused: Iterable[Excuse]) -> Excuse | None:
    """The first of @excused that is about @line."""
    return next((excuse for excuse in excused if excuse.covers(counts, line)), None)


def missed(counts: Counts, excused: Sequence[Excuse]) -> dict[Excuse | None, list[int]]:
    """The lines that were missed, by what is said about them."""
    found: dict[Excuse | None, list[int]] = {}
    for line in sorted(counts.missed):
        found.setdefault(why(counts, line, excused), []).append(line)
    return found


def stale(found: dict[str, Counts], excused: Sequence[Excuse]) -> list[Excuse]:
    """Those of the excuses that excuse nothing, or nothing that another one does not."""
    used = {excuse for counts in found.values() for excuse in missed(counts, excused)}
    return [excuse for excuse in excused if excuse not in used]
