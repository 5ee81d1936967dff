# SPDX-License-Identifier: GPL-2.0-only
"""Several targets: one boots while the next is being built."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from . import packages, session
from .dmatest import Found
from .document import About
from .kernel import Kernel, prepared
from .problem import Problem
from .process import workers
from .progress import say
from .results import Judgement
from .session import Wishes
from .targets import Target


@dataclass(frozen=True)
class Turn:
    """A target whose turn it is: its kernel, or the problem that kept it from being built."""

    target: Target
    kernel: Kernel | None
    problem: str


@contextmanager
def turns(targets: Sequence[Target], version: str,
          ksrc: Path | None) -> Iterator[Iterator[Turn]]:
    """The @targets in their order, each as soon as its kernel is built.

    One kernel is built at a time, the next ones while the caller is busy with
    those before. A user's own tree serves one target at a time, as it is
    ungrafted in between. However the block ends, no build goes on.
    """
    held = [_Held(target, version, ksrc) for target in targets]
    with ExitStack() as releases, workers(1) as builder:
        for one in held:
            releases.callback(one.release)
        yield _as_built(builder, held, lookahead=1 if ksrc else len(held))


@dataclass(frozen=True)
class Row:
    """What became of a target: a run, or the @problem that kept it from running."""

    target: Target
    about: About | None = None
    judgement: Judgement | None = None
    dmatest: Sequence[Found] = ()
    problem: str = ''

    @property
    def code(self) -> int:
        """The exit code that a run of this target alone would have."""
        if self.judgement is None:
            return 2
        return 0 if self.judgement.conformant else 1


def run(turn: Turn, wishes: Wishes) -> Row:
    """Carries out @wishes on the target whose turn it is."""
    if turn.kernel is None:
        return Row(turn.target, problem=turn.problem)
    try:
        about, judgement, dmatest = session.compared(turn.kernel, wishes)
    except Problem as problem:
        say(f'dmaconf: {turn.target.name}: {problem}')
        return Row(turn.target, problem=str(problem))
    return Row(turn.target, about, judgement, dmatest)


class _Held:
    """A target's kernel, which is held from its build until its release."""

    def __init__(self, target: Target, version: str, ksrc: Path | None) -> None:
        self.target = target
        self._wanted = (target, version, ksrc)
        self._stack = ExitStack()

    def build(self) -> Kernel:
        """Installs what it takes, and builds."""
        packages.ensure(self.target.packages)
        return self._stack.enter_context(prepared(*self._wanted))

    def release(self) -> None:
        """Others may use its folder."""
        self._stack.close()


def _as_built(builder: ThreadPoolExecutor, held: Sequence[_Held],
              lookahead: int) -> Iterator[Turn]:
    queue: list[Future[Kernel]] = [builder.submit(one.build) for one in held[:lookahead]]
    for number, one in enumerate(held):
        yield _turn(one, queue[number])
        one.release()
        queue += [builder.submit(later.build) for later in held[len(queue):number + 1 + lookahead]]


def _turn(one: _Held, building: Future[Kernel]) -> Turn:
    try:
        return Turn(one.target, building.result(), '')
    except Problem as problem:
        say(f'dmaconf: {one.target.name}: {problem}')
        return Turn(one.target, None, str(problem))
