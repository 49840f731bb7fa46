"""The history as a git ref holds it, read from git's objects without a checkout."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from migrator.chain.files import is_revision_file
from migrator.chain.layout import Layout
from migrator.chain.model import Chain
from migrator.chain.reader import FileReader, chain_of
from migrator.chain.semantics import semantic_checksum
from migrator.errors import UsageError

_DEFAULT_REFS = ("refs/remotes/origin/HEAD", "refs/remotes/origin/main", "refs/remotes/origin/master", "main", "master")


@dataclass(frozen=True)
class BaseHistory:
    """The revisions of a git ref, and the files of it that differ from those here."""

    ref: str
    chain: Chain
    """Paths are those that the files would have in this checkout."""
    changed: Mapping[str, bytes]
    """Content in the ref of files that are not here byte for byte."""
    common: Mapping[str, str]
    """Blob of each file at the point where this branch and the ref parted."""

    @cached_property
    def ids(self) -> frozenset[str]:
        """Ids of all published revisions."""
        return frozenset(self.chain.revisions)

    def is_newer_there(self, id_: str) -> bool:
        """Whether a revision came into the ref after this branch had parted from it, so that it is not missing here."""
        return self.chain.revisions[id_].path not in self.common

    def edited(self, chain: Chain) -> frozenset[str]:
        """Published revisions that mean something else here than in the ref; reads the files in question."""
        return frozenset(
            id_
            for id_, published in self.chain.revisions.items()
            if published.path in self.changed and id_ in chain.revisions and self._differs(published.path, chain, id_)
        )

    def _differs(self, path: str, chain: Chain, id_: str) -> bool:
        content = Path(chain.revisions[id_].path).read_bytes()
        if self.common.get(path) == _blob_id(content):
            # The ref changed it, this branch did not.
            return False
        return semantic_checksum(content) != semantic_checksum(self.changed[path])


def default_base(root: Path) -> str | None:
    """The ref that counts as published when none is named: the remote's main branch, else the local one.

    None outside of a git repository, without git, and before the first commit.
    """
    try:
        _git(root, "rev-parse", "--show-toplevel")
    except UsageError:
        return None
    for ref in _DEFAULT_REFS:
        if _commit(root, ref) is not None:
            return ref.removeprefix("refs/remotes/")
    return None


def read_base(layout: Layout, ref: str) -> BaseHistory:
    """Read the revision files of a git ref.

    Raises:
        UsageError: there is no git, no repository or no such ref.

    """
    root = layout.root
    top = os.path.realpath(os.fsdecode(_git(root, "rev-parse", "--show-toplevel").rstrip(b"\n")))
    commit = _commit(root, ref)
    if commit is None:
        raise UsageError(
            f"The git ref {ref!r} does not exist in this clone.",
            where=top,
            remedy=f"git fetch origin {ref.removeprefix('origin/')}   (a shallow clone in CI needs fetch-depth: 0)",
        )
    files = _revision_files(layout, top, commit)
    parted = _parting(root, commit)
    common = files if parted in (None, commit) else _revision_files(layout, top, parted or commit)
    here, missing = _contents_here(files)
    changed = _contents_there(root, missing)
    reader = FileReader(layout)
    declared = [reader.read_content(path, here.get(path, changed.get(path, b""))) for path in files]
    return BaseHistory(ref=ref, chain=chain_of(list(files), declared), changed=changed, common=common)


def _contents_here(files: Mapping[str, str]) -> tuple[dict[str, bytes], dict[str, str]]:
    """The files that are here byte for byte, and the blobs of those that are not."""
    here: dict[str, bytes] = {}
    missing: dict[str, str] = {}
    for path, blob in files.items():
        try:
            content = Path(path).read_bytes()
        except OSError:
            content = None
        if content is not None and _blob_id(content) == blob:
            here[path] = content
        else:
            missing[path] = blob
    return here, missing


def _blob_id(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _revision_files(layout: Layout, top: str, commit: str) -> dict[str, str]:
    """The revision files of a commit, by the path that they would have here, with their blobs."""
    found: dict[str, str] = {}
    for location in layout.version_locations:
        folder = os.path.realpath(location)
        relative = os.path.relpath(folder, top)
        if relative.startswith(os.pardir):
            continue
        prefix = [] if relative == os.curdir else [f"{relative}{os.sep}".replace(os.sep, "/")]
        listing = _git(
            Path(top), "ls-tree", "-z", "--full-tree", *(["-r"] if layout.recursive else []), commit, "--", *prefix
        )
        entries = (entry.partition(b"\t") for entry in listing.split(b"\0") if entry)
        for description, _, name in sorted(entries, key=lambda entry: entry[2]):
            _mode, kind, blob = description.decode().split()
            path = os.path.join(top, os.fsdecode(name))
            if kind == "blob" and is_revision_file(path, layout):
                found[path] = blob
    return found


def _contents_there(root: Path, blobs: Mapping[str, str]) -> dict[str, bytes]:
    if not blobs:
        return {}
    output = _git(root, "cat-file", "--batch", stdin="\n".join(blobs.values()).encode() + b"\n")
    contents: dict[str, bytes] = {}
    position = 0
    for path in blobs:
        end = output.index(b"\n", position)
        size = int(output[position:end].split()[-1])
        contents[path] = output[end + 1 : end + 1 + size]
        position = end + 1 + size + 1
    return contents


def _parting(root: Path, commit: str) -> str | None:
    """Where this branch and the ref parted; None in a shallow clone that does not know."""
    done = _run(root, ["merge-base", "HEAD", commit])
    return done.stdout.decode().strip() or None if done.returncode == 0 else None


def _commit(root: Path, ref: str) -> str | None:
    if ref.startswith("-"):
        return None
    done = _run(root, ["rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}"])
    return done.stdout.decode().strip() if done.returncode == 0 else None


def _git(root: Path, *arguments: str, stdin: bytes | None = None) -> bytes:
    done = _run(root, list(arguments), stdin=stdin)
    if done.returncode != 0:
        reason = (done.stderr.decode(errors="replace").strip().splitlines() or ["no message"])[-1]
        raise UsageError(
            f"git {arguments[0]} failed: {reason}",
            where=str(root),
            remedy="Leave --base out, or run it in a git clone.",
        )
    return done.stdout


def _run(root: Path, arguments: Iterable[str], *, stdin: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(["git", *arguments], cwd=root, input=stdin, capture_output=True, check=False)
    except FileNotFoundError:
        raise UsageError(
            "git is not installed, which comparing with a git ref needs.", remedy="Leave --base out."
        ) from None
