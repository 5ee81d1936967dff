# SPDX-License-Identifier: GPL-2.0-only
"""Which rules and faults a glob names, and how kunit.py is told."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from .declarations import Fault, Rule
from .problem import unknown

LIST_MAX = 700
"""Longest list of rules; some architectures take a command line of 1024 in all."""


def choose_rules(known: Sequence[Rule], pattern: str | None) -> list[Rule]:
    """The rules that @pattern names; all of them for None.

    @pattern is a comma-separated list of ids, areas, or globs of either. Each
    part has to name at least one rule.
    """
    if pattern is None:
        return list(known)
    chosen: set[str] = set()
    for part in _parts(pattern):
        matched = {rule.id for rule in known if _names(part, rule)}
        if not matched:
            raise unknown('rule', part, [rule.id for rule in known]
                          + [rule.area for rule in known])
        chosen |= matched
    return [rule for rule in known if rule.id in chosen]


def choose_faults(known: Sequence[Fault], pattern: str | None) -> list[Fault]:
    """The faults whose names match @pattern, a comma-separated list of globs."""
    if pattern is None:
        return list(known)
    chosen: set[str] = set()
    for part in _parts(pattern):
        matched = {fault.name for fault in known if fnmatchcase(fault.name, part)}
        if not matched:
            raise unknown('fault', part, [fault.name for fault in known])
        chosen |= matched
    return [fault for fault in known if fault.name in chosen]


def kunit_arguments(known: Sequence[Rule], chosen: Sequence[Rule]) -> tuple[str, list[str]]:
    """kunit.py's one filter glob for the @chosen of the @known rules, and kernel arguments.

    One glob expresses everything, one area or one rule. Other selections go to
    the harness as a list, unless that is longer than a kernel takes: then all
    rules run, and those that were not chosen are not judged.
    """
    ids = [rule.id for rule in chosen]
    area = chosen[0].area
    if len(chosen) == len(known):
        return 'dmaconf_*', []
    if len(ids) == 1:
        return f'dmaconf_{ids[0]}', []
    if ids == [rule.id for rule in known if rule.area == area]:
        return f'dmaconf_{area}.*', []
    listed = min(_by_area(known, set(ids)), _all_but(known, set(ids)), key=len)
    return 'dmaconf_*', [f'dmaconf.rules={listed}'] if len(listed) <= LIST_MAX else []


def _by_area(known: Sequence[Rule], ids: set[str]) -> str:
    """Area by area: its name, its name and what is left out, or what is chosen."""
    words = []
    for area in dict.fromkeys(rule.area for rule in known if rule.id in ids):
        inside = [rule for rule in known if rule.area == area]
        words.append(min(','.join(rule.id for rule in inside if rule.id in ids),
                         ','.join([area, *_left_out(inside, ids)]), key=len))
    return ','.join(words)


def _all_but(known: Sequence[Rule], ids: set[str]) -> str:
    return ','.join(_left_out(known, ids))


def _left_out(rules: Sequence[Rule], ids: set[str]) -> list[str]:
    return [f'!{rule.id}' for rule in rules if rule.id not in ids]


def _parts(pattern: str) -> list[str]:
    return [part.strip() for part in pattern.split(',') if part.strip()] or ['']


def _names(part: str, rule: Rule) -> bool:
    return fnmatchcase(rule.id, part) or fnmatchcase(rule.area, part)
