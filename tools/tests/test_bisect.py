# SPDX-License-Identifier: GPL-2.0-only
"""bisect: git bisect run on a small history, with a step that only reads a file."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from dmaconflib import bisect
from dmaconflib.problem import Problem
from dmaconflib.results import Judgement, Verdict
from test_ktap import text
from test_results import judged


def git(tree: Path, *arguments: str) -> str:
    """Runs git as nobody in particular."""
    return subprocess.run(
        ['git', '-C', str(tree), '-c', 'user.name=x', '-c', 'user.email=x@y', *arguments],
        check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """Seven commits; the fifth one breaks the driver, and the fourth one does not build."""
    git(tmp_path, 'init', '-q', '-b', 'main')
    for number, content in enumerate(['good', 'good', 'good', 'what', 'bad', 'bad', 'bad'], 1):
        (tmp_path / 'driver.c').write_text(content)
        (tmp_path / 'notes').write_text(str(number))
        git(tmp_path, 'add', '.')
        git(tmp_path, 'commit', '-qm', f'commit {number}')
        git(tmp_path, 'tag', f'c{number}')
    return tmp_path


def step(tree: Path, bad: str = 'bad') -> list[str]:
    """A step that goes by what is in the driver; what else is there does not build."""
    return ['sh', '-c', 'case $(cat "$1/driver.c") in "$2") exit 1;; good|bad) exit 0;; '
            f'*) exit {bisect.SKIP};; esac', 'step', str(tree), bad]


def unchanged(tree: Path) -> bool:
    """The tree is as it was: its branch is checked out, and no bisection goes on."""
    going_on = subprocess.run(['git', '-C', str(tree), 'bisect', 'log'], capture_output=True,
                              check=False).returncode == 0
    return (git(tree, 'symbolic-ref', '--short', 'HEAD') == 'main' and not going_on
            and git(tree, 'status', '--porcelain') == '')


def test_the_commit_is_found_and_the_tree_left_as_it_was(history: Path) -> None:
    (history / 'driver.c').write_text('fine')
    git(history, 'commit', '-qam', 'commit 8')
    assert bisect.run(history, 'c5', 'HEAD', step(history, bad='fine')).endswith(' commit 8')
    assert unchanged(history)


def test_a_commit_that_cannot_be_told_is_gone_around(history: Path) -> None:
    git(history, 'checkout', '-q', '-B', 'main', 'c4')
    for number, content in ((5, 'good'), (6, 'good'), (7, 'bad')):
        (history / 'driver.c').write_text(content)
        (history / 'notes').write_text(f'other {number}')
        git(history, 'commit', '-qam', f'other {number}')
    assert bisect.run(history, 'c1', 'main', step(history)).endswith(' other 7')
    assert unchanged(history)


def test_when_only_commits_are_left_that_cannot_be_told(history: Path) -> None:
    with pytest.raises(Problem, match='git bisect run ended with 2'):
        bisect.run(history, 'c1', 'c7', step(history))
    assert unchanged(history)


@pytest.mark.parametrize('good, bad, told', [
    ('c7', 'c1', 'no ancestor'),
    ('nope', 'c7', 'no commit nope'),
    ('c1', 'c3', 'commit 3: keeps the rule, and should be one that breaks the rule'),
    ('c5', 'c7', 'commit 5: breaks the rule, and should be one that keeps the rule'),
    ('c4', 'c7', 'commit 4: does not tell, and should be one that keeps the rule'),
])
def test_ends_that_are_not_what_they_were_taken_for(history: Path, good: str, bad: str,
                                                    told: str) -> None:
    with pytest.raises(Problem, match=told):
        bisect.run(history, good, bad, step(history))
    assert unchanged(history)


def test_a_tree_that_must_not_be_touched(history: Path, tmp_path_factory: pytest.TempPathFactory,
                                         ) -> None:
    (history / 'driver.c').write_text('mine')
    with pytest.raises(Problem, match='not committed'):
        bisect.run(history, 'c1', 'c7', step(history))
    assert (history / 'driver.c').read_text() == 'mine'
    git(history, 'checkout', '-q', 'driver.c')
    git(history, 'bisect', 'start')
    with pytest.raises(Problem, match='a bisection is going on there'):
        bisect.run(history, 'c1', 'c7', step(history))
    with pytest.raises(Problem, match='no git tree'):
        bisect.run(tmp_path_factory.mktemp('plain'), 'c1', 'c7', step(history))


def test_what_a_commit_is() -> None:
    rule = judged(text('violations')).results[0]

    def code(verdict: Verdict) -> int:
        return bisect.code(Judgement([replace(rule, verdict=verdict)], []))

    assert code(Verdict.PASS) == bisect.GOOD
    assert {code(verdict) for verdict in (Verdict.FAIL, Verdict.TIMEOUT, Verdict.WARN,
                                          Verdict.WAIVED)} == {bisect.BAD}
    assert {code(verdict) for verdict in (Verdict.NOT_RUN, Verdict.INCONCLUSIVE,
                                          Verdict.NOT_APPLICABLE)} == {bisect.SKIP}
    assert bisect.code(Judgement([], [])) == bisect.SKIP
