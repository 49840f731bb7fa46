"""The manifests of ``examples/kubernetes`` are what Kubernetes accepts, and run with as few rights as they say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import kubernetes_validate.utils as schemas
import pytest
import yaml

MANIFESTS = sorted((Path(__file__).parents[2] / "examples" / "kubernetes").glob("*.yaml"))


def documents(path: Path) -> list[dict[str, Any]]:
    """The objects in a manifest."""
    return list(yaml.safe_load_all(path.read_text(encoding="utf-8")))


ARGUMENTS = {"migrate": ["upgrade", "--env", "prod"], "wait": ["wait", "--env", "prod", "--timeout", "10min"]}


def migrating_containers() -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Each container that migrates or waits for it, with the pod that it is in."""
    pods = [
        (path.name, document.get("spec", {}).get("template", {}).get("spec", {}))
        for path in MANIFESTS
        for document in documents(path)
    ]
    return [
        (name, pod, container)
        for name, pod in pods
        for container in [*pod.get("initContainers", []), *pod.get("containers", [])]
        if container["name"] in ARGUMENTS
    ]


@pytest.mark.parametrize("version", ["1.29", "1.33", "1.37"])
@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)
def test_a_manifest_is_valid_in_every_supported_kubernetes(path: Path, version: str) -> None:
    """No unknown field, no wrong type, no missing one."""
    for document in documents(path):
        schemas.validate(document, version, strict=True)


def test_there_is_a_job_with_pods_that_wait_for_it_and_an_init_container() -> None:
    """Both ways to roll out are shown."""
    assert [(name, container["name"]) for name, _, container in migrating_containers()] == [
        ("deployment-that-waits.yaml", "wait"),
        ("deployment-with-init-container.yaml", "migrate"),
        ("job.yaml", "migrate"),
    ]


@pytest.mark.parametrize(("name", "pod", "container"), migrating_containers(), ids=lambda value: str(value)[:20])
def test_a_migrating_container_has_no_more_rights_than_it_needs(
    name: str, pod: dict[str, Any], container: dict[str, Any]
) -> None:
    """Not root, nothing to write to, no capability, bounded, and the password only in a file."""
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert {"requests", "limits"} <= container["resources"].keys()
    assert container["args"] == ARGUMENTS[container["name"]]
    assert [variable["name"] for variable in container["env"]] == ["DB_PASS_FILE"]


@pytest.mark.parametrize(("name", "pod", "container"), migrating_containers(), ids=lambda value: str(value)[:20])
def test_the_password_file_is_where_the_secret_is_mounted(
    name: str, pod: dict[str, Any], container: dict[str, Any]
) -> None:
    """DB_PASS_FILE lies below a volume that comes from a Secret."""
    mounts = {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}
    folder = str(Path(container["env"][0]["value"]).parent)
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    assert "secret" in volumes[mounts[folder]]
