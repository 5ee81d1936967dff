# SPDX-License-Identifier: GPL-2.0-only
"""Declarations in C, samples and the real ones, and what globs choose of them."""

from dataclasses import replace
from pathlib import Path

import pytest

from conftest import DATA
from dmaconflib import declarations
from dmaconflib.declarations import Rule
from dmaconflib.problem import Problem
from dmaconflib.selection import choose_faults, choose_rules, kunit_arguments

SAMPLE = DATA / 'project'


def sample() -> list[Rule]:
    """The rules of the sample project."""
    return declarations.rules(SAMPLE)


def test_a_rule_is_read_with_all_its_arguments() -> None:
    assert sample()[0] == Rule(
        'cookie.monotonic', 'cookie', 'monotonic', 'MUST',
        'Cookies of a channel are unique and increase strictly, in submit order.',
        'include/linux/dmaengine.h:596; drivers/dma/dmaengine.h:22',
        ('NEEDS_ANY',), "one transfer's answer is given for another.", '',
        'kunit/rules/cookie.c:8')


def test_quotes_brackets_needs_text_and_dispute() -> None:
    rule = sample()[1]
    assert rule.title == 'Polling says "complete" (or an error), once.'
    assert rule.needs == ('NEEDS_MEMCPY', 'NEEDS_GATE')
    assert rule.broken == 'a client that polls waits for ever.'
    assert rule.disputed == 'the documentation allows both answers here.'


def test_comments_declare_nothing() -> None:
    assert [rule.id for rule in sample()] == ['cookie.monotonic', 'cookie.poll', 'wait.callback']


def test_faults_are_read() -> None:
    assert [(fault.name, fault.rule, fault.sentence) for fault in declarations.faults(SAMPLE)] == [
        ('cookie_stuck', 'cookie.monotonic', 'the cookie never moves'),
        ('poll_lies', 'cookie.poll', 'polling says complete too early'),
        ('callback_lost', 'wait.callback', 'no callback comes')]


@pytest.mark.parametrize('text, told', [
    ('DMACONF_RULE(a, b, MUST, "t", "s")', '6 arguments, not 5'),
    ('DMACONF_RULE(a, b, MAY, "t", "s", N)', "strength 'MAY'"),
    ('DMACONF_RULE(a, b, MUST, TITLE, "s", N)', 'expected a string literal'),
    ('DMACONF_RULE(a, b, MUST, "t", "s", N', 'does not end'),
    ('DMACONF_RULE(a, b, MUST, "t", "s", N)', 'rule a.b does not say what a client sees'),
    ('DMACONF_RULE(a, b, MUST, "t", "s", N)\n' * 2, 'is declared in kunit/bad.c:1 already'),
])
def test_a_bad_declaration_is_said(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / 'kunit').mkdir()
    (tmp_path / 'kunit/bad.c').write_text(text)
    with pytest.raises(Problem, match=told):
        declarations.rules(tmp_path)


def test_gaps_are_found() -> None:
    rules, faults = sample(), declarations.faults(SAMPLE)
    assert declarations.inconsistencies(rules, faults) == []
    assert declarations.inconsistencies(rules, faults[1:]) == [
        'kunit/rules/cookie.c:8: rule cookie.monotonic has no fault']
    assert declarations.inconsistencies(rules[1:], faults) == [
        'provider-stub/faults/sample.c:5: fault cookie_stuck names no rule: cookie.monotonic']


@pytest.mark.parametrize('comment, stray', [
    ('/*\n * Broken: lost.\n */\nDMACONF_RULE(', False),
    ('/* Broken: lost. */\n\nDMACONF_RULE(', False),
    ('/* Broken: lost. */\nstatic int x;\nDMACONF_RULE(', True),
    ('/*\n * Broken: lost.\n */\n/* another */\nDMACONF_RULE(', True),
])
def test_a_text_without_a_rule_is_found(tmp_path: Path, comment: str, stray: bool) -> None:
    (tmp_path / 'kunit').mkdir()
    (tmp_path / 'kunit/a.c').write_text(comment + 'a, b, MUST, "t", "s", N)')
    if not stray:
        assert declarations.rules(tmp_path)[0].broken == 'lost.'
        return
    with pytest.raises(Problem, match='kunit/a.c:[12]: a text "Broken:" without a rule below it'):
        declarations.rules(tmp_path)


def test_every_real_rule_has_its_fault_and_every_fault_its_rule() -> None:
    rules, faults = declarations.rules(), declarations.faults()
    assert rules and faults
    assert declarations.inconsistencies(rules, faults) == []


@pytest.mark.parametrize('pattern, ids', [
    (None, ['cookie.monotonic', 'cookie.poll', 'wait.callback']),
    ('cookie', ['cookie.monotonic', 'cookie.poll']),
    ('cookie.poll', ['cookie.poll']),
    ('*c*', ['cookie.monotonic', 'cookie.poll', 'wait.callback']),
    ('*poll, wait', ['cookie.poll', 'wait.callback']),
])
def test_globs_choose_rules(pattern: str | None, ids: list[str]) -> None:
    assert [rule.id for rule in choose_rules(sample(), pattern)] == ids


@pytest.mark.parametrize('pattern, told', [
    ('cookie.monotnic', 'unknown rule "cookie.monotnic"; nearest: cookie.monotonic'),
    ('wiat', 'nearest: wait'),
    ('cookie.poll,zzz', 'unknown rule "zzz"; known: cookie'),
    ('', 'unknown rule ""'),
])
def test_unknown_rules_name_the_nearest(pattern: str, told: str) -> None:
    with pytest.raises(Problem, match=told):
        choose_rules(sample(), pattern)


def test_unknown_faults_name_the_nearest() -> None:
    with pytest.raises(Problem, match='unknown fault "cookie_stck"; nearest: cookie_stuck'):
        choose_faults(declarations.faults(SAMPLE), 'cookie_stck')


@pytest.mark.parametrize('pattern, filter_glob, arguments', [
    (None, 'dmaconf_*', []),
    ('cookie', 'dmaconf_cookie.*', []),
    ('cookie.*', 'dmaconf_cookie.*', []),
    ('wait', 'dmaconf_wait.callback', []),
    ('cookie.poll', 'dmaconf_cookie.poll', []),
    ('*p*', 'dmaconf_cookie.poll', []),
    ('cookie.poll,wait', 'dmaconf_*', ['dmaconf.rules=cookie.poll,wait']),
])
def test_kunit_is_told_with_one_glob_where_that_is_possible(
        pattern: str | None, filter_glob: str, arguments: list[str]) -> None:
    chosen = choose_rules(sample(), pattern)
    assert kunit_arguments(sample(), chosen) == (filter_glob, arguments)


def test_a_list_too_long_for_the_kernel_is_not_passed() -> None:
    many = [replace(sample()[0], id=f'{area}.{i}', area=area)
            for area in ('one', 'two') for i in range(200)]
    assert kunit_arguments(many, many[::2]) == ('dmaconf_*', [])
    assert kunit_arguments(many, many[1:]) == ('dmaconf_*', ['dmaconf.rules=!one.0'])
    assert kunit_arguments(many, many[:202]) == ('dmaconf_*', ['dmaconf.rules=one,two.0,two.1'])
    assert kunit_arguments(many, many[100:399]) == ('dmaconf_*', [])
