# SPDX-License-Identifier: GPL-2.0-only
"""Measurements for people, as JSON, and against those of an earlier run."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
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
              f'{measured.rounds} rounds; spreads are the least and the greatest', soft_wrap=True)


def _table(sweep: str, points: Sequence[Point]) -> Table:
    table = Table(title=sweep, title_justify='left', box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column('conditions', no_wrap=True)
    columns = [column for column in COLUMNS if any(column.cell(point, points)
                                                   for point in points if point.rates)]
    for column in columns:
        table.add_column(column.head, justify='right', no_wrap=True)
    for point in points:
        if point.rates:
            table.add_row(_name(point), *(column.cell(point, points) for column in columns))
    return table


@dataclass(frozen=True)
class Column:
    """A column of a table: empty cells where it does not apply, left out if all are."""

    head: str
    cell: Callable[[Point, Sequence[Point]], str]


def _queued(point: Point) -> bool:
    return point.conditions['what'] == QUEUED and bool(point.times)


def _took(point: Point, _: Sequence[Point]) -> str:
    """Of single operations, which what else the machine does hardly touches."""
    return f'{point.quantile("p50").median / 1e3:.3f}' if _queued(point) else ''


def _growth(point: Point, points: Sequence[Point]) -> str:
    if not _queued(point):
        return ''
    least = min(other.quantile('p50').median for other in points if _queued(other))
    return f'{point.quantile("p50").median / least:.2f}'


def _used(point: Point, _: Sequence[Point]) -> str:
    used = max(int(rate['used_kb']) for rate in point.rates)
    return f'{used / 1024:.0f}' if used else ''


def _megabytes(point: Point, _: Sequence[Point]) -> str:
    return '' if _queued(point) else _figure(point.per_second.median * point.size / 1e6)


def _to_cpu(point: Point, _: Sequence[Point]) -> str:
    return '' if _queued(point) else _figure(point.to_cpu.median)


def _to_dmatest(point: Point, _: Sequence[Point]) -> str:
    return f'{point.to_dmatest.median:.2f}' if point.to_dmatest else ''


def _to_dmatest_range(point: Point, _: Sequence[Point]) -> str:
    return _range(point.to_dmatest) if point.to_dmatest else ''


def _quantile(name: str) -> Callable[[Point, Sequence[Point]], str]:
    return lambda point, _: (_duration(point.quantile(name).median)
                             if point.times and not _queued(point) else '')


COLUMNS = (
    Column('us/op', _took), Column('growth', _growth), Column('MiB used', _used),
    Column('op/s', lambda point, _: _figure(point.per_second.median)),
    Column('spread', lambda point, _: _range(point.per_second)),
    Column('MB/s', _megabytes), Column('to CPU', _to_cpu),
    Column('to dmatest', _to_dmatest), Column('spread', _to_dmatest_range),
    Column('median', _quantile('p50')), Column('99 %', _quantile('p99')),
    Column('99.9 %', _quantile('p999')))


def _name(point: Point) -> str:
    size, depth = _bytes(point.size), point.depth
    odd = [value if key in ('type', 'what', 'done') else f'{key} {value}'
           for key, value in point.conditions.items() if USUAL.get(key, value) != value]
    return ', '.join([f'{size} x {depth}', *odd])


def _show_missing(out: Console, points: Sequence[Point]) -> None:
    for point in points:
        if not point.rates:
            out.print(f'not measured: {_name(point)}: {point.why}', soft_wrap=True)


def _figure(value: float) -> str:
    """Three digits, and no exponent where a person would write none."""
    return f'{value:.0f}' if value >= 100 else f'{value:.3g}' if value >= 1e-4 else f'{value:.1e}'


def _range(figure: Spread) -> str:
    return f'{_figure(figure.low)}..{_figure(figure.high)}'


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
    return [f'{point.name}: {what}' for point in measured.points
            for what in _wrong(point, measured.rounds)]


def _wrong(point: Point, rounds: int) -> list[str]:
    if not point.rates:
        return [f'not measured: {point.why}']
    wrong = []
    if [rate['round'] for rate in point.rates] != [str(n + 1) for n in range(rounds)]:
        wrong.append(f'not {rounds} rounds')
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
    for head in ('channels', 'results', 's', 'times', 'a channel', 'MiB used', 'conformant'):
        table.add_column(head, justify='right')
    for row in rows:
        times = row.seconds / rows[0].seconds
        table.add_row(str(row.channels), str(row.rules), f'{row.seconds:.1f}', f'{times:.1f}',
                      f'{times * rows[0].channels / row.channels:.2f}',
                      f'{row.used_kb / 1024:.0f}', 'yes' if row.conformant else 'NO')
    out.print(table)
