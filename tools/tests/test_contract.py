# SPDX-License-Identifier: GPL-2.0-only
"""The documentation of the contract: complete, and right in both of its formats."""

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import docutils.core
import pytest

from dmaconflib import contract, declarations, findings, targets, waivers
from dmaconflib.declarations import Omitted
from dmaconflib.problem import Problem

RULES, FAULTS = declarations.rules(), declarations.faults()
OMITTED = Omitted('term.never', 'MUST', 'Nothing *ever* ends_ <here>.', 'a.c:1', 'It would.')


def as_html(rst: str) -> str:
    """The @rst as docutils reads it; the first warning is an error."""
    return str(docutils.core.publish_string(rst, writer_name='html', settings_overrides={
        'halt_level': 2, 'report_level': 5, 'output_encoding': 'unicode'}))


class Ids(HTMLParser):
    """Collects the ids of sections, and checks that what is opened is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == 'section':
            self.found.append(dict(attrs)['id'] or '')
        if tag != 'meta':
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture
def written(tmp_path: Path) -> tuple[str, str]:
    """HTML and reStructuredText of the real rules, one of them disputed, and an omitted one."""
    rules = [replace(RULES[0], disputed='It says so nowhere.'), *RULES[1:]]
    html, rst = contract.write(rules, FAULTS, [OMITTED], tmp_path)
    return html.read_text(), rst.read_text()


def test_html_has_every_rule_once(written: tuple[str, str]) -> None:
    parser = Ids()
    parser.feed(written[0])
    assert not parser.open
    assert sorted(parser.found) == sorted([OMITTED.id, *(rule.id for rule in RULES)])
    assert '&lt;here&gt;' in written[0]


def test_restructured_text_has_every_rule_and_no_accidental_markup(
        written: tuple[str, str]) -> None:
    html = as_html(written[1])
    for rule in RULES:
        assert f'<h2>{rule.id}</h2>' in html or f'>{rule.id}</a></h2>' in html
    assert 'Nothing *ever* ends_ &lt;here&gt;.' in html
    assert 'It says so nowhere.' in html


def test_every_sentence_is_in_both(written: tuple[str, str]) -> None:
    for text in written:
        assert text.count('Broken.') == len(RULES)
        for fault in FAULTS:
            assert fault.name in text


def test_an_area_without_a_place_is_told(tmp_path: Path) -> None:
    with pytest.raises(Problem, match='area nowhere is in no stage'):
        contract.write([replace(RULES[0], area='nowhere')], FAULTS, [], tmp_path)


@pytest.mark.parametrize('content, told', [
    ('[[rule]]\nid = "cookie.poll"\nstrength = "MUST"\ntitle = ""\nsource = ""\nreason = ""\n',
     'cookie.poll is implemented, in kunit/rules/cookie.c'),
    ('[[rule]]\nid = "a.b"\n', 'missing'),
    ('[[rule]\n', 'omitted.toml: '),
])
def test_a_bad_list_of_omitted_rules_is_told(project: Path, content: str, told: str) -> None:
    (project / 'kunit/omitted.toml').write_text(content)
    with pytest.raises(Problem, match=told):
        declarations.omitted(project)


def test_the_real_list_of_omitted_rules_is_right() -> None:
    assert not contract.strays(RULES, declarations.omitted())
    assert all(rule.reason for rule in declarations.omitted())


def test_findings_are_restructured_text() -> None:
    known = waivers.load(RULES, targets.names())
    as_html(findings.document(known, None))
