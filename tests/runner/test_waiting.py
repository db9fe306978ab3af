"""`layerlab run --wait` and `layerlab dispatch`, struck or left alone by whoever started them."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from subprocess import PIPE

import psutil
import pytest

from db.records import Status
from db.store import Store
from engine.config import RunConfig
from tests.runner.gates import FAR
from tests.runner.processes import (
    CONFIG,
    LAYERLAB,
    PATIENCE,
    SHORT,
    ended,
    enqueue_endless,
    environment,
    family,
    get,
    is_dead,
    until,
    wait_for_child,
)

pytestmark = pytest.mark.processes

ONE = {"LAYERLAB_WORKERS": "1"}
ENDLESS = CONFIG.model_copy(update={"epochs": 100_000})


def started(
    url: str, folder: Path, config: RunConfig, *options: str, command: str = "run"
) -> psutil.Popen:
    """A command in a session of its own, both of its streams in pipes."""
    file = folder / "config.json"
    file.write_text(config.to_json())
    given = [str(file), "--wait", *options] if command == "run" else list(options)
    return psutil.Popen(
        [*LAYERLAB, command, *given],
        env=environment(url, folder, **ONE),
        stdout=PIPE,
        stderr=PIPE,
        start_new_session=True,
    )


@pytest.mark.parametrize("strike", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_who_waits_takes_its_dispatcher_along_and_the_run_goes_on_at_the_next_start(
    sqlite_url: str, tmp_path: Path, strike: signal.Signals
) -> None:
    process = started(sqlite_url, tmp_path, ENDLESS, "--name", str(FAR))
    with Store.open(sqlite_url) as store, ended(process):
        until(lambda: store.runs.get(1))
        wait_for_child(store, 1)
        everything = family(process.pid)
        assert everything, "it must have started a dispatcher"
        os.kill(process.pid, strike)
        process.communicate(timeout=PATIENCE)
        assert process.returncode != 0
        until(lambda: all(is_dead(each.pid) for each in everything))
        run = get(store, 1)
        assert (run.status, run.attempt) == (Status.QUEUED, 1)


def test_a_wait_whose_progress_nobody_reads_still_prints_its_answer(
    sqlite_url: str, tmp_path: Path
) -> None:
    process = started(sqlite_url, tmp_path, SHORT, "--json")
    with ended(process):
        process.stderr.close()
        printed = json.loads(process.stdout.read())
        assert process.wait(PATIENCE) == 0
    assert printed["status"] == "done"


def test_a_dispatcher_whose_output_nobody_reads_any_more_serves_and_stops_in_order(
    sqlite_url: str, tmp_path: Path
) -> None:
    process = started(sqlite_url, tmp_path, SHORT, command="dispatch")
    with Store.open(sqlite_url) as store, ended(process):
        process.stdout.close()
        process.stderr.close()
        run_id = enqueue_endless(store)
        wait_for_child(store, run_id)
        everything = family(process.pid)
        process.terminate()
        assert process.wait(PATIENCE) == 0
        until(lambda: all(is_dead(each.pid) for each in everything))
        assert get(store, run_id).status is Status.QUEUED
