"""The manifests of ``examples/kubernetes`` are what Kubernetes accepts, and run with as few rights as they say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import kubernetes_validate.utils as schemas
import pytest
import yaml
from fastapi.routing import APIRoute

from examples.service.__main__ import GRACE, parser
from examples.service.routes import probes

FOLDER = Path(__file__).parents[2] / "examples" / "kubernetes"
MANIFESTS = sorted(FOLDER.rglob("*.yaml"))


def name_of(path: Path) -> str:
    """A manifest as one finds it in the folder."""
    return path.relative_to(FOLDER).as_posix()


def documents(path: Path) -> list[dict[str, Any]]:
    """The objects in a manifest."""
    return list(yaml.safe_load_all(path.read_text(encoding="utf-8")))


ARGUMENTS = {"migrate": ["upgrade", "--env", "prod"], "wait": ["wait", "--env", "prod", "--timeout", "10min"]}


def migrating_containers() -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Each container that migrates or waits for it, with the pod that it is in."""
    pods = [
        (name_of(path), document.get("spec", {}).get("template", {}).get("spec", {}))
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
@pytest.mark.parametrize("path", MANIFESTS, ids=name_of)
def test_a_manifest_is_valid_in_every_supported_kubernetes(path: Path, version: str) -> None:
    """No unknown field, no wrong type, no missing one."""
    for document in documents(path):
        schemas.validate(document, version, strict=True)


def test_there_are_jobs_pods_that_wait_for_them_and_init_containers() -> None:
    """All ways to roll out are shown."""
    assert [(name, container["name"]) for name, _, container in migrating_containers()] == [
        ("deployment-that-waits.yaml", "wait"),
        ("deployment-with-init-container.yaml", "migrate"),
        ("job.yaml", "migrate"),
        ("service/argocd-presync.yaml", "migrate"),
        ("service/deployment-with-init-container.yaml", "migrate"),
        ("service/helm-hook.yaml", "migrate"),
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


SERVICES = ["service/deployment.yaml", "service/deployment-with-init-container.yaml"]


def serving(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The pod and the container that serves, of a manifest."""
    (document,) = documents(FOLDER / name)
    pod = document["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    return pod, container


@pytest.mark.parametrize("name", SERVICES)
def test_the_arguments_and_probes_are_those_of_the_example_service(name: str) -> None:
    """What the manifest says is what ``python -m examples.service`` knows and answers."""
    _, container = serving(name)
    arguments = parser().parse_args(container["args"])
    assert arguments.host == "0.0.0.0"
    assert arguments.port == container["ports"][0]["containerPort"]
    routes = {str(route.path) for route in probes.router.routes if isinstance(route, APIRoute)}
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        assert container[probe]["httpGet"]["path"] in routes
    assert container["livenessProbe"]["httpGet"]["path"] == "/health", "a restart mends no database"
    assert container["readinessProbe"]["httpGet"]["path"] == "/ready"


@pytest.mark.parametrize("name", SERVICES)
def test_nothing_kills_a_pod_that_does_what_it_should(name: str) -> None:
    """The limits fit one another: waiting for the migrations, an answer to a probe, requests that finish."""
    pod, container = serving(name)
    started = container["startupProbe"]
    assert started["periodSeconds"] * started["failureThreshold"] > parser().parse_args(container["args"]).wait
    assert container["readinessProbe"]["timeoutSeconds"] > probes.PATIENCE
    (_, before_the_signal) = container["lifecycle"]["preStop"]["exec"]["command"]
    assert pod["terminationGracePeriodSeconds"] > int(before_the_signal) + GRACE


@pytest.mark.parametrize("name", SERVICES)
def test_the_serving_container_has_no_more_rights_than_it_needs(name: str) -> None:
    """The same as for one that migrates; the profile is named, the password is a file."""
    pod, container = serving(name)
    test_a_migrating_container_has_no_more_rights_than_it_needs(
        name, pod, {**container, "name": "migrate", "args": ARGUMENTS["migrate"], "env": container["env"][1:]}
    )
    test_the_password_file_is_where_the_secret_is_mounted(name, pod, {**container, "env": container["env"][1:]})
    assert container["env"][0] == {"name": "MIGRATOR_ENV", "value": "prod"}


def test_the_service_finds_its_pods_and_no_job() -> None:
    """Every selector matches the pods that serve; none matches a pod that migrates."""
    serving_labels = [
        documents(FOLDER / name)[0]["spec"]["template"]["metadata"]["labels"].items() for name in SERVICES
    ]
    migrating_labels = [
        document["spec"]["template"]["metadata"]["labels"].items()
        for path in MANIFESTS
        for document in documents(path)
        if document["kind"] == "Job"
    ]
    service, budget = documents(FOLDER / "service" / "service.yaml")
    for selector in (service["spec"]["selector"], budget["spec"]["selector"]["matchLabels"]):
        assert all(selector.items() <= labels for labels in serving_labels)
        assert not any(selector.items() <= labels for labels in migrating_labels)
    assert serving(SERVICES[0])[1]["ports"][0]["name"] == service["spec"]["ports"][0]["targetPort"]


HOOKS = {
    "service/argocd-presync.yaml": (
        {
            "argocd.argoproj.io/hook": "PreSync",
            "argocd.argoproj.io/hook-delete-policy": "BeforeHookCreation",
        },
        "argocd.argoproj.io/sync-wave",
    ),
    "service/helm-hook.yaml": (
        {"helm.sh/hook": "pre-install,pre-upgrade", "helm.sh/hook-delete-policy": "before-hook-creation"},
        "helm.sh/hook-weight",
    ),
}


@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_brings_all_that_its_job_reads_before_it(name: str) -> None:
    """The ConfigMap is a hook too, of an earlier place, and the one that the Job names: the service's comes later."""
    annotations, place = HOOKS[name]
    config, job = documents(FOLDER / name)
    for document in (config, job):
        assert annotations.items() <= document["metadata"]["annotations"].items()
    assert int(config["metadata"]["annotations"][place]) < int(job["metadata"]["annotations"][place]) < 0
    (container,) = job["spec"]["template"]["spec"]["containers"]
    assert container["envFrom"] == [{"configMapRef": {"name": config["metadata"]["name"]}}]
    assert config["data"] == documents(FOLDER / "configmap.yaml")[0]["data"]


@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_runs_the_job_that_a_pipeline_would_run(name: str) -> None:
    """Apart from its name, its configuration and who deletes it."""
    job, plain = documents(FOLDER / name)[1]["spec"], documents(FOLDER / "job.yaml")[0]["spec"]
    (plain_container,) = plain["template"]["spec"]["containers"]
    plain_container["envFrom"] = job["template"]["spec"]["containers"][0]["envFrom"]
    del plain["ttlSecondsAfterFinished"]
    assert job == plain


def test_hadolint_has_nothing_to_say_about_the_image_of_the_service() -> None:
    """The Dockerfile of the example service follows the usual advice, and starts what the manifests expect."""
    linter = Path(sys.executable).parent / "hadolint"
    if not linter.exists():
        pytest.skip("hadolint is not installed (the development dependencies bring it on Linux)")
    dockerfile = FOLDER.parent / "service" / "Dockerfile"
    done = subprocess.run([linter, "--no-color", dockerfile], capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("", 0)
    assert 'ENTRYPOINT ["python", "-m", "examples.service"]' in dockerfile.read_text()
