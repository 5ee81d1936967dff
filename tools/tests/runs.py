# SPDX-License-Identifier: GPL-2.0-only
"""A run as it is left behind, made from a recorded console, for the tests of certification."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from conftest import DATA
from dmaconflib import certificate, declarations, evidence, package, profiles, waivers
from dmaconflib.archive import Files
from dmaconflib.certificate import NotWaivable
from dmaconflib.declarations import Rule
from dmaconflib.package import Made, Suite

RULES = declarations.rules(DATA / 'project')
ENVIRONMENT = {
    'format': '1', 'tool': 'dmaconf-run', 'suite_version': '0.1.0', 'suite_commit': 'abc',
    'kernel': '6.12.117', 'arch': 'um',
    'target': 'board', 'device': 'stub', 'seed': '42', 'timeout_ms': '500',
    'started': '2026-01-01T00:00:00+00:00', 'duration_s': '1.5',
    'command': './dmaconf-run --device stub'}
PROFILE = ('title = "Sample"\ncapability = "memcpy"\noffers = ["memcpy"]\n'
           'optional = ["gate"]\n')


def left_behind(console: bytes, ending: str = 'exited', known: Sequence[Rule] = RULES,
                **changed: str) -> Files:
    """One boot with all @known rules that said @console; other keywords change the environment."""
    rules = ','.join(rule.id for rule in known)
    end = [f'end 1 {ending} {hashlib.sha256(console).hexdigest()}'] if ending else []
    journal = [*(f'plan {rule.id}' for rule in known), f'begin 1 logs/0001.log {rules}', *end]
    environment = ENVIRONMENT | {'rules_digest': evidence.digest(known)} | changed
    return {'environment': ''.join(f'{key}={value}\n'
                                   for key, value in environment.items()).encode(),
            'journal': ('\n'.join(journal) + '\n').encode(),
            'logs/0001.log': console,
            'system/compatible': b'acme,board\0acme,soc\0'}


def recorded(name: str) -> bytes:
    """A recorded console."""
    return (DATA / f'{name}.log').read_bytes()


@dataclass(frozen=True)
class Bench:
    """The folders that certification goes by: one profile, and waivers of the test's own."""

    folder: Path

    def waive(self, content: str, name: str = 'dmaconf-stub') -> None:
        """Adds the waivers of a driver."""
        (self.folder / f'waivers/{name}.toml').write_text(content)

    @property
    def suite(self) -> Suite:
        """What a run is held against here."""
        known = waivers.load(RULES, ['uml'], self.folder / 'waivers')
        return Suite(RULES, profiles.load('sample'), known)

    def package(self, console: bytes | None = None, **changed: str) -> Made:
        """The package of a run that said @console, a conformant one by default."""
        files = left_behind(console or recorded('conformant'), **changed)
        return package.make(evidence.load(files), self.suite)


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """Folders of its own, instead of the checked-in ones."""
    for name in ('profiles', 'waivers'):
        (tmp_path / name).mkdir()
    (tmp_path / 'profiles/sample.toml').write_text(PROFILE)
    profiles.write('sample', RULES, tmp_path / 'profiles')
    monkeypatch.setattr(profiles, 'FOLDER', tmp_path / 'profiles')
    monkeypatch.setattr(waivers, 'FOLDER', tmp_path / 'waivers')
    monkeypatch.setattr(certificate, 'not_waivable', lambda: NotWaivable(
        {'wait.callback': 'never calls back'},
        {'^invariant: memory': 'memory is written where it may not be'}))
    return Bench(tmp_path)
