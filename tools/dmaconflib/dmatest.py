# SPDX-License-Identifier: GPL-2.0-only
"""The kernel's own dmatest on the channels under test, to see what each finds.

It keeps its channels: so it has boots of its own, in which no rule runs, but a
suite that starts it and waits for its end.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import boot
from .boot import Boot, Booted
from .kernel import Kernel
from .ktap import PREFIX, REPORT
from .process import Ending, workers
from .progress import step
from .wording import plural

SUMMARY = re.compile(r'^dmatest: ((dma\d+chan\d+)-\w+): summary (\d+) tests, (\d+) failures')
ADDED = re.compile(r'^dmatest: Added (\d+) threads using (dma\d+chan\d+)')
WAIT = 'dmatest'
"""The suite that runs it, kunit/dmatest.c."""
MODES = {'default': (), 'polled, noverify': ('dmatest.polled=1', 'dmatest.noverify=1')}
OUTCOMES = ('passes', 'fails', 'crashes', 'hangs')
ITERATIONS = 20


@dataclass(frozen=True)
class Found:
    """What dmatest found on the channels under test with some arguments.

    @outcome is one of OUTCOMES; @trouble is a kernel report, a death or a hang.
    """

    mode: str
    channels: int
    tests: int
    failures: int
    outcome: str
    trouble: str = ''

    def __str__(self) -> str:
        if not self.channels and not self.trouble:
            return 'tests none of these channels'
        count = f'{self.failures} of {plural(self.tests, "test")} failed'
        return f'{count}, {self.trouble}' if self.trouble else count


def both(kernel: Kernel, names: Collection[str], timeout_ms: int) -> list[Found]:
    """A boot for each of MODES, at the same time; @names as for run()."""
    def one(number: int, mode: str) -> Found:
        return run(kernel, names, mode, [f'dmatest.timeout={timeout_ms}', *MODES[mode]],
                   kernel.consoles / f'dmatest-{number}.log')

    with step(f'Running dmatest on {kernel.target.name}'), workers(len(MODES)) as pool:
        return list(pool.map(one, range(1, len(MODES) + 1), MODES))


def run(kernel: Kernel, names: Collection[str] | None, mode: str, arguments: Sequence[str],
        console: Path, silence_s: float | None = None, iterations: int = ITERATIONS) -> Found:
    """One boot with dmatest's @arguments; @console keeps what the kernel says.

    @names are the kernel's names of the channels that count, all of them for None.
    """
    command = ['dmaconf.dmatest=1', f'dmatest.iterations={iterations}',
               *kernel.target.dmatest, *arguments]
    booted = boot.run(Boot(kernel, WAIT, command, console, silence_s), lambda _: None)
    return judge(mode, console.read_text(), booted, names)


def judge(mode: str, console: str, booted: Booted, names: Collection[str] | None) -> Found:
    """What a @console says about the channels that have one of the @names."""
    lines = [PREFIX.sub('', line) for line in console.splitlines()]
    added, ended = (
        [found for line in lines if (found := pattern.match(line))
         and (names is None or found[2] in names)] for pattern in (ADDED, SUMMARY))
    missing = sum(int(found[1]) for found in added) - len(ended)
    failures = sum(int(found[4]) for found in ended)
    outcome, trouble = _trouble(lines, booted)
    if outcome == 'passes' and (failures or missing):
        outcome = 'fails'
        trouble = f'{plural(missing, "thread")} did not end' if missing else ''
    return Found(mode, len({found[2] for found in added}), sum(int(found[3]) for found in ended),
                 failures, outcome, trouble)


def _trouble(lines: Sequence[str], booted: Booted) -> tuple[str, str]:
    """What happened to the kernel from the first thread of dmatest on."""
    start = next((i for i, line in enumerate(lines) if ADDED.match(line)), len(lines))
    reports = [line for line in lines[start:] if REPORT.match(line)]
    if booted.ending is not Ending.EXITED:
        return 'hangs', f'the boot was stopped: {booted.ending.value}'
    if reports:
        return 'crashes', f'the kernel complained: {reports[0]}'
    if not booted.log.complete:
        return 'crashes', 'the kernel died'
    return 'passes', ''
