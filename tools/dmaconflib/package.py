# SPDX-License-Identifier: GPL-2.0-only
"""The package of a certification: made from a run, and from nothing else.

    statement.txt  report.html  results.json  junit.xml  kcidb.json  certificate.json
    profile.rules  waivers/*.toml          what the verdict was held against
    evidence/...                           the run as it was left behind, see evidence.py
    SHA256SUMS  SHA256SUMS.minisig

Everything but the signature follows from the evidence, the profile and the waivers, so
that who has the same suite can make the same bytes again.
"""

import hashlib
import json
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import certificate, document, evidence, junit, kcidb, profiles, report, waivers
from .archive import Files
from .certificate import Certificate
from .declarations import Rule
from .document import About
from .evidence import Evidence
from .problem import Problem
from .profiles import Profile
from .results import Judgement
from .waivers import Known

SUMS = 'SHA256SUMS'
SIGNATURE = f'{SUMS}.minisig'
EVIDENCE = 'evidence/'
WAIVERS = 'waivers/'
DERIVED = ('statement.txt', 'report.html', 'results.json', 'junit.xml', 'kcidb.json',
           'certificate.json')


@dataclass(frozen=True)
class Suite:
    """What a run is held against: this checkout's rules, a profile, and known findings."""

    rules: Sequence[Rule]
    profile: Profile
    known: Known


@dataclass(frozen=True)
class Made:
    """A package: its files, and what they say."""

    files: Files
    about: About
    judgement: Judgement
    certificate: Certificate


def make(run: Evidence, suite: Suite) -> Made:
    """The unsigned package of a @run."""
    about, judgement = evidence.judged(run, suite.rules, suite.known)
    verdict = certificate.certify(run, about, judgement, suite.profile, suite.known, suite.rules)
    files = {f'{EVIDENCE}{name}': content for name, content in run.files.items()}
    files |= _derived(run, suite, about, judgement, verdict)
    files['profile.rules'] = (profiles.FOLDER / f'{suite.profile.name}.rules').read_bytes()
    files |= {f'{WAIVERS}{path.name}': path.read_bytes()
              for path in (waivers.FOLDER / f'{name}.toml'
                           for name in sorted({channel['driver'] for channel in about.channels}))
              if path.exists()}
    files[SUMS] = sums(files)
    return Made(files, about, judgement, verdict)


def sums(files: Mapping[str, bytes]) -> bytes:
    """SHA256SUMS over all @files but itself and its signature, as sha256sum(1) checks it."""
    return ''.join(f'{hashlib.sha256(content).hexdigest()}  {name}\n'
                   for name, content in sorted(files.items())
                   if name not in (SUMS, SIGNATURE)).encode()


def sign(files: Files, key: Path) -> Files:
    """@files with a signature by the minisign secret @key, which may ask for its password."""
    with tempfile.TemporaryDirectory() as folder:
        signed = Path(folder) / SUMS
        signed.write_bytes(files[SUMS])
        command = ['minisign', '-S', '-s', str(key), '-m', str(signed),
                   '-t', 'dmaconf certification package']
        if subprocess.run(command, check=False, stdout=subprocess.DEVNULL).returncode != 0:
            raise Problem(f'minisign could not sign with {key}')
        return files | {SIGNATURE: signed.with_name(SIGNATURE).read_bytes()}


def signature_error(files: Mapping[str, bytes], key: Path) -> str:
    """What is wrong with the signature by the minisign public @key, or ''."""
    if SIGNATURE not in files:
        return 'it is not signed'
    with tempfile.TemporaryDirectory() as folder:
        signed = Path(folder) / SUMS
        signed.write_bytes(files.get(SUMS, b''))
        signed.with_name(SIGNATURE).write_bytes(files[SIGNATURE])
        command = ['minisign', '-V', '-q', '-p', str(key), '-m', str(signed)]
        said = subprocess.run(command, check=False, capture_output=True, text=True)
    return '' if said.returncode == 0 else f'{said.stdout}{said.stderr}'.strip() or 'invalid'


def _derived(run: Evidence, suite: Suite, about: About, judgement: Judgement,
             verdict: Certificate) -> Files:
    """The files that are made from the verdict."""
    system = {name.removeprefix('system/'): content for name, content in run.files.items()
              if name.startswith('system/')}
    name = hashlib.sha256(run.files['environment'] + run.files['journal']).hexdigest()[:16]
    return {
        'results.json': _json(document.results(about, judgement), document.RESULTS_SCHEMA),
        'certificate.json': _json(certificate.document(verdict, run, about, suite.rules),
                                  certificate.SCHEMA),
        'kcidb.json': _json(kcidb.document(about, judgement, suite.rules, name, system),
                            kcidb.SCHEMA),
        'junit.xml': junit.xml(about, judgement, suite.rules),
        'statement.txt': certificate.statement(verdict, about, judgement).encode(),
        'report.html': report.html(verdict, about, judgement, suite.rules, run.environment),
    }


def _json(content: dict[str, Any], schema: str) -> bytes:
    import jsonschema

    jsonschema.validate(content, document.schema(schema))
    return (json.dumps(content, indent=1) + '\n').encode()
