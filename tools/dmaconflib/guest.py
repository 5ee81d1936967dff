# SPDX-License-Identifier: GPL-2.0-only
"""A kernel with user space: modules, an initramfs, and how the machine is started."""

import contextlib
import os
import platform
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import BUILD, PROJECT, packages, progress
from .kernel import Kernel, locked
from .problem import Problem
from .source import Tree

SELFTESTS = PROJECT / 'selftests'
GUEST = PROJECT / 'tools/guest'
BUSYBOX = Path('/bin/busybox')
COLLECTION = 'dmaengine'
PACKAGES = ('busybox-static', 'cpio', 'kmod', 'rsync')
DEBIAN_PACKAGES = ('libelf-dev', 'qemu-system-x86')
DEBIAN_META = 'linux-image-6.12-amd64'
BUILT = ('*.o', '*.o.d', '*.ko', '*.mod', '*.mod.c', '.*.cmd', '*.order', '*.symvers', '*.a')
MODULES = ('dmaconf', 'dmaconf-stub')
"""The folders in drivers/dma of a grafted tree."""


@dataclass(frozen=True)
class Guest:
    """What user space is started on: a kernel, and what is built against it."""

    name: str
    tree: Tree
    """Whose kselftest framework is used."""
    arch: str
    release: str
    image: Path
    kdir: Path
    """What modules are built against."""
    out: Path
    """The folder of all that is made for it."""
    env: Mapping[str, str]

    @property
    def root(self) -> Path:
        """What becomes the initramfs."""
        return self.out / 'root'

    @property
    def initrd(self) -> Path:
        return self.out / 'initrd.gz'

    def make(self, *words: str) -> None:
        """Runs make for this kernel; a Problem with its last lines if that fails."""
        _run(['make', '--silent', f'ARCH={self.arch}', f'--jobs={os.cpu_count() or 1}', *words],
             self.env, self.out / 'make.log')

    def command(self, arguments: Sequence[str], log: Path) -> list[str]:
        """Starts the machine; the tests' console is its output, the kernel's is @log."""
        if self.arch == 'um':
            words = ['mem=512M', 'con=null', 'con0=null,fd:3', 'con1=fd:0,fd:1', 'console=tty0',
                     f'initrd={self.initrd}', 'DMACONF_CONSOLE=tty1', *arguments]
            return ['/bin/sh', '-c', 'log=$1; shift; exec "$@" 3>"$log"', 'sh', str(log),
                    str(self.image), *words]
        append = ['console=ttyS0', 'panic=-1', 'DMACONF_CONSOLE=ttyS1', *arguments]
        return ['qemu-system-x86_64', '-machine', 'q35', '-smp', '2', '-m', '1024',
                '-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none',
                '-serial', f'file:{log}', '-serial', 'stdio', '-kernel', str(self.image),
                '-initrd', str(self.initrd), '-append', ' '.join(append)]


def own(kernel: Kernel) -> Guest:
    """A kernel that was built here, with everything of ours as modules."""
    image = 'linux' if kernel.target.arch == 'um' else 'arch/x86/boot/bzImage'
    release = (kernel.out / 'include/config/kernel.release').read_text().strip()
    guest = Guest(kernel.target.kernel, kernel.tree, kernel.target.arch, release,
                  kernel.out / image, kernel.out, _folder(kernel.out / 'guest'), kernel.env())
    _clean_root(guest)
    with progress.step('Installing the modules'):
        guest.make('-C', str(kernel.out), 'modules_install', f'INSTALL_MOD_PATH={guest.root}')
    return guest


@contextlib.contextmanager
def debian(tree: Tree, env: Mapping[str, str]) -> Iterator[Guest]:
    """Debian's kernel as it is; what is ours is built against its headers package.

    Others who want the same folder wait meanwhile.
    """
    if platform.machine() != 'x86_64':
        raise Problem('Debian\'s kernel is started on x86_64 only')
    package = _depends(DEBIAN_META)
    release = package.removeprefix('linux-image-')
    packages.ensure([f'linux-headers-{release}'])
    out = _folder(BUILD / 'out' / package)
    with locked(BUILD / 'out' / f'.{package}.lock'):
        yield _debian(tree, env, release, out, _unpacked(package, out))


def _debian(tree: Tree, env: Mapping[str, str], release: str, out: Path, files: Path) -> Guest:
    guest = Guest('debian', tree, 'x86_64', release, files / f'boot/vmlinuz-{release}',
                  Path(f'/usr/src/linux-headers-{release}'), out, env)
    _clean_root(guest)
    with progress.step(f'Building the modules for {release}'):
        _build_beside(guest)
    modules = guest.root / 'lib/modules' / release
    for path in (files / 'lib/modules' / release).glob('modules.*'):
        shutil.copy2(path, modules)
    _run(['depmod', '-b', str(guest.root), release], env, out / 'make.log')
    return guest


