# SPDX-License-Identifier: GPL-2.0-only
"""An HTML file as headless Chromium shows it: measured, as a picture, printed."""

import html
import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

CHROMIUM = ('chromium', '--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage',
            '--no-first-run', '--disable-background-networking', '--enable-logging=stderr')
CONSOLE = re.compile(r'CONSOLE[:(]\d+\)?\] (.*)')
PROBE = Path(__file__).with_name('probe.js')
A4_PX = 718
"""The width of what is printed on a page, at 96 pixels to the inch."""
LIMIT_S = 60


@dataclass(frozen=True)
class View:
    """How a page is looked at."""

    width: int = 1100
    dark: bool = False
    print: bool = False
    """With the style of paper, which --dump-dom has no other way to show."""

    def options(self) -> list[str]:
        """What Chromium is told."""
        return [f'--blink-settings=preferredColorScheme={0 if self.dark else 1}',
                f'--window-size={self.width},800', '--hide-scrollbars']


@dataclass(frozen=True)
class Seen:
    """What a page came to; the fields of @found are probe.js's."""

    found: dict[str, Any]
    console: list[str]


def measure(page: bytes, view: View, folder: Path) -> Seen:
    """What probe.js finds in @page."""
    text = page.decode()
    # Only for this copy: the page itself lets no script run.
    text = text.replace("default-src 'none'", "default-src 'none'; script-src 'unsafe-inline'")
    if view.print:
        assert '@media print' in text
        text = text.replace('@media print', '@media all')
    probed = text.replace('</body>', f'<script>{PROBE.read_text()}</script></body>')
    assert probed != text
    out, console = _chromium(probed, folder, [*view.options(), '--dump-dom'])
    body = re.search(r'<body[^>]*>(\{.*\})</body>', out, re.S)
    assert body, f'the probe did not run: {out[:500]} {console}'
    return Seen(json.loads(html.unescape(body[1])), console)


def printed(page: bytes, view: View, folder: Path) -> Path:
    """@page as a PDF."""
    pdf = folder / 'printed.pdf'
    _chromium(page.decode(), folder,
              [*view.options(), '--no-pdf-header-footer', f'--print-to-pdf={pdf}'])
    return pdf


class _Blocks(HTMLParser):
    """Takes a page apart into what stands together."""

    APART = frozenset({'dd', 'dt', 'h1', 'h2', 'h3', 'li', 'p', 'pre', 'td', 'text', 'th'})
    UNSEEN = frozenset({'script', 'style', 'title'})

    def __init__(self) -> None:
        super().__init__()
        self.found = ['']
        self._unseen = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._at(tag, True)

    def handle_endtag(self, tag: str) -> None:
        self._at(tag, False)

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.found[-1] += data

    def _at(self, tag: str, begins: bool) -> None:
        if tag in self.APART:
            self.found.append('')
        if tag in self.UNSEEN:
            self._unseen = begins


def blocks(page: bytes) -> list[str]:
    """The texts of @page: paragraphs, cells, labels."""
    parser = _Blocks()
    parser.feed(page.decode())
    return [text.strip() for text in parser.found if text.strip()]


def _chromium(text: str, folder: Path, options: list[str]) -> tuple[str, list[str]]:
    """What Chromium prints of the page @text, and what it says on its console."""
    page, profile = folder / 'page.html', folder / 'profile'
    page.write_text(text)
    shutil.rmtree(profile, ignore_errors=True)
    home = {name: str(profile) for name in ('HOME', 'XDG_CONFIG_HOME', 'XDG_CACHE_HOME')}
    done = subprocess.run([*CHROMIUM, f'--user-data-dir={profile}', *options, page.as_uri()],
                          env=os.environ | home, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, check=False, timeout=LIMIT_S)
    assert done.returncode == 0, done.stderr
    return done.stdout, CONSOLE.findall(done.stderr)
