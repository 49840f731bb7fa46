"""Round trips: each revision up, down and up again on a scratch database, and what that shows."""

from __future__ import annotations

from migrator.verification.roundtrips.model import Outcome, Verdict, VerifyReport, VerifyRequest
from migrator.verification.roundtrips.verifying import verify

__all__ = ["Outcome", "Verdict", "VerifyReport", "VerifyRequest", "verify"]
