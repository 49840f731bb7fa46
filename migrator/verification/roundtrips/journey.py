"""The way through a history: one run of ``env.py`` after the other, as few as its defects allow."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from migrator import RevisionOptions
from migrator.chain.checking import check_applied
from migrator.chain.graph import graph_of
from migrator.chain.model import Direction, Revision
from migrator.database.connecting import connect
from migrator.database.state import read_server
from migrator.errors import VerificationFailed
from migrator.events import Listener, RunStarted, StepFailed, StepFinished, StepStarted
from migrator.execution.adapter.walking import Walk, walk
from migrator.execution.gathering import bind
from migrator.findings import Finding, Severity
from migrator.interruption import ended_by_signal
from migrator.profiles.model import Profile
from migrator.project import Project
from migrator.verification.copies import ScratchDatabases
from migrator.verification.kept import name_for
from migrator.verification.redirecting import redirected_to
from migrator.verification.roundtrips.judging import upgrade_failed
from migrator.verification.roundtrips.leg import Leg, failure_of, leg_on
from migrator.verification.roundtrips.missing import base_table
from migrator.verification.roundtrips.model import Outcome, Timing, Verdict
from migrator.verification.roundtrips.trip import Left, Trip, round_trip
from migrator.verification.rows.custom import CustomRows

_WORTH_A_COPY = 25
"""So many revisions take about as long as copying the database that they lead to."""


class Journey:
    """Goes through the revisions in order, and builds the state anew where a defect has spoiled it."""

    def __init__(
        self,
        project: Project,
        databases: ScratchDatabases,
        order: Sequence[Revision],
        wanted: frozenset[str],
        listen: Listener,
        *,
        rows: CustomRows | None,
    ) -> None:
        """Prepare.

        Args:
            project: whose ``env.py`` is run.
            databases: to work on.
            order: all revisions, as an upgrade applies them.
            wanted: those that make a round trip; others are only applied.
            listen: told as round trips begin and end.
            rows: what the project gives to be put into the tables beside our own; None: they are to be left empty.

        """
        self._project = project
        self._databases = databases
        self._order = order
        self._last = max((number for number, each in enumerate(order) if each.id in wanted), default=-1)
        self._wanted = wanted
        self._listen = listen
        self._graph = graph_of(project.chain)
        self._irreversible = {entry.revision: entry.reason for entry in project.policy.irreversible}
        self._rows = rows
        self._next = 0
        self._applied: list[Revision] = []
        self._in_copy = frozenset[str]()
        self._failing: dict[str, str] = {}
        """Revisions that cannot be applied, and the one whose upgrade() fails."""
        self.verdicts: list[Verdict] = []
        self.beside: list[Finding] = []
        self.unfilled: dict[str, None] = {}
        """What could not be filled with rows, each with the reason."""
        self.had_data = False
        self.rebuilt = 0
        self.server = ""

    def run(self) -> None:
        """Go to the last revision that makes a round trip."""
        self._listen(RunStarted(direction=Direction.UPGRADE, steps=len(self._wanted)))
        scratch = self._beginning()
        with connect(scratch) as connection:
            self.server = read_server(connection)
        self._walk(scratch, self._go_on)
        while self._next <= self._last:
            self.rebuilt += 1
            self._go_on_anew()

    def _beginning(self) -> Profile:
        """A database to begin on: with what stands before the first round trip, where an earlier run has kept it."""
        first = next(number for number, each in enumerate(self._order) if each.id in self._wanted)
        older = self._order[:first]
        name = name_for(self._project, older) if first > _WORTH_A_COPY and not self._gives_rows else None
        if name is None:
            return self._databases.fresh()
        found = self._databases.from_kept(name)
        if found is not None:
            self._next, self._applied = first, list(older)
            return found
        scratch = self._databases.fresh()
        self._last, last = first - 1, self._last
        self._walk(scratch, self._go_on)
        self._last = last
        if len(self._applied) == first:
            self._databases.keep_for_later(scratch, name)
        return scratch

    @property
    def _gives_rows(self) -> bool:
        return self._rows is not None and bool(self._rows.before or self._rows.at)

    def _go_on_anew(self) -> None:
        """Build the state after the last applied revision on another database, and go on there."""
        scratch = self._databases.from_copy()
        if scratch is None:
            scratch, self._in_copy = self._databases.fresh(), frozenset()
        missing = [revision for revision in self._applied if revision.id not in self._in_copy]
        if len(missing) > _WORTH_A_COPY:
            self._walk(scratch, lambda leg: self._apply(leg, missing))
            if self._databases.keep(scratch):
                self._in_copy = frozenset(revision.id for revision in self._applied)
            missing = []

        def rest(leg: Leg) -> None:
            self._apply(leg, missing)
            self._go_on(leg)

        self._walk(scratch, rest)

    def _walk(self, scratch: Profile, work: Callable[[Leg], None]) -> None:
        def tour(found: Walk) -> None:
            with leg_on(scratch, found, self._rows) as leg:
                work(leg)
                self.had_data = leg.data is not None
                if leg.data is not None:
                    self.unfilled.update(leg.data.unfilled)

        project = self._project.on(scratch)
        try:
            with redirected_to(scratch):
                walk(project, bind(project, scratch), tour)
        except BaseException as error:
            signal = ended_by_signal(error)
            if signal is None or signal is error:
                raise
            raise signal from error

    def _apply(self, leg: Leg, revisions: Sequence[Revision]) -> None:
        for revision in revisions:
            moved = leg.up(revision)
            if moved.error is not None:
                raise VerificationFailed(
                    f"upgrade() of {revision.id} worked on one scratch database and fails on the next: "
                    f"{failure_of(revision, moved.error).message}",
                    where=self._project.display(revision.path),
                    state="only scratch databases were touched",
                    remedy="let it not depend on anything outside of the database",
                ) from moved.error

    def _go_on(self, leg: Leg) -> None:
        """Go on until a defect has spoiled the state, or to the end."""
        while self._next <= self._last:
            revision = self._order[self._next]
            self._next += 1
            if self._is_out_of_reach(revision):
                continue
            if not (self._tried(leg, revision) if revision.id in self._wanted else self._passed(leg, revision)):
                return

    def _is_out_of_reach(self, revision: Revision) -> bool:
        below = self._graph.parents_and_dependencies(revision.id)
        culprit = next((self._failing[id_] for id_ in below if id_ in self._failing), None)
        if culprit is None:
            return False
        self._failing[revision.id] = culprit
        if revision.id in self._wanted:
            reason = f"it stands on {culprit}, whose upgrade() fails"
            self.verdicts.append(self._verdict(revision, Outcome.NOT_REACHED, reason=reason))
        return True

    def _passed(self, leg: Leg, revision: Revision) -> bool:
        """Apply a revision that makes no round trip; whether the state is what it should be."""
        moved = leg.up(revision)
        if moved.error is None:
            self._applied.append(revision)
            return True
        self._failing[revision.id] = revision.id
        table = base_table(moved.error, leg.look()) if leg.walk.is_usable else None
        self.beside.append(upgrade_failed(revision, failure_of(revision, moved.error), base_table=table))
        return False

    def _tried(self, leg: Leg, revision: Revision) -> bool:
        """Send a revision on its round trip; whether the state is what it should be."""
        number, steps = len(self.verdicts) + 1, len(self._wanted)
        self._listen(
            StepStarted(
                revision=revision.id, doc=revision.title, number=number, steps=steps, direction=Direction.UPGRADE
            )
        )
        options = _options(leg, revision)
        reason = options.one_way or self._irreversible.get(revision.id)
        trip = round_trip(leg, revision, one_way=reason is not None, loses_data=options.loses_data)
        if trip.applied:
            self._applied.append(revision)
        else:
            self._failing[revision.id] = revision.id
        verdict = self._judged(revision, trip, reason)
        self.verdicts.append(verdict)
        if verdict.outcome is Outcome.FAULTY:
            told = verdict.findings[0].message
            self._listen(StepFailed(revision=revision.id, number=number, steps=steps, reason=told))
        else:
            seconds = trip.timing.total
            self._listen(StepFinished(revision=revision.id, number=number, steps=steps, seconds=seconds))
        return trip.left is not Left.SPOILED

    def _judged(self, revision: Revision, trip: Trip, one_way: str | None) -> Verdict:
        told = {(each.rule, each.message): number for number, each in enumerate(trip.findings)}
        findings = check_applied(self._project.reading, self._project.policy, trip.findings)
        # In the order in which they were found: the first is usually the cause of the others.
        findings = tuple(sorted(findings, key=lambda each: told[each.rule, each.message]))
        if any(finding.severity is not Severity.NOTICE for finding in findings):
            outcome = Outcome.FAULTY
        else:
            outcome = Outcome.EXACT if one_way is None else Outcome.ONE_WAY
        return self._verdict(revision, outcome, trip=trip, findings=findings, reason=one_way)

    def _verdict(
        self,
        revision: Revision,
        outcome: Outcome,
        *,
        trip: Trip | None = None,
        findings: tuple[Finding, ...] = (),
        reason: str | None = None,
    ) -> Verdict:
        return Verdict(
            revision=revision.id,
            title=revision.title,
            path=self._project.display(revision.path),
            outcome=outcome,
            findings=findings,
            reason=reason,
            timing=Timing() if trip is None else trip.timing,
        )


def _options(leg: Leg, revision: Revision) -> RevisionOptions:
    try:
        return leg.walk.options(revision)
    except Exception:  # noqa: BLE001 - what is wrong with the file shows, and is told, when it is run
        return RevisionOptions()
