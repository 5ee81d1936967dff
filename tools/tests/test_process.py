# SPDX-License-Identifier: GPL-2.0-only
"""How long a command may be silent."""

import os

import pytest

from dmaconflib import process
from dmaconflib.process import Ending, Group


def test_silence_ends_a_command() -> None:
    with Group(['sh', '-c', 'echo one; exec sleep 60'], os.environ) as group:
        assert list(group.lines(silence_s=1.5)) == ['one']
    assert group.ending is Ending.SILENT


def test_a_machine_that_was_suspended_loses_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    def readable(_: int, timeout_s: float) -> bool:
        waits.append(timeout_s)
        return len(waits) == 4

    monkeypatch.setattr(process, '_readable', readable)
    assert process._answers(0, 3.5)
    assert waits == [1.0, 1.0, 1.0, 0.5]
