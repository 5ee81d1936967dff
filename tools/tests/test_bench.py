# SPDX-License-Identifier: GPL-2.0-only
"""What is made of a console with measurements in it, and what is refused."""

import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from conftest import Start
from dmaconflib import bench, bench_plot, bench_report, document
from dmaconflib.document import About
from dmaconflib.problem import Problem

CONDITIONS = 'type={} what=latency size={} depth={} channels=1 done=callback map=in verify=out'
RATE = ('[    1.0] # dmaconf: bench rate {} round={} lanes=1 most=1 used_kb=0 ops=1000 '
        'ns={} cpu_ns={}')
TIMES = ('# dmaconf: bench times {} round={} n=1000 p50=900 p99=1000 p999=1500 max=1600 '
         'hist=768:{},1536:2')
DMATEST = ('# dmaconf: bench dmatest {} round={}\n'
           'dmatest: dma0chan0-copy0: summary 1000 tests, {} failures {} iops 0 KB/s (0)')
COPY = CONDITIONS.format('memcpy', 64, 1)
XOR = CONDITIONS.format('xor', 64, 1)


def console(ns: tuple[int, ...] = (10**9, 10**6, 2 * 10**6, 4 * 10**6), failures: int = 0) -> str:
    """Rounds that take @ns each, the first of them to warm up, with dmatest beside them."""
    lines = []
    for number, took in enumerate(ns):
        lines += [RATE.format(COPY, number, took, 500_000), TIMES.format(COPY, number, 998),
                  DMATEST.format(COPY, number, failures, '500000.00'),
                  f'# dmaconf: bench none {XOR} round={number} because no channel offers it']
    return '\n'.join(lines)


def points(text: str) -> list[bench.Point]:
    """The points of a console."""
    return bench.read('client', text.splitlines())


def measured(text: str) -> bench.Measured:
    """A measurement with a console's points."""
    about = About(suite={'version': '0', 'commit': 'unknown'},
                  kernel={'release': '6.12', 'arch': 'um'}, target='uml', device='stub',
                  driver='dmaconf-stub', channels=[], seed=1, timeout_ms=500,
                  started=datetime(2025, 1, 1, tzinfo=timezone.utc), duration_s=1.0,
                  command=['dmaconf', 'bench'])
    return bench.Measured(about, 3, points(text))


def made(text: str) -> dict[str, Any]:
    """The document of such a measurement."""
    return bench_report.made(measured(text))


def test_medians_and_spread_leave_out_the_first_round() -> None:
    copy, xor = points(console())
    assert copy.per_second == bench.Spread(500_000, 250_000, 1_000_000)
    assert copy.to_cpu == bench.Spread(0.25, 0.125, 0.5)
    assert copy.quantile('p99').median == 1000
    assert copy.histogram == [(768, 2994), (1536, 6)]
    assert (xor.rates, xor.why) == ([], 'no channel offers it')


def test_dmatest_is_compared_round_by_round() -> None:
    assert points(console())[0].to_dmatest == bench.Spread(1.0, 0.5, 2.0)
    assert points(console(failures=3))[0].to_dmatest is None


def test_the_document_keeps_its_schema(tmp_path: Path) -> None:
    path = tmp_path / 'bench.json'
    document.write(made(console()), path)
    assert bench_report.load(path)['points'][0]['figures']['operations'] == 1000


@pytest.mark.parametrize('content, told', [
    ('', 'is no JSON'), ('[]', 'is no bench-1 document'),
    (json.dumps({'schema': 'results-2'}), 'is no bench-1 document')])
def test_a_file_that_is_not_ours(tmp_path: Path, content: str, told: str) -> None:
    path = tmp_path / 'other.json'
    path.write_text(content)
    with pytest.raises(Problem, match=told):
        bench_report.load(path)
    with pytest.raises(Problem, match='No such file'):
        bench_report.load(tmp_path / 'missing.json')


def test_only_what_left_the_spread_has_moved() -> None:
    before = made(console())
    assert bench_report.compare(made(console()), before) == []
    assert bench_report.compare(made(console((1, 3_000_000, 5_000_000, 6_000_000))), before) == []
    (_, times), = bench_report.compare(made(console((1, 9_000_000, 10_000_000))), before)
    assert times == pytest.approx(0.21, abs=0.01)
    (_, times), = bench_report.compare(made(console((1, 400_000, 300_000))), before)
    assert times > 1


@pytest.mark.parametrize('damage, told', [
    (('round=2', 'round=9'), 'not 3 rounds'), (('p50=900', 'p50=1700'), 'do not rise'),
    (('768:998', '768:997'), 'missing in the histogram'), (('xor', 'xor'), 'not measured')])
def test_figures_that_cannot_be_true(damage: tuple[str, str], told: str) -> None:
    found = measured(console().replace(*damage))
    assert told in '\n'.join(bench_report.complaints(found))
    good = measured('\n'.join(line for line in console().splitlines() if ' none ' not in line))
    assert bench_report.complaints(good) == []


def test_unknown_sweeps() -> None:
    assert [sweep.name for sweep in bench.choose('map,size,map')] == ['map', 'size']
    assert len(bench.choose(None)) == len(bench.SWEEPS)
    with pytest.raises(Problem, match='unknown sweep "sizes"; nearest: size'):
        bench.choose('sizes')


def test_a_sweep_over_stubs_is_a_boot_for_each_of_them() -> None:
    boots = bench.SWEEPS['scale'].boots()
    assert [boot.kernel_args for boot in boots] == [
        (f'dmaconf_stub.channels={number}',) for number in (1, 8, 64, 256)]
    assert boots[3].plan.endswith(':channels=256')
    assert {boot.name for boot in boots} == {'scale'}
    assert bench.SWEEPS['size'].boots() == [bench.SWEEPS['size']]


def test_bad_requests_end_before_anything_is_built(start: Start, tmp_path: Path) -> None:
    for arguments in (['--sweep', 'nonsense'], ['--against', tmp_path / 'none.json'],
                      ['--target', 'nowhere']):
        process = start('bench', *arguments)
        _, said = process.communicate(timeout=60)
        assert process.returncode == 2
        assert 'Building' not in said


def test_what_is_drawn(tmp_path: Path) -> None:
    text = console()
    found = measured(text)
    found.points[0].sweep = 'size'
    depth = points(text)[0]
    depth.sweep = 'depth'
    found.points.append(depth)
    path = tmp_path / 'it\'s.svg'
    bench_plot.draw(found, path)
    drawn = path.read_text()
    assert '</svg>' in drawn
    for text in ('Throughput: dmaconf-stub', 'copies by the CPU', '99.9 %'):
        assert text in drawn
    with pytest.raises(Problem, match='gnuplot failed'):
        bench_plot.draw(found, tmp_path / 'no such folder/plot.svg')


def test_nothing_to_draw(tmp_path: Path) -> None:
    with pytest.raises(Problem, match='nothing to draw'):
        bench_plot.draw(measured(console()), tmp_path / 'plot.svg')
