# SPDX-License-Identifier: GPL-2.0-only
"""The project as a series of patches for a kernel tree, in the form that maintainers take.

The series is committed step by step in a repository that holds only the files which it
changes; git needs no more of a tree to write patches that apply to all of it.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from . import PROJECT, contract
from .declarations import Fault, Omitted, Rule
from .graft import KCONFIG_LINE, MAKEFILE_LINE, with_line
from .problem import Problem

DMA = 'drivers/dma'
SELFTESTS = 'tools/testing/selftests'
BINDINGS = 'Documentation/devicetree/bindings/dma'
BOOK = 'Documentation/driver-api/dmaengine'
VENDORS = 'Documentation/devicetree/bindings/vendor-prefixes.yaml'
BASE = (f'{DMA}/Kconfig', f'{DMA}/Makefile', f'{SELFTESTS}/Makefile', f'{BOOK}/index.rst',
        VENDORS, 'MAINTAINERS')
SUITE, ABOVE = 'DMA ENGINE PROVIDER CONFORMANCE SUITE', 'DMA GENERIC OFFLOAD ENGINE SUBSYSTEM'
NEXT = 'PXA DMA documentation'
STUB_KCONFIG = 'source "drivers/dma/dmaconf-stub/Kconfig"\n\n'
STUB_OPTION = 'CONFIG_DMACONF_STUB=y\n'
VENDOR = '  "^dmaconf,.*":\n    description: DMA engine provider conformance suite\n'
ABOVE_VENDOR = '  "^dmo,'
KEPT = ('README.md', 'omitted.toml', '.svg')
"""Files that end so are the project's, not the tree's."""
CHAPTER = '''The contract of providers
-------------------------

This book lists, rule by rule, what a DMA engine provider owes its clients, and is
made from the declarations of the conformance suite.

.. toctree::
   :maxdepth: 1

   contract

'''


@dataclass(frozen=True)
class Step:
    """One patch: its message, the project's folders by their place in the tree, and whole files."""

    subject: str
    body: str
    folders: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)


def write(tree: Path, out: Path, rules: Sequence[Rule], faults: Sequence[Fault],
          omitted: Sequence[Omitted]) -> list[Path]:
    """Writes the series for the pristine kernel @tree into @out; the value is its files."""
    author = _identity()
    with tempfile.TemporaryDirectory() as name:
        repository = Path(name)
        _git(repository, 'init', '-q')
        for path in BASE:
            _put(repository / path, _pristine(_read(tree / path)))
        _commit(repository, author, 'base')
        steps = _steps(repository, author, rules, faults, omitted)
        for step in steps:
            _take(repository, step)
            _commit(repository, author, f'{step.subject}\n\n{step.body}')
        out.mkdir(parents=True, exist_ok=True)
        made = _git(repository, 'format-patch', '--no-signature',
                    f'--output-directory={out.resolve()}', f'HEAD~{len(steps)}')
    return [Path(line) for line in made.splitlines()]


