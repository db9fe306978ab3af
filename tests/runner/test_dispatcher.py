"""The dispatcher itself dies, is told to stop, or loses its database: what was running goes on."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url

from db.records import Status
from db.store import Store
from tests.runner.processes import (
    ENDLESS,
    assert_whole,
    dispatcher,
    enqueue,
    family,
    get,
    is_dead,
    until,
    wait_for_child,
    wait_for_end,
)

pytestmark = pytest.mark.processes

ONE = {"LAYERLAB_WORKERS": "1"}


def test_a_killed_dispatcher_leaves_no_process_and_its_runs_go_on_at_the_next_start(
    fresh: Store, tmp_path: Path
) -> None:
    run_id = enqueue(fresh)
    with dispatcher(fresh.url, tmp_path, **ONE) as first:
        child = wait_for_child(fresh, run_id, step=300)
        left = [process.pid for process in family(first.pid)]
        os.kill(first.pid, signal.SIGKILL)
        first.wait()
        until(lambda: all(map(is_dead, [child, *left])), seconds=30)
    with dispatcher(
        fresh.url, tmp_path, **ONE, LAYERLAB_LEASE="600"
    ):  # it does not wait for the lease
        run = wait_for_end(fresh, run_id)
    assert_whole(fresh, run_id)
    assert run.attempt == 2


def test_a_stopped_dispatcher_requeues_its_run_and_spends_no_attempt(
    fresh: Store, tmp_path: Path
) -> None:
    run_id = enqueue(fresh, max_attempts=1)
    with dispatcher(fresh.url, tmp_path, **ONE) as first:
        wait_for_child(fresh, run_id, step=300)
        left = [process.pid for process in family(first.pid)]
        first.terminate()
        assert first.wait(60) == 0
        until(lambda: all(map(is_dead, left)), seconds=10)
    run = get(fresh, run_id)
    assert (run.status, run.attempt) == (Status.QUEUED, 1)
    assert fresh.checkpoints.list(run_id)[-1].step >= run.step, "it stopped without a checkpoint"
    with dispatcher(fresh.url, tmp_path, **ONE):
        wait_for_end(fresh, run_id)
    assert_whole(fresh, run_id)


@pytest.mark.xdist_group("runner on SQLite")
def test_ctrl_c_reaches_the_dispatcher_alone(sqlite_url: str, tmp_path: Path) -> None:
    with Store.open(sqlite_url) as store, dispatcher(sqlite_url, tmp_path, **ONE) as foreground:
        run_id = enqueue(store, ENDLESS)
        wait_for_child(store, run_id)
        os.killpg(foreground.pid, signal.SIGINT)  # as a terminal does
        assert foreground.wait(60) == 0
        assert get(store, run_id).status is Status.QUEUED
    assert "Traceback" not in (tmp_path / "dispatcher.out").read_text()


@pytest.mark.xdist_group("runner on SQLite")
def test_a_locked_file_is_waited_for(sqlite_url: str, tmp_path: Path) -> None:
    with Store.open(sqlite_url) as store, dispatcher(sqlite_url, tmp_path, **ONE):
        run_id = enqueue(store)
        wait_for_child(store, run_id, step=100)
        with create_engine(sqlite_url).connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            time.sleep(1.5)
            connection.exec_driver_sql("ROLLBACK")
        wait_for_end(store, run_id)
        assert_whole(store, run_id)


@pytest.mark.xdist_group("runner on PostgreSQL")
def test_a_server_that_is_away_for_a_while_is_waited_for(
    postgres_url: str, door: Door, tmp_path: Path
) -> None:
    with (
        Store.open(postgres_url) as store,
        dispatcher(door.url(postgres_url), tmp_path, **ONE) as process,
    ):
        run_id = enqueue(store)
        wait_for_child(store, run_id, step=100)
        door.shut()
        time.sleep(1)
        door.open()
        wait_for_end(store, run_id)
        assert_whole(store, run_id)
        later = enqueue(store)
        wait_for_end(store, later)
        assert process.is_running()


class Door:
    """A way to a PostgreSQL server's socket that can be shut: connections break, new ones fail."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._connections: list[socket.socket] = []
        with closing(socket.create_server(("127.0.0.1", 0))) as probe:
            self.port = probe.getsockname()[1]
        self.open()

    def url(self, url: str) -> str:
        through = make_url(url).set(host="127.0.0.1", port=self.port, query={})
        return through.render_as_string(hide_password=False)

    def open(self) -> None:
        self._entrance = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._let_in, args=(self._entrance,), daemon=True).start()

    def shut(self) -> None:
        for each in (self._entrance, *self._connections):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self._connections.clear()

    def _let_in(self, entrance: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = entrance.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._server)
                self._connections += [client, server]
                for ends in ((client, server), (server, client)):
                    threading.Thread(target=self._carry, args=ends, daemon=True).start()

    @staticmethod
    def _carry(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def door(postgres_url: str) -> Iterator[Door]:
    url = make_url(postgres_url)
    folder, port = url.query["host"], url.port or 5432
    door = Door(f"{folder}/.s.PGSQL.{port}")
    yield door
    door.shut()
