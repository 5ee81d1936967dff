# SPDX-License-Identifier: GPL-2.0-only
"""Commands that start further processes, and that must leave none behind."""

import contextlib
import os
import selectors
import signal
import subprocess
import threading
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from enum import Enum
from pathlib import Path

from .problem import Interrupted

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
GRACE_S = 2.0
MARK = 'DMACONF_GROUP'
PIPE_BYTES = 1 << 20
"""A kernel's console drops what nobody takes: more than is said while we do not run."""

_running: set['Group'] = set()
_stopping = threading.Event()


class Ending(Enum):
    """Why a command's output ended."""

    EXITED = 'it ended by itself'
    SILENT = 'it said nothing for too long'
    OVERTIME = 'it took too long in all'


class Group:
    """A command and all that it starts; input from /dev/null, output readable by line.

    Leaving the `with` block terminates, then kills, every one of its
    processes. They are known by a mark in their environment, as user-mode
    Linux leaves the session it was started in, and by their session, as one that
    is just executing another program shows no environment. Ctrl-C on our terminal reaches
    us and not the command, so we decide the order in which things are undone.
    """

    def __init__(self, command: Sequence[str], env: Mapping[str, str]) -> None:
        self._mark = f'{MARK}={uuid.uuid4()}'
        self._process = subprocess.Popen(
            command, env={**env, MARK: self._mark.partition('=')[2]}, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            pipesize=PIPE_BYTES)
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
        @overall_s seconds. Time in which we did not run ourselves is not silence.
        """
        assert self._process.stdout is not None
        pipe = self._process.stdout.fileno()
        over = None if overall_s is None else time.monotonic() + overall_s
        rest = b''
        while True:
            left = None if over is None else max(0.0, over - time.monotonic())
            patience = _shorter(silence_s, left)
            if not _answers(pipe, patience):
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
        _signal(self._members(), signal.SIGTERM, GRACE_S)
        # One that is born while we look may escape one look, but not two.
        while left := self._members() or self._members():
            _signal(left, signal.SIGKILL, None)
        self._process.wait()
        _running.discard(self)

    def _members(self) -> list[int]:
        return [int(folder.name) for folder in Path('/proc').glob('[0-9]*')
                if _is_marked(folder, self._mark.encode()) or _is_in(folder, self._process.pid)]


def stop_all() -> None:
    """Stops every command that any thread still runs, and those it may yet start."""
    _stopping.set()
    for group in list(_running):
        group.stop()


@contextlib.contextmanager
def workers(count: int) -> Iterator[ThreadPoolExecutor]:
    """Threads that run commands; on any exception in the block no command goes on."""
    with ThreadPoolExecutor(count) as pool:
        try:
            yield pool
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            stop_all()
            raise


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


def _is_marked(process: Path, mark: bytes) -> bool:
    """Whether the environment of a living @process, a folder of /proc, has @mark in it."""
    with contextlib.suppress(OSError):
        return mark in (process / 'environ').read_bytes().split(b'\0')
    return False


def _is_in(process: Path, session: int) -> bool:
    """Whether a living @process, a folder of /proc, is in @session."""
    with contextlib.suppress(OSError):
        state, _, _, of, *_ = (process / 'stat').read_text().rpartition(')')[2].split()
        return int(of) == session and state not in 'ZX'
    return False


def _signal(pids: Sequence[int], signum: signal.Signals, patience_s: float | None) -> None:
    """Sends @signum to all @pids and waits until they have ended, or for @patience_s."""
    over = None if patience_s is None else time.monotonic() + patience_s
    with contextlib.ExitStack() as stack:
        handles = []
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                handles.append(os.pidfd_open(pid))
                stack.callback(os.close, handles[-1])
                signal.pidfd_send_signal(handles[-1], signum)
        for handle in handles:
            _readable(handle, None if over is None else max(0.0, over - time.monotonic()))


def _answers(descriptor: int, patience_s: float | None) -> bool:
    """Whether there is something to read within @patience_s, counted second by second.

    A machine that is suspended for minutes, be it a virtual one, loses one of these seconds.
    """
    while patience_s is not None and patience_s > 0:
        if _readable(descriptor, min(patience_s, 1.0)):
            return True
        patience_s -= 1.0
    return _readable(descriptor, patience_s)


def _readable(descriptor: int, timeout_s: float | None) -> bool:
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        return bool(selector.select(timeout_s))


def _shorter(one: float | None, other: float | None) -> float | None:
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)


def _text(line: bytes) -> str:
    return line.decode('utf-8', 'backslashreplace')
