# SPDX-License-Identifier: GPL-2.0-only
"""One boot of a built kernel through kunit.py, with its console parsed as it comes."""

import os
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import ktap
from .kernel import Kernel
from .process import Ending, Group
from .targets import Target

TALKATIVE = ('kasan_multi_shot', 'kmemleak.verbose=1')
"""Debugging aids report each time and in full: what concerns one rule hides no other's."""
TIME_TRAVEL = 'time-travel=inf-cpu'
LATE_S = 30
"""kunit.py's own limit lies this far behind ours, which tells more."""


@dataclass(frozen=True)
class Boot:
    """How to boot: kunit.py's filter glob and the kernel's extra arguments."""

    kernel: Kernel
    filter_glob: str
    kernel_args: Sequence[str]
    console: Path
    """Where the raw console goes."""
    silence_s: float | None = None
    """Patience with a console that says nothing; None: the target's."""


@dataclass(frozen=True)
class Booted:
    """What a boot told, and why its output ended."""

    log: ktap.Log
    ending: Ending


def run(boot: Boot, watch: Callable[[ktap.Parser], None]) -> Booted:
    """Boots, feeding the console to a parser; @watch is called after every line."""
    target = boot.kernel.target
    parser = ktap.Parser()
    with Group(command(boot), boot.kernel.env()) as kunit, \
            boot.console.open('w') as console:
        for line in kunit.lines(boot.silence_s or target.silence_s, target.boot_timeout_s):
            console.write(line + '\n')
            parser.feed(line)
            watch(parser)
            if parser.at_end and not target.ends:
                break
    return Booted(parser.finish(), kunit.ending)


def command(boot: Boot) -> list[str]:
    """kunit.py's command line; raw output, as its parser drops the reasons of skips."""
    target = boot.kernel.target
    options = ['--raw_output=all', '--timeout', str(target.boot_timeout_s + LATE_S)]
    for argument in (*target.kernel_args, *boot.kernel_args):
        options += ['--kernel_args', argument]
    for argument in TALKATIVE if target.debug else ():
        options += ['--kernel_args', argument]
    if target.time_travel:
        options += ['--kernel_args', TIME_TRAVEL]
    if boot.kernel.device_tree:
        options += ['--qemu_args', shlex.join(['-dtb', str(boot.kernel.device_tree)])]
    return boot.kernel.kunit('exec', *options, boot.filter_glob)


def jobs(target: Target) -> int:
    """How many boots of @target this machine runs well at the same time.

    Most of a boot is waiting for what must not happen; emulators compute
    meanwhile, and with sanitizers in the kernel they do nothing else.
    """
    each = 4 if target.arch == 'um' else 1 if target.debug else 2
    return each * len(os.sched_getaffinity(0))
