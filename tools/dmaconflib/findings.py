# SPDX-License-Identifier: GPL-2.0-only
"""The write-ups of known findings, as a person would report them: reStructuredText."""

import textwrap

from .problem import unknown
from .waivers import Hint, Known, Scope, Waiver, names

INTRODUCTION = '''What rules found in drivers and in models of their hardware, and what was
decided about it. Each is waived where it was seen: the failure stays in sight and does not
count.'''


def document(known: Known, driver: str | None) -> str:
    """Everything that is @known about one @driver, or about all of them for None."""
    drivers = list(names(known))
    if driver and driver not in drivers:
        raise unknown('driver', driver, drivers)
    parts = [_title('Findings', '='), INTRODUCTION]
    for name in [driver] if driver else drivers:
        parts.append(_title(name, '-'))
        parts += [_waiver(waiver) for waiver in known.waivers if waiver.scope.driver == name]
        parts += [_hint(hint) for hint in known.hints if hint.scope.driver == name]
    return '\n\n'.join(parts)


def _waiver(waiver: Waiver) -> str:
    parts = [_title(waiver.reason, '~'),
             f':Rules: {", ".join(waiver.scope.rules)}{_reported(waiver)}\n'
             f':At fault: the {waiver.fault}\n{_seen_on(waiver.scope)}\n{_expires(waiver)}'
             f':Where: {" ".join(waiver.where.split())}',
             f'**Contract.** {waiver.contract}',
             f'**What happens.** {waiver.happens}',
             f'To see it::\n\n{_block(waiver.reproduce)}',
             f'What the run says::\n\n{_block(waiver.evidence)}',
             f'**What would mend it.** {waiver.fix}']
    if waiver.upstream:
        parts.append(f'**Known upstream.** {waiver.upstream}')
    return '\n\n'.join(parts)


def _reported(waiver: Waiver) -> str:
    return ', and any other that its report strikes' if waiver.report else ''


def _expires(waiver: Waiver) -> str:
    return f':Waived until: {waiver.expires}\n' if waiver.expires else ''


def _hint(hint: Hint) -> str:
    return '\n\n'.join([_title(f'When {", ".join(hint.scope.rules)} fails', '~'),
                        _seen_on(hint.scope), hint.text])


def _seen_on(scope: Scope) -> str:
    first, last = scope.kernels
    lines = [f':Linux: {first}' if first == last else f':Linux: {first} to {last}']
    if scope.targets:
        lines.append(f':Targets: {", ".join(scope.targets)}')
    if scope.devices:
        lines.append(f':Devices: {", ".join(scope.devices)}')
    return '\n'.join(lines)


def _title(text: str, line: str) -> str:
    return f'{text}\n{line * len(text)}'


def _block(text: str) -> str:
    return textwrap.indent(textwrap.dedent(text), '    ')
