"""The branch that a change is to be merged into, as CI systems tell a job."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_COMMITS: Final = ("CI_MERGE_REQUEST_DIFF_BASE_SHA",)
"""GitLab: the commit itself, which its runners fetch as far as the clone is deep enough."""
_BRANCHES: Final = (
    "GITHUB_BASE_REF",
    "CI_MERGE_REQUEST_TARGET_BRANCH_NAME",
    "BITBUCKET_PR_DESTINATION_BRANCH",
    "CHANGE_TARGET",
    "BUILDKITE_PULL_REQUEST_BASE_BRANCH",
    "SYSTEM_PULLREQUEST_TARGETBRANCH",
)
"""GitHub, GitLab, Bitbucket, Jenkins, Buildkite, Azure: the branch's name; empty where there is no pull request."""


def base_of_job(environ: Mapping[str, str]) -> str | None:
    """A git ref of what this job's change is to be merged into; None outside of a pull request's job."""
    for name in _COMMITS:
        if commit := environ.get(name, "").strip():
            return commit
    for name in _BRANCHES:
        if branch := environ.get(name, "").strip().removeprefix("refs/heads/"):
            return f"origin/{branch}"
    return None
