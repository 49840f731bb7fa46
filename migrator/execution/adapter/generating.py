"""Alembic's revision writer, made to overwrite nothing, to name the file that it wrote and to notice failing hooks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import RevisionContext
from alembic.config import Config
from alembic.runtime.migration import MigrationContext, MigrationStep
from alembic.script import Script, ScriptDirectory
from alembic.util import CommandError, asbool, rev_id

from migrator.errors import ConfigurationError, MigratorError, Refused, UsageError
from migrator.execution.adapter.binding import Binding
from migrator.execution.adapter.comparing import differences_of
from migrator.execution.adapter.config import make_config
from migrator.execution.adapter.directory import make_directory
from migrator.execution.adapter.hooks import run_hooks
from migrator.execution.adapter.running import EnvironmentRun, run_environment
from migrator.execution.differences import Difference
from migrator.project import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionRequest:
    """A revision file that is to be written; ids are resolved and known to exist."""

    message: str | None = None
    parents: tuple[str, ...] = ()
    """Empty makes a new base."""
    splice: bool = False
    rev_id: str | None = None
    branch_label: str | None = None
    version_path: str | None = None
    depends_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenRevision:
    """A revision file that was written."""

    id: str
    path: Path
    parents: tuple[str, ...]
    hook_failures: tuple[str, ...] = ()


class NoMetadata(ConfigurationError):
    """``env.py`` gives no ``target_metadata``, so that there is nothing to compare a database with."""


class WritingDirectory(ScriptDirectory):
    """A ScriptDirectory that never overwrites a file and remembers what it wrote; hooks are left to the caller."""

    def __init__(self, configured: ScriptDirectory) -> None:
        # from_config makes a ScriptDirectory whatever class it is called on, so the configured one is copied.
        self.__dict__.update(vars(configured))
        self.messaging_opts = {"quiet": True}
        self.post_write_hooks, self.hooks = configured.hooks, []
        self.written: list[Path] = []

    def _generate_template(self, src: Path, dest: Path, **kw: Any) -> None:
        if dest.exists():
            raise Refused(
                f"The file {dest.name} exists already",
                where=str(dest),
                remedy="choose another message, or put %(rev)s into file_template",
            )
        self.written.append(dest)
        super()._generate_template(src, dest, **kw)


@dataclass
class Draft:
    """Revision files in Alembic's hands, not yet written."""

    project: Project
    config: Config
    directory: WritingDirectory
    context: RevisionContext
    differences: list[Difference] = field(default_factory=list)

    def say(self, *, upgrade: str, downgrade: str) -> None:
        """Give the bodies of both functions as Python; lines but the first are indented already."""
        arguments: dict[str, Any] = {"upgrades": upgrade, "downgrades": downgrade}
        self.context.template_args.update(arguments)

    def write(self) -> tuple[WrittenRevision, ...]:
        """Write the files and run the post-write hooks on them.

        Raises:
            UsageError: Alembic refuses the request.
            Refused: a file of that name exists.
            ConfigurationError: the template failed; the error names the file when one was written.

        """
        written: list[WrittenRevision] = []
        scripts = self.context.generate_scripts()
        while True:
            try:
                script = next(scripts)
            except StopIteration:
                return tuple(written)
            except (MigratorError, KeyboardInterrupt):
                raise
            except Exception as failure:
                raise self._writing_failed(failure) from failure
            if script is not None:
                written.append(self._concluded(script))

    def _concluded(self, script: Script) -> WrittenRevision:
        path = self.directory.written[-1]
        parents = script.down_revision or ()
        return WrittenRevision(
            id=script.revision,
            path=path,
            parents=(parents,) if isinstance(parents, str) else tuple(parents),
            hook_failures=run_hooks(path, self.directory.post_write_hooks),
        )

    def _writing_failed(self, failure: Exception) -> MigratorError:
        left = self.directory.written[-1] if self.directory.written else None
        if left is None or not left.exists():
            kind = UsageError if isinstance(failure, CommandError) else ConfigurationError
            template = str(self.project.layout.script_location / "script.py.mako")
            where = None if kind is UsageError else self.project.display(template)
            return kind(f"No revision was written: {failure}", where=where)
        return ConfigurationError(
            f"The revision file was written, but it cannot be used: {type(failure).__name__}: {failure}",
            where=self.project.display(str(left)),
            remedy=f"correct script.py.mako or the file itself; to take it back: rm {self.project.display(str(left))}",
        )


