"""Readers of a command's output that leave before it ends: it ends as other tools do."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from db.store import Store
from engine.sweeps.axes import Choices
from engine.sweeps.config import SweepConfig
from runner import cli
from runner.output import READER_LEFT
from tests.runner.processes import LAYERLAB, SHORT, enqueue, environment
from tests.runner.unread import DATABASE, TEMPLATE

SERVERS = {"dispatch", "dashboard"}  # which go on: tests/runner/test_launch.py

COMMANDS = {
    "archive": ["2", "1"],
    "branch": ["2", "--at", "last"],
    "cancel": ["1", "77"],
    "config": [],
    "continue": ["2", "--epochs", "1"],
    "data": [],
    "data add": ["nowhere.csv"],
    "data config": ["digits"],
    "data list": ["--json"],
    "data remove": ["nothing"],
    "data show": ["nothing"],
    "db backup": ["copy.made"],
    "db check": [],
    "db upgrade": [],
    "delete": ["2"],
    "export": ["2", "-o", "runs.made"],
    "import": ["nowhere.layerlab"],
    "log": ["1"],
    "note": ["1", "seen"],
    "pause": ["1"],
    "people": [],
    "people add": ["sato"],
    "people disable": ["nobody"],
    "people enable": ["nobody"],
    "people list": ["--json"],
    "people role": ["nobody", "teacher"],
    "people sign-out": ["nobody"],
    "priority": ["1", "5"],
    "purge": ["77", "--yes"],
    "queue": ["--json"],
    "queue hold": [],
    "queue release": [],
    "rename": ["1", "another"],
    "restore": ["1"],
    "resume": ["1"],
    "retry": ["2"],
    "run": ["config.json"],
    "runs": ["--json"],
    "series": ["metrics", "2", "-o", "series.made"],
    "sweep": ["--help"],
    "sweep cancel": ["1"],
    "sweep extend": ["1", "--seeds", "3"],
    "sweep launch": ["--grid", "optimizer.lr=0.1,0.01"],
    "sweep list": [],
    "sweep pause": ["1"],
    "sweep resume": ["1"],
    "sweep show": ["1"],
    "tag": ["1", "--add", "seen"],
    "unarchive": ["1"],
    "": ["--help"],
    "runs ": ["--limit", "0"],  # a wrong usage
    "runs  ": ["nonsense ="],
}
"""Every command, and what it is given."""


def every_command() -> set[str]:
    def walk(command: object, path: str) -> set[str]:
        inner = getattr(command, "commands", {})
        names = {f"{path} {name}".strip() for name in inner}
        return names.union(*(walk(each, f"{path} {name}") for name, each in inner.items()))

    return walk(typer.main.get_command(cli.app), "") - {"db"}  # which is nothing by itself


@pytest.fixture
def folder(tmp_path: Path, sqlite_template: Path) -> Path:
    """A database with a run that waits, one that was cancelled and a sweep; a configuration."""
    shutil.copy(sqlite_template, tmp_path / TEMPLATE)
    (tmp_path / "config.json").write_text(SHORT.to_json())
    with Store.open(f"sqlite:///{tmp_path / TEMPLATE}") as store:
        assert enqueue(store, SHORT) == 1
        store.queue.cancel(enqueue(store, SHORT), by="test")
        axes = (Choices(name="batch_size", values=(50, 100)),)
        store.sweeps.enqueue(SweepConfig(base=SHORT, axes=axes), owner="test")
    return tmp_path


@pytest.mark.timeout(1_200)  # a hundred processes: fifteen seconds of one processor
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_every_command_without_a_reader_ends_as_other_tools_do(folder: Path) -> None:
    """Without a traceback and without a remark of the interpreter: as if SIGPIPE had ended it where
    it had an answer, and with its own status where only a remark went unread."""
    assert {name.strip() for name in COMMANDS} == (every_command() - SERVERS) | {""}
    commands = {name: [*name.split(), *given] for name, given in COMMANDS.items()}
    done = subprocess.run(
        [sys.executable, "-m", "tests.runner.unread", str(folder)],
        input=json.dumps(commands),
        env=environment(f"sqlite:///{folder / DATABASE}", folder, PYTHONPATH=str(Path.cwd())),
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    for name, (read, without_out, without_err) in json.loads(done.stdout).items():
        assert read["status"] in (0, 1, 2), (name, read)
        if without_out:
            told = without_out["status"], without_out["err"]
            assert told == (READER_LEFT, read["err"]), name
        if without_err:
            told = without_err["status"], without_err["out"]
            assert told == (read["status"], read["out"]), name


def test_a_full_disk_is_named(folder: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([*LAYERLAB, "config"], stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1
    assert done.stderr == (
        "layerlab: standard output cannot be written to (No space left on device)\n"
    )
