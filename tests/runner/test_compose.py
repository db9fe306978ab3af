"""docker-compose.yml: every command of ours in it is started for real, on this machine.

Also what happens on a cluster whose scheduler and workers are not the dispatcher's own.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml
from sqlalchemy import Engine

from db.records import EventKind, Status
from db.store import Store
from runner.cluster import DASK_CONFIG
from tests.databases import new_database
from tests.runner.gates import Gate, gate_at
from tests.runner.processes import (
    CONFIG,
    PATIENCE,
    SHORT,
    assert_whole,
    enqueue,
    environment,
    family,
    is_dead,
    reasons,
    running,
    until,
    wait_for_child,
    wait_for_end,
)
from tests.runner.test_launch import free_port, is_up

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("a cluster")]

COMPOSE: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parents[2] / "docker-compose.yml").read_text()
)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if name != "database"}


class Composed:
    """The services of the compose file as processes, at addresses of this machine."""

    store: Store

    def __init__(self, url: str, folder: Path, stack: ExitStack) -> None:
        self._url, self.folder, self._stack = url, folder, stack
        self.started: dict[str, psutil.Popen] = {}
        self.scheduler_port, self.dashboard_port = free_port(), free_port()

    def start(self, name: str, **more: str) -> psutil.Popen:
        command = [self._here(str(word)) for word in OURS[name]["command"]]
        log = self.folder / f"{name}.out"
        process: psutil.Popen = self._stack.enter_context(
            running(command, self._environment(name) | more, log)
        )
        self.started[name] = process
        return process

    def _here(self, word: str) -> str:
        ports = {"8786": str(self.scheduler_port), "8501": str(self.dashboard_port)}
        hosts = {"0.0.0.0": "127.0.0.1", "tcp://scheduler": "tcp://127.0.0.1"}
        for there, here in (ports | hosts).items():
            word = word.replace(there, here)
        return word

    def _environment(self, name: str) -> dict[str, str]:
        given = {key: self._here(value) for key, value in OURS[name]["environment"].items()}
        given |= {"LAYERLAB_DATABASE_URL": self._url, "LAYERLAB_TOKEN": "of-this-very-test"}
        scripts = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return environment(self._url, self.folder, PATH=scripts, **given)


@pytest.fixture(scope="module")
def composed(
    postgres_server: Engine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Composed]:
    """Every service at work on a database that `migrate` has made, each started before those that
    it speaks to."""
    folder = tmp_path_factory.mktemp("composed")
    with new_database(postgres_server, "template1") as url, ExitStack() as stack:
        composed = Composed(url, folder, stack)
        assert composed.start("migrate").wait(PATIENCE) == 0
        composed.store = stack.enter_context(Store.open(url))
        for name in ("dispatcher", "worker", "dashboard", "scheduler"):
            composed.start(name)
        yield composed


def test_the_services_start_in_any_order_and_train(composed: Composed) -> None:
    run_id = enqueue(composed.store, SHORT)
    wait_for_end(composed.store, run_id)
    assert_whole(composed.store, run_id, SHORT)
    until(lambda: is_up(composed.dashboard_port))


def test_a_lost_worker_is_replaced_and_a_lost_scheduler_costs_no_attempt(
    composed: Composed, gate: Gate
) -> None:
    store = composed.store
    with gate_at(600) as later:
        run_id = enqueue(store, CONFIG, gate, later, max_attempts=2)
        child = wait_for_child(store, run_id, step=gate.step)
        worker, nanny = psutil.Process(child).parents()[:2]
        worker.kill()  # and with it the child, whose own end would be another reason
        nanny.kill()
        gate.open()
        second = composed.start("worker")
        child = wait_for_child(store, run_id, attempt=2, step=later.step)
        assert "worker" in reasons(store, run_id)[0]
        replace_the_scheduler(composed, [child, *(process.pid for process in family(second.pid))])
    run = wait_for_end(store, run_id)
    allowed_again = run.max_attempts - 2  # one for each loss that was not the run's
    assert run.attempt - allowed_again == 2, reasons(store, run_id)
    assert_whole(store, run_id)


def replace_the_scheduler(composed: Composed, workers: list[int]) -> None:
    """Kill the scheduler, and have another one there before the dispatcher looks again."""
    composed.started["dispatcher"].suspend()
    composed.started["scheduler"].kill()
    until(lambda: all(map(is_dead, workers)))  # Dask's workers end with their scheduler
    composed.start("scheduler")
    composed.start("worker")
    until(lambda: listens(composed.scheduler_port))
    composed.started["dispatcher"].resume()


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_a_worker_of_another_version_is_given_no_run_and_a_run_without_a_gpu_says_so(
    composed: Composed, tmp_path: Path
) -> None:
    """A cluster is updated worker by worker, and not every machine has what a run asks for."""
    store = composed.store
    older = tmp_path / "older" / "layerlab-0.0.1.dist-info"
    older.mkdir(parents=True)
    (older / "METADATA").write_text("Metadata-Version: 2.1\nName: layerlab\nVersion: 0.0.1\n")
    path = f"{older.parent}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
    composed.started["worker"].terminate()
    composed.started["worker"].wait(PATIENCE)
    composed.start("worker", PYTHONPATH=path)
    run_id = enqueue(store, SHORT)
    assert "no worker runs layerlab" in why_it_waits(store, run_id)
    assert "0.0.1" in (composed.folder / "logs" / "dispatcher.log").read_text()
    composed.start("worker")
    assert wait_for_end(store, run_id).attempt == 1
    on_gpu = enqueue(store, SHORT.model_copy(update={"backend": "cupy"}))
    assert "no worker has a GPU" in why_it_waits(store, on_gpu)
    assert on_gpu not in store.queue.forecast().runs, "nobody knows when it will begin"
    composed.start("gpu-worker")
    run = wait_for_end(store, on_gpu)
    assert run.status is Status.FAILED or run.worker, "it was placed, whatever the machine has"


def why_it_waits(store: Store, run_id: int) -> str:
    def told() -> str | None:
        events = store.runs.events(run_id)
        return next((str(e.data["reason"]) for e in events if e.kind is EventKind.WAITING), None)

    return until(told)


def test_what_serves_for_long_is_restarted_and_nothing_is_published_to_the_world() -> None:
    for name, service in SERVICES.items():
        expected = "on-failure" if name == "migrate" else "always"
        assert service["restart"] == expected, name
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:"), name


@pytest.mark.parametrize("setting", DASK_CONFIG)
def test_a_scheduler_elsewhere_is_told_what_our_own_is_told(setting: str) -> None:
    variable = "DASK_" + setting.upper().replace(".", "__").replace("-", "_")
    for service in ("scheduler", "worker"):
        assert SERVICES[service]["environment"][variable] == str(DASK_CONFIG[setting])
