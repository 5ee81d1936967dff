# SPDX-License-Identifier: GPL-2.0-only
"""Style and static checks: of the kernel code with the kernel's own tools, and of the host's."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import PROJECT, declarations, guest, profiles, progress
from .kernel import Kernel
from .wording import plural

FOLDERS = ('kunit', 'provider-stub', 'selftests')
GRAFTED = ('drivers/dma/dmaconf/', 'drivers/dma/dmaconf-stub/')
CLIENT = 'selftests/dmaconf-client'
DOCUMENTED = re.compile(r'/\*\*\n \* (?!struct|enum|union|DMACONF_RULE)(\w+) - .*?\*/', re.S)
LINE_LENGTH = 100
OVERLAYS = ('configs/machines', 'provider-stub/models')
BINDINGS = 'configs/bindings'
PARENTLESS = ('avoid_default_addr_size', 'reg_format')
"""Warnings of dtc about what an overlay leaves to the node that it is laid over."""
PLACE = re.compile(r'\S+:\d+:\d+')
"""How a complaint of coccicheck begins, among the commands that it echoes."""
UNKNOWN_TO_SPARSE = "'-D__has_include(file)=1'"
"""What compat.h asks of the preprocessor: 6.12 has what it looks for."""
MESSAGE = re.compile(r'(?P<path>[^\s:]+):\d+:\d+: (?P<kind>warning|(?:fatal )?error): ')
"""What a compiler says of a place; lines that begin otherwise explain it."""
MACROS = 'tools/kernel.cppcheck'
IN_KERNEL = ('kunit', 'provider-stub', CLIENT)
"""What is not for user space: the kernel's own helpers are there to be used, and cppcheck
understands it; kselftest_harness.h is too much for that."""

SHELL = re.compile(rb'#! ?/(?:usr/)?bin/(?:env )?(?:ba|da)?sh\b')
UNWANTED = 'ENOSYS'
"""A warning of checkpatch.pl that is none here: the dmaengine core returns -ENOSYS
for an operation that a provider lacks, and a rule expects that."""
UNWANTED_IN_PROGRAMS = ('COMPLEX_MACRO', 'MACRO_ARG_REUSE', 'MACRO_WITH_FLOW_CONTROL',
                        'MULTISTATEMENT_MACRO_USE_DO_WHILE', 'PREFER_DEFINED_ATTRIBUTE_MACRO',
                        'PREFER_KERNEL_TYPES', 'SINGLE_STATEMENT_DO_WHILE_MACRO')
"""What is said of kselftest's way of macros, and of user space's types."""


@dataclass(frozen=True)
class Check:
    """One checker: what it is called, and what it complains of, a line each."""

    name: str
    complaints: Callable[[Kernel], list[str]]


def run(kernel: Kernel) -> dict[str, list[str]]:
    """Runs every checker on a built @kernel; the complaints of each by its name."""
    found = {}
    for check in CHECKS:
        with progress.step(f'Checking with {check.name}'):
            found[check.name] = check.complaints(kernel)
    return found


def files(*suffixes: str, folders: Iterable[str] = FOLDERS) -> list[Path]:
    """The project's files below @folders whose name ends in one of @suffixes."""
    return sorted(path for folder in folders for path in (PROJECT / folder).rglob('*')
                  if path.is_file() and path.name.endswith(suffixes))


def tell(found: dict[str, list[str]]) -> None:
    """Prints every complaint and a line for each checker."""
    for name, complaints in found.items():
        for complaint in complaints:
            print(complaint)
        verdict = plural(len(complaints), 'complaint') if complaints else 'clean'
        print(f'{name}: {verdict}')


