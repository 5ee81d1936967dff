# SPDX-License-Identifier: GPL-2.0-only
"""What kmemleak says when all rules have ended, given to the rule that allocated it.

It names the thread and the time of each allocation. Every rule runs in threads
of its own; memory that an interrupt allocated belongs to the rule of that time.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .ktap import Outcome

SAID = re.compile(r'^kmemleak: \s*(.*)$')
OBJECT = 'unreferenced object'
ALLOCATED = re.compile(r'^comm "([^"]*)", pid (\d+), jiffies (\d+)')
DUMP = re.compile(r'^(?:hex dump|[0-9a-f]{2} [0-9a-f]{2} )')
SCANNED = re.compile(r'^\d+ new suspected')
QUOTED_LINES = 12


class Leaks:
    """Feed it kmemleak's lines; it adds to the reports of the outcomes that it is given."""

    def __init__(self, outcomes: Sequence[Outcome], others: list[str]) -> None:
        self._outcomes = outcomes
        self._others = others
        self._header = ''
        self._quote: list[str] = []
        self._counted: dict[int, int] = {}

    def feed(self, text: str) -> None:
        """Takes what follows kmemleak's prefix on a line."""
        if text.startswith(OBJECT):
            self._header, self._quote = text, []
        elif allocated := ALLOCATED.match(text):
            self._begin(text, int(allocated[2]), int(allocated[3]))
        elif SCANNED.match(text):
            self._others.append(f'kmemleak: {text}')
        elif self._quote and len(self._quote) < QUOTED_LINES and not DUMP.match(text):
            self._quote.append(text)
            self._where.append(f'  {text}')

    def _begin(self, text: str, pid: int, jiffies: int) -> None:
        """An object's owner is known; of each rule the first one is quoted."""
        owner = self._owner(pid, jiffies)
        self._where = self._others if owner is None else owner.reports
        key = id(self._where)
        self._counted[key] = self._counted.get(key, 0) + 1
        self._quote = []
        if self._counted[key] > 1:
            self._tell_count(self._where, self._counted[key])
            return
        self._quote = [text]
        self._where += [f'kmemleak: {self._header}', f'  {text}']

    def _owner(self, pid: int, jiffies: int) -> Outcome | None:
        """The outcome whose thread it was, or else the last one that ran at that time."""
        own = [seen for seen in self._outcomes if pid in seen.pids]
        then = [seen for seen in self._outcomes
                if seen.jiffies and seen.jiffies[0] <= jiffies <= seen.jiffies[-1]]
        return next(reversed(own or then), None)

    @staticmethod
    def _tell_count(where: list[str], count: int) -> None:
        """The number of objects stands in the last line of the quote."""
        if where and where[-1].startswith('kmemleak: in all '):
            where.pop()
        where.append(f'kmemleak: in all {count} objects')
