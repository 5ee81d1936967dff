# SPDX-License-Identifier: GPL-2.0-only
"""Finds the commit of a kernel tree that broke a rule: git bisect run, a build and a boot each."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from .problem import Problem
from .process import Group
from .progress import say
from .results import BROKEN, Judgement, Verdict

GOOD, BAD, SKIP = 0, 1, 125
"""What git bisect run makes of exit codes; anything from 128 on stops it."""
BREAKS = BROKEN | {Verdict.WARN, Verdict.DISPUTED, Verdict.WAIVED}


def code(judgement: Judgement) -> int:
    """What a commit is, by the one rule that was run on it."""
    verdicts = set(judgement.by_rule.values())
    if verdicts & BREAKS:
        return BAD
    return GOOD if verdicts == {Verdict.PASS} else SKIP


def run(tree: Path, good: str, bad: str, step: Sequence[str]) -> str:
    """The first bad commit of @tree, described in one line.

    @step is the command that tells of the commit that is checked out what it is, by its
    exit code. Both ends are tried first. The tree is left as it was found.
    """
    _check(tree)
    ends = {GOOD: _commit(tree, good), BAD: _commit(tree, bad)}
    if _git(tree, 'merge-base', '--is-ancestor', ends[GOOD], ends[BAD]).returncode != 0:
        raise Problem(f'{good} is no ancestor of {bad}')
    before = _where(tree)
    try:
        for wanted, commit in ends.items():
            _try_end(tree, commit, wanted, step)
        _must(tree, 'bisect', 'start', ends[BAD], ends[GOOD])
        _drive(tree, step)
        return _culprit(tree)
    finally:
        _git(tree, 'bisect', 'reset')
        _must(tree, 'checkout', '--quiet', before)


def _try_end(tree: Path, commit: str, wanted: int, step: Sequence[str]) -> None:
    """A Problem if one end of the range is not what the user took it for."""
    _must(tree, 'checkout', '--quiet', '--detach', commit)
    say(f'Trying {_described(tree, commit)}')
    with Group(step, dict(os.environ)) as trial:
        said = [*trial.lines()]
    if trial.code != wanted:
        words = {GOOD: 'keeps the rule', BAD: 'breaks the rule'}
        found = words.get(trial.code or GOOD, 'does not tell')
        raise Problem('\n'.join([f'{_described(tree, commit)}: {found}, and should be one that '
                                 f'{words[wanted]}', *said[-5:]]))


def _drive(tree: Path, step: Sequence[str]) -> None:
    with Group(['git', '-C', str(tree), 'bisect', 'run', *step], dict(os.environ)) as bisect:
        for line in bisect.lines():
            say(line)
    if bisect.code != 0:
        raise Problem(f'git bisect run ended with {bisect.code}; commits that could not be '
                      'built or decided may be all that is left')


def _culprit(tree: Path) -> str:
    return _described(tree, 'refs/bisect/bad')


def _check(tree: Path) -> None:
    if _git(tree, 'rev-parse', '--git-dir').returncode != 0:
        raise Problem(f'{tree}: no git tree')
    if _must(tree, 'status', '--porcelain', '--untracked-files=no'):
        raise Problem(f'{tree}: there are changes that are not committed')
    if _git(tree, 'bisect', 'log').returncode == 0:
        raise Problem(f'{tree}: a bisection is going on there: git bisect reset ends it')


def _commit(tree: Path, name: str) -> str:
    found = _git(tree, 'rev-parse', '--verify', '--quiet', f'{name}^{{commit}}')
    if found.returncode != 0:
        raise Problem(f'{tree}: no commit {name}')
    return found.stdout.strip()


def _where(tree: Path) -> str:
    """The branch that is checked out, or the commit if it is none."""
    branch = _git(tree, 'symbolic-ref', '--quiet', '--short', 'HEAD')
    return branch.stdout.strip() if branch.returncode == 0 else _commit(tree, 'HEAD')


def _described(tree: Path, commit: str) -> str:
    return _must(tree, 'show', '--no-patch', '--format=%h %s', commit)


def _must(tree: Path, *arguments: str) -> str:
    done = _git(tree, *arguments)
    if done.returncode != 0:
        raise Problem(f'git {arguments[0]} failed: {done.stderr.strip()}')
    return done.stdout.strip()


def _git(tree: Path, *arguments: str) -> 'subprocess.CompletedProcess[str]':
    return subprocess.run(['git', '-C', str(tree), *arguments], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, check=False)
