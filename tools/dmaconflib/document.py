# SPDX-License-Identifier: GPL-2.0-only
"""The JSON files: what a run was, its results, and the schemas they keep."""

import functools
import json
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from . import PROJECT
from .declarations import Omitted, Rule
from .dmatest import Found
from .results import Judgement, Result, totals

SCHEMAS = Path(__file__).resolve().parents[1] / 'schema'
RESULTS_SCHEMA = 'results-2'
FAULTS_SCHEMA = 'faults-2'


@dataclass(frozen=True)
class About:
    """The circumstances of a run, as its kernel and the command line told them."""

    suite: dict[str, str]
    kernel: dict[str, str]
    target: str
    device: str
    driver: str
    channels: list[dict[str, Any]]
    seed: int
    timeout_ms: int
    started: datetime
    duration_s: float
    command: list[str]


def results(about: About, judgement: Judgement, dmatest: Sequence[Found] = ()) -> dict[str, Any]:
    """The results document of a run."""
    return head(RESULTS_SCHEMA, about) | {
        'results': [_result(result) for result in judgement.results],
        'totals': {'results': totals(result.verdict for result in judgement.results),
                   'rules': totals(judgement.by_rule.values())},
        'dmatest': [asdict(found) for found in dmatest],
        'decided': {'rules': len(judgement.decided), 'applicable': len(judgement.applicable),
                    'undecided': sorted(judgement.applicable - judgement.decided)},
        'errors': judgement.errors,
        'notes': judgement.notes,
        'boots': judgement.boots,
        'conformant': judgement.conformant,
    }


def head(name: str, about: About) -> dict[str, Any]:
    """What every document begins with: the schema it keeps and the circumstances."""
    started = about.started.isoformat(timespec='seconds')
    return {'schema': name} | asdict(about) | {'started': started}


def write(document: dict[str, Any], path: Path) -> None:
    """Validates @document against the schema it names, then writes it to @path."""
    import jsonschema

    jsonschema.validate(document, schema(document['schema']))
    path.write_text(json.dumps(document, indent=1) + '\n')


@functools.cache
def schema(name: str) -> dict[str, Any]:
    """The checked-in schema called @name ('results-2')."""
    loaded: dict[str, Any] = json.loads((SCHEMAS / f'{name}.schema.json').read_text())
    return loaded


def rule(declared: Rule, broken_by: list[str]) -> dict[str, Any]:
    """The entry of `list --json` for a rule and the faults that name it."""
    return {'id': declared.id, 'area': declared.area, 'strength': declared.strength,
            'title': declared.title, 'source': declared.source,
            'needs': list(declared.needs), 'faults': broken_by,
            'broken': declared.broken, 'disputed': declared.disputed or None,
            'omitted': None}


def omitted(listed: Omitted) -> dict[str, Any]:
    """The entry of `list --json` for a rule that is not implemented."""
    return {'id': listed.id, 'area': listed.area, 'strength': listed.strength,
            'title': listed.title, 'source': listed.source, 'needs': [], 'faults': [],
            'broken': '', 'disputed': None, 'omitted': listed.reason}


def commit() -> str:
    """This checkout's commit, with '-dirty' if files differ from it; 'unknown' outside git."""
    command = ['git', '-C', str(PROJECT), 'describe', '--always', '--dirty', '--abbrev=12',
               '--exclude=*']
    try:
        said = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return 'unknown'
    return said.stdout.strip()


def _result(result: Result) -> dict[str, Any]:
    return asdict(result) | {'verdict': result.verdict.value, 'hints': list(result.hints)}
