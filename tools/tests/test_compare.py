# SPDX-License-Identifier: GPL-2.0-only
"""diff: what changed between two packages or results."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from dmaconflib import archive, compare
from dmaconflib.compare import Change, Shift
from dmaconflib.problem import Problem
from dmaconflib.results import Verdict
from runs import Bench, bench, recorded  # noqa: F401


def document(bench: Bench, console: str) -> compare.Document:
    """The results of a run."""
    return dict(json.loads(bench.package(recorded(console)).files['results.json']))


def test_newly_failing_and_newly_passing(bench: Bench) -> None:
    good, bad = document(bench, 'conformant'), document(bench, 'violations')
    worse = compare.compare(good, bad)
    assert [change.rule for change in worse.failing] == ['cookie.monotonic', 'wait.callback']
    assert worse.other == [Change('cookie.poll', Verdict.PASS, Verdict.DISPUTED)]
    better = compare.compare(bad, good)
    assert [change.rule for change in better.passing] == [
        'cookie.monotonic', 'cookie.poll', 'wait.callback']
    assert not better.failing and not compare.compare(good, good).other


def test_new_withdrawn_and_undecided_rules(bench: Bench) -> None:
    before, after = (document(bench, 'conformant') for _ in range(2))
    before['results'] = [result for result in before['results']
                         if result['rule'] != 'cookie.poll']
    assert compare.compare(before, after).new == [Change('cookie.poll', None, Verdict.PASS)]
    assert compare.compare(after, before).withdrawn == [
        Change('cookie.poll', Verdict.PASS, None)]
    for result in after['results']:
        result['verdict'] = 'inconclusive'
    assert 'wait.callback' in [change.rule for change in
                               compare.compare(before, after).undecided]


def test_a_new_rule_that_fails_counts_as_failing(bench: Bench) -> None:
    before, after = document(bench, 'conformant'), document(bench, 'violations')
    before['results'] = before['results'][-2:]
    assert compare.compare(before, after).failing[0] == Change('cookie.monotonic', None,
                                                               Verdict.FAIL)


def test_only_shifts_that_matter(bench: Bench) -> None:
    before, after = (document(bench, 'conformant') for _ in range(2))
    times = iter([100_000, 12, 400_000, 0, 90_000, 0])
    for result in after['results']:
        result['duration_us'] = next(times)
    for result, us in zip(before['results'], [1000, 12, 390_000, 0, 30_000, 0]):
        result['duration_us'] = us
    assert compare.compare(before, after).shifts == [
        Shift('cookie.monotonic', 1012, 100_012), Shift('wait.callback', 30_000, 90_000)]


def test_what_a_person_sees(bench: Bench) -> None:
    good, bad = document(bench, 'conformant'), document(bench, 'violations')
    out = Console(width=100, record=True, highlight=False, markup=False, file=io.StringIO())
    compare.show(out, good, bad, compare.compare(good, bad))
    text = out.export_text()
    assert 'newly failing:\n  cookie.monotonic: pass -> fail' in text
    assert '2 rules newly failing, 0 newly passing, 0 new, 0 withdrawn' in text


def test_packages_and_documents_are_read(bench: Bench, tmp_path: Path) -> None:
    files = bench.package().files
    (tmp_path / 'p.tar.gz').write_bytes(archive.pack(files, 'p'))
    (tmp_path / 'r.json').write_bytes(files['results.json'])
    assert compare.read(tmp_path / 'p.tar.gz') == compare.read(tmp_path / 'r.json')
    for name, content, told in (
            ('no.tar.gz', archive.pack({'a': b''}, 'p'), 'it has no results.json'),
            ('bad.tar.gz', archive.pack({'results.json': b'{'}, 'p'), 'results.json: Expecting'),
            ('empty.json', b'{}', 'not a results-2 document')):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(Problem, match=told):
            compare.read(tmp_path / name)
    with pytest.raises(Problem, match='damaged'):
        compare.compare({'results': [{}]}, {'results': []})


def test_each_side_tells_why(bench: Bench) -> None:
    before, after = document(bench, 'conformant'), document(bench, 'conformant')
    for result in after['results']:
        if result['rule'] == 'wait.callback':
            result |= {'verdict': 'waived', 'reason': 'it timed out',
                       'waived': {'reason': 'the driver forgets it'}}
    out = io.StringIO()
    compare.show(Console(file=out, width=100), before, after, compare.compare(before, after))
    assert '    B: the driver forgets it' in out.getvalue()
    assert 'it timed out' not in out.getvalue()
