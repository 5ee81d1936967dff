# SPDX-License-Identifier: GPL-2.0-only
"""What `bench` does, and the little of it that `test` does."""

import argparse

from . import BUILD, bench, bench_plot, bench_report, bench_suite, check, declarations, document
from . import screen, selftest, targets
from .bench import Measuring
from .kernel import Kernel, prepared
from .problem import Problem
from .progress import say


def bench_verb(options: argparse.Namespace) -> int:
    """bench: 0 measured, 1 something is slower than in the run that it is compared with."""
    if options.sweep == 'list':
        for sweep in bench.SWEEPS.values():
            print(f'{sweep.name:10} {sweep.what}')
        return 0
    sweeps = bench.choose(options.sweep or (bench.VERSUS if options.vs else None))
    before = bench_report.load(options.against) if options.against else None
    target = targets.load(options.target, options.debug)
    wanted = Measuring(sweeps, options.device or target.device,
                       options.timeout_ms or target.timeout_ms, options.rounds,
                       options.vs == 'dmatest')
    with prepared(target, options.kernel, options.ksrc) as kernel:
        measured = bench.run(kernel, wanted)
        grown = bench_suite.run(kernel, declarations.rules()) if options.growth else []
    found = bench_report.made(measured, grown)
    if options.json:
        document.write(found, options.json)
    bench_report.show(screen.console(), measured)
    if grown:
        bench_report.show_grown(screen.console(), grown)
    if options.plot:
        bench_plot.draw(measured, options.plot)
    moved = bench_report.compare(found, before) if before else []
    if before:
        bench_report.show_moved(screen.console(), moved, options.against)
    return 1 if any(times < 1 for _, times in moved) else 0


def bench_tally(kernel: Kernel) -> selftest.Tally:
    """Whether measuring works: a few operations of each kind on the stub, and their document."""
    try:
        measured = bench.run(kernel, Measuring([bench.SMOKE], 'stub', kernel.target.timeout_ms,
                                               rounds=1))
        document.write(bench_report.made(measured), BUILD / 'bench-smoke.json')
    except Problem as problem:
        say(f'dmaconf: {problem}')
        return selftest.Tally(0, 1)
    found = {'bench': bench_report.complaints(measured)}
    check.tell(found)
    return selftest.of_checks(found)
