# SPDX-License-Identifier: GPL-2.0-only
"""What keeps a run from starting, told to a person in one or a few lines."""

import difflib
from collections.abc import Iterable


class Problem(Exception):
    """The request cannot be carried out; the command ends with exit code 2."""


class Interrupted(BaseException):
    """SIGINT, SIGTERM or SIGHUP arrived; `code` is the shell's 128 + signal.

    Not an Exception, for the same reason as KeyboardInterrupt: nothing but
    clean-up should catch it on its way.
    """

    def __init__(self, signum: int) -> None:
        super().__init__(f'stopped by signal {signum}')
        self.code = 128 + signum


def unknown(kind: str, name: str, known: Iterable[str]) -> Problem:
    """An unknown @name of a @kind ('rule', 'target', ...), with the nearest ones."""
    names = sorted(set(known))
    near = difflib.get_close_matches(name, names, n=4, cutoff=0.5)
    if near:
        return Problem(f'unknown {kind} "{name}"; nearest: {", ".join(near)}')
    return Problem(f'unknown {kind} "{name}"; known: {_some(names)}')


def _some(names: list[str], limit: int = 12) -> str:
    if not names:
        return 'none'
    more = f', ... ({len(names)} in all)' if len(names) > limit else ''
    return ', '.join(names[:limit]) + more
