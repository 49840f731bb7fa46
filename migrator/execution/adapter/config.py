"""Alembic's own Config, with the URL answered from the profile instead of the ini file."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Mapping
from typing import Any, TextIO

from alembic.config import Config

from migrator.chain.layout import Layout

URL_OPTION = "sqlalchemy.url"


class ProfileConfig(Config):
    """A Config whose ``sqlalchemy.url`` is the profile's, wherever ``env.py`` asks for it.

    The URL never passes through ConfigParser, so that ``%`` needs no doubling, and what ``env.py`` itself sets with
    ``set_main_option`` does not replace it.
    """

    profile_url: str | None = None

    def get_section_option(self, section: str, name: str, default: str | None = None) -> str | None:
        """Answer the URL from the profile; leave every other option to the file."""
        if self.profile_url is not None and name == URL_OPTION:
            return self.profile_url
        return super().get_section_option(section, name, default)

    def get_section(self, name: str, default: Mapping[str, str] | None = None) -> Any:
        """The file's section, with the profile's URL in it."""
        if self.profile_url is None:
            return super().get_section(name, default)
        if not self.file_config.has_section(name):
            found: dict[str, str] = dict(default or {})
        else:
            keys = [key for key in self.file_config.options(name) if key != URL_OPTION]
            found = {key: self.file_config.get(name, key) for key in keys}
        found[URL_OPTION] = self.profile_url
        return found


def make_config(
    layout: Layout,
    *,
    section: str,
    x: tuple[str, ...],
    url: str | None = None,
    output: TextIO | None = None,
    attributes: Mapping[str, Any] | None = None,
    options: Mapping[str, Any] | None = None,
) -> ProfileConfig:
    """Make the Config that ``env.py`` sees, as Alembic's command line would have made it.

    Args:
        layout: where the project's files are.
        section: section of the ini file.
        x: ``-x`` arguments.
        url: the profile's URL with its password, or None to leave the file's.
        output: where ``--sql`` writes; stdout when None.
        attributes: objects for ``config.attributes``, such as a connection.
        options: further command line options that ``env.py`` may read from ``config.cmd_opts``.

    """
    config = ProfileConfig(
        str(layout.ini) if layout.ini else None,
        toml_file=str(layout.toml) if layout.toml else None,
        ini_section=section,
        output_buffer=output,
        stdout=sys.stdout,
        cmd_opts=Namespace(x=list(x) or None, name=section, config=None, quiet=False, raiseerr=True, **(options or {})),
        attributes=dict(attributes or {}),
    )
    config.profile_url = url
    if not config.get_alembic_option("script_location"):
        config.file_config.set(
            config.config_ini_section, "script_location", str(layout.script_location).replace("%", "%%")
        )
    return config
