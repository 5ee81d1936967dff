# SPDX-License-Identifier: GPL-2.0-only
"""A new rule: where it is put, what it still lacks, and what is refused."""

import shutil
from pathlib import Path

import pytest

from dmaconflib import PROJECT, declarations, scaffold
from dmaconflib.problem import Problem


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the sources that hold declarations."""
    for folder in ('kunit', 'provider-stub'):
        shutil.copytree(PROJECT / folder, tmp_path / folder)
    return tmp_path


def add(project: Path, rule_id: str) -> list[scaffold.Place]:
    """What the verb does, in a copy."""
    return scaffold.new(rule_id, declarations.rules(project), declarations.faults(project),
                        project)


def test_a_new_rule_has_a_fault_and_says_what_is_to_be_filled_in(project: Path) -> None:
    add(project, 'term.bogus')
    rules, faults = declarations.rules(project), declarations.faults(project)
    rule = next(rule for rule in rules if rule.id == 'term.bogus')
    fault = next(fault for fault in faults if fault.rule == 'term.bogus')
    assert declarations.inconsistencies(rules, faults) == [
        f'{rule.place}: rule term.bogus is to be filled in',
        f'{fault.place}: fault {fault.name} is to be filled in']


def test_it_is_listed_last_among_its_peers(project: Path) -> None:
    rule_place, fault_place = add(project, 'term.bogus')
    assert 'DMACONF_CASE(term, bogus),\n\t{}' in rule_place.path.read_text()
    assert '.issue = term_bogus_todo),\n\t{}' in fault_place.path.read_text()


def test_the_line_it_names_is_the_first_to_be_filled_in(project: Path) -> None:
    for place in add(project, 'term.bogus'):
        assert 'TODO' in place.path.read_text().splitlines()[place.line - 1]


def test_every_area_takes_a_new_rule(project: Path) -> None:
    for area in sorted({rule.area for rule in declarations.rules(project)}):
        add(project, f'{area}.bogus')
    assert sum(rule.name == 'bogus' for rule in declarations.rules(project)) > 30


@pytest.mark.parametrize('rule_id, message', [
    ('bogus', 'has the form area.name'),
    ('Term.bogus', 'has the form area.name'),
    ('term.', 'has the form area.name'),
    ('term.aborts', 'is there already, in kunit/rules/'),
    ('trem.bogus', 'nearest: term'),
])
def test_what_is_refused_changes_nothing(project: Path, rule_id: str, message: str) -> None:
    before = {path: path.read_bytes() for path in project.rglob('*.c')}
    with pytest.raises(Problem, match=message):
        add(project, rule_id)
    assert before == {path: path.read_bytes() for path in project.rglob('*.c')}
