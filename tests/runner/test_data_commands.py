"""Data from a terminal: added, listed, looked at before it is used, trained with, removed."""

from __future__ import annotations

import json
from pathlib import Path

from db.store import Store
from tests.runner.test_cli import Layerlab, assert_refused, layerlab, store, url

__all__ = ["layerlab", "store", "url"]

TABLE = "id,width,length,kind\n" + "".join(
    f"{i},{i / 8},{40 - i},{('setosa', 'virginica')[i % 2]}\n" for i in range(40)
)


def test_a_table_is_added_shown_trained_with_and_removed(
    layerlab: Layerlab, store: Store, data_folder: Path
) -> None:
    file = data_folder.parent / "iris.csv"
    file.write_bytes(TABLE.encode("utf-16"))
    added = layerlab("data", "add", str(file))
    assert (added.status, added.err) == (0, "")
    assert "iris (version 1) is added: 32 + 8 samples of 2, 2 classes" in added.out
    shown = layerlab("data", "show", "iris")
    for text in ("utf-16, commas, decimal point, a header", "left out: it counts the rows"):
        assert text in shown.out
    assert "2 classes: setosa (20), virginica (20)" in shown.out
    seen = json.loads(layerlab("data", "show", "iris", "--json").out)
    assert seen["table"]["target"] == "kind"
    assert seen["classes"] == {"setosa": 20, "virginica": 20}

    config = data_folder.parent / "config.json"
    config.write_text(layerlab("data", "config", "iris", "--set", "dataset.validation=0.5").out)
    assert layerlab("run", str(config)).status == 0
    (row,) = json.loads(layerlab("data", "list", "--json").out)
    assert (row["name"], row["version"], row["samples"], row["runs"]) == ("iris", 1, [32, 8], [1])
    assert_refused(layerlab("data", "remove", "iris"), "iris (version 1) is used by 1 run(s)")

    file.write_text(TABLE + "40,1,1,setosa\n")
    assert "iris (version 2) is added" in layerlab("data", "add", str(file)).out
    assert layerlab("data", "remove", "iris").out == "iris (version 2) is removed\n"
    assert [each.version for each in store.data.list()] == [1]


def test_files_of_the_data_directory_need_not_be_added(
    layerlab: Layerlab, store: Store, data_folder: Path
) -> None:
    (data_folder / "wine.csv").write_text(TABLE.split("\n", 1)[1])
    listed = layerlab("data").out
    assert "wine.csv" in listed
    assert "data directory" in listed
    (data_folder / "wine_test.csv").write_text("40,1,1,setosa\n")
    shown = layerlab("data", "show", "wine.csv").out
    assert "first: line 1 of" in shown
    assert "not used, though beside what is read: wine_test.csv" in shown
    chosen = ("--set", "dataset.header=no", "--set", 'dataset.target="4"')
    config = json.loads(layerlab("data", "config", "wine.csv", *chosen).out)
    assert (config["dataset"]["header"], config["layers"][-1]["units"]) == ("no", 2)


def test_what_cannot_be_done_is_said(layerlab: Layerlab, store: Store, data_folder: Path) -> None:
    page = data_folder.parent / "page.csv"
    page.write_text("<!DOCTYPE html>")
    assert_refused(layerlab("data", "add", str(page)), "page.csv is a web page")
    assert_refused(layerlab("data", "add", str(data_folder / "no.csv")), "there is no such file")
    assert_refused(layerlab("data", "show", "nothing"), "there is no data called nothing")
    assert_refused(layerlab("data", "remove", "nothing@2"), "there is no data called nothing@2")
    assert store.data.list() == []