def draft(project: Project, request: RevisionRequest, *, autogenerate: bool = False) -> Draft:
    """Prepare a revision file as Alembic's ``revision`` command does."""
    config = make_config(project.layout, section=project.section, x=project.x)
    directory = WritingDirectory(make_directory(config, project.chain))
    arguments = {
        "message": request.message,
        "autogenerate": autogenerate,
        "sql": False,
        "head": request.parents or "base",
        "splice": request.splice,
        "branch_label": request.branch_label,
        "version_path": request.version_path,
        "rev_id": request.rev_id or rev_id(),
        "depends_on": request.depends_on or None,
    }
    context = RevisionContext(config, directory, arguments)
    return Draft(project=project, config=config, directory=directory, context=context)


def wants_environment(project: Project) -> bool:
    """Whether ``revision_environment`` asks to run ``env.py`` for every new revision."""
    config = make_config(project.layout, section=project.section, x=project.x)
    return bool(asbool(config.get_alembic_option("revision_environment")))


def fill_through_environment(
    prepared: Draft,
    binding: Binding | None,
    *,
    autogenerate: bool,
    as_sql: bool = False,
    unsaid: Mapping[str, Any] | None = None,
) -> None:
    """Run ``env.py`` so that its settings and hooks apply, and compare the database with the models when asked to.

    Args:
        prepared: what is to be filled.
        binding: the database that is meant.
        autogenerate: whether to compare.
        as_sql: run ``env.py`` in offline mode.
        unsaid: arguments of ``context.configure()`` that hold where ``env.py`` does not give them.

    Raises:
        NoMetadata: ``env.py`` gives no ``target_metadata``.
        ConfigurationError: ``env.py`` fails.

    """
    project = prepared.project
    heads = tuple(prepared.directory.get_heads())

    def compare(_rows: tuple[str, ...], context: MigrationContext) -> Iterable[MigrationStep]:
        if autogenerate:
            require_models(project, context)
            # The real heads instead of the version rows: Alembic takes a database whose head is only a dependency of
            # another head for outdated. Whoever calls has made sure that it is at its heads.
            prepared.context.run_autogenerate(heads, context)
            for script in prepared.context.generated_revisions:
                upgrades = script.upgrade_ops_list[-1:]
                prepared.differences.extend(differences_of(upgrades, context.dialect))
        else:
            prepared.context.run_no_autogenerate(heads, context)
        return ()

    run_environment(
        project,
        EnvironmentRun(
            work=compare,
            binding=binding,
            as_sql=as_sql,
            unsaid=unsaid or {},
            context_options={
                "dont_mutate": True,
                "destination_rev": "heads",
                "template_args": prepared.context.template_args,
                "revision_context": prepared.context,
            },
            # What Alembic's command line leaves in config.cmd_opts: Flask-Migrate's env.py, for one, looks for it.
            command_options={
                **prepared.context.command_args,
                "autogenerate": autogenerate,
                "sql": as_sql,
                "cmd": (command.revision, [], [*prepared.context.command_args]),
            },
        ),
    )


def require_models(project: Project, context: MigrationContext) -> None:
    """Make sure that ``env.py`` says what the tables should be.

    Raises:
        NoMetadata: ``target_metadata`` is None.

    """
    if not context.opts.get("target_metadata"):
        raise NoMetadata(
            "env.py gives no target_metadata, so there are no models to compare with",
            where=project.display(str(project.layout.env_py)),
            state="nothing was changed",
            remedy="in env.py: from your_package.models import Base; target_metadata = Base.metadata",
        )
