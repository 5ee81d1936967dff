# SPDX-License-Identifier: GPL-2.0-only
"""Progress of one long step, on standard error.

On a terminal a bar that vanishes, drawn by rich; otherwise, and before rich
is installed, a plain line at the start, every ten seconds and at the end.
"""

import importlib.util
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

LINE_EVERY_S = 10.0
_bar_is_free = threading.Lock()


class Step(Protocol):
    """What a long step tells while it runs."""

    def update(self, done: float | None = None, total: float | None = None,
               note: str | None = None) -> None:
        """@done of @total units are behind us; @note says what is going on."""


class _Lines:
    """Plain lines for pipes and log files."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._started = time.monotonic()
        self._share = ''
        self._note = ''
        self._over = threading.Event()
        self._teller = threading.Thread(target=self._tell, daemon=True)

    def update(self, done: float | None = None, total: float | None = None,
               note: str | None = None) -> None:
        if done is not None and total:
            self._share = f', {100 * min(done / total, 1):.0f} %'
        if note is not None:
            self._note = f', {note}'

    def start(self) -> None:
        """Begins to tell."""
        say(f'{self._title} ...')
        self._teller.start()

    def stop(self, end: str) -> None:
        """Tells how it ended."""
        self._over.set()
        self._teller.join()
        say(f'{self._title}: {end} after {self._elapsed():.1f} s')

    def _elapsed(self) -> float:
        return time.monotonic() - self._started

    def _tell(self) -> None:
        while not self._over.wait(LINE_EVERY_S):
            say(f'{self._title}: {self._elapsed():.0f} s{self._share}{self._note}')


class _Nothing:
    """For a step that is a part of another one."""

    def update(self, done: float | None = None, total: float | None = None,
               note: str | None = None) -> None:
        pass


@contextmanager
def _lines(title: str) -> Iterator[Step]:
    lines = _Lines(title)
    lines.start()
    end = 'stopped'
    try:
        yield lines
        end = 'done'
    finally:
        lines.stop(end)


@contextmanager
def _bar(title: str) -> Iterator[Step]:
    from rich import progress as bars
    from rich.console import Console

    console = Console(stderr=True)
    with bars.Progress(bars.SpinnerColumn(), bars.TextColumn('{task.description}'),
                       bars.BarColumn(bar_width=24), bars.TimeElapsedColumn(),
                       bars.TextColumn('{task.fields[note]}', markup=False),
                       console=console, transient=True) as live:
        task = live.add_task(title, total=None, note='')

        class Bar:
            """One row of the live display."""

            def update(self, done: float | None = None, total: float | None = None,
                       note: str | None = None) -> None:
                fields: dict[str, Any] = {} if note is None else {'note': note}
                live.update(task, completed=done, total=total, **fields)

        started = time.monotonic()
        yield Bar()
    say(f'{title}: {time.monotonic() - started:.1f} s')


@contextmanager
def step(title: str, hidden: bool = False) -> Iterator[Step]:
    """Shows that the step called @title runs, until the block ends, unless it is @hidden.

    Of steps that run at the same time one is a bar, the others are lines.
    """
    if hidden:
        yield _Nothing()
        return
    drawn = (sys.stderr.isatty() and importlib.util.find_spec('rich') is not None
             and _bar_is_free.acquire(blocking=False))
    try:
        with _bar(title) if drawn else _lines(title) as shown:
            yield shown
    finally:
        if drawn:
            _bar_is_free.release()


def say(text: str) -> None:
    """One line for the person who waits; results go to standard output instead."""
    print(text, file=sys.stderr, flush=True)
