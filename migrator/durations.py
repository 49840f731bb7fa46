"""Lengths of time as people write them in profiles, on the command line and in revision files."""

from __future__ import annotations

import re
from typing import Final

SPELLING: Final = "write it like 500ms, 30s, 5min or 1h"
"""What to tell whoever wrote something else."""
_DURATION = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>[a-z]*)", re.ASCII | re.IGNORECASE)
_UNITS: Final = {"ms": 0.001, "s": 1.0, "sec": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}


def read_duration(text: str, *, bare: float = 1.0) -> float | None:
    """Seconds that a text stands for; None when it is no length of time.

    Args:
        text: such as ``500ms`` or ``5 min``.
        bare: seconds that one stands for where no unit is written.

    """
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        return None
    unit = _UNITS.get(match["unit"].lower()) if match["unit"] else bare
    return None if unit is None else float(match["number"]) * unit
