"""What is kept of runs as frames, CSV and Parquet: the same numbers, and nothing that runs."""

from __future__ import annotations

import csv
from codecs import BOM_UTF8
from math import inf, isnan
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from db.portable.errors import PortableError
from db.query.errors import QueryError
from db.series import SERIES
from db.series_files import write_table
from db.store import Store
from engine.overrides import override
from engine.records import Metric, StepRecord
from tests.db.build import CONFIG, LEASE, record, running


def trained(store: Store) -> int:
    run_id = running(store).id
    store.history.append(run_id, 1, [record(step) for step in range(6)], lease=LEASE)
    return run_id


def test_curves_are_tidy(store: Store) -> None:
    one, two = trained(store), trained(store)
    frame = store.frames.metrics([two, one])
    assert list(frame.columns) == ["run", "step", "epoch", "split", "loss", "accuracy", "r2"]
    assert frame.run.unique().tolist() == [one, two]
    train = frame[(frame.run == one) & (frame.split == "train")]
    kept = store.history.metrics([one], splits=["train"])[one]
    assert train.loss.tolist() == [metric.loss for metric in kept]
    assert len(store.frames.metrics(one)) == len(frame) / 2


def test_layers_keep_nan_and_infinity(store: Store) -> None:
    frame = store.frames.layers(trained(store))
    assert len(frame) == 6 * 2
    assert frame.dead.isna().all()
    assert (frame.gradient_std == inf).all()
    assert frame.query("step == 3").update_ratio.tolist() == [-3, -3]


def test_arrays_are_spread_over_rows(store: Store) -> None:
    run_id = trained(store)
    bins = store.frames.histograms(run_id)
    one = bins[(bins.step == 2) & (bins.layer == 1) & (bins.quantity == "gradient")]
    assert one["count"].tolist() == list(range(2, 10))
    assert (one.left.iloc[0], one.right.iloc[-1]) == (-1, 1)
    assert (one.left.iloc[1:].values == one.right.iloc[:-1].values).all()
    channels = store.frames.batch_norm(run_id)
    assert channels[channels.step == 4].channel.tolist() == [0, 1, 2]
    (state,) = store.history.batch_norms(run_id, steps=[4])
    assert channels[channels.step == 4].running_var.tolist() == state.running_var.tolist()
    batches = store.frames.batch_statistics(run_id)
    assert batches[batches.step == 5]["count"].tolist() == [55] * 3
    np.testing.assert_allclose(batches[batches.step == 5]["mean"], 5.1, rtol=1e-6)


@pytest.mark.parametrize("name", SERIES)
def test_runs_without_history_give_frames_without_rows(store: Store, name: str) -> None:
    whole = store.frames.table(name, [trained(store)])
    empty = store.frames.table(name, [store.queue.enqueue(CONFIG, owner="mika").id, 99])
    assert empty.num_rows == 0
    assert empty.schema == whole.schema


def test_runs_are_found_by_a_query_with_scores_and_hyperparameters(store: Store) -> None:
    trained(store)
    faster = override(CONFIG, ["optimizer.lr=0.5"])
    run_id = store.queue.enqueue(faster, owner="ben", name="fast").id
    store.tags.add([run_id], ["week3"])
    frame = store.frames.runs()
    assert frame.loc[run_id, ["owner", "tags", "optimizer.lr"]].tolist() == ["ben", "week3", 0.5]
    assert frame["best.val_accuracy"].notna().tolist() == [False, True]
    assert store.frames.runs("optimizer.lr > 0.4").index.tolist() == [run_id]
    assert len(store.frames.runs(limit=1)) == 1
    assert len(store.frames.metrics(frame.index)) == 6 + 2 * 2
    with pytest.raises(QueryError):
        store.frames.runs("nonsense = 1")


@pytest.mark.parametrize("name", ["runs", *SERIES])
@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_series_is_read_back_from_its_file(
    sqlite_url: str, tmp_path: Path, name: str, suffix: str
) -> None:
    file = tmp_path / f"series{suffix}"
    with Store.open(sqlite_url) as store:
        table = store.frames.table(name, [trained(store)])
    write_table(table, file)
    read = pd.read_csv(file) if suffix == ".csv" else pd.read_parquet(file)
    assert list(read.columns) == table.column_names
    numbers = table.to_pandas().select_dtypes("number").columns
    for column in numbers:
        np.testing.assert_array_equal(read[column], table.to_pandas()[column])


def test_a_csv_keeps_what_is_missing_apart_from_nan(sqlite_url: str, tmp_path: Path) -> None:
    with Store.open(sqlite_url) as store:
        run_id = running(store).id
        metrics = (Metric(1, 0, "batch", float("nan"), None), Metric(1, 0, "train", -inf, 0.5))
        store.history.append(run_id, 1, [StepRecord(1, metrics)], lease=LEASE)
        table = store.frames.table("metrics", [run_id])
    write_table(table, tmp_path / "a.csv")
    with (tmp_path / "a.csv").open(newline="", encoding="utf-8-sig") as file:
        first, second = csv.DictReader(file)
    assert (first["loss"], first["accuracy"]) == ("nan", "")
    assert (second["loss"], second["accuracy"]) == ("-inf", "0.5")
    write_table(table, tmp_path / "a.parquet")
    read = pd.read_parquet(tmp_path / "a.parquet", dtype_backend="pyarrow")
    assert read.accuracy.isna().tolist() == [True, False]
    assert isnan(read.loss.iloc[0])


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", "＝1"])
def test_no_text_becomes_a_formula_in_a_spreadsheet(
    sqlite_url: str, tmp_path: Path, text: str
) -> None:
    with Store.open(sqlite_url) as store:
        run_id = store.queue.enqueue(CONFIG, owner=text, name=f"{text},\n{text}").id
        store.tags.add([run_id], [text])
        write_table(store.frames.table("runs", [run_id]), tmp_path / "runs.csv")
    assert (tmp_path / "runs.csv").read_bytes().startswith(BOM_UTF8), "Excel knows it by this"
    with (tmp_path / "runs.csv").open(newline="", encoding="utf-8-sig") as file:
        header, row = csv.reader(file)
    for cell in (*header, *row):
        assert not cell.startswith(("=", "+", "@", "\t", "\r", "＝"))
        assert not cell.startswith("-") or float(cell) < 0
    assert row[header.index("owner")] == f"'{text}"


def test_a_file_of_another_kind_or_one_that_is_there_is_refused(
    sqlite_url: str, tmp_path: Path
) -> None:
    with Store.open(sqlite_url) as store:
        table = store.frames.table("metrics", [])
    with pytest.raises(PortableError, match=r"must end in \.csv or \.parquet"):
        write_table(table, tmp_path / "a.xlsx")
    write_table(table, tmp_path / "a.csv")
    with pytest.raises(PortableError, match="exists already"):
        write_table(table, tmp_path / "a.csv")
    with pytest.raises(PortableError, match="cannot be written"):
        write_table(table, tmp_path / "none" / "a.csv")