def pack(guest: Guest, faults: Sequence[str] = ()) -> None:
    """The selftests, built and installed as kselftest does it, and the initramfs.

    With @faults they are run once for each of these.
    """
    with progress.step('Building the selftests and the initramfs'):
        _install_selftests(guest)
        for name in ('bin', 'usr/bin'):
            (guest.root / name).mkdir(parents=True, exist_ok=True)
        shutil.copy2(BUSYBOX, guest.root / 'bin/busybox')
        shutil.copy2(GUEST / 'timeout', guest.root / 'usr/bin/timeout')
        shutil.copy2(GUEST / 'init', guest.root / 'init')
        if faults:
            _write(guest.root / 'faults', '\n'.join(faults) + '\n')
        _run(['sh', '-c', f'cd {guest.root} && find . | cpio --quiet -o -H newc | gzip -1 '
              f'> {guest.initrd}'], guest.env, guest.out / 'make.log')


def _install_selftests(guest: Guest) -> None:
    """A copy is built, as modules are built where their source is."""
    copy, here = guest.out / 'selftests', guest.root / 'kselftest'
    _copy(SELFTESTS, copy)
    place = here / COLLECTION
    place.mkdir(parents=True)
    arguments = [f'KSRC={guest.tree.path}', f'KDIR={guest.kdir}', 'USERCFLAGS=-static']
    if guest.kdir != guest.tree.path and guest.name == 'debian':
        arguments.append(f'DMACONF_DMA={guest.out / "dma"}')
    guest.make('-C', str(copy), *arguments, f'INSTALL_PATH={place}', 'install')
    framework = guest.tree.path / 'tools/testing/selftests'
    shutil.copytree(framework / 'kselftest', here / 'kselftest')
    shutil.copy2(framework / 'run_kselftest.sh', here)
    listed = _said(['make', '--silent', '-C', str(copy), *arguments, f'COLLECTION={COLLECTION}',
                    'emit_tests'], guest.env)
    (here / 'kselftest-list.txt').write_text(
        '\n'.join(line for line in listed.splitlines() if line.startswith(COLLECTION)) + '\n')


def _build_beside(guest: Guest) -> None:
    """Our folders of a grafted tree as modules outside of any tree, in a copy."""
    dma = guest.out / 'dma'
    for name, folder in zip(MODULES, ('kunit', 'provider-stub')):
        _copy(PROJECT / folder, dma / name)
    for name in ('virt-dma.h', 'dmaengine.h'):
        shutil.copy2(guest.tree.path / 'drivers/dma' / name, dma)
    _write(dma / 'Kbuild', ''.join(f'obj-m += {name}/\n' for name in MODULES))
    guest.make('-C', str(guest.kdir), f'M={dma}', f'DMACONF_DMA={dma}', 'CONFIG_DMACONF_AID=m',
               'CONFIG_DMACONF_STUB=m', 'modules')
    extra = guest.root / 'lib/modules' / guest.release / 'extra'
    extra.mkdir(parents=True)
    for path in dma.rglob('*.ko'):
        shutil.copy2(path, extra)


def _depends(package: str) -> str:
    """The package that a meta-package stands for."""
    said = _said(['apt-cache', 'depends', '--important', package], os.environ)
    named = [line.split()[1] for line in said.splitlines() if 'Depends: linux-image-' in line]
    if not named:
        raise Problem(f'{package} is not among this machine\'s package sources')
    return named[0]


def _unpacked(package: str, out: Path) -> Path:
    """The files of a package that is not installed: downloaded and unpacked once."""
    files = out / 'files'
    if files.is_dir():
        return files
    part = out / 'part'
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    with progress.step(f'Downloading {package}'):
        _run(['sh', '-c', f'cd {out} && apt-get download {package} && '
              f'dpkg-deb -x {package}_*.deb {part} && rm {package}_*.deb'], os.environ,
             out / 'make.log')
    part.rename(files)
    return files


def _folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    return path


def _clean_root(guest: Guest) -> None:
    shutil.rmtree(guest.root, ignore_errors=True)
    guest.root.mkdir()


def _copy(source: Path, target: Path) -> None:
    """What has not changed keeps its time, so it is not built again; what is gone goes.

    What was built stays where it is: here what is for this kernel, there what is not.
    """
    target.mkdir(parents=True, exist_ok=True)
    programs = [path.stem for path in SELFTESTS.glob('*.c')] if source == SELFTESTS else []
    excluded = [f'--exclude={name}' for name in (*BUILT, *(f'/{name}' for name in programs))]
    _said(['rsync', '-a', '--delete', *excluded, f'{source}/', f'{target}/'], os.environ)


def _write(path: Path, text: str) -> None:
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def _run(command: Sequence[str], env: Mapping[str, str], log: Path) -> None:
    """A Problem with the last lines of its output if @command fails."""
    done = subprocess.run(command, env=dict(env), stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False)
    log.write_text(done.stdout)
    if done.returncode != 0:
        raise Problem(f'{_brief(command)} failed ({log}):\n{_tail(done.stdout.splitlines())}')


def _said(command: Sequence[str], env: Mapping[str, str]) -> str:
    done = subprocess.run(command, env=dict(env), stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, check=False)
    if done.returncode != 0:
        raise Problem(f'{_brief(command)} failed:\n{_tail(done.stderr.splitlines())}')
    return done.stdout


def _brief(command: Sequence[str]) -> str:
    return ' '.join(command[:3])


def _tail(lines: Iterable[str]) -> str:
    return '\n'.join(f'  {line}' for line in list(lines)[-20:])
