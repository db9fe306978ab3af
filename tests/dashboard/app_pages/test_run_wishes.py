"""What a reader asks of a run on its page, and what people write about it."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.words.text import written
from db.records import Request, Run, Status
from db.store import Store
from tests.dashboard.conftest import Demo, OpenPage


def labels(at: AppTest) -> set[str]:
    assert not at.exception
    return {button.label for button in at.button}


def now(demo: Demo, run_id: int) -> Run:
    with Store.open(demo.url) as store:
        run = store.runs.get(run_id)
    assert run is not None
    return run


OFFERED = {
    "queued": {"Pause", "Cancel"},
    "running": {"Pause", "Cancel"},
    "paused": {"Resume", "Cancel"},
    "done": set(),
    "diverged": set(),
    "failed": {"Retry"},
    "cancelled": {"Retry"},
    "stopped": set(),  # by its time limit: another is asked for in a popover
}


@pytest.mark.parametrize("state", OFFERED)
def test_only_what_the_state_of_a_run_allows_is_offered(
    state: str, demo_database: Demo, open_page: OpenPage
) -> None:
    at = open_page(demo_database.url, "run", id=getattr(demo_database, state))
    every = set().union(*OFFERED.values())
    assert labels(at) & every - ({"Retry"} if state == "stopped" else set()) == OFFERED[state]


def test_a_run_is_paused_resumed_retried_and_put_first(
    demo_copy: Demo, open_page: OpenPage
) -> None:
    at = open_page(demo_copy.url, "run", id=demo_copy.queued)
    at.number_input(key=f"priority {demo_copy.queued}").set_value(7).run()
    at.button(key="run_priority_yes").click().run()
    assert now(demo_copy, demo_copy.queued).priority == 7
    at.button(key="run_pause").click().run()
    assert now(demo_copy, demo_copy.queued).status is Status.PAUSED
    at.button(key="run_resume").click().run()
    assert now(demo_copy, demo_copy.queued).status is Status.QUEUED
    at = open_page(demo_copy.url, "run", id=demo_copy.failed)
    at.button(key="run_retry").click().run()
    assert now(demo_copy, demo_copy.failed).status is Status.QUEUED
    at = open_page(demo_copy.url, "run", id=demo_copy.running)
    at.button(key="run_pause").click().run()
    assert now(demo_copy, demo_copy.running).request is Request.PAUSE
    at.button(key="run_resume").click().run()
    assert now(demo_copy, demo_copy.running).request is None


def test_a_run_past_its_time_limit_is_given_another(demo_copy: Demo, open_page: OpenPage) -> None:
    at = open_page(demo_copy.url, "run", id=demo_copy.stopped)
    at.button(key="run_retry_yes").click().run()
    assert not at.error
    run = now(demo_copy, demo_copy.stopped)
    assert run.status is Status.QUEUED
    assert run.time_limit is not None
    assert run.time_limit > run.seconds


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_what_was_written_about_a_run_is_read_and_changed(
    lang: str, demo_copy: Demo, open_page: OpenPage
) -> None:
    at = open_page(demo_copy.url, "run", id=demo_copy.done, tab="note", lang=lang)
    at.text_area[0].set_value("as in **chapter 6** ![x](http://elsewhere/x.png)")
    next(b for b in at.button if b.label in ("Save", "保存")).click().run()
    assert not at.exception
    with Store.open(demo_copy.url) as store:
        note = store.notes.get(demo_copy.done)
    assert note is not None
    shown = [markdown.value for markdown in at.markdown]
    assert written(note.text) in shown
    assert "![" not in written(note.text), "a page asks nothing of the outside"


def test_deleted_runs_are_purged_once_somebody_is_sure(
    demo_copy: Demo, open_page: OpenPage
) -> None:
    def script(url: str, ids: tuple[int, ...]) -> None:
        from dashboard.app_pages.runs.purging import purge_popover

        purge_popover(ids)

    with Store.open(demo_copy.url) as store:
        store.runs.delete([demo_copy.done])
    open_page(demo_copy.url, "runs", shelf="deleted")
    at = AppTest.from_function(script, args=(demo_copy.url, (demo_copy.done, demo_copy.plain)))
    at.run()
    assert at.button(key="runs_purge_yes").disabled
    at.checkbox(key="runs_purge_sure").check().run()
    at.button(key="runs_purge_yes").click().run()
    assert not at.exception
    with Store.open(demo_copy.url) as store:
        assert store.runs.get(demo_copy.done) is None
        assert store.runs.get(demo_copy.plain) is not None, "it was not deleted"
