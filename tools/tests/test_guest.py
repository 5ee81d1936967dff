# SPDX-License-Identifier: GPL-2.0-only
"""The copy that is built for a kernel: what changes, what goes, and what was built."""

import os
import shutil
from pathlib import Path

import pytest

from dmaconflib import guest

pytestmark = pytest.mark.skipif(shutil.which('rsync') is None, reason='rsync is missing')


def test_a_copy_follows_its_source(tmp_path: Path) -> None:
    source, copy = tmp_path / 'source', tmp_path / 'copy'
    (source / 'sub').mkdir(parents=True)
    (source / 'sub/a.c').write_text('1')
    (source / 'b.c').write_text('1')
    os.utime(source / 'sub/a.c', (1, 1))
    guest._copy(source, copy)
    assert (copy / 'sub/a.c').stat().st_mtime == 1
    (source / 'b.c').unlink()
    (source / 'sub/a.c').write_text('2')
    guest._copy(source, copy)
    assert (copy / 'sub/a.c').read_text() == '2'
    assert not (copy / 'b.c').exists()


def test_what_was_built_stays_where_it_is(tmp_path: Path) -> None:
    source, copy = tmp_path / 'source', tmp_path / 'copy'
    for folder in (source, copy):
        folder.mkdir()
    (source / 'for-another-kernel.o').write_text('')
    (copy / 'for-this.ko').write_text('')
    (copy / '.for-this.o.cmd').write_text('')
    guest._copy(source, copy)
    assert sorted(path.name for path in copy.iterdir()) == ['.for-this.o.cmd', 'for-this.ko']
