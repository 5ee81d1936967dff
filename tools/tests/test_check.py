# SPDX-License-Identifier: GPL-2.0-only
"""Which files are checked, and that complaints count."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from dmaconflib import check, profiles, selftest


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


def test_a_function_says_where_it_may_be_called(tmp_path: Path) -> None:
    path = tmp_path / 'a.c'
    path.write_text('/**\n * struct a - no function\n */\n'
                    '/**\n * told - says it\n *\n * Context: any.\n */\n'
                    '/**\n * kept - does not\n * @a: a\n */\n')
    assert check.without_context(path) == [f'{path}: kept() says nothing of its context']


def test_one_complaint_fails_its_checker_only(capsys: pytest.CaptureFixture[str]) -> None:
    found = {'sparse': [], 'checkpatch': ['a.c:1: WARNING: x', 'a.c:2: WARNING: y']}
    check.tell(found)
    assert selftest.of_checks(found) == selftest.Tally(1, 1)
    assert capsys.readouterr().out.splitlines()[-1] == 'checkpatch: 2 complaints'


def test_the_client_is_compiled_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[list[str]] = []
    target = SimpleNamespace(cross_compile='', arch='um')
    kernel = SimpleNamespace(out=tmp_path, target=target)
    monkeypatch.setattr(check, '_said', lambda command, kernel: made.append(command) or [])
    check._gcc(kernel, 'C=2')
    assert [command[-1] for command in made] == [check.GRAFTED[-1], 'dmaconf-client.o']
    copy = next(word for word in made[1] if word.startswith('M=')).removeprefix('M=')
    assert (Path(copy) / 'session.c').is_file()
    assert not list(Path(copy).glob('*.o'))


def test_shell_scripts_are_known_by_their_first_line() -> None:
    assert {'.ci/run', 'tools/board/dmaconf-run', 'tools/bin/ccache'} <= set(check.scripts())
    assert not any(name.endswith('.py') for name in check.scripts())


def test_a_mistake_in_the_tools_is_found(tmp_path: Path) -> None:
    kernel = SimpleNamespace(tree=SimpleNamespace(path=tmp_path), env=lambda: None)
    (tmp_path / 'a.sh').write_text('#!/bin/sh\necho $1\n')
    (tmp_path / 'a.c').write_text('int f(void) { int x; return x; }\n')
    shell = check._said(['shellcheck', '--format=gcc', 'a.sh'], kernel)
    assert any('Double quote' in line for line in shell)
    static = check._said(['cppcheck', '--quiet', '--template=gcc', 'a.c'], kernel)
    assert any('Uninitialized variable: x' in line for line in static)


def test_a_mistake_in_an_overlay_is_found(tmp_path: Path,
                                          monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = SimpleNamespace(tree=SimpleNamespace(path=tmp_path), env=lambda: None)
    assert check._dtc(kernel) == []
    monkeypatch.setattr(check, 'PROJECT', tmp_path)
    folder = tmp_path / check.OVERLAYS[0]
    folder.mkdir(parents=True)
    (folder / 'a.dtso').write_text('/dts-v1/; /plugin/; &{/} { node@1 { x; }; };')
    assert any('unit_address_vs_reg' in line for line in check._dtc(kernel))


def test_a_mistake_in_a_binding_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = SimpleNamespace(tree=SimpleNamespace(path=tmp_path), env=lambda: None)
    assert check._schemas(kernel) == []
    text = (check.PROJECT / check.BINDINGS / 'dmaconf,memory-device.yaml').read_text()
    monkeypatch.setattr(check, 'PROJECT', tmp_path)
    (tmp_path / check.BINDINGS).mkdir(parents=True)
    (tmp_path / check.BINDINGS / 'dmaconf,memory-device.yaml').write_text(
        text.replace('maintainers:', 'maintainer:'))
    assert any('maintainer' in line for line in check._schemas(kernel))


def test_a_list_that_is_behind_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check.profiles, 'drift',
                        lambda profile, known: profiles.Drift(['a.b'], [], []))
    told = check._lists(SimpleNamespace())
    assert told[0].startswith('configs/profiles/cyclic.rules: newer: a.b')


def test_what_coccicheck_echoes_is_no_complaint(monkeypatch: pytest.MonkeyPatch) -> None:
    said = ['/usr/bin/spatch -D report --cocci-file a.cocci --dir /p/kunit', '3 files match',
            '/p/kunit/a.c:12:3-9: WARNING: casting value returned by memory allocation function']
    monkeypatch.setattr(check, '_make', lambda *words: said)
    kernel = SimpleNamespace(out=Path('/out'))
    assert check._semantic(kernel, Path('/p/kunit')) == said[2:]
    said.append('coccicheck failed')
    assert check._semantic(kernel, Path('/p/kunit'))[-1] == 'coccicheck failed'


def test_of_clang_only_what_is_ours_counts() -> None:
    header = '/linux/include/asm-generic/io.h:582:31: warning: pointer arithmetic [-Wnull]'
    said = ['In file included from /linux/drivers/dma/dmaconf/harness.c:13:', header,
            '        val = __raw_readb(PCI_IOBASE + addr);',
            '/linux/drivers/dma/dmaconf/harness.c:7:1: warning: unused function [-Wunused]',
            '/out/check/dmaconf-client/session.c:7:1: warning: unused function [-Wunused]',
            header.replace('warning', 'error'), 'make: *** [Makefile:236: __sub-make] Error 2']
    assert check._ours(said) == said[3:]
