"""The command line: what it prints, what it exits with, and how it words every mistake."""

from __future__ import annotations

import json
import os
import socket
import struct
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from db.records import Status
from db.store import Store
from engine.config import RunConfig
from engine.conventions import config_in_tradition
from engine.default import default_config
from engine.optimizers import SGD
from engine.overrides import override
from engine.records import Metric, StepRecord
from runner import cli
from runner.presentation import sentence
from tests.runner.conftest import Served, served_on
from tests.runner.processes import LAYERLAB, PATIENCE, SHORT, enqueue, environment, get


@dataclass(frozen=True)
class Result:
    status: int
    out: str
    err: str


Layerlab = Callable[..., Result]


@pytest.fixture
def url(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("LAYERLAB_DATABASE_URL", sqlite_url)
    return sqlite_url


@pytest.fixture
def store(url: str) -> Store:
    return Store.open(url)


@pytest.fixture
def config(tmp_path: Path) -> str:
    file = tmp_path / "config.json"
    file.write_text(SHORT.to_json())
    return str(file)


@pytest.fixture
def layerlab(
    url: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Layerlab:
    """The command line as its console script runs it, in this process."""
    monkeypatch.setattr("signal.signal", lambda *_: None)

    def run(*arguments: str) -> Result:
        monkeypatch.setattr(sys, "argv", ["layerlab", *arguments])
        with pytest.raises(SystemExit) as end:
            cli.main()
        code = end.value.code
        if isinstance(code, str):  # the interpreter prints it and exits with 1
            print(code, file=sys.stderr)
            code = 1
        return Result(code or 0, *capfd.readouterr())

    return run


def test_the_default_configuration_is_printed_to_be_changed(layerlab: Layerlab) -> None:
    assert RunConfig.parse_json(layerlab("config").out) == default_config()


def test_a_run_is_queued_with_its_changes_name_and_owner(
    layerlab: Layerlab, store: Store, config: str
) -> None:
    options = ["--set", "optimizer.lr=0.5", "--name", "quick", "--owner", "mika"]
    result = layerlab("run", config, *options)
    assert result.status == 0
    (run,) = store.runs.find().runs
    assert (run.name, run.owner, run.config.optimizer.lr) == ("quick", "mika", 0.5)
    assert str(run.id) in result.out


def test_a_configuration_is_read_from_stdin(
    url: str, store: Store, tmp_path: Path, config: str
) -> None:
    done = subprocess.run(
        [*LAYERLAB, "run", "-", "--json"],
        input=Path(config).read_bytes(),
        capture_output=True,
        env=environment(url, tmp_path),
    )
    printed = json.loads(done.stdout)
    assert printed["status"] == "queued"
    assert get(store, printed["id"]).config == SHORT


@pytest.mark.processes
def test_a_waiting_run_brings_its_own_dispatcher_and_prints_one_object(
    url: str, store: Store, config: str, tmp_path: Path
) -> None:
    done = subprocess.run(
        [*LAYERLAB, "run", config, "--wait", "--json"],
        capture_output=True,
        text=True,
        env=environment(url, tmp_path, LAYERLAB_WORKERS="1"),
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)
    run = get(store, printed["id"])
    assert run.last is not None
    assert printed["status"] == "done"
    assert printed["last"]["val_accuracy"] == run.last.val_accuracy
    scores = {
        f"{split}{score}" for split in ("", "val_", "train_") for score in ("loss", "accuracy")
    }
    assert set(printed["best"]) == scores | {"val_r2", "train_r2"}
    assert "dispatcher" in done.stderr, "it must say that it starts one"


@pytest.mark.processes
@served_on("sqlite")
def test_a_run_that_predicts_numbers_and_stops_early_is_done_and_has_no_accuracy(
    served: Served, config: str, tmp_path: Path
) -> None:
    settings = [
        "dataset.kind=diabetes",
        "loss.kind=mean_squared_error",
        'layers=[{"kind": "dense", "units": 1}]',
        "epochs=50",
        "early_stopping.patience=1",
        "early_stopping.min_delta=1000000",
    ]
    options = [word for setting in settings for word in ("--set", setting)]
    done = subprocess.run(
        [*LAYERLAB, "run", config, *options, "--wait", "--json"],
        capture_output=True,
        text=True,
        env=environment(served.url, tmp_path),
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)
    assert printed["status"] == "done"
    assert printed["best"]["val_accuracy"] is printed["last"]["accuracy"] is None
    assert printed["best"]["val_loss"] > 0
    run = get(served.store, printed["id"])
    assert run.ended_early
    assert run.progress == 1
    assert f"ended at step {run.step:,} of" in sentence(run)


def test_a_diverged_run_is_valid_json(layerlab: Layerlab, store: Store) -> None:
    run_id = enqueue(store, SHORT)
    store.queue.claim(lease=60)
    nan = Metric(1, 1, "batch", float("nan"), 0.1), Metric(1, 1, "train", float("inf"), 0.1)
    store.history.append(run_id, 1, [StepRecord(1, nan)], lease=60)
    store.queue.finish(run_id, 1, Status.DIVERGED, step=1)
    (printed,) = json.loads(layerlab("runs", "--json").out, parse_constant=pytest.fail)
    assert printed["status"] == "diverged"
    assert printed["last"]["loss"] is None


def test_runs_are_listed_from_the_newest(layerlab: Layerlab, store: Store) -> None:
    for name in ("first", "second", "third"):
        enqueue(store, SHORT, name=name)
    out = layerlab("runs", "--limit", "2").out
    assert out.index("third") < out.index("second")
    assert "first" not in out
    assert "2 of 3" in out


def test_runs_are_filtered_by_status_and_owner(layerlab: Layerlab, store: Store) -> None:
    store.queue.cancel(enqueue(store, SHORT), by="test")
    waiting = store.queue.enqueue(SHORT, owner="mika").id
    enqueue(store, SHORT)
    listed = json.loads(layerlab("runs", "--json", "--status", "queued", "--owner", "mika").out)
    assert [run["id"] for run in listed] == [waiting]


def test_runs_are_found_by_a_query_and_sorted_by_its_names(
    layerlab: Layerlab, store: Store
) -> None:
    for lr in (0.5, 0.1, 0.3):
        sgd = SHORT.model_copy(update={"optimizer": SGD(lr=lr)})
        store.queue.enqueue(sgd, owner="mika", name=f"rate {lr}")
    options = ["--sort", "optimizer.lr", "--ascending", "--json"]
    listed = json.loads(layerlab("runs", "optimizer.lr <= 0.3", *options).out)
    assert [run["name"] for run in listed] == ["rate 0.1", "rate 0.3"]
    names = layerlab("runs", "--names").out
    assert "best.val_accuracy" in names
    assert "layers.init.kind" in names


def test_a_wrong_query_is_marked_where_it_is_wrong(layerlab: Layerlab, store: Store) -> None:
    result = layerlab("runs", "seed = 1 and optimizr.lr > 2")
    assert result.status == 1
    sentence, query, marks = result.err.splitlines()
    assert "did you mean `optimizer.lr`" in sentence
    assert query[marks.index("^") : marks.rindex("^") + 1] == "optimizr.lr"


def test_archived_and_deleted_runs_are_listed_apart(layerlab: Layerlab, store: Store) -> None:
    gone, away = enqueue(store, SHORT, name="gone"), enqueue(store, SHORT, name="away")
    for run_id in (gone, away):
        store.queue.cancel(run_id, by="mika")
    store.runs.delete([gone])
    store.runs.archive([away])
    assert "gone" in layerlab("runs", "--deleted").out
    assert "away" in layerlab("runs", "--archived").out
    assert json.loads(layerlab("runs", "--json").out) == []


def test_cancelling_says_what_could_not_be_cancelled(layerlab: Layerlab, store: Store) -> None:
    run_id = enqueue(store, SHORT)
    result = layerlab("cancel", str(run_id), "77")
    assert get(store, run_id).status is Status.CANCELLED
    assert result.status == 1
    assert result.err == "layerlab: there is no run 77\n"
    assert "cancelled" in layerlab("cancel", str(run_id)).err


def test_the_database_is_backed_up_and_checked(
    layerlab: Layerlab, store: Store, tmp_path: Path
) -> None:
    run_id = enqueue(store, SHORT)
    assert "is a whole copy" in layerlab("db", "backup", str(tmp_path / "copy.db")).out
    assert layerlab("db", "check").out == "no fault found\n"
    store.queue.claim(lease=-60)
    result = layerlab("db", "check")
    assert result.status == 1
    assert f"Run {run_id} is running, but its lease expired" in result.out


def test_the_database_is_made_and_upgraded(
    layerlab: Layerlab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "new folder" / "runs.db"
    result = layerlab("--database", f"sqlite:///{file}", "db", "upgrade")
    assert result.status == 0
    assert str(file) in result.out
    assert file.exists()


def test_a_first_run_needs_no_upgrade(layerlab: Layerlab, tmp_path: Path, config: str) -> None:
    assert layerlab("--database", f"sqlite:///{tmp_path}/new.db", "run", config).status == 0


def test_the_version_is_told(layerlab: Layerlab) -> None:
    assert layerlab("--version").out.startswith("layerlab 0.")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", ["valid JSON", "line 1"]),
        ('{"layers": [], "epoch": 3}', ["`layers`", "`epoch`", "did you mean `epochs`"]),
        ('{"layers": [{"kind": "dense", "units": 0}]}', ["`layers[0].units`", "at least 1", "0"]),
        ('{"layers": [{"kind": "dense", "units": 7}]}', ["10 outputs"]),
        ("[]", ["object"]),
    ],
)
def test_a_wrong_configuration_is_one_sentence_that_names_it(
    layerlab: Layerlab, store: Store, tmp_path: Path, text: str, words: list[str]
) -> None:
    file = tmp_path / "wrong.json"
    file.write_text(text)
    assert_refused(layerlab("run", str(file)), *words)
    assert store.runs.find().total == 0


def test_a_missing_file_is_named(layerlab: Layerlab) -> None:
    assert_refused(layerlab("run", "nowhere.json"), "nowhere.json", "layerlab config")


def test_data_that_is_cut_off_is_refused_before_anything_is_queued(
    layerlab: Layerlab, config: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "mnist"
    folder.mkdir()
    header = struct.pack(">HBBIII", 0, 8, 3, 100, 28, 28)
    (folder / "train-images-idx3-ubyte").write_bytes(header + b"\0" * 1000)
    labels = struct.pack(">HBBI", 0, 8, 1, 100)
    (folder / "train-labels-idx1-ubyte").write_bytes(labels + b"\0" * 50)
    monkeypatch.setenv("LAYERLAB_DATA_DIR", str(tmp_path))
    result = layerlab("run", config, "--set", "dataset.kind=idx")
    assert_refused(result, "train-labels-idx1-ubyte", "cut off")


def test_a_database_that_cannot_be_reached_is_named_without_its_password(
    layerlab: Layerlab,
) -> None:
    result = layerlab("--database", "postgresql://me:secret@127.0.0.1:1/lab", "runs")
    assert_refused(result, "127.0.0.1:1", "cannot be reached")
    assert "secret" not in result.err


def test_a_database_that_is_newer_than_the_program_is_refused(
    layerlab: Layerlab, store: Store
) -> None:
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE layerlab_version SET version_num = '9999'")
    for command in (["runs"], ["db", "upgrade"], ["dispatch"], ["--no-browser"]):
        assert_refused(layerlab(*command), "newer", "update the program")


def test_a_busy_port_is_named_before_anything_is_started(layerlab: Layerlab) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        result = layerlab("--port", str(port), "--no-browser")
    assert_refused(result, str(port), "--port")


@pytest.mark.parametrize(
    "arguments", [["bogus"], ["run", "--wat"], ["--port", "many"], ["runs", "--limit", "0"]]
)
def test_a_wrong_usage_exits_with_2(layerlab: Layerlab, arguments: list[str]) -> None:
    assert layerlab(*arguments).status == 2


def test_an_unknown_status_lists_the_known_ones(layerlab: Layerlab) -> None:
    assert_refused(layerlab("runs", "--status", "runing"), "did you mean `running`")


def test_a_reader_that_leaves_early_is_no_error(url: str, store: Store, tmp_path: Path) -> None:
    for _ in range(50):
        enqueue(store, SHORT)
    script = f'"{sys.executable}" -m runner.cli runs --json --limit 50 | head -c 10'
    env = environment(url, tmp_path)
    done = subprocess.run(script, shell=True, capture_output=True, text=True, env=env)
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("light", "heavy"),
    [
        ("runner.cli", "distributed sqlalchemy numpy sklearn streamlit rich.console"),
        ("db.store", "alembic distributed psycopg scipy sklearn optuna pandas"),
    ],
)
def test_nothing_heavy_is_imported_for_light_commands(light: str, heavy: str) -> None:
    script = f"import sys, {light}; print([m for m in sys.modules if m in {heavy.split()}])"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=os.environ
    )
    assert done.stdout.strip() == "[]"


def assert_refused(result: Result, *words: str) -> None:
    """One sentence on stderr, exit status 1, and nothing else."""
    assert result.status == 1
    assert result.err.startswith("layerlab: ")
    assert result.err.count("\n") == 1, result.err
    for word in words:
        assert word in result.err
    assert result.out == ""


def test_a_run_follows_the_convention_that_is_named(
    layerlab: Layerlab, store: Store, config: str
) -> None:
    layerlab("run", config, "--convention", "keras", "--set", "optimizer.epsilon=0.1")
    run = get(store, 1).config
    assert run == override(config_in_tradition(SHORT, "keras"), ["optimizer.epsilon=0.1"])
    printed = RunConfig.parse_json(layerlab("config", "--convention", "textbook").out)
    assert printed == config_in_tradition(default_config(), "textbook")
    refused = layerlab("config", "--convention", "kears")
    assert refused.status == 1
    assert "did you mean `keras`?" in refused.err
