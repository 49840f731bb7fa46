"""Database migrations for teams that use SQLAlchemy and Alembic."""

__version__ = "0.1.0"
