"""Forgets to run anything."""

from alembic import context

context.is_offline_mode()
