# SPDX-License-Identifier: GPL-2.0-only
"""Several targets in one run, and their results side by side."""

import contextlib
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from conftest import Start
from dmaconflib import fleet, process
from dmaconflib.problem import Problem
from test_command import finish, processes_with, record
from test_graft import snapshot

OTHER = '''
DMACONF = {
    'description': 'another recorded kernel',
    'arch': 'um',
    'device': 'stub',
    'groups': ['models'],
    'packages': [%r],
    'silence_s': 1,
    'boot_timeout_s': 20,
}
'''


@pytest.fixture
def machines(project: Path) -> Path:
    """The sample project has a second machine, in the group "models"."""
    folder = project / 'configs/machines'
    (folder / 'other.py').write_text(OTHER % 'coreutils')
    return folder


def test_all_targets_and_their_table(start: Start, tree: Path, logs: Path, machines: Path,
                                     tmp_path: Path) -> None:
    record(logs, 'violations')
    before, folder = snapshot(tree), tmp_path / 'json'
    code, out, error = finish(start('run', '--ksrc', tree, '--target', 'all', '--json', folder))
    assert code == 1, error
    assert sorted(path.name for path in folder.iterdir()) == [
        'endless.json', 'other.json', 'uml.json']
    assert out.count('FAIL cookie.monotonic') == 3
    for told in ('other: cookie.monotonic fail, wait.callback fail\n', 'uml', 'F1 D1',
                 'NOT CONFORMANT', '100 %'):
        assert told in out
    assert snapshot(tree) == before
    assert not processes_with(logs)


def test_groups_name_targets(start: Start, tree: Path, logs: Path, machines: Path) -> None:
    record(logs, 'conformant')
    code, out, _ = finish(start('run', '--ksrc', tree, '--target', 'models'))
    assert code == 0 and out.count('CONFORMANT') == 1
    assert 'nearest: models' in finish(start('run', '--target', 'model'))[2]


def test_a_target_that_cannot_run_is_named_and_costs_only_itself(
        start: Start, tree: Path, logs: Path, machines: Path) -> None:
    record(logs, 'conformant')
    (machines / 'other.py').write_text(OTHER % 'no-such-package')
    code, out, error = finish(start('run', '--ksrc', tree, '--target', 'other,uml'))
    assert code == 2
    assert 'other: could not run: ' in out and 'no-such-package' in out + error
    assert 'CONFORMANT, 3 rules passed' in out


def test_a_device_is_for_one_target(start: Start, machines: Path) -> None:
    code, _, error = finish(start('run', '--target', 'all', '--device', 'x'))
    assert code == 2 and 'for one target' in error


def test_the_table_of_files(start: Start, tree: Path, logs: Path, tmp_path: Path) -> None:
    record(logs, 'conformant')
    path = tmp_path / 'uml.json'
    finish(start('run', '--ksrc', tree, '--json', path))
    assert '2' in finish(start('table', path))[1]
    assert '3 rules of 3' in finish(start('table', path, '--undecided'))[1]     # only the stub
    results = json.loads(path.read_text()) | {'driver': 'pl330', 'target': 'zynq'}
    for result in results['results']:
        if result['rule'] == 'cookie.poll':
            result |= {'verdict': 'not-tested', 'reason': 'no gate'}
    path.write_text(json.dumps(results))
    out = finish(start('table', path, '--undecided'))[1]
    assert 'cookie.poll' in out and 'not tested: no gate (zynq)' in out and '1 rule of 3' in out
    other = tmp_path / 'other.json'
    other.write_text(path.read_text().replace('"zynq"', '"sifive"'))
    assert 'not tested: no gate (everywhere)' in finish(start('table', path, other,
                                                              '--undecided'))[1]


@pytest.mark.parametrize('content', ['', '{', '[]', '{"schema": "results-2"}'])
def test_a_bad_results_file_is_told(start: Start, tmp_path: Path, content: str) -> None:
    path = tmp_path / 'bad.json'
    path.write_text(content)
    code, _, error = finish(start('table', path))
    assert code == 2 and 'bad.json: ' in error
    assert finish(start('table', tmp_path / 'none.json'))[0] == 2


class Builds:
    """Stands in for prepared(): tells what is built and what is held."""

    def __init__(self) -> None:
        self.held: set[str] = set()
        self.built: list[str] = []
        self.all_built = threading.Event()
        self._building = threading.Lock()

    @contextlib.contextmanager
    def __call__(self, target: Any, _version: str, _ksrc: Path | None) -> Iterator[str]:
        assert self._building.acquire(blocking=False), 'two builds at the same time'
        self.built.append(target.name)
        self._building.release()
        if len(self.built) == 3:
            self.all_built.set()
        if target.name == 'bad':
            raise Problem('it does not compile')
        self.held.add(target.name)
        yield target.name
        self.held.remove(target.name)


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> Builds:
    """What fleet builds and holds."""
    made = Builds()
    monkeypatch.setattr(fleet, 'prepared', made)
    return made


def machine(name: str) -> Any:
    """As much of a target as fleet looks at."""
    return SimpleNamespace(name=name, packages=())


def test_the_next_kernels_are_built_meanwhile(builds: Builds) -> None:
    with fleet.turns([machine(name) for name in ('a', 'bad', 'c')], '6.12', None) as turns:
        first = next(turns)
        assert first.kernel == 'a'
        assert builds.all_built.wait(10)
        rest = list(turns)
        assert (rest[0].kernel, rest[0].problem) == (None, 'it does not compile')
        assert rest[1].kernel == 'c' and 'a' not in builds.held
    assert not builds.held


def test_a_users_tree_serves_one_target_at_a_time(builds: Builds, tmp_path: Path) -> None:
    with fleet.turns([machine(name) for name in ('a', 'b', 'c')], '6.12', tmp_path) as turns:
        for turn in turns:
            assert builds.held == {turn.kernel} and builds.built[-1] == turn.kernel


def test_what_was_built_is_released_after_an_error(builds: Builds,
                                                   monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, 'stop_all', lambda: None)
    with pytest.raises(KeyError), \
            fleet.turns([machine(name) for name in ('a', 'b', 'c')], '6.12', None) as turns:
        next(turns)
        assert builds.all_built.wait(10)
        raise KeyError
    assert not builds.held
