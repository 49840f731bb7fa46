"""From what the layers give to one profile: which value counts and what it means."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

from migrator.profiles.address import Address, default_host, parse_address
from migrator.profiles.consistency import CERTIFICATES, check_conflicts, check_together, overridden
from migrator.profiles.draft import Draft
from migrator.profiles.layers import Given, Layers
from migrator.profiles.model import Origin, Profile, Secret
from migrator.profiles.parsing import parse
from migrator.profiles.remembering import remember_secrets
from migrator.profiles.setting import Kind, Setting
from migrator.profiles.settings import BY_NAME, DEFAULT_PORTS, DIALECT_NAMES, DRIVERS, SETTINGS

_ADDRESS_FIELDS: Final = ("dialect", "driver", "host", "port", "database", "user", "password")
_BY_FIELD: Final = {setting.field: setting for setting in SETTINGS if setting.field}


def assemble(layers: Layers, *, name: str, path: Path | None) -> Profile:
    """Make the profile; what is wrong is added to ``layers.problems``, and then the result must not be used."""
    draft = Draft(layers)
    url = layers.strongest(BY_NAME["DB_URL"])
    address = None if url is None else _take_url(draft, url)
    for setting in SETTINGS:
        if setting.field and (given := _counting(draft, setting)) is not None:
            _take(draft, setting, given)
    check_conflicts(draft, address)
    _complete(draft)
    check_together(draft, path=path)
    return _finish(draft, name=name, path=path)


def _take_url(draft: Draft, url: Given) -> Address | None:
    """Put the parts of ``DB_URL`` where the single settings would go."""
    draft.given["DB_URL"] = url
    draft.origins["DB_URL"] = url.origin
    try:
        address = parse_address(url.value)
    except ValueError as error:
        draft.problem("DB_URL", str(error))
        draft.unusable |= {"DB_NAME", "DB_DIALECT"}
        return None
    part = replace(url, origin=replace(url.origin, name=url.origin.name or "DB_URL"))
    for attribute, value in {field: getattr(address, field) for field in _ADDRESS_FIELDS}.items():
        if value is not None:
            draft.put(_BY_FIELD[attribute], Secret(value) if attribute == "password" else value, part)
    for attribute, value in address.known.items():
        draft.put(_BY_FIELD[attribute], value, part)
    draft.values["url_options"] = address.options
    return address


def _counting(draft: Draft, setting: Setting) -> Given | None:
    """The giving of one setting that counts; a ``DB_URL`` hides every address in the layers below it."""
    url = draft.given.get("DB_URL")
    said_by_url = setting.connection or setting.field in {"password_command", "embedded"} or setting.name in draft.given
    if url is not None and said_by_url:
        return draft.layers.strongest(setting, down_to=url.layer)
    return draft.layers.strongest(setting)


def _take(draft: Draft, setting: Setting, given: Given) -> None:
    try:
        value = parse(setting, given.value)
    except ValueError as error:
        draft.given[setting.name] = given
        draft.problem(setting.name, str(error))
        return
    if setting.secret:
        value = Secret(value)
    elif setting.field == "dialect":
        value = DIALECT_NAMES[value]
    elif setting.field == "embedded":
        value = int(value)
    elif setting.kind is Kind.SCHEMAS:
        draft.values["search_path"] = value
        value = value[0]
    draft.put(setting, value, given)


def _complete(draft: Draft) -> None:
    """Settle what hangs together: embedded server or address, password or command, drivers, port, file paths."""
    values = draft.values
    _settle_between(draft, "DB_EMBEDDED", "DB_HOST", hidden=("DB_HOST", "DB_PORT"))
    _settle_between(draft, "DB_PASS_COMMAND", "DB_PASS", hidden=("DB_PASS",))
    drivers = DRIVERS[values.setdefault("dialect", "postgresql")]
    url = draft.given.get("DB_URL")
    for name in ("DB_DRIVER", "DB_MIGRATION_DRIVER"):
        given = draft.given.get(name)
        if url and given and given.layer > url.layer and values[BY_NAME[name].field] not in drivers:
            draft.drop(name)  # it belongs to the address that the URL replaces
    values.setdefault("driver", drivers[0])
    values.setdefault("migration_driver", values["driver"])
    if "embedded" not in values:
        values.setdefault("host", default_host(values["dialect"]))
        values.setdefault("port", DEFAULT_PORTS.get(values["dialect"]))
    _complete_paths(draft)


def _settle_between(draft: Draft, one: str, other: str, *, hidden: tuple[str, ...]) -> None:
    """Of two ways that exclude each other, the one from the stronger layer counts."""
    first, second = draft.given.get(one), draft.given.get(other)
    if first is not None and second is not None and second.layer < first.layer:
        draft.drop(one)
    elif first is not None:
        for name in hidden:
            draft.drop(name)


def _complete_paths(draft: Draft) -> None:
    values, root = draft.values, draft.layers.root
    database = values.get("database")
    if values["dialect"] == "sqlite" and database and database != ":memory:" and not database.startswith("file:"):
        values["database"] = str(root / database)
    for attribute in CERTIFICATES:
        if values.get(attribute, "system") != "system":
            values[attribute] = str(root / values[attribute])


def _finish(draft: Draft, *, name: str, path: Path | None) -> Profile:
    for setting in SETTINGS:
        if setting.field and setting.name not in draft.origins:
            draft.origins[setting.name] = Origin(kind="default")
    profile = Profile(
        name=name,
        source="process" if path is None else "file",
        path=path,
        root=draft.layers.root,
        origins=MappingProxyType(draft.origins),
        overridden=() if path is None else overridden(draft),
        **draft.values,
    )
    remember_secrets(profile)
    return profile
