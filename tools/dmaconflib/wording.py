# SPDX-License-Identifier: GPL-2.0-only
"""English, as far as the tools need it."""


def plural(count: int, noun: str) -> str:
    """'1 rule', '2 rules'."""
    return f'{count} {noun}' if count == 1 else f'{count} {noun}s'
