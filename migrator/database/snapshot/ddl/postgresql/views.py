"""Statements for views and materialized views."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.database.snapshot.comparing import Difference
from migrator.database.snapshot.ddl.postgresql.naming import bare_name, own_name
from migrator.database.snapshot.ddl.postgresql.parameters import parameters_changed
from migrator.database.snapshot.ddl.postgresql.steps import Phase, Step
from migrator.database.snapshot.model import Kind, SchemaObject


def create_view(view: SchemaObject) -> Iterator[Step]:
    """The statement that makes a view of either kind."""
    facets = view.facets
    words = f"CREATE {view.key.kind.upper()} {own_name(view.key)}"
    if "access method" in facets:
        words += f" USING {facets['access method']}"
    if "options" in facets:
        words += f" WITH ({facets['options']})"
    if "tablespace" in facets:
        words += f" TABLESPACE {facets['tablespace']}"
    filled = ""
    if view.key.kind is Kind.MATERIALIZED_VIEW:
        filled = "\nWITH NO DATA" if facets.get("populated") == "no" else "\nWITH DATA"
    body = facets["definition"].strip().rstrip(";")
    yield Step(Phase.CREATE_VIEWS, f"{words} AS\n{body}{filled}", about=bare_name(view.key))


def drop_view(view: SchemaObject) -> Iterator[Step]:
    """The statement that takes a view away, after those that are made of it."""
    yield Step(
        Phase.DROP_VIEWS,
        f"DROP {view.key.kind.upper()} {own_name(view.key)}",
        about=bare_name(view.key),
        needs=view.facets["definition"],
    )


def is_remade(difference: Difference) -> bool:
    """Whether a changed view is dropped and made again, with all that belongs to it."""
    return any(facet.name in {"definition", "access method", "populated"} for facet in difference.facets)


def change_view(difference: Difference) -> Iterator[Step]:
    """Statements that change a view: in place its options, else it is dropped and made again."""
    before, after = difference.before, difference.after
    if before is None or after is None:
        return
    if is_remade(difference):
        yield from drop_view(before)
        yield from create_view(after)
        return
    alter = f"ALTER {after.key.kind.upper()} {own_name(after.key)}"
    for words in parameters_changed(before.facets.get("options"), after.facets.get("options")):
        yield Step(Phase.CREATE_VIEWS, f"{alter} {words}", rank=1)
    if before.facets.get("tablespace") != after.facets.get("tablespace"):
        yield Step(Phase.CREATE_VIEWS, f"{alter} SET TABLESPACE {after.facets.get('tablespace', 'pg_default')}", rank=1)
