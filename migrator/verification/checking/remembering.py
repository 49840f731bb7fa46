"""Ask what was found before, else look, and keep the answer with what it depends on."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from migrator.errors import MigratorError
from migrator.project import Project
from migrator.verification.checking.inputs import key_of, static_files
from migrator.verification.checking.keeping import Keeping
from migrator.verification.checking.reading import changed_since, files_read, fingerprints, own_files
from migrator.verification.checking.report import CheckedPart


@dataclass
class Remembering:
    """The memory of one check."""

    project: Project
    enabled: bool = True
    """False: nothing is looked up, nothing is kept."""
    _server: list[str | None] = field(default_factory=list)

    def recall(self, choices: Mapping[str, object], look: Callable[[], CheckedPart]) -> CheckedPart:
        """The answer of before, or that of ``look``, which is kept when it is a whole one.

        Args:
            choices: the part, and what is asked of it.
            look: runs the part.

        """
        server = self._server_name() if self.enabled else None
        if server is None:
            return look()
        key = key_of(self.project, choices, server=server)
        keeping = Keeping(self.project.root)
        known = keeping.find(key)
        if known is not None:
            return known
        begun = time.time()
        with files_read() as read:
            part = look()
        root = str(self.project.root)
        own = own_files(read.paths, root=root, known=static_files(self.project))
        # An editor may have saved a file while the part ran: nobody knows which content it saw.
        steady = key == key_of(self.project, choices, server=server) and not changed_since(own, begun, root=root)
        if steady and part.complete and part.not_checked is None:
            keeping.keep(key, part, read=fingerprints(own, root=root))
        return part

    def _server_name(self) -> str | None:
        """What the scratch server calls itself, asked once; None where it does not answer, which the part will say."""
        if not self._server:
            from migrator.verification.scratch import scratch_server

            try:
                self._server.append(scratch_server(self.project.profile))
            except MigratorError:
                self._server.append(None)
        return self._server[0]
