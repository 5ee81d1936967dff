# SPDX-License-Identifier: GPL-2.0-only
"""The selftests in a machine of their own: one boot, its KTAP, and the verdict."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from .guest import Guest
from .process import Ending, Group

BEGIN = 'dmaconf: user space of Linux '
END = 'dmaconf: end'
PROGRAM = re.compile(r'^(?P<not>not )?ok \d+ selftests: \S+ (?P<name>\S+)(?P<rest>.*)$')
TEST = re.compile(r'^# (?P<not>not )?ok \d+ (?P<name>\S+)(?: # (?P<skip>SKIP)\b.*)?')
REPORT = re.compile(r'BUG: |WARNING: |Oops|Kernel panic|general protection|UBSAN: '
                    r'|kmemleak: \d+ new|blocked for more than|DMA-API: (?:debugging out|.*disabl)'
                    r'|sleeping function called|kobject_add_internal failed')
"""What the kernel says when something is wrong that no test may have noticed."""

SLOWEST_S = 0.02
"""What a command of the fuzzer takes on a busy machine, with all sanitizers."""

BRIEF = ('lifecycle', 'errors', 'files', 'data', 'raid', 'ring', 'packet', 'flight', 'edges',
         'traces', 'process', 'unplug', 'view', 'fuzz', 'lockdown')
"""What make test runs: not stub_control, which goes through all faults and takes minutes."""


@dataclass(frozen=True)
class Wishes:
    """Which programs are run, all if none is named, and what the stub does wrong."""

    tests: Sequence[str] = ()
    fault: str = ''
    arguments: Sequence[str] = ()
    silence_s: float = 600.0
    """With sanitizers in an emulated machine one test of all allocations takes minutes."""
    overall_s: float = 7200.0


def patient(wishes: Wishes, commands: int) -> Wishes:
    """@wishes with time for so many @commands of the fuzzer, in the guest too."""
    overall_s = wishes.overall_s + commands * SLOWEST_S
    return replace(wishes, overall_s=overall_s,
                   arguments=[*wishes.arguments, f'DMACONF_TIMEOUT={overall_s:.0f}'])


@dataclass
class Outcome:
    """What came of a boot, as far as it came."""

    release: str = ''
    programs: dict[str, str] = field(default_factory=dict)
    """pass, fail or skip, by name."""
    passed: int = 0
    failed: list[str] = field(default_factory=list)
    """Tests, as program:test."""
    skipped: int = 0
    ended: bool = False
    ending: Ending = Ending.EXITED
    reports: list[str] = field(default_factory=list)
    """Lines of the kernel's log."""
    _inner: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Something passed, nothing failed, everything ended, and the kernel said nothing."""
        return (self.ended and not self.reports and not self.failed and self.passed > 0
                and 'fail' not in self.programs.values())

    def feed(self, line: str) -> None:
        """One line of the tests' console."""
        if line.startswith(BEGIN):
            self.release = line.removeprefix(BEGIN)
        elif line == END:
            self.ended = True
        elif found := PROGRAM.match(line):
            self._program(found)
        elif found := TEST.match(line):
            self._test(found)

    def _test(self, found: re.Match[str]) -> None:
        if found['skip']:
            self.skipped += 1
        elif found['not']:
            self._inner.append(found['name'])
        else:
            self.passed += 1

    def _program(self, found: re.Match[str]) -> None:
        name = found['name']
        skipped = not found['not'] and 'SKIP' in found['rest']
        self.programs[name] = 'fail' if found['not'] else 'skip' if skipped else 'pass'
        self.failed += [f'{name}:{test}' for test in self._inner]
        self._inner.clear()

    def __str__(self) -> str:
        said = (f'dmaconf: selftests on Linux {self.release or "?"}: {self.passed} passed, '
                f'{len(self.failed)} failed, {self.skipped} skipped, '
                f'{len(self.programs)} programs')
        if not self.ended:
            said += f', NOT FINISHED ({self.ending.value})'
        if self.reports:
            said += f', {len(self.reports)} kernel reports'
        return said


def run(guest: Guest, wishes: Wishes, name: str, show: Callable[[str], None]) -> Outcome:
    """Boots @guest and runs the chosen programs; @show gets every line of theirs."""
    outcome = Outcome()

    def watch(line: str) -> None:
        outcome.feed(line)
        show(line)

    arguments = [f'DMACONF_FAULT={wishes.fault}'] if wishes.fault else []
    outcome.ending = boot(guest, wishes, name, arguments, watch)
    outcome.reports = reports(kernel_log(guest, name))
    return outcome


def boot(guest: Guest, wishes: Wishes, name: str, arguments: Sequence[str],
         watch: Callable[[str], None]) -> Ending:
    """Boots @guest; @watch gets every line of the tests' console, which is kept as @name.log."""
    log = kernel_log(guest, name)
    log.unlink(missing_ok=True)
    words = [*wishes.arguments, *arguments, f'DMACONF_TESTS={",".join(wishes.tests)}']
    with Group(guest.command(words, log), guest.env) as machine, \
            (guest.out / f'{name}.log').open('w') as kept:
        for line in machine.lines(wishes.silence_s, wishes.overall_s):
            line = line.rstrip('\r')
            kept.write(line + '\n')
            watch(line)
            if line == END:
                # Not every machine can turn itself off.
                break
    return machine.ending


def kernel_log(guest: Guest, name: str) -> Path:
    """Where the kernel's own console of the boot @name is kept."""
    return guest.out / f'{name}.kernel.log'


def reports(log: Path) -> list[str]:
    """The lines of a kernel's @log that say that something is wrong."""
    if not log.exists():
        return ['no kernel log']
    return [line for line in log.read_text(errors='replace').splitlines() if REPORT.search(line)]
