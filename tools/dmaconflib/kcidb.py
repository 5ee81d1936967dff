# SPDX-License-Identifier: GPL-2.0-only
"""Results as KernelCI takes them: KCIDB's I/O schema, version 4.5.

What of it is used here stands in schema/kcidb-4.5.schema.json.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from .declarations import Rule
from .document import About
from .results import Judgement, Result, Verdict

SCHEMA = 'kcidb-4.5'
ORIGIN = 'dmaconf'
EXCERPT = 16384
STATUS = {Verdict.PASS: 'PASS', Verdict.NOT_RUN: 'MISS', Verdict.INCONCLUSIVE: 'DONE',
          Verdict.NOT_TESTED: 'SKIP', Verdict.NOT_APPLICABLE: 'SKIP'}
"""All others are FAIL."""
IGNORED = {Verdict.WAIVED, Verdict.WARN, Verdict.DISPUTED}
"""Failures that are no reason to alert anybody."""


def document(about: About, judgement: Judgement, rules: Sequence[Rule], run: str,
             system: Mapping[str, bytes]) -> dict[str, Any]:
    """The report of a run that is called @run; @system as in evidence.py."""
    titles = {rule.id: rule.title for rule in rules}
    release, arch = about.kernel['release'], about.kernel['arch']
    checkout, build = f'{ORIGIN}:{release}', f'{ORIGIN}:{release}:{arch}:{run}'
    environment = _environment(about, system)
    return {
        'version': {'major': 4, 'minor': 5},
        'checkouts': [{'id': checkout, 'origin': ORIGIN, 'valid': True,
                       'comment': f'Linux {release}'}],
        'builds': [{'id': build, 'checkout_id': checkout, 'origin': ORIGIN, 'valid': True,
                    'architecture': re.sub(r'[^a-z0-9_]', '_', arch.lower()),
                    'comment': f'as it ran on {about.target}'}],
        'tests': [_test(result, titles[result.rule], build, run)
                  | {'environment': environment,
                     'start_time': about.started.isoformat(timespec='seconds')}
                  for result in judgement.results],
    }


def _test(result: Result, title: str, build: str, run: str) -> dict[str, Any]:
    test = {'id': f'{ORIGIN}:{run}:{result.rule}:{result.channel or "provider"}',
            'build_id': build, 'origin': ORIGIN, 'path': f'dmaconf.{result.rule}',
            'comment': title, 'status': STATUS.get(result.verdict, 'FAIL'),
            'waived': result.verdict in IGNORED,
            'misc': {'verdict': result.verdict.value, 'strength': result.strength,
                     'channel': result.channel, 'reason': result.reason}}
    if result.duration_us is not None:
        test['duration'] = result.duration_us / 1e6
    if result.message:
        test['log_excerpt'] = result.message[:EXCERPT]
    return test


def _environment(about: About, system: Mapping[str, bytes]) -> dict[str, Any]:
    environment: dict[str, Any] = {
        'comment': f'{about.driver} ({about.device}) on {about.target}',
        'misc': {'driver': about.driver, 'device': about.device, 'seed': about.seed}}
    compatible = [word.decode('ascii', 'replace')
                  for word in system.get('compatible', b'').split(b'\0') if word.strip()]
    return environment | ({'compatible': compatible} if compatible else {})
