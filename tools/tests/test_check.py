# SPDX-License-Identifier: GPL-2.0-only
"""Which files are checked, and that complaints count."""

from pathlib import Path

import pytest

from dmaconflib import check, selftest


def test_all_kernel_code_is_checked() -> None:
    names = {path.name for path in check.files('.c', '.h')}
    assert {'harness.c', 'dmaconf.h', 'engine.c', 'stub_control.c'} <= names


def test_a_file_ending_otherwise_is_not(tmp_path: Path,
                                        monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, 'PROJECT', tmp_path)
    (tmp_path / 'kunit').mkdir()
    (tmp_path / 'kunit/a.c').touch()
    (tmp_path / 'kunit/a.md').touch()
    assert [path.name for path in check.files('.c', folders=('kunit',))] == ['a.c']


def test_one_complaint_fails_its_checker_only(capsys: pytest.CaptureFixture[str]) -> None:
    found = {'sparse': [], 'checkpatch': ['a.c:1: WARNING: x', 'a.c:2: WARNING: y']}
    check.tell(found)
    assert selftest.of_checks(found) == selftest.Tally(1, 1)
    assert capsys.readouterr().out.splitlines()[-1] == 'checkpatch: 2 complaints'
