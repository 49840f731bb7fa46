"""The application context that Flask-Migrate's ``env.py`` expects to find."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from migrator.chain.envfile import read_environment_file
from migrator.errors import ConfigurationError, MigratorError
from migrator.execution.adapter.translation import kind_and_cause, place_below


@contextmanager
def application_context(env_py: Path, root: Path) -> Iterator[None]:
    """Push the application context of ``FLASK_APP`` when ``env.py`` needs one and none is there.

    Raises:
        ConfigurationError: Flask is not installed, or the application cannot be loaded.

    """
    if not read_environment_file(env_py).flask:
        yield
        return
    try:
        from flask import has_app_context
        from flask.cli import NoAppException, ScriptInfo
    except ImportError:
        raise ConfigurationError(
            "env.py uses Flask's current_app, but Flask is not installed beside migrator",
            where=str(env_py),
            remedy="install migrator into the environment that the application runs in",
        ) from None
    if has_app_context():
        yield
        return
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))
    try:
        application = ScriptInfo(app_import_path=os.environ.get("FLASK_APP")).load_app()
    except (MigratorError, KeyboardInterrupt):
        raise
    except NoAppException as error:
        raise ConfigurationError(
            f"env.py needs the Flask application, and Flask cannot find it: {error}",
            where=str(env_py),
            state="nothing was run",
            remedy="name it: FLASK_APP=package.module:create_app migrator status",
        ) from error
    except (Exception, SystemExit) as error:
        raise ConfigurationError(
            f"the Flask application failed when it was loaded: {kind_and_cause(error)}",
            where=place_below(root, error) or str(env_py),
            state="migrator ran nothing; what the application does to a database when it is loaded is its own",
            remedy="flask shell fails in the same way: correct the application, its settings or its dependencies",
        ) from error
    with application.app_context():
        yield
