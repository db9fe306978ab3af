"""Files of the user's own that bear the names of our rooms break nothing where layerlab starts."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from tornado.websocket import websocket_connect

from db.store import Store
from tests.runner.processes import SHORT, environment, running, until
from tests.runner.test_launch import free_port

LAYERLAB = [str(Path(sys.executable).with_name("layerlab"))]  # as a user types it
OWN = ("db", "engine", "runner", "dashboard", "layerlab")
WRITTEN = """
from pathlib import Path
Path(__file__).with_suffix(".imported").touch()
raise RuntimeError("this is a file of the user's own")
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a user works, with files of every name that is ours."""
    (tmp_path / "work").mkdir()
    for name in OWN:
        (tmp_path / "work" / f"{name}.py").write_text(WRITTEN)
    return tmp_path / "work"


@pytest.mark.processes
def test_every_process_runs_beside_files_with_our_names(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The launcher, the dashboard, the dispatcher, its Dask workers and what trains on them."""
    url, port = f"sqlite:///{tmp_path / 'runs.db'}", free_port()
    env = environment(url, tmp_path, LAYERLAB_WORKERS="1")
    env.pop("PYTHONSAFEPATH", None)
    log = tmp_path / "launcher.out"
    monkeypatch.chdir(folder)
    with running([*LAYERLAB, "--no-browser", "--port", str(port)], env, log):
        until(lambda: "Ctrl-C" in log.read_text(), seconds=120)
        config = tmp_path / "config.json"
        config.write_text(SHORT.to_json())
        command = [*LAYERLAB, "run", str(config), "--wait", "--json"]
        done = subprocess.run(command, env=env, check=True, capture_output=True, text=True)
        assert json.loads(done.stdout)["status"] == "done"
        with ThreadPoolExecutor(1) as thread:  # a browser's loop runs in this one
            assert thread.submit(asyncio.run, visited(port)).result() == []
    with Store.open(url) as store:
        assert store.checkpoints.list(1)
    assert [file.name for file in folder.iterdir() if file.suffix == ".imported"] == []


async def visited(port: int) -> list[str]:
    """Open the dashboard as a browser does; answers the errors that its page shows."""
    socket = await websocket_connect(
        f"ws://127.0.0.1:{port}/_stcore/stream", subprotocols=["streamlit"]
    )
    asked = BackMsg()
    asked.rerun_script.query_string = ""
    await socket.write_message(asked.SerializeToString(), binary=True)
    errors: list[str] = []
    while isinstance(data := await socket.read_message(), bytes):
        message = ForwardMsg.FromString(data)
        element = message.delta.new_element
        if element.WhichOneof("type") == "exception":
            errors.append(element.exception.message)
        if message.WhichOneof("type") == "script_finished":
            assert message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
            break
    socket.close()
    return errors
