# SPDX-License-Identifier: GPL-2.0-only
"""The console of a run that nobody ran: any rules, each on any channels, with every verdict."""

from collections.abc import Sequence
from itertools import cycle, groupby

from dmaconflib.declarations import Rule
from runs import ENVIRONMENT

Ends = tuple[tuple[str, str], ...]
"""How rules end, in turns: KTAP's word, and what stands behind the channel."""
LONG = 'the byte at 0x' + 'f' * 120 + ' of a destination buffer is 0x5a, should be 0xa5'
DIAGNOSES = (f'    # {{case}}: dmaconf: diag {LONG}',
             '    # {case}: dmaconf: hint look at {case}()')
ENDS: Ends = (
    ('ok', ''), ('not ok', ''), ('ok', ' # SKIP not-applicable: the channel does not offer it'),
    ('ok', ''), ('ok', ' # SKIP not-tested: the machine has no gate <that> holds it & lets go'),
    ('ok', ''), ('ok', ' # SKIP inconclusive: the window was missed'), ('ok', ''))


def console(rules: Sequence[Rule], channels: Sequence[tuple[str, str]], caps: Sequence[str],
            ends: Ends = ENDS) -> bytes:
    """What @rules say on @channels, each a label and a driver, that have @caps."""
    said = ENVIRONMENT
    head = [f'    # dmaconf: dmaconf: run version={said["suite_version"]} seed={said["seed"]} '
            f'device={said["device"]} timeout_ms={said["timeout_ms"]} kernel={said["kernel"]} '
            f'arch={said["arch"]}']
    head += [f'    # dmaconf: dmaconf: channel label={label} driver={driver} '
             f'name=dma0chan{number} caps={",".join(caps[number % 3:])}'
             for number, (label, driver) in enumerate(channels)]
    areas = [(area, [*its]) for area, its in groupby(rules, key=lambda rule: rule.area)]
    # Turns of their own, so that whatever rules there are MUSTs and SHOULDs come to every end.
    turns = {rule.strength: cycle(ends) for rule in rules}
    lines = ['KTAP version 1', f'1..{len(areas)}', *head]
    for number, (area, its) in enumerate(areas, 1):
        lines += ['    KTAP version 1', f'    # Subtest: dmaconf_{area}', f'    1..{len(its)}']
        for place, rule in enumerate(its, 1):
            lines += _case(place, rule.id.partition('.')[2], next(turns[rule.strength]),
                           channels)
        lines.append(f'ok {number} dmaconf_{area}')
    return ('\n'.join([*lines, 'reboot: System halted']) + '\n').encode()


def _case(number: int, case: str, end: tuple[str, str],
          channels: Sequence[tuple[str, str]]) -> list[str]:
    """A rule that comes to the same @end on all @channels."""
    lines = ['        KTAP version 1', f'        # Subtest: {case}']
    word, skip = end
    for place, (label, _) in enumerate(channels, 1):
        lines.append(f'    # {case}: dmaconf: begin channel={label}')
        lines += [line.format(case=case) for line in DIAGNOSES if word == 'not ok']
        lines += [f'    # {case}: dmaconf: end channel={label} us={place * 1234}',
                  f'        {word} {place} {label}{skip}']
    return [*lines, f'    {word} {number} {case}']
