# SPDX-License-Identifier: GPL-2.0-only
"""The LAVA test definition: its pattern reads what dmaconf-run says."""

import re
from pathlib import Path

import pytest
import yaml

from conftest import DATA, TOOLS
from test_board import board, run  # noqa: F401

DEFINITION = yaml.safe_load((TOOLS.parent / 'configs/lava/dmaconf.yaml').read_text())


def parsed(output: str) -> dict[str, str]:
    """The test cases that LAVA makes of @output."""
    cases = re.finditer(DEFINITION['parse']['pattern'], output, re.M)
    return {case['test_case_id']: case['result'] for case in cases}


def test_the_definition_is_one() -> None:
    assert DEFINITION['metadata']['format'] == 'Lava-Test Test Definition 1.0'
    assert {'name', 'description', 'os', 'scope'} <= DEFINITION['metadata'].keys()
    steps = '\n'.join(DEFINITION['run']['steps'])
    for parameter in DEFINITION['params']:
        assert f'"${parameter}"' in steps


def test_every_result_of_a_run_is_a_case(board: Path) -> None:  # noqa: F811
    output = run(board, '--device', 'stub', FAKE_FAIL='wait.callback').stdout
    assert parsed(output) == {'cookie.monotonic': 'pass', 'cookie.poll': 'pass',
                              'wait.callback': 'fail'}


def test_what_a_board_in_qemu_said() -> None:
    """Its serial line, over two boots: it hung in cb.context, with the stub's fault cb_locked."""
    output = (DATA / 'board.txt').read_bytes().decode()
    assert parsed(output) == {'reg.chan_init': 'pass', 'sysfs.entries': 'pass',
                              'cb.context': 'fail', 'reg.driver_bound': 'pass',
                              'chan.by_mask': 'pass'}


@pytest.mark.parametrize('line', ['RESULT cookie.valid', 'RESULT cookie.valid maybe',
                                  'x RESULT cookie.valid pass', 'RESULT  cookie.valid pass',
                                  'RESULT Cookie.valid pass', 'RESULT cookie pass'])
def test_lines_that_are_no_results(line: str) -> None:
    assert parsed(line) == {}
