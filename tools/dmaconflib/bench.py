# SPDX-License-Identifier: GPL-2.0-only
"""Measurements: which there are, the boots that make them, and what their consoles say.

The kernel measures (kunit/bench/) and prints a line for each point and round; here
they become medians with their spread. Rounds of one boot are compared with each
other and never with those of another, but as ratios.
"""

import re
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone

from . import boot, ktap
from .boot import Boot
from .document import About
from .kernel import Kernel
from .ktap import PREFIX, fields
from .problem import Problem, unknown
from .progress import step
from .session import Wishes, about_boot, reject

SUITE = 'dmabench'
"""The KUnit suite, kunit/bench/suite.c."""
SAID = re.compile(r'^# dmaconf: bench (\w+) (.*)$')
DMATEST = re.compile(r'^dmatest: \S+: summary (\d+) tests, (\d+) failures ([\d.]+) iops')
CONDITIONS = ('type', 'what', 'size', 'depth', 'channels', 'done', 'map', 'verify')
QUANTILES = ('p50', 'p99', 'p999', 'max')
QUIET = ('dma_debug=off', 'maxcpus=1')
"""The kernel's check of each mapping would be most of what is measured; and an emulated
CPU that sleeps is woken when the host comes to it, so who is on which would decide."""
SILENCE_S = 120


@dataclass(frozen=True)
class Sweep:
    """One boot's worth of points: what varies, and the plan as the kernel reads it."""

    name: str
    what: str
    plan: str
    kernel_args: tuple[str, ...] = ()
    stub: str = ''
    """What is measured where the stub is under test; else it is as everywhere."""
    channels: tuple[int, ...] = ()
    """A boot for each: how many the stub has, `{channels}` in plan and arguments."""

    def boots(self) -> list['Sweep']:
        """The sweeps that a boot each does."""
        return [replace(self, plan=self.plan.format(channels=number), channels=(),
                        kernel_args=tuple(arg.format(channels=number)
                                          for arg in self.kernel_args))
                for number in self.channels] or [self]


SWEEPS = {sweep.name: sweep for sweep in (
    Sweep('size', 'operations and bytes over size',
          'size=1,4,16,64,256,1K,4K,16K,64K,256K,1M,4M:depth=1,8'),
    Sweep('depth', 'latency from issue to callback over operations under way',
          'size=64:depth=1,2,4,8,16,32,64,128,256:what=latency:ops=1024'),
    Sweep('channels', 'one channel, several, and all that offer memcpy',
          'size=4K:depth=8:channels=1,2,4,all'),
    Sweep('type', 'kinds of transfers; of cyclic ones how far periods are from their mean',
          'type=memcpy,memset,xor,slave_sg:size=4K:depth=1,32+type=cyclic:size=4K:depth=4:ops=500'),
    Sweep('done', 'called back or polled', 'size=64:depth=1,32:done=callback,polled'),
    Sweep('map', 'with memory mapped once, and for each operation',
          'size=64,4K:depth=1,32:map=out,in'),
    Sweep('verify', 'with data not looked at, and compared',
          'size=64,4K:depth=1,32:verify=out,in'),
    Sweep('terminate', 'what terminate_sync takes over operations under way',
          'what=terminate:size=16K:depth=1,8,64,256'),
    Sweep('client', 'a client as dmatest is one, that maps memory for each operation',
          'size=64,4K:depth=1,32:done=callback,polled:map=in:ops=1600'),
    Sweep('cost', 'the same on an engine that takes no time, as the stub may be: the client alone',
          'size=64:depth=1,32:done=callback,polled:map=in:ops=4000', ('dmaconf_stub.at_once=1',)),
    Sweep('growth', 'what one operation costs with more of them queued',
          'what=queued:size=64:ops=10000:depth=1,100,10000,100000', (), 'dmaconf-stub-memcpy.0'),
    Sweep('scale', 'what one operation costs on stubs with more channels, all in use',
          'what=queued:size=64:ops=10000:depth=8:channels={channels}',
          ('dmaconf_stub.channels={channels}',), 'dmaconf-stub-memcpy.0', (1, 8, 64, 256)),
)}
SMOKE = Sweep('smoke', 'a little of everything',
              'size=64:depth=1,32:ops=64:what=latency+type=memset,xor,slave_sg:ops=16'
              '+size=64:done=polled:map=in:verify=in:ops=16+what=terminate:depth=8:ops=8'
              '+type=cyclic:depth=2:ops=8+what=queued:depth=8:ops=16')
VERSUS = 'client,cost'
"""What is measured beside dmatest unless something else is asked for."""


@dataclass(frozen=True)
class Spread:
    """A figure over all rounds."""

    median: float
    low: float
    high: float

    def apart(self, other: 'Spread') -> bool:
        """Whether no value of one is among those of the other."""
        return self.low > other.high or self.high < other.low


def spread(values: Iterable[float]) -> Spread:
    """The median of @values, the least and the greatest."""
    known = sorted(values)
    return Spread(statistics.median(known), known[0], known[-1])


