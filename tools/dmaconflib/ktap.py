# SPDX-License-Identifier: GPL-2.0-only
"""Reads a kernel console: KTAP, the harness's own lines, and what else was said.

A Parser is fed line by line while the kernel runs and keeps a Log. It goes by
the names in the lines, not by indentation, and judges nothing: what does not
fit together ends up in Log.damage, and results.py makes verdicts.
"""

import re
from collections import deque
from dataclasses import dataclass, field

from . import leaks

PREFIX = re.compile(r'^\[ *\d+\.\d+\](?:\[ *[TC]\d+\])? ?')
PLAN = re.compile(r'^( *)1\.\.(\d+)$')
SUBTEST = re.compile(r'^( *)# Subtest: (\S+)$')
RESULT = re.compile(r'^( *)(not ok|ok) (\d+) (.*?)(?: # (SKIP|TODO)\b ?(.*))?$')
SAID = re.compile(r'^\s*(?:# (?:([^\s:]+): )?)?dmaconf: (\w+)\s*(.*)$')
COMMENT = re.compile(r'^\s*# ([^\s:]+): (.*)$')
COUNTS = re.compile(r'^\s*# (?:[^\s:]+: pass|Totals: pass):\d+')
REPORT = re.compile(
    r'^(WARNING:|BUG:|INFO: possible|INFO: task|INFO: rcu|rcu: INFO|DMA-API:|KASAN|UBSAN:'
    r'|Kernel panic|Oops|Internal error|Unable to handle|general protection'
    r'|watchdog: BUG|Segfault|list_(?:add|del) corruption|refcount_t:|ODEBUG:|kernel BUG at'
    r'|BUG \S+ \((?:Not t|T)ainted|\[\w+ overwritten\]'
    # of a driver, or of an interrupt, without a trace
    r'|.+: BUG: |.+: Runtime PM usage count underflow|.+: Unbalanced pm_runtime_enable'
    r'|irq \d+: nobody cared)')

SLEPT = 'BUG: sleeping function called from invalid context'
TAIL_LINES = 30
QUOTED_LINES = 12
"""Lines kept after the first of a failed expectation or of a kernel report."""


@dataclass
class Outcome:
    """One rule on one channel, from its begin line to its result line.

    @ok stays None when no result line came. @skip is the text behind
    '# SKIP', or the harness's own where KUnit leaves it out (before Linux 6.5).
    @said holds the harness's diag, hint and invariant lines and failed
    expectations in order; @reports the kernel's own complaints. @should is why
    the rule binds this channel less than it is declared, or None. As many as @excused reports
    of a prep that may sleep are not held against it, for the suite had interrupts off. @pids
    are its threads and @jiffies the kernel's clock when it began and ended.
    """

    rule: str
    channel: str
    begun: bool = False
    ok: bool | None = None
    skip: str | None = None
    should: str | None = None
    excused: int = 0
    duration_us: int | None = None
    said: list[str] = field(default_factory=list)
    invariants: list[str] = field(default_factory=list)
    reports: list[str] = field(default_factory=list)
    pids: list[int] = field(default_factory=list)
    jiffies: list[int] = field(default_factory=list)

    @property
    def complaints(self) -> list[str]:
        """The first lines of the @reports that are held against the rule."""
        heads = [line for line in self.reports if REPORT.match(line)]
        slept = [line for line in heads if line.startswith(SLEPT)]
        return [line for line in heads if line not in slept] + slept[self.excused:]

    def note_thread(self, said: dict[str, str]) -> None:
        """Takes pid= and jiffies= of a begin or end line, where they are."""
        for key, known in (('pid', self.pids), ('jiffies', self.jiffies)):
            if said.get(key, '').isdigit():
                known.append(int(said[key]))


