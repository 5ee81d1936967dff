# SPDX-License-Identifier: GPL-2.0-only
"""Measurements for people, as JSON, and against those of an earlier run."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from . import document
from .bench import CONDITIONS, QUANTILES, Measured, Point, Spread
from .bench_suite import Grown
from .problem import Problem

SCHEMA = 'bench-1'
USUAL = {'type': 'memcpy', 'what': 'rate', 'channels': '1', 'done': 'callback', 'map': 'out',
         'verify': 'out'}
"""What a table does not say of a point."""
QUEUED = 'queued'


def made(measured: Measured, grown: Sequence[Grown] = ()) -> dict[str, Any]:
    """The document of a measurement."""
    return document.head(SCHEMA, measured.about) | {
        'rounds': measured.rounds,
        'suite_growth': [asdict(row) for row in grown],
        'points': [_point(point) for point in measured.points]}


def _point(point: Point) -> dict[str, Any]:
    told = {'sweep': point.sweep, **point.conditions, 'size': point.size, 'depth': point.depth,
            'why': point.why or None, 'figures': None, 'times': None}
    if point.rates:
        first, to_dmatest = point.rates[0], point.to_dmatest
        told['figures'] = {
            'lanes': int(first['lanes']), 'under_way': int(first['most']),
            'used_kb': max(int(rate['used_kb']) for rate in point.rates),
            'operations': int(first['ops']), 'per_second': asdict(point.per_second),
            'to_cpu': asdict(point.to_cpu),
            'to_dmatest': asdict(to_dmatest) if to_dmatest else None}
    if point.times:
        told['times'] = {name: asdict(point.quantile(name)) for name in QUANTILES} | {
            'histogram': [list(bucket) for bucket in point.histogram]}
    return told


def show(out: Console, measured: Measured) -> None:
    """A table for each sweep, and a closing line."""
    for sweep in dict.fromkeys(point.sweep for point in measured.points):
        points = [point for point in measured.points if point.sweep == sweep]
        out.print(_table(sweep, points))
        _show_missing(out, points)
    about = measured.about
    out.print(f'dmaconf {about.suite["version"]}: {about.driver} on Linux '
              f'{about.kernel["release"]} ({about.kernel["arch"]}): medians of '
              f'{measured.rounds} rounds, with the least and the greatest', soft_wrap=True)


def _table(sweep: str, points: Sequence[Point]) -> Table:
    table = Table(title=sweep, title_justify='left', box=box.SIMPLE_HEAD, pad_edge=False)
    timed = any(point.times for point in points)
    versus = any(point.to_dmatest for point in points)
    growing = any(point.conditions['what'] == QUEUED for point in points)
    table.add_column('conditions')
    heads = [*(['us/op', 'growth', 'MiB used'] if growing else []), 'op/s', 'MB/s', 'to CPU',
             *(['to dmatest'] if versus else []), *(['median', '99 %', '99.9 %'] if timed else [])]
    for head in heads:
        table.add_column(head, justify='right')
    for point in points:
        if point.rates:
            table.add_row(_name(point), *_growth(point, points, growing),
                          *_rates(point, versus), *_times(point, timed))
    return table


def _growth(point: Point, points: Sequence[Point], growing: bool) -> list[str]:
    """What an operation takes, and how many times as much as where it takes least."""
    if not growing:
        return []
    least = max(other.per_second.median for other in points if other.rates)
    used = max(int(rate['used_kb']) for rate in point.rates)
    return [f'{1e6 / point.per_second.median:.2f}', f'{least / point.per_second.median:.2f}',
            f'{used / 1024:.0f}']


def _name(point: Point) -> str:
    size, depth = _bytes(point.size), point.depth
    odd = [value if key in ('type', 'what', 'done') else f'{key} {value}'
           for key, value in point.conditions.items() if USUAL.get(key, value) != value]
    return ', '.join([f'{size} x {depth}', *odd])


def _rates(point: Point, versus: bool) -> list[str]:
    rate, to_dmatest = point.per_second, point.to_dmatest
    cells = [_range(rate, '{:.0f}'), f'{rate.median * point.size / 1e6:.3g}',
             _range(point.to_cpu, '{:.3g}')]
    return cells + ([_range(to_dmatest, '{:.2f}') if to_dmatest else ''] if versus else [])


def _times(point: Point, timed: bool) -> list[str]:
    if not point.times:
        return ['', '', ''] if timed else []
    return [_duration(point.quantile(name).median) for name in QUANTILES[:3]]


def _show_missing(out: Console, points: Sequence[Point]) -> None:
    for point in points:
        if not point.rates:
            out.print(f'not measured: {_name(point)}: {point.why}', soft_wrap=True)


def _range(figure: Spread, form: str) -> str:
    median, low, high = map(form.format, (figure.median, figure.low, figure.high))
    return f'{median} ({low}..{high})'


def _bytes(size: int) -> str:
    for shift, unit in ((20, 'M'), (10, 'K')):
        if size >= 1 << shift and size % (1 << shift) == 0:
            return f'{size >> shift}{unit}'
    return str(size)


def _duration(ns: float) -> str:
    return f'{ns / 1e3:.1f} us' if ns < 1e6 else f'{ns / 1e6:.2f} ms'


def load(path: Path) -> dict[str, Any]:
    """An earlier measurement; a Problem if @path holds none."""
    import jsonschema

    try:
        found: dict[str, Any] = json.loads(path.read_text())
        jsonschema.validate(found, document.schema(SCHEMA))
    except OSError as error:
        raise Problem(f'{path}: {error.strerror}') from error
    except ValueError as error:
        raise Problem(f'{path} is no JSON: {error}') from error
    except jsonschema.ValidationError as error:
        raise Problem(f'{path} is no {SCHEMA} document: {error.message[:200]}') from error
    return found


def compare(now: dict[str, Any], before: dict[str, Any]) -> list[tuple[str, float]]:
    """What moved beyond the spread of both: each point, and how many times as fast it is now.

    Only ratios to the CPU of the same boot are looked at: machines and their load differ.
    """
    moved = []
    earlier = {_key(point): point for point in before['points'] if point['figures']}
    for point in now['points']:
        old = earlier.get(_key(point))
        if not point['figures'] or not old:
            continue
        new, was = (Spread(**one['figures']['to_cpu']) for one in (point, old))
        if new.apart(was):
            moved.append((_key(point), new.median / was.median))
    return moved


def show_moved(out: Console, moved: Sequence[tuple[str, float]], path: Path) -> None:
    """What compare() found."""
    for name, times in moved:
        out.print(f'{"faster" if times > 1 else "SLOWER"} {times:.2f}: {name}', soft_wrap=True)
    if not moved:
        out.print(f'against {path}: nothing moved beyond the spread', soft_wrap=True)


def _key(point: dict[str, Any]) -> str:
    return ' '.join(f'{name}={point[name]}' for name in ('sweep', *CONDITIONS))


def complaints(measured: Measured) -> list[str]:
    """What cannot be true of the figures; for a measurement that can have all of them."""
    return [f'{point.name}: {what}' for point in measured.points for what in _wrong(point)]


def _wrong(point: Point) -> list[str]:
    if not point.rates:
        return [f'not measured: {point.why}']
    wrong = []
    if not 0 < point.per_second.low <= point.per_second.high or point.to_cpu.low <= 0:
        wrong.append('no operations')
    timed = [point.quantile(name).median for name in QUANTILES] if point.times else []
    if timed != sorted(timed):
        wrong.append(f'quantiles do not rise: {timed}')
    if point.conditions['what'] == 'latency' and sum(n for _, n in point.histogram) != sum(
            int(rate['ops']) for rate in point.rates):
        wrong.append('operations are missing in the histogram')
    return wrong


def show_grown(out: Console, rows: Sequence[Grown]) -> None:
    """What the suite takes with more channels, and relative to the fewest."""
    table = Table(title='suite', title_justify='left', box=box.SIMPLE_HEAD, pad_edge=False)
    for head in ('channels', 'results', 's', 'times', 'a channel'):
        table.add_column(head, justify='right')
    for row in rows:
        times = row.seconds / rows[0].seconds
        table.add_row(str(row.channels), str(row.rules), f'{row.seconds:.1f}', f'{times:.1f}',
                      f'{times * rows[0].channels / row.channels:.2f}')
    out.print(table)