@dataclass
class Point:
    """What was measured under some conditions, in all rounds."""

    sweep: str
    conditions: dict[str, str]
    why: str = ''
    """Why it was not measured."""
    rates: list[dict[str, str]] = field(default_factory=list)
    times: list[dict[str, str]] = field(default_factory=list)
    dmatest: dict[str, float] = field(default_factory=dict)
    """Operations per second of dmatest under the same conditions, by round."""

    @property
    def size(self) -> int:
        return int(self.conditions['size'])

    @property
    def depth(self) -> int:
        return int(self.conditions['depth'])

    @property
    def name(self) -> str:
        """The conditions as a line of text."""
        return ' '.join(f'{key}={value}' for key, value in self.conditions.items())

    @property
    def per_second(self) -> Spread:
        """Operations per second."""
        return spread(_per_second(rate) for rate in self.rates)

    @property
    def to_cpu(self) -> Spread:
        """Speed relative to copies of the same memory by the CPU, in the same round."""
        return spread(int(rate['cpu_ns']) / int(rate['ns']) for rate in self.rates)

    @property
    def to_dmatest(self) -> Spread | None:
        """Operations per second relative to dmatest's, in the same round."""
        both = [_per_second(rate) / self.dmatest[rate['round']]
                for rate in self.rates if self.dmatest.get(rate['round'])]
        return spread(both) if both else None

    def quantile(self, name: str) -> Spread:
        """One of QUANTILES, in ns."""
        return spread(float(times[name]) for times in self.times)

    @property
    def histogram(self) -> list[tuple[int, int]]:
        """Samples of all rounds: from how many ns on, and how many."""
        counts: dict[int, int] = {}
        for times in self.times:
            for bucket in times['hist'].split(','):
                begin, count = map(int, bucket.split(':'))
                counts[begin] = counts.get(begin, 0) + count
        return sorted(counts.items())


@dataclass(frozen=True)
class Measured:
    """All points of some sweeps, and the circumstances."""

    about: About
    rounds: int
    points: list[Point]


@dataclass(frozen=True)
class Measuring:
    """What to measure, and how often."""

    sweeps: Sequence[Sweep]
    device: str
    timeout_ms: int
    rounds: int = 5
    vs_dmatest: bool = False


def choose(words: str | None) -> list[Sweep]:
    """The sweeps that @words name, with commas; all of them for None."""
    if words is None:
        return list(SWEEPS.values())
    names = [word.strip() for word in words.split(',')]
    for name in names:
        if name not in SWEEPS:
            raise unknown('sweep', name, SWEEPS)
    return [SWEEPS[name] for name in dict.fromkeys(names)]


def run(kernel: Kernel, wanted: Measuring) -> Measured:
    """The boots of each sweep; a Problem if one does not come to its end.

    In plain time: where the clock stands still while the kernel works, there is no rate.
    """
    kernel = kernel.in_plain_time
    clock, started = time.monotonic(), datetime.now(timezone.utc)
    points: list[Point] = []
    about: About | None = None
    for sweep in (boot for sweep in wanted.sweeps for boot in sweep.boots()):
        made, found = _boot(kernel, wanted, sweep, started)
        points += found
        about = about or made
    if not any(point.rates for point in points):
        raise Problem('nothing could be measured: '
                      + '; '.join(dict.fromkeys(point.why for point in points)))
    assert about is not None
    duration = round(time.monotonic() - clock, 3)
    return Measured(replace(about, duration_s=duration), wanted.rounds, points)


def _boot(kernel: Kernel, wanted: Measuring, sweep: Sweep,
          started: datetime) -> tuple[About, list[Point]]:
    console = kernel.consoles / f'bench-{sweep.name}.log'
    device = sweep.stub if sweep.stub and wanted.device == 'stub' else wanted.device
    arguments = [*QUIET, *sweep.kernel_args, f'dmaconf.device={device}',
                 f'dmaconf.timeout_ms={wanted.timeout_ms}', f'dmaconf.bench={sweep.plan}',
                 f'dmaconf.bench_rounds={wanted.rounds}']
    if wanted.vs_dmatest:
        arguments.append('dmaconf.bench_vs=1')
    with step(f'Measuring {sweep.name} on {kernel.target.name}'):
        booted = boot.run(Boot(kernel, SUITE, arguments, console, SILENCE_S), _watch)
    wishes = Wishes([], [], device, wanted.timeout_ms)
    reject(booted, wishes)
    points = read(sweep.name, console.read_text().splitlines())
    if not booted.log.complete:
        raise Problem(f'the boot that measures {sweep.name} did not come to its end, '
                      f'{booted.ending.value}; its console: {console}')
    if not points:
        raise Problem(f'nothing was measured for {sweep.name}; the console: {console}')
    return about_boot(kernel, wishes, booted, started, 0.0), points


def _watch(_parser: ktap.Parser) -> None:
    """Nothing to show: a line of the console is a point of a round."""


def read(sweep: str, lines: Iterable[str]) -> list[Point]:
    """The points of a console, in order; the first round, which warms up, does not count."""
    points: dict[str, Point] = {}
    said: dict[str, Callable[[Point, dict[str, str]], None]] = {
        'rate': lambda point, facts: point.rates.append(facts),
        'times': lambda point, facts: point.times.append(facts)}
    last: tuple[Point, str] | None = None
    for line in (PREFIX.sub('', raw.replace('\r', '').strip()) for raw in lines):
        if match := DMATEST.match(line):
            if last and not int(match[2]):
                last[0].dmatest[last[1]] = float(match[3])
            last = None
        if not (match := SAID.match(line)):
            continue
        text, _, why = match[2].partition(' because ')
        facts = fields(text)
        point = _point(points, sweep, facts)
        if match[1] == 'none':
            point.why = why
        elif match[1] == 'dmatest':
            last = point, facts['round']
        elif facts['round'] != '0':
            said[match[1]](point, facts)
    return list(points.values())


def _point(points: dict[str, Point], sweep: str, facts: dict[str, str]) -> Point:
    conditions = {name: facts[name] for name in CONDITIONS}
    if conditions['channels'] == '0':
        conditions['channels'] = 'all'
    point = Point(sweep, conditions)
    return points.setdefault(point.name, point)


def _per_second(rate: dict[str, str]) -> float:
    return int(rate['ops']) * 1e9 / int(rate['ns'])