@dataclass
class Log:
    """Everything the console told, in a form that can be judged."""

    header: dict[str, str] = field(default_factory=dict)
    channels: list[dict[str, str]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    available: list[dict[str, str]] = field(default_factory=list)
    unbound: list[dict[str, str]] = field(default_factory=list)
    stub: dict[str, str] = field(default_factory=dict)
    outcomes: list[Outcome] = field(default_factory=list)
    damage: list[str] = field(default_factory=list)
    early_reports: list[str] = field(default_factory=list)
    tail: deque[str] = field(default_factory=lambda: deque(maxlen=TAIL_LINES))
    started: bool = False
    """A KTAP header was seen."""
    complete: bool = False
    """Every suite of the top plan has had its result."""
    panicked: bool = False


def fields(text: str) -> dict[str, str]:
    """The key=value words of @text."""
    return dict(word.split('=', 1) for word in text.split() if '=' in word)


class Parser:
    """Feed it lines; @log is always up to date, @running names what runs now."""

    def __init__(self) -> None:
        self.log = Log()
        self._suite: str | None = None
        self._case: str | None = None
        self._open: Outcome | None = None
        self._begun: set[tuple[str, str]] = set()
        self._quote: list[str] | None = None
        self._quote_left = 0
        self._suites_planned: int | None = None
        self._suites_done: list[str] = []
        self._cases_planned: int | None = None
        self._cases_done: list[str] = []
        self._case_failed = False
        self._skip: str | None = None
        self._leaks = leaks.Leaks(self.log.outcomes, self.log.early_reports)

    @property
    def running(self) -> Outcome | None:
        """The rule that has begun and not ended."""
        return self._open

    @property
    def _ours(self) -> bool:
        """The suite that runs has rules; other suites in the same kernel are gone over."""
        return self._suite is not None and self._suite.startswith('dmaconf_')

    @property
    def at_end(self) -> bool:
        """Every suite of the top plan has had its result."""
        planned = self._suites_planned
        return planned is not None and len(self._suites_done) >= planned

    def feed(self, raw: str) -> None:
        """Takes one console line, with or without printk prefix and line ending."""
        text = PREFIX.sub('', raw.replace('\r', '').rstrip())
        if text:
            self.log.tail.append(text)
        if text.strip() == 'KTAP version 1':
            self.log.started = True
        elif plan := PLAN.match(text):
            self._plan(plan[1], int(plan[2]))
        elif subtest := SUBTEST.match(text):
            self._subtest(subtest[2])
        elif self.log.started and (result := RESULT.match(text)):
            self._result(result)
        elif said := SAID.match(text):
            self._said(said[1] or '', said[2], said[3])
        else:
            self._other(text)

    def finish(self) -> Log:
        """No more lines will come; an outcome that is open stays without a result."""
        planned = self._suites_planned
        self.log.complete = self.at_end
        if planned is not None and len(self._suites_done) > planned:
            self._damaged(f'{planned} suites planned, {len(self._suites_done)} seen')
        return self.log

    # KTAP's own lines

    def _plan(self, indent: str, count: int) -> None:
        if self._suite is None:
            if self._suites_planned is not None and not indent:
                self._damaged('a second top plan: the kernel started twice?')
            self._suites_planned = count
        elif self._ours and self._case is None:
            if self._cases_planned is not None:
                self._damaged(f'{self._suite} has two plans')
            self._cases_planned = count

    def _subtest(self, name: str) -> None:
        self._quote = None
        if self._suite is None:
            self._suite = name
            self._cases_planned, self._cases_done = None, []
        elif self._ours:
            self._enter_case(name)

    def _enter_case(self, name: str) -> None:
        if self._case is not None:
            self._damaged(f'the result of {self._rule(self._case)} is missing')
        self._lose()
        self._case, self._case_failed = name, False

    def _result(self, line: re.Match[str]) -> None:
        self._quote = None
        indent, word, number, name, directive, reason = line.groups()
        ok = word == 'ok'
        if name == self._suite or (self._suite is None and not indent):
            self._suite_result(name, int(number), ok)
        elif self._suite is None:
            self._damaged(f'a result outside any suite: {line[0].strip()}')
        elif not self._ours:
            pass
        elif name == self._case:
            self._case_result(int(number), ok)
        else:
            skip = reason if directive == 'SKIP' else self._skip
            self._skip = None
            self._channel_result(name, ok, skip)

    def _suite_result(self, name: str, number: int, ok: bool) -> None:
        self._lose()
        if self._case is not None:
            self._damaged(f'the result of {self._rule(self._case)} is missing')
        ours = name.startswith('dmaconf_')
        planned, seen = self._cases_planned, len(self._cases_done)
        if ours and planned is not None and planned != seen:
            self._damaged(f'{name} planned {planned} rules, {seen} were seen')
        if ours and not ok and not self._failed_in(name):
            self._damaged(f'{name} failed, but none of its rules did')
        if number != len(self._suites_done) + 1:
            self._damaged(f'suite {name} is number {number}, '
                          f'expected {len(self._suites_done) + 1}')
        self._suites_done.append(name)
        self._suite = self._case = self._cases_planned = None

    def _case_result(self, number: int, ok: bool) -> None:
        self._lose()
        assert self._case is not None
        rule = self._rule(self._case)
        if ok == self._case_failed:
            self._damaged(f'{rule} says {"ok" if ok else "not ok"}, its channels differ')
        if self._case in self._cases_done:
            self._damaged(f'{rule} has two results')
        elif number != len(self._cases_done) + 1:
            self._damaged(f'{rule} is number {number}, expected {len(self._cases_done) + 1}')
        self._cases_done.append(self._case)
        self._case = None

    def _channel_result(self, name: str, ok: bool, skip: str | None) -> None:
        """The result of a channel, or of a case that has no channels when no subtest is open."""
        outcome = self._open
        if self._case is None:
            outcome = outcome or self._begin(name, '')
        elif outcome is None or outcome.channel != name:
            self._lose()
            outcome = self._begin(self._case, name, begun=False)
            if skip is None:
                self._damaged(f'{outcome.rule} on {name} has a result but did not begin')
        outcome.ok, outcome.skip = ok, skip
        self._case_failed |= not ok
        self._open = None
        if self._case is None:
            self._cases_done.append(name)

    # the harness's lines

    def _said(self, name: str, word: str, text: str) -> None:
        if word not in ('diag', 'hint', 'should', 'invariant', 'excused'):
            self._quote = None
        match word:
            case 'run':
                self.log.header |= fields(text)
            case 'channel':
                self.log.channels.append(fields(text))
            case 'available':
                self.log.available.append(fields(text))
            case 'unbound':
                self.log.unbound.append(fields(text))
            case 'error' | 'busy':
                self.log.errors.append(text if word == 'error' else f'busy: {text}')
            case 'stub':
                refused = {'error': text} if text.startswith('error') else {}
                self.log.stub |= fields(text) | refused
            case 'begin':
                self._lose()
                self._begin(name, fields(text).get('channel', '')).note_thread(fields(text))
            case 'end' if self._open:
                self._open.note_thread(fields(text))
                us = fields(text).get('us', '')
                self._open.duration_us = int(us) if us.isdigit() else None
            case 'skip':
                self._skip = text
            case 'should' if self._open:
                self._open.should = text
            case 'excused' if self._open:
                self._open.excused = int(text.split()[0])
                self._open.said.append(f'{word}: {text}')
            case 'diag' | 'hint' | 'invariant' if self._open:
                self._open.said.append(f'{word}: {text}')
                if word == 'invariant':
                    self._open.invariants.append(text)

    def _begin(self, case: str, channel: str, begun: bool = True) -> Outcome:
        rule = self._rule(case)
        if (rule, channel) in self._begun:
            self._damaged(f'{rule} on {channel} was run twice')
        self._begun.add((rule, channel))
        self._open = Outcome(rule, channel, begun)
        self.log.outcomes.append(self._open)
        return self._open

    # what else a kernel says

    def _other(self, text: str) -> None:
        plain = text.strip()
        comment = COMMENT.match(text)
        if leak := leaks.SAID.match(plain):
            self._leaks.feed(leak[1])
        elif REPORT.match(plain):
            self.log.panicked |= plain.startswith('Kernel panic')
            self._start_quote(self._reports(), plain)
        elif COUNTS.match(text):
            self._quote = None
        elif comment and self._open and self._rule(comment[1]) == self._open.rule:
            self._start_quote(self._open.said, comment[2])
        elif self._quote is not None and self._quote_left and plain:
            self._quote.append(plain)
            self._quote_left -= 1

    def _reports(self) -> list[str]:
        """Where a report belongs: the rule that runs or ended last, or the boot."""
        if self.log.outcomes:
            return self.log.outcomes[-1].reports
        return self.log.early_reports

    def _start_quote(self, where: list[str], text: str) -> None:
        where.append(text)
        self._quote, self._quote_left = where, QUOTED_LINES

    def _lose(self) -> None:
        """Another line shows that the open outcome gets no result any more."""
        if self._open is not None:
            self._damaged(f'{self._open.rule} on {self._open.channel} has no result')
            self._open = None

    def _failed_in(self, suite: str) -> bool:
        area = suite.removeprefix('dmaconf_') + '.'
        return any(seen.ok is False for seen in self.log.outcomes if seen.rule.startswith(area))

    def _rule(self, case: str) -> str:
        return f'{(self._suite or "").removeprefix("dmaconf_")}.{case}'

    def _damaged(self, what: str) -> None:
        self.log.damage.append(what)
