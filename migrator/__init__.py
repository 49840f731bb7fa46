"""Database migrations for teams that use SQLAlchemy and Alembic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from migrator.revision_options import RevisionOptions

__version__ = "0.1.0"
__all__ = ["RevisionOptions", "__version__"]


def __getattr__(name: str) -> Any:
    # Only a revision file that declares something wants it; every command imports this package.
    if name == "RevisionOptions":
        from migrator.revision_options import RevisionOptions

        return RevisionOptions
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