def _steps(repository: Path, author: str, rules: Sequence[Rule], faults: Sequence[Fault],
           omitted: Sequence[Omitted]) -> list[Step]:
    """The series; each step builds without those that follow."""
    def line(path: str, text: str, before: str) -> dict[str, str]:
        return {path: with_line(repository / path, text.encode(), before.encode()).decode()}

    suite, options = (_read(PROJECT / 'kunit' / name) for name in ('Kconfig', '.kunitconfig'))
    place, makefile = f'{DMA}/dmaconf', f'{DMA}/Makefile'
    index = _read(repository / f'{BOOK}/index.rst')
    owners = _owners(_read(repository / 'MAINTAINERS'), author)
    return [
        Step('dt-bindings: dma: memory as the peripheral of channels under test',
             'A bench for DMA controllers, not hardware: channels that the conformance\n'
             'suite of the next patch drives with memory at their other end.',
             {'configs/bindings': BINDINGS},
             line(VENDORS, VENDOR, ABOVE_VENDOR) | owners(f'{BINDINGS}/dmaconf,*')),
        Step('dmaengine: add a conformance suite for providers',
             'KUnit tests that drive the channels of one named provider through\n'
             'allocation, mapping, preparation, submission, completion and error paths,\n'
             'and say rule by rule whether it keeps what its clients rely on.',
             {'kunit': place},
             {f'{place}/Kconfig': suite.replace(STUB_KCONFIG, ''),
              f'{place}/.kunitconfig': options.replace(STUB_OPTION, '')}
             | line(f'{DMA}/Kconfig', KCONFIG_LINE.decode(), 'endif')
             | line(makefile, MAKEFILE_LINE.decode().replace(' dmaconf-stub/', ''), 'obj-')
             | owners(f'{place}/')),
        Step('dmaengine: add a software provider',
             'It keeps the contract, and breaks one rule of it at a time when it is told\n'
             'to, which shows that the conformance suite notices. Register models do the\n'
             'same for stock drivers.',
             {'provider-stub': f'{DMA}/dmaconf-stub'},
             {f'{place}/Kconfig': suite, f'{place}/.kunitconfig': options}
             | line(makefile, MAKEFILE_LINE.decode(), 'obj-') | owners(f'{DMA}/dmaconf-stub/')),
        Step('selftests: dmaengine: drive channels from user space',
             'What KUnit cannot do: processes that die, files closed in the middle,\n'
             'providers that are unbound while a client holds a channel, allocation\n'
             'failures.',
             {'selftests': f'{SELFTESTS}/dmaengine'},
             line(f'{SELFTESTS}/Makefile', 'TARGETS += dmaengine\n', 'TARGETS += drivers/dma-buf')
             | owners(f'{SELFTESTS}/dmaengine/')),
        Step('Documentation: dmaengine: the contract of providers',
             'Made from the declarations of the rules.',
             files={f'{BOOK}/contract.rst': contract.render('contract.rst', rules, faults, omitted),
                    f'{BOOK}/index.rst': index.replace(f'{NEXT}\n', f'{CHAPTER}{NEXT}\n')}
             | owners(f'{BOOK}/contract.rst')),
    ]


def _owners(before: str, author: str) -> Callable[[str], dict[str, str]]:
    """MAINTAINERS, whose entry for us grows with every patch by what it brings."""
    brought: list[str] = []

    def file(pattern: str) -> dict[str, str]:
        brought.append(f'F:\t{pattern}\n')
        entry = (f'{SUITE}\nM:\t{author}\nL:\tdmaengine@vger.kernel.org\nS:\tMaintained\n'
                 f'{"".join(sorted(brought))}\n')
        return {'MAINTAINERS': before.replace(f'{ABOVE}\n', f'{entry}{ABOVE}\n')}

    return file


def _pristine(text: str) -> str:
    """@text of a file of a tree, without the lines of the graft."""
    for line in (KCONFIG_LINE, MAKEFILE_LINE):
        text = text.replace(line.decode(), '')
    return text


def _take(repository: Path, step: Step) -> None:
    for folder, place in step.folders.items():
        for name in _git(PROJECT, 'ls-files', folder).splitlines():
            if not name.endswith(KEPT):
                target = repository / place / Path(name).relative_to(folder)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(PROJECT / name, target)
    for path, text in step.files.items():
        _put(repository / path, text)


def _commit(repository: Path, author: str, message: str) -> None:
    name, _, mail = author.rstrip('>').partition(' <')
    _git(repository, 'add', '--all', '--force')
    _git(repository, '-c', f'user.name={name}', '-c', f'user.email={mail}', 'commit', '--quiet',
         '--signoff', f'--message={message}')


def _identity() -> str:
    """Who signs the series off, as git knows its user."""
    said = {key: subprocess.run(['git', 'config', key], cwd=PROJECT, capture_output=True,
                                text=True, check=False).stdout.strip()
            for key in ('user.name', 'user.email')}
    if not all(said.values()):
        raise Problem('a series is signed off, and git does not know by whom:\n'
                      '  git config user.name ...; git config user.email ...')
    return f'{said["user.name"]} <{said["user.email"]}>'


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(['git', *arguments], cwd=folder, capture_output=True, text=True,
                          check=False)
    if done.returncode:
        raise Problem(f'git {arguments[0]} failed: {done.stderr.strip()}')
    return done.stdout


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError as error:
        raise Problem(f'{path}: {error.strerror}') from error


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