def _said(command: Sequence[str], kernel: Kernel, folder: Path | None = None) -> list[str]:
    """What @command prints, run in the kernel's tree or in @folder."""
    done = subprocess.run(command, cwd=folder or kernel.tree.path, env=kernel.env(),
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    lines = [line for line in done.stdout.splitlines() if line.strip()]
    if done.returncode and not lines:
        return [f'{command[0]} failed without a word: exit code {done.returncode}']
    return lines


def _checkpatch(kernel: Kernel) -> list[str]:
    paths = files('.c', '.h', 'Kconfig', 'Makefile')
    programs = [path for path in paths if path.parent == PROJECT / 'selftests']
    others = [path for path in paths if path not in programs]
    return (_checkpatched(kernel, others, UNWANTED)
            + _checkpatched(kernel, programs, ','.join(UNWANTED_IN_PROGRAMS)))


def _checkpatched(kernel: Kernel, paths: Sequence[Path], ignored: str) -> list[str]:
    return _said(['scripts/checkpatch.pl', '--strict', '--no-tree', '--terse', '--quiet',
                  '--no-summary', f'--max-line-length={LINE_LENGTH}', f'--ignore={ignored}', '-f',
                  *map(str, paths)], kernel)


def _kernel_doc(kernel: Kernel) -> list[str]:
    paths = files('.c', '.h')
    script = kernel.tree.path / 'scripts/kernel-doc'
    strict = ['-Wall'] if '[-Wall]' in script.read_text() else []
    return (_said([str(script), '-none', *strict, *map(str, paths)], kernel)
            + [line for path in paths for line in without_context(path)])


def without_context(path: Path) -> list[str]:
    """The documented functions of @path that do not say where they may be called."""
    text = path.read_text()
    return [f'{path}: {match[1]}() says nothing of its context'
            for match in DOCUMENTED.finditer(text) if ' * Context: ' not in match[0]]


def _compile(kernel: Kernel, out: Path, *words: str) -> list[str]:
    """What the compiler and the checker say of our folders alone.

    The client, which is built outside of the tree, is so in a copy, anew each time.
    """
    copy = out / 'check' / Path(CLIENT).name
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(PROJECT / CLIENT, copy, ignore=shutil.ignore_patterns(*guest.BUILT))
    return (_make(kernel, out, *words, *GRAFTED)
            + _make(kernel, out, *words, f'M={copy}', f'{copy.name}.o'))


def _gcc(kernel: Kernel, *settings: str) -> list[str]:
    cross = kernel.target.cross_compile
    return _compile(kernel, kernel.out, f'CROSS_COMPILE={cross}', f'CC=ccache {cross}gcc',
                    *settings)


def _make(kernel: Kernel, out: Path, *words: str) -> list[str]:
    said = _said(['make', f'ARCH={kernel.target.arch}', f'O={out}', '--silent',
                  f'--jobs={os.cpu_count() or 1}', *words], kernel)
    return [line for line in said if not line.startswith('make[')]


def _clang(kernel: Kernel) -> list[str]:
    """The same with LLVM's tools, in a folder of its own, as the configuration differs."""
    out = kernel.out.with_name(f'{kernel.out.name}-clang')
    out.mkdir(exist_ok=True)
    shutil.copy(kernel.out / '.config', out)
    llvm = ('LLVM=1', 'CC=ccache clang')
    return (_make(kernel, out, *llvm, 'olddefconfig')
            or _ours(_compile(kernel, out, *llvm, 'W=1')))


def _ours(said: Sequence[str]) -> list[str]:
    """Of what a compiler @said: warnings about our files, and all that keeps it from its end.

    With clang's W=1 the kernel's own headers are not clean.
    """
    places = (*GRAFTED, f'{Path(CLIENT).name}/')
    found = []
    for line in said:
        message = MESSAGE.match(line)
        ours = message and (message['kind'] != 'warning'
                            or any(place in message['path'] for place in places))
        if ours or line.startswith('make: '):
            found.append(line)
    return found


def _coccicheck(kernel: Kernel) -> list[str]:
    """The kernel's semantic patches, in one folder after the other."""
    return [line for folder in IN_KERNEL for line in _semantic(kernel, PROJECT / folder)]


def _semantic(kernel: Kernel, folder: Path) -> list[str]:
    said = _make(kernel, kernel.out, 'coccicheck', 'MODE=report', f'M={folder}',
                 f'J={os.cpu_count() or 1}')
    failed = [line for line in said if line == 'coccicheck failed']
    return [line for line in said if PLACE.match(line)] + (said[-3:] if failed else [])


def _dtc(kernel: Kernel) -> list[str]:
    """The compiler's warnings about the overlays."""
    return [f'{path.name}: {line}' for path in files('.dtso', folders=OVERLAYS)
            for line in _said(['dtc', '-@', *(f'-Wno-{name}' for name in PARENTLESS), '-I', 'dts',
                               '-O', 'dtb', '-o', '/dev/null', str(path)], kernel)]


def _schemas(kernel: Kernel) -> list[str]:
    """Whether the bindings are what a binding has to be; pytest goes on with their examples."""
    return _said(['dt-doc-validate', '-u', BINDINGS, *map(str, files('.yaml', folders=[BINDINGS]))],
                 kernel, PROJECT)


def _lists(_: Kernel) -> list[str]:
    """What is made from the declarations and checked in: the profiles' lists."""
    known = declarations.rules()
    return [f'configs/profiles/{name}.rules: {word}: {", ".join(ids)}; '
            '`tools/dmaconf profiles --write` makes it again'
            for name in profiles.names()
            for word, ids in vars(profiles.drift(profiles.load(name), known)).items() if ids]


def _cppcheck(kernel: Kernel) -> list[str]:
    return _said(['cppcheck', '--quiet', '--enable=warning', '--inline-suppr', '--max-configs=1',
                  '--suppress=toomanyconfigs',
                  '--template=gcc', f'-j{os.cpu_count() or 1}', f'--library={MACROS}',
                  *IN_KERNEL], kernel, PROJECT)


def _python(module: str, *arguments: str) -> Callable[[Kernel], list[str]]:
    """A checker of the tools that is a Python @module, set up by tools/setup.cfg."""
    def said(kernel: Kernel) -> list[str]:
        return _said(['/usr/bin/python3', '-m', module, *arguments], kernel, PROJECT / 'tools')
    return said


def _shellcheck(kernel: Kernel) -> list[str]:
    return _said(['shellcheck', '--format=gcc', *scripts()], kernel, PROJECT)


def scripts() -> list[str]:
    """The project's shell scripts, by their first line."""
    known = subprocess.run(['git', 'ls-files'], cwd=PROJECT, stdout=subprocess.PIPE, text=True,
                           check=False).stdout.splitlines()
    return [name for name in known if (PROJECT / name).is_file() and _is_shell(PROJECT / name)]


def _is_shell(path: Path) -> bool:
    with path.open('rb') as file:
        return bool(SHELL.match(file.readline(80)))


def _sparse(kernel: Kernel) -> list[str]:
    return _gcc(kernel, 'C=2', f'CF={UNKNOWN_TO_SPARSE}')


def _warnings(kernel: Kernel) -> list[str]:
    return _gcc(kernel, 'W=1')


CHECKS = (
    Check('checkpatch --strict', _checkpatch),
    Check('kernel-doc', _kernel_doc),
    Check('gcc W=1', _warnings),
    Check('clang W=1', _clang),
    Check('sparse', _sparse),
    Check('coccicheck', _coccicheck),
    Check('cppcheck', _cppcheck),
    Check('mypy --strict', _python('mypy', '--no-error-summary')),
    Check('flake8', _python('flake8', '.')),
    Check('shellcheck', _shellcheck),
    Check('dtc', _dtc),
    Check('dt-schema', _schemas),
    Check('generated lists', _lists),
)
