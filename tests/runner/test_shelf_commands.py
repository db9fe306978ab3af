"""Runs named, described and put away from a terminal: as the browser does it, and as sure."""

from __future__ import annotations

import pytest

from db.store import Store
from tests.runner.processes import SHORT, enqueue, get
from tests.runner.test_cli import Layerlab, assert_refused, layerlab, store, url

__all__ = ["layerlab", "store", "url"]


def ended(store: Store) -> str:
    """The number of a run that has ended."""
    run_id = enqueue(store, SHORT)
    store.queue.cancel(run_id, by="mika")
    return str(run_id)


def test_a_run_is_archived_deleted_restored_and_purged(layerlab: Layerlab, store: Store) -> None:
    run, live = ended(store), str(enqueue(store, SHORT))
    assert layerlab("archive", run).out == f"run {run} is archived\n"
    assert_refused(layerlab("archive", run), "is archived already")
    assert layerlab("unarchive", run).out == f"run {run} is no longer archived\n"
    assert_refused(layerlab("delete", live), f"is queued; `layerlab cancel {live}` ends it first")
    assert_refused(layerlab("purge", run, "--yes"), f"run {run} is not deleted")
    layerlab("delete", run)
    assert f'"id": {run},' not in layerlab("runs", "--json").out
    assert layerlab("restore", run).out == f"run {run} is restored\n"
    layerlab("delete", run)
    assert_refused(layerlab("purge", run), "nobody is there to agree")
    assert get(store, int(run)), "nothing is removed that nobody agreed to"
    assert layerlab("purge", run, "--yes").out == "1 run is gone for good\n"
    assert store.runs.get(int(run)) is None
    assert_refused(layerlab("restore", run), f"there is no run {run}")


def test_all_deleted_runs_are_purged_and_no_other(layerlab: Layerlab, store: Store) -> None:
    first, second, kept = ended(store), ended(store), ended(store)
    layerlab("delete", first, second)
    assert layerlab("purge", "--all", "--yes").out == "2 runs are gone for good\n"
    assert store.runs.get(int(kept)) is not None
    assert_refused(layerlab("purge"), "name the runs to purge, or --all")
    assert_refused(layerlab("purge", kept, "--all"), "name the runs to purge, or --all")


def test_runs_are_named_tagged_and_described(layerlab: Layerlab, store: Store) -> None:
    run = ended(store)
    assert "日本 ]x[" in layerlab("rename", run, "日本 ]x[").out
    assert get(store, int(run)).name == "日本 ]x["
    assert_refused(layerlab("rename", run, "x" * 201), "`name` must be at most 200 characters")
    assert (
        layerlab("tag", run, "--add", "week3", "--add", "good").out
        == f"run {run} has good, week3\n"
    )
    assert layerlab("tag", run, "--remove", "good").out == f"run {run} has week3\n"
    assert_refused(layerlab("tag", "77", "--add", "x"), "there is no run 77")
    layerlab("note", run, "as in **chapter 6**")
    assert layerlab("note", run).out == "as in **chapter 6**\n"
    layerlab("note", run, "")
    assert store.notes.get(int(run)) is None


@pytest.mark.parametrize("command", ["archive", "unarchive", "delete", "restore", "note"])
def test_an_unknown_run_is_named(layerlab: Layerlab, command: str) -> None:
    assert_refused(layerlab(command, "77"), "there is no run 77")


def test_a_run_without_a_file_takes_the_default_configuration(
    layerlab: Layerlab, store: Store
) -> None:
    layerlab("run", "--set", "optimizer.lr=0.25")
    assert get(store, 1).config.optimizer.lr == 0.25
