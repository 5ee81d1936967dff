# SPDX-License-Identifier: GPL-2.0-only
"""Profiles: their files, and the lists that are made from them."""

from pathlib import Path

import pytest

from conftest import DATA
from dmaconflib import certificate, declarations, profiles
from dmaconflib.problem import Problem
from dmaconflib.profiles import Kind

RULES = declarations.rules(DATA / 'project')
PROFILE = 'title = "Sample"\ncapability = "memcpy"\noffers = ["memcpy"]\noptional = ["gate"]\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one profile and no list."""
    (tmp_path / 'sample.toml').write_text(PROFILE)
    return tmp_path


def test_the_checked_in_lists_name_rules_that_exist() -> None:
    known = {rule.id for rule in declarations.rules()}
    for name in ('memcpy', 'slave', 'cyclic', 'raid', 'interleaved', 'full'):
        profile = profiles.load(name)
        assert profile.of(Kind.MANDATORY)
        assert set(profile.rules) <= known
    assert set(certificate.not_waivable().rules) <= known


@pytest.mark.parametrize('name', profiles.names())
def test_an_ordinary_board_can_meet_what_is_mandatory(name: str) -> None:
    """It has neither a gate nor anything that injects failures; memory may be its port."""
    benches = {'NEEDS_GATE', 'NEEDS_INJECT', 'NEEDS_TWO_PORTS', 'NEEDS_LOCKDEP'}
    needs = {rule.id: set(rule.needs) for rule in declarations.rules()}
    mandatory = profiles.load(name).of(Kind.MANDATORY)
    assert not [rule for rule in mandatory if needs[rule] & benches]
    if name in ('memcpy', 'raid', 'interleaved'):
        assert not [rule for rule in mandatory if needs[rule] & {'NEEDS_PORT', 'NEEDS_PACE'}]


def test_what_a_rule_needs_decides(folder: Path) -> None:
    assert profiles.classify('sample', RULES, folder) == {
        'cookie.monotonic': Kind.MANDATORY,
        'cookie.poll': Kind.INFORMATION,        # a SHOULD, and disputed
        'wait.callback': Kind.MANDATORY}


def test_what_is_optional_binds_where_it_is_offered(folder: Path) -> None:
    (folder / 'sample.toml').write_text(
        PROFILE + '[where_offered]\n"wait.callback" = "it may not call back"\n')
    kinds = profiles.classify('sample', RULES, folder)
    assert kinds['wait.callback'] is Kind.WHERE_OFFERED


def test_a_list_gets_a_new_version_only_when_it_differs(folder: Path) -> None:
    assert profiles.write('sample', RULES[:2], folder)
    assert not profiles.write('sample', RULES[:2], folder)
    assert profiles.load('sample', folder).version == 1
    drift = profiles.drift(profiles.load('sample', folder), RULES, folder)
    assert drift.newer == ['wait.callback'] and not drift.withdrawn
    assert profiles.write('sample', RULES, folder)
    assert profiles.load('sample', folder).version == 2
    gone = profiles.drift(profiles.load('sample', folder), RULES[1:], folder)
    assert gone.withdrawn == ['cookie.monotonic']


@pytest.mark.parametrize('content, told', [
    (PROFILE.replace('"memcpy"]', '"memcopy"]'), 'unknown need "memcopy"; nearest: memcpy'),
    (PROFILE + '[where_offered]\n"no.rule" = "why"\n', 'unknown rule "no.rule"'),
    (PROFILE.replace('title', 'titel'), "'title' is a required property"),
    ('title = ', 'sample.toml'),
])
def test_a_wrong_definition(folder: Path, content: str, told: str) -> None:
    (folder / 'sample.toml').write_text(content)
    with pytest.raises(Problem, match=told):
        profiles.write('sample', RULES, folder)


@pytest.mark.parametrize('content, told', [
    ('mandatory cookie.poll\n', 'does not say its version'),
    ('version one\n', 'sample.rules:1: not understood'),
    ('version 1\nobligatory cookie.poll\n', 'sample.rules:2: not understood'),
])
def test_a_wrong_list(folder: Path, content: str, told: str) -> None:
    (folder / 'sample.rules').write_text(content)
    with pytest.raises(Problem, match=told):
        profiles.load('sample', folder)


def test_a_profile_without_a_list_and_an_unknown_one(folder: Path) -> None:
    with pytest.raises(Problem, match='profiles --write'):
        profiles.load('sample', folder)
    with pytest.raises(Problem, match='unknown profile "simple"; nearest: sample'):
        profiles.load('simple', folder)
