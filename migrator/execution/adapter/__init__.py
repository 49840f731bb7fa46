"""The only room that imports Alembic, and the only place where its private names are used.

Each private name has a test in ``tests/integration/test_alembic_adapter.py`` that fails when Alembic changes it.
"""

from migrator.execution.adapter.versions import require_versions

require_versions()
