"""Rules on the policies themselves: an exception that excuses nothing, or for no reason, is itself a finding."""

from __future__ import annotations

from migrator.findings import RuleInfo, Severity

STALE_POLICY = RuleInfo(
    id="stale-policy",
    severity=Severity.WARNING,
    summary="An entry in [tool.migrator] matches nothing.",
    why="It would hide the next finding of its kind, for which nobody gave a reason.",
    remedy="Remove the entry.",
)
POLICY_WITHOUT_REASON = RuleInfo(
    id="policy-without-reason",
    severity=Severity.WARNING,
    summary="An exception in [tool.migrator] gives no reason.",
    why="Whoever reads it later cannot tell whether it still holds.",
    remedy='Add: reason = "..."',
)
RULES = (STALE_POLICY, POLICY_WITHOUT_REASON)
