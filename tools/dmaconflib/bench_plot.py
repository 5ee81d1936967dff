# SPDX-License-Identifier: GPL-2.0-only
"""Plots of measurements, drawn by gnuplot: throughput over size, latency over depth."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .bench import Measured, Point
from .problem import Problem

SIZE = (900, 480)
STYLE = '''set terminal svg size {width},{height} font "sans,13" background rgb "white"
set output {output}
set grid lc rgb "#cccccc"
set key outside right top
set logscale x 2
set logscale y
set autoscale xfix
set format x "%.0b%B"
set format y "%.0s%c"
set bars small
'''


@dataclass(frozen=True)
class Curve:
    """A line of a plot, and how far its points spread."""

    name: str
    rows: list[tuple[float, float, float, float]] = field(default_factory=list)
    """Of each point x, y, and the least and greatest y."""


@dataclass(frozen=True)
class Plot:
    """What is drawn over what."""

    title: str
    x: str
    y: str
    curves: Sequence[Curve]


def draw(measured: Measured, path: Path) -> None:
    """All plots that there are figures for, one below the other, as SVG."""
    plots = [plot for plot in (_throughput(measured), _latency(measured)) if plot.curves]
    if not plots:
        raise Problem('nothing to draw: neither the sweep size nor depth was measured')
    script = _script(plots, path)
    done = subprocess.run(['gnuplot'], input=script, text=True, capture_output=True, check=False)
    if done.returncode:
        raise Problem(f'gnuplot failed:\n{done.stderr.strip()}')


def _throughput(measured: Measured) -> Plot:
    points = [point for point in measured.points if point.sweep == 'size' and point.rates]
    curves = [Curve(f'depth {depth}', [_rate(point) for point in points if point.depth == depth])
              for depth in sorted({point.depth for point in points})]
    if points:
        first = curves[0].rows
        curves.append(Curve('copies by the CPU', [
            (point.size, rate[1] / point.to_cpu.median, rate[1] / point.to_cpu.median,
             rate[1] / point.to_cpu.median)
            for point, rate in zip((point for point in points
                                    if point.depth == points[0].depth), first)]))
    return Plot(f'Throughput: {measured.about.driver}', 'size of a transfer, bytes', 'bytes/s',
                curves)


def _rate(point: Point) -> tuple[float, float, float, float]:
    rate = point.per_second
    return (point.size, rate.median * point.size, rate.low * point.size, rate.high * point.size)


def _latency(measured: Measured) -> Plot:
    points = [point for point in measured.points if point.sweep == 'depth' and point.times]
    names = {'p50': 'median', 'p99': '99 %', 'p999': '99.9 %'} if points else {}
    curves = [Curve(name, [_time(point, key) for point in points]) for key, name in names.items()]
    return Plot(f'Issue to callback: {measured.about.driver}', 'operations under way', 's', curves)


def _time(point: Point, name: str) -> tuple[float, float, float, float]:
    time = point.quantile(name)
    return (point.depth, time.median / 1e9, time.low / 1e9, time.high / 1e9)


def _script(plots: Sequence[Plot], path: Path) -> str:
    width, height = SIZE
    lines = [STYLE.format(width=width, height=height * len(plots), output=_quoted(str(path))),
             f'set multiplot layout {len(plots)},1']
    for plot in plots:
        lines += [f'set title {_quoted(plot.title)}', f'set xlabel {_quoted(plot.x)}',
                  f'set ylabel {_quoted(plot.y)}']
        drawn = [f"'-' using 1:2:3:4 with yerrorlines title {_quoted(curve.name)}"
                 for curve in plot.curves]
        lines.append(f'plot {", ".join(drawn)}')
        for curve in plot.curves:
            lines += [' '.join(map(str, row)) for row in curve.rows] + ['e']
    return '\n'.join(lines) + '\n'


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
