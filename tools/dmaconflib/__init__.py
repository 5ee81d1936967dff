# SPDX-License-Identifier: GPL-2.0-only
"""Host side of dmaconf: set-up, build, boot, verdicts."""

from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
"""The checkout this package belongs to."""

BUILD = PROJECT / 'build'
"""Everything the tools make: unpacked sources, kernels, caches, logs."""
