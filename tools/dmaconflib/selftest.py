# SPDX-License-Identifier: GPL-2.0-only
"""Counts for `test`: pytest's, a run's and a matrix's, added up."""

import subprocess
from dataclasses import dataclass
from xml.etree import ElementTree

from . import BUILD, PROJECT
from .kselftest import Outcome
from .matrix import Matrix
from .results import BROKEN, Judgement, Verdict


@dataclass(frozen=True)
class Tally:
    """How many checks passed and failed; as text, the last line of `make test`."""

    passed: int
    failed: int

    def __add__(self, other: 'Tally') -> 'Tally':
        return Tally(self.passed + other.passed, self.failed + other.failed)

    def __str__(self) -> str:
        return f'{self.passed} passed, {self.failed} failed'


def pytest() -> Tally:
    """Runs the tools' own tests, their output as it comes; no report is one failure."""
    report = BUILD / 'pytest.xml'
    BUILD.mkdir(exist_ok=True)
    report.unlink(missing_ok=True)
    subprocess.run(['/usr/bin/python3', '-m', 'pytest', '-q', f'--junitxml={report}',
                    str(PROJECT / 'tools/tests')], cwd=PROJECT, stdin=subprocess.DEVNULL,
                   check=False)
    if not report.exists():
        return Tally(0, 1)
    suite = next(ElementTree.parse(report).iter('testsuite')).attrib
    failed = int(suite['failures']) + int(suite['errors'])
    return Tally(int(suite['tests']) - failed - int(suite['skipped']), failed)


def of_run(judgement: Judgement) -> Tally:
    """Rules by their gravest verdict; skips and warnings count as neither."""
    verdicts = list(judgement.by_rule.values())
    failed = sum(verdict in BROKEN | {Verdict.NOT_RUN} for verdict in verdicts)
    return Tally(verdicts.count(Verdict.PASS), failed + len(judgement.errors))


def of_matrix(matrix: Matrix) -> Tally:
    """Rows by whether they are as they should be; every gap is a failure."""
    good = sum(row.good for row in matrix.rows)
    return Tally(good, len(matrix.rows) - good + len(matrix.gaps))


def of_checks(found: dict[str, list[str]]) -> Tally:
    """Checkers by whether they are silent."""
    failed = sum(bool(complaints) for complaints in found.values())
    return Tally(len(found) - failed, failed)


def of_kselftest(outcome: Outcome) -> Tally:
    """Tests of all programs; a boot that went wrong in another way is one failure."""
    failed = len(outcome.failed)
    return Tally(outcome.passed, failed or int(not outcome.good))
