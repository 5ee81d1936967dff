# SPDX-License-Identifier: GPL-2.0-only
"""The report in headless Chromium: on wide and narrow screens, in the dark, and on paper."""

import re
import subprocess
from pathlib import Path

import pytest

import browser
from browser import A4_PX, Seen, View
from dmaconflib import declarations, evidence, package, profiles, targets, waivers
from dmaconflib.package import Suite
from played import ENDS, Ends, console
from runs import left_behind

RULES = declarations.rules()
CHANNELS = [(f'ffa{number:x}0000.dma-controller/{number}', 'xilinx-zynqmp-dma')
            for number in range(8)]
CAPS = ('memcpy', 'memset', 'xor', 'pq', 'xor_val', 'pq_val', 'interrupt', 'interleave', 'slave',
        'cyclic', 'private', 'completion_no_order', 'repeat', 'load_eot', 'async_tx')
VIEWS = {'light': View(), 'dark': View(dark=True), 'narrow': View(500),
         'paper': View(A4_PX, print=True), 'paper, dark screen': View(A4_PX, True, True)}
READABLE = 4.5
"""WCAG 2, contrast (minimum), 1.4.3."""


def report(ends: Ends) -> bytes:
    """The report of a run of all rules that came to @ends, in turns."""
    said = left_behind(console(RULES, CHANNELS, CAPS, ends), known=RULES,
                       target='xlnx-versal-virt')
    suite = Suite(RULES, profiles.load('memcpy'), waivers.load(RULES, targets.names()))
    return package.make(evidence.load(said), suite).files['report.html']


@pytest.fixture(scope='module')
def page() -> bytes:
    """A report in which everything occurs that a report may have."""
    return report(ENDS)


@pytest.fixture(scope='module')
def seen(page: bytes, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Seen]:
    """That report in every view."""
    return {name: browser.measure(page, view, tmp_path_factory.mktemp('view'))
            for name, view in VIEWS.items()}


def wrong(seen: Seen, view: View) -> list[str]:
    """What is wrong with a report, a line each."""
    found = seen.found
    pale = [f'contrast {colours["ratio"]:.2f}: {colours["kind"]}: {colours["text"]}'
            for colours in found['contrasts'] if colours['ratio'] < READABLE]
    lines = [*pale, *found['outside'], *found['overlapping'], *seen.console,
             *(f'loaded: {name}' for name in found['loaded']),
             *(f'leads nowhere: {name}' for name in found['astray'])]
    if not re.match('(NOT )?CERTIFIED: ', found['first']) or found['verdict_bottom'] > 300:
        lines.append(f'the verdict is not first, but {found["first"]}')
    if found['width'] > view.width:
        lines.append(f'{found["width"]} wide')
    if (found['page'] < 0.5) is not (view.dark and not view.print):
        lines.append(f'the page is {found["page"]:.2f} bright')
    return lines


@pytest.mark.parametrize('name', VIEWS)
def test_the_report_is_readable(seen: dict[str, Seen], name: str) -> None:
    assert wrong(seen[name], VIEWS[name]) == []
    assert seen[name].found['texts'] > 5 * len(RULES)       # all of it was looked at
    assert {colours['text'] for colours in seen[name].found['contrasts']} & {'FAIL', 'WAIVED'}


def spoilt(page: bytes, *changes: tuple[str, str]) -> bytes:
    """@page with each of the @changes, old and new, made once."""
    text = page.decode()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text.encode()


def test_what_spoils_a_report_on_a_screen_is_found(page: bytes, tmp_path: Path) -> None:
    view, logo = VIEWS['narrow'], 'http://192.0.2.1/logo.png'
    found = '\n'.join(wrong(browser.measure(spoilt(
        page, ('--warn: #b34d00', '--warn: #e08e00'), ('overflow-wrap: break-word;', ''),
        ('href="#rule-', 'href="#rool-'),
        ('>caps.align</text>', '>caps.align, and more than this one</text>'),
        ('<h1 ', f'<p>Dear customer,</p><img src="{logo}"><h1 ')), view, tmp_path), view))
    for told in ('contrast 2.61: SPAN.c-warn', 'contrast 2.61: text.inside on-warn',
                 'out of the page: ', ' wide', 'caps.align, and more than this one on a bar',
                 'leads nowhere: #rool-', 'the verdict is not first, but Dear customer,',
                 f"Loading the image '{logo}' violates", f'loaded: {logo}'):
        assert told in found


def test_what_spoils_a_report_on_paper_is_found(page: bytes, tmp_path: Path) -> None:
    view = VIEWS['paper, dark screen']
    found = '\n'.join(wrong(browser.measure(spoilt(
        page, ('--fg: #000; --bg: #fff;', '--fg: #000;'),
        ('<td class="name"><code>', f'<td class="name"><code>{"wide" * 30}'),
        ('</h1>', '</h1><script>throw Error("unheard of")</script>')), view, tmp_path), view))
    for told in ('the page is 0.01 bright', 'contrast 1.', 'out of the page: widewide',
                 'Uncaught Error: unheard of'):
        assert told in found


def unprinted(page: bytes, folder: Path) -> tuple[str, list[str]]:
    """The first line of @page on paper, and what of it is not to be read there."""
    pdf = browser.printed(page, View(dark=True), folder)
    text = subprocess.run(['pdftotext', '-raw', str(pdf), '-'], check=True, text=True,
                          capture_output=True).stdout
    run_together = ''.join(text.split())
    lost = [block for block in browser.blocks(page) if ''.join(block.split()) not in run_together]
    return text.split('\n', 1)[0], lost


def test_the_report_on_paper(page: bytes, tmp_path: Path) -> None:
    assert unprinted(page, tmp_path) == ('NOT CERTIFIED: xilinx-zynqmp-dma', [])
    certified = report((('ok', ''),))
    assert unprinted(certified, tmp_path) == ('CERTIFIED: xilinx-zynqmp-dma', [])


def test_what_is_lost_on_paper_is_found(page: bytes, tmp_path: Path) -> None:
    first, lost = unprinted(spoilt(
        page, ('<h1 ', '<h1 hidden '), ('<tr id="rule-caps.widths">', '<tr hidden>'),
        ('<h2>All rules', f'<p style="white-space: nowrap">{"so far " * 60}</p><h2>All rules')),
        tmp_path)
    assert first.startswith('Profile memcpy, version ')
    assert lost[0] == 'NOT CERTIFIED: xilinx-zynqmp-dma' and lost[1].startswith('so far so far')
    assert lost[2].startswith('MUST. ') and len(lost) == 3
