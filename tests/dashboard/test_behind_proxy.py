"""The dashboard as it is started behind a proxy: connections from two addresses of this machine."""

from __future__ import annotations

import http.client
import socket
import sys
from pathlib import Path

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from db.rights import Role
from db.store import Store
from tests.dashboard.conftest import Demo
from tests.runner.processes import LAYERLAB, environment, running, until
from tests.runner.test_launch import free_port, is_up

PROXY, ELSEWHERE = "127.0.0.2", "127.0.0.1"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="127.0.0.2 is Linux's")


def status(port: int, source: str, headers: dict[str, str]) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, source_address=(source, 0))
    connection.request("GET", "/", headers=headers)
    return connection.getresponse().status


def says(text: str, port: int, source: str, headers: dict[str, str]) -> bool:
    """Whether a page says this to a session."""
    wire = socket.create_connection(("127.0.0.1", port), source_address=(source, 0))
    url = f"ws://localhost:{port}/_stcore/stream"
    with connect(url, sock=wire, additional_headers=headers, max_size=None) as session:
        session.send(BackMsg(rerun_script=ClientState(page_name="home")).SerializeToString())
        while True:
            message = ForwardMsg.FromString(bytes(session.recv(timeout=60)))
            if text in message.delta.new_element.markdown.body:
                return True
            if message.WhichOneof("type") == "script_finished":
                return False


def test_only_the_proxy_says_who_somebody_is(demo_copy: Demo, tmp_path: Path) -> None:
    port = free_port()
    settings = {
        "LAYERLAB_AUTH": "header",
        "LAYERLAB_PROXY": PROXY,
        "FORWARDED_ALLOW_IPS": "*",  # a server that believed it would believe everybody
    }
    env = environment(demo_copy.url, tmp_path, **settings)
    hana = {"Remote-User": "hana"}
    forged = hana | {"X-Forwarded-For": PROXY}
    command = [*LAYERLAB, "dashboard", "--port", str(port)]
    with running(command, env, tmp_path / "out"):
        until(lambda: is_up(port))
        assert status(port, ELSEWHERE, forged) == 403
        with pytest.raises(InvalidStatus, match="403"):
            says("hana", port, ELSEWHERE, forged)
        assert status(port, PROXY, {}) == 401
        assert status(port, PROXY, hana | {"X-Forwarded-For": "192.0.2.7"}) == 200
        assert says("hana (viewer)", port, PROXY, hana)
    with Store.open(demo_copy.url) as store:
        (person,) = store.people.list()
    assert (person.name, person.role) == ("hana", Role.VIEWER)
