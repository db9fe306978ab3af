"""`layerlab` without a command: everything comes up, goes down in order, and outlives its parts."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE
from urllib.error import HTTPError

import psutil
import pytest

from db.records import Status
from db.store import Store
from runner.lock import is_served
from tests.runner.conftest import Served, served_on
from tests.runner.gates import Gate
from tests.runner.processes import (
    CONFIG,
    LAYERLAB,
    PATIENCE,
    assert_whole,
    ended,
    enqueue,
    enqueue_endless,
    environment,
    family,
    get,
    is_dead,
    running,
    until,
    wait_for_child,
    wait_for_end,
)

pytestmark = pytest.mark.processes
in_one_process = pytest.mark.xdist_group("layerlab")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def is_up(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@contextmanager
def launched(url: str, folder: Path, port: int, **more: str) -> Iterator[psutil.Popen]:
    """`layerlab` with its dashboard up."""
    command = [*LAYERLAB, "--no-browser", "--port", str(port)]
    env = environment(url, folder, LAYERLAB_WORKERS="1", **more)
    folder.mkdir(exist_ok=True)
    with running(command, env, folder / "launcher.out") as process:
        until(lambda: "Ctrl-C" in (folder / "launcher.out").read_text(), seconds=PATIENCE)
        assert is_up(port)
        yield process


@dataclass(frozen=True)
class Lab:
    """`layerlab` at work."""

    store: Store
    process: psutil.Popen
    port: int
    folder: Path

    def part(self, name: str) -> psutil.Process:
        """The `dashboard` or the dispatcher (`dispatch`)."""
        (found,) = [p for p in self.process.children() if name in p.cmdline()]
        return found


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A `layerlab` that loses its parts and starts them again."""
    folder, port = tmp_path_factory.mktemp("lab"), free_port()
    url = f"sqlite:///{folder / 'new' / 'runs.db'}"
    with (
        launched(url, folder, port, LAYERLAB_AUTH="token") as process,
        Store.open(url) as store,
    ):
        yield Lab(store, process, port, folder)


@in_one_process
def test_the_dashboard_opens_with_the_printed_link_alone(lab: Lab) -> None:
    (link,) = re.findall(r"layerlab is at (\S+)", (lab.folder / "launcher.out").read_text())
    page, _, _ = link.partition("?")
    with pytest.raises(HTTPError, match="401"):
        urllib.request.urlopen(page)
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    assert browser.open(link).url == page
    assert b"<title>" in browser.open(page).read()
    assert json.load(urllib.request.urlopen(f"{page}ready"))["database"]
    kept = [lab.folder / "new" / "runs.db", lab.folder / "logs" / "dashboard.out"]
    assert [file.stat().st_mode & 0o777 for file in kept] == [0o600] * 2
    assert [file.parent.stat().st_mode & 0o777 for file in kept] == [0o700] * 2


@in_one_process
def test_a_killed_dashboard_disturbs_no_run_and_comes_back(lab: Lab, gate: Gate) -> None:
    run_id = enqueue(lab.store, CONFIG, gate)
    wait_for_child(lab.store, run_id)
    lab.part("dashboard").kill()
    gate.open()
    assert wait_for_end(lab.store, run_id).attempt == 1
    assert_whole(lab.store, run_id)
    until(lambda: is_up(lab.port))
    assert "dashboard has ended" in (lab.folder / "launcher.out").read_text()


@in_one_process
def test_a_killed_dispatcher_is_started_again_and_its_run_goes_on(lab: Lab, gate: Gate) -> None:
    run_id = enqueue(lab.store, CONFIG, gate)
    wait_for_child(lab.store, run_id)
    lab.part("dispatch").kill()
    gate.open()
    assert wait_for_end(lab.store, run_id).attempt == 2
    assert_whole(lab.store, run_id)


@in_one_process
def test_one_command_brings_up_everything_and_ctrl_c_takes_it_down(lab: Lab) -> None:
    """The last of the lab's tests."""
    run_id = enqueue_endless(lab.store)
    wait_for_child(lab.store, run_id)
    everything = family(lab.process.pid)
    os.killpg(lab.process.pid, signal.SIGINT)  # as a terminal does
    assert lab.process.wait(PATIENCE) == 0
    until(lambda: all(is_dead(p.pid) for p in everything))
    assert get(lab.store, run_id).status is Status.QUEUED
    printed = (lab.folder / "launcher.out").read_text()
    assert f"http://localhost:{lab.port}" in printed
    assert str(lab.folder / "new" / "runs.db") in printed
    assert f"#{run_id}" in printed, "it must say which runs wait for the next start"
    assert "Traceback" not in printed


@in_one_process
def test_a_layerlab_that_is_killed_takes_its_parts_along_and_another_starts_at_once(
    sqlite_url: str, gate: Gate, tmp_path: Path
) -> None:
    port = free_port()
    with Store.open(sqlite_url) as store:
        run_id = enqueue(store, CONFIG, gate)
        with launched(sqlite_url, tmp_path / "killed", port) as killed:
            wait_for_child(store, run_id)
            parts = family(killed.pid)
            killed.kill()
        gate.open()
        with launched(sqlite_url, tmp_path / "next", port):
            until(lambda: all(is_dead(part.pid) for part in parts))
            assert wait_for_end(store, run_id).attempt == 2
        assert_whole(store, run_id)


@in_one_process
def test_a_layerlab_whose_output_nobody_reads_any_more_stops_in_order(
    sqlite_url: str, tmp_path: Path
) -> None:
    command = [*LAYERLAB, "--no-browser", "--port", str(free_port())]
    env = environment(sqlite_url, tmp_path, LAYERLAB_WORKERS="1")
    with Store.open(sqlite_url) as store:
        run_id = enqueue_endless(store)
        process = psutil.Popen(command, env=env, stdout=PIPE, stderr=PIPE, start_new_session=True)
        with ended(process):
            assert b"layerlab is at" in process.stdout.readline()
            process.stdout.close()
            process.stderr.close()
            wait_for_child(store, run_id)
            parts = family(process.pid)
            next(part for part in parts if "dashboard" in part.cmdline()).kill()  # it says so
            process.terminate()
            assert process.wait(PATIENCE) == 0
        until(lambda: all(is_dead(part.pid) for part in parts))
        assert get(store, run_id).status is Status.QUEUED


@served_on("sqlite")
def test_a_dispatcher_that_serves_already_is_used_and_left(served: Served, tmp_path: Path) -> None:
    until(lambda: is_served(served.url))
    port = free_port()
    with launched(served.url, tmp_path, port) as process:
        assert not [p for p in process.children() if "dispatch" in p.cmdline()]
        elsewhere = urllib.request.Request(
            f"http://127.0.0.1:{port}", headers={"Host": "evil.example"}
        )
        with pytest.raises(HTTPError, match="403"):
            urllib.request.urlopen(elsewhere)
    assert served.dispatcher.is_running()
    assert "already serves" in (tmp_path / "launcher.out").read_text()
