# SPDX-License-Identifier: GPL-2.0-only
"""Commands that start further processes, and that must leave none behind."""

import contextlib
import os
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum

from .problem import Interrupted

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
GRACE_S = 2.0

_running: set['Group'] = set()
_stopping = threading.Event()


class Ending(Enum):
    """Why a command's output ended."""

    EXITED = 'it ended by itself'
    SILENT = 'it said nothing for too long'
    OVERTIME = 'it took too long in all'


class Group:
    """A command in a session of its own, input from /dev/null, output readable by line.

    Leaving the `with` block terminates, then kills, every process the command
    started. Ctrl-C on our terminal reaches us and not the command, so we
    decide the order in which things are undone.
    """

    def __init__(self, command: Sequence[str], env: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, start_new_session=True)
        self.ending = Ending.EXITED
        _running.add(self)
        if _stopping.is_set():
            self.stop()

    def __enter__(self) -> 'Group':
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def code(self) -> int | None:
        """The command's exit code once it has ended."""
        return self._process.poll()

    def lines(self, silence_s: float | None = None,
              overall_s: float | None = None) -> Iterator[str]:
        """The command's output until it ends; @ending says why it did.

        Stops the command after @silence_s seconds without output, or after
        @overall_s seconds.
        """
        assert self._process.stdout is not None
        pipe = self._process.stdout.fileno()
        over = None if overall_s is None else time.monotonic() + overall_s
        rest = b''
        while True:
            left = None if over is None else max(0.0, over - time.monotonic())
            patience = _shorter(silence_s, left)
            if not _readable(pipe, patience):
                self.ending = Ending.OVERTIME if patience == left else Ending.SILENT
                self.stop()
                break
            chunk = os.read(pipe, 1 << 16)
            if not chunk:
                self._process.wait()
                break
            *whole, rest = (rest + chunk).split(b'\n')
            yield from (_text(line) for line in whole)
        if rest:
            yield _text(rest)

    def stop(self) -> None:
        """Ends the command and all that it started; harmless when it has ended."""
        group = self._process.pid
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(GRACE_S)
            os.killpg(group, signal.SIGKILL)
        self._process.wait()
        _running.discard(self)


def stop_all() -> None:
    """Stops every command that any thread still runs, and those it may yet start."""
    _stopping.set()
    for group in list(_running):
        group.stop()


def interrupt_on_signals() -> None:
    """From now on SIGINT, SIGTERM and SIGHUP raise Interrupted in the main thread."""
    def stop(signum: int, _frame: object) -> None:
        raise Interrupted(signum)

    for signum in STOPPING:
        signal.signal(signum, stop)


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Puts the stopping signals off until the block, which must be short, has ended."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _readable(pipe: int, timeout_s: float | None) -> bool:
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        return bool(selector.select(timeout_s))


def _shorter(one: float | None, other: float | None) -> float | None:
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)


def _text(line: bytes) -> str:
    return line.decode('utf-8', 'backslashreplace')
