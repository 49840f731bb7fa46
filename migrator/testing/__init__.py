"""The pytest fixtures that put pytest-alembic on a scratch database."""
