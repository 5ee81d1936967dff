# SPDX-License-Identifier: GPL-2.0-only
"""What the complete suite itself costs as a provider has more channels."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from . import session
from .declarations import Rule
from .kernel import Kernel
from .progress import step
from .session import Wishes

DEVICE = 'dmaconf-stub-memcpy.0'
"""The stub's device that has as many channels as are asked for."""
CHANNELS = (1, 8, 64)
USED = re.compile(r'dmaconf: end .*\bused_kb=(\d+)')


@dataclass(frozen=True)
class Grown:
    """A run of all rules on a stub with so many channels."""

    channels: int
    seconds: float
    """What all rules took, as the kernel saw it."""
    rules: int
    """Results: one for each rule and channel."""
    used_kb: int
    """What the system used at most, as a rule came to its end."""
    conformant: bool


def run(kernel: Kernel, rules: Sequence[Rule],
        channels: Sequence[int] = CHANNELS) -> list[Grown]:
    """A boot for each number of channels, in plain time."""
    return [_run(kernel.in_plain_time, rules, number) for number in channels]


def _run(kernel: Kernel, rules: Sequence[Rule], number: int) -> Grown:
    wishes = Wishes(rules, rules, DEVICE, kernel.target.timeout_ms, seed=1,
                    kernel_args=[f'dmaconf_stub.channels={number}'])
    console = kernel.consoles / f'suite-{number}.log'
    with step(f'Running all rules on {number} channels'):
        _, judgement = session.execute(kernel, wishes, console, lambda _: None)
    used = max((int(kb) for kb in USED.findall(console.read_text())), default=0)
    took = sum(result.duration_us or 0 for result in judgement.results)
    return Grown(number, round(took / 1e6, 3), len(judgement.results), used,
                 judgement.conformant)
