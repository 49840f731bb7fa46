"""What autogenerate looks at beyond Alembic's defaults, where ``env.py`` does not say; for comparisons only."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any, Final

_CHECKS: Final = "alembic.ext.checkconstraint_byname"

THOROUGH: Final[Mapping[str, Any]] = {
    "compare_type": True,
    "compare_server_default": True,
    **(
        {"autogenerate_plugins": ["alembic.autogenerate.*", _CHECKS]}
        if find_spec("alembic.ext") and find_spec(_CHECKS)
        else {}
    ),
}
"""Arguments of ``context.configure()``. The plugin for named CHECK constraints came with Alembic 1.19."""
