"""Runs out of the database and into it, from a terminal."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from db.store import Store
from tests.db.build import LEASE, record, running
from tests.runner.test_cli import Layerlab, assert_refused, layerlab, store, url

__all__ = ["layerlab", "store", "url"]


def trained(store: Store) -> int:
    run_id = running(store).id
    store.history.append(run_id, 1, [record(step) for step in range(6)], lease=LEASE)
    return run_id


def test_runs_are_exported_and_imported(layerlab: Layerlab, store: Store, tmp_path: Path) -> None:
    run, other, file = trained(store), trained(store), tmp_path / "runs.layerlab"
    store.tags.add([other], ["week3"])
    written = layerlab("export", str(run), "--query", "tag = week3", "-o", str(file))
    assert (written.status, written.err) == (0, "")
    assert f"{file} holds 2 runs" in written.out
    assert layerlab("import", str(file)).out == f"2 runs there already: {run}, {other}\n"
    database = ["--database", f"sqlite:///{tmp_path / 'other.db'}"]
    arrived = layerlab(*database, "import", str(file))
    assert arrived.status == 0
    assert "run 1 is new: without a name; it is paused, `layerlab resume`" in arrived.out


def test_what_cannot_be_exported_or_imported_is_said(
    layerlab: Layerlab, store: Store, tmp_path: Path
) -> None:
    file = str(tmp_path / "runs.layerlab")
    assert_refused(layerlab("export", "77", "-o", file), "there is no run 77")
    assert_refused(layerlab("export", "-o", file), "name the runs, or give a --query")
    assert_refused(layerlab("export", "--query", "id = 5", "-o", file), "no run fulfils the query")
    assert_refused(layerlab("import", file), "There is no file")
    Path(file).write_text("not one")
    assert_refused(layerlab("import", file), "nothing was imported")


def test_a_series_is_written_for_notebooks(
    layerlab: Layerlab, store: Store, tmp_path: Path
) -> None:
    run, file = str(trained(store)), tmp_path / "layers.parquet"
    assert "12 rows of 12 columns" in layerlab("series", "layers", run, "-o", str(file)).out
    assert len(pd.read_parquet(file)) == 12
    assert_refused(layerlab("series", "layer", run, "-o", "x.csv"), "did you mean `layers`?")
    assert_refused(layerlab("series", "layers", run, "-o", "x.xls"), ".csv or .parquet")
