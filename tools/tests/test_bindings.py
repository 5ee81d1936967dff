# SPDX-License-Identifier: GPL-2.0-only
"""The device tree bindings of configs/bindings/, their examples, and the overlays that use them."""

import subprocess
from pathlib import Path

import pytest

from conftest import TOOLS

CONFIGS = TOOLS.parent / 'configs'
BINDINGS = sorted((CONFIGS / 'bindings').glob('*.yaml'))
OVERLAYS = sorted((CONFIGS / 'machines').glob('*.dtso'))


def said(*command: str | Path, text: str | None = None) -> str:
    """What a command that must succeed prints."""
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def invalid(source: str, folder: Path) -> str:
    """What our bindings have against a tree or overlay; nothing about other bindings."""
    said('dtc', '-@', '-O', 'dtb', '-o', folder / 'plain.dtb', text=source)
    # dt-validate leaves out the nodes of an overlay, which it knows by this name.
    shown = said('dtc', '-O', 'dts', '-q', folder / 'plain.dtb').replace('__overlay__', 'node')
    said('dtc', '-O', 'dtb', '-q', '-o', folder / 'shown.dtb', text=shown)
    told = said('dt-validate', '-s', CONFIGS / 'bindings', folder / 'shown.dtb')
    complaints = told.replace('\n\t', ' ').splitlines()
    return '\n'.join(line for line in complaints if 'dmaconf,' in line)


@pytest.mark.parametrize('binding', BINDINGS, ids=lambda path: path.stem)
def test_a_binding_has_the_form(binding: Path) -> None:
    assert said('dt-doc-validate', '-u', CONFIGS / 'bindings', binding) == ''


@pytest.mark.parametrize('binding', BINDINGS, ids=lambda path: path.stem)
def test_the_example_of_a_binding_is_valid(binding: Path, tmp_path: Path) -> None:
    assert invalid(said('dt-extract-example', binding), tmp_path) == ''


@pytest.mark.parametrize('overlay', OVERLAYS, ids=lambda path: path.stem)
def test_an_overlay_is_valid(overlay: Path, tmp_path: Path) -> None:
    assert invalid(overlay.read_text(), tmp_path) == ''


def test_a_node_that_breaks_its_binding_is_told(tmp_path: Path) -> None:
    text = (CONFIGS / 'machines/raspi2b.dtso').read_text().replace('no-cyclic;', 'no-bicycle;')
    assert 'no-bicycle' in invalid(text, tmp_path)
