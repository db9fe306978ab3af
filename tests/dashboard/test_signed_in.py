"""Whoever is signed in acts as themselves: their name is on what they launch, what is another's
stays as it is, and who is let in no more sees one sentence."""

from __future__ import annotations

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.app_pages.run.files import table as run_table
from dashboard.app_pages.runs.export import as_table
from dashboard.state.pages import script_of
from db.rights import Role
from db.store import Store
from tests.dashboard.conftest import APP, Demo, OpenPage, SignIn, known
from tests.dashboard.test_read_only import WRITES


def another(page: str) -> AppTest:
    """Another session of the same process."""
    at = AppTest.from_file(str(APP), default_timeout=60)
    at.switch_page(script_of(page))
    return at.run()


def labels(at: AppTest) -> set[str]:
    assert not at.exception
    return {button.label for button in at.button}


@pytest.mark.parametrize("page", ["launch", "runs", "run"])
def test_who_comes_for_the_first_time_looks_at_everything_and_is_offered_nothing_more(
    page: str, demo_copy: Demo, open_page: OpenPage, sign_in: SignIn
) -> None:
    sign_in("hana")
    asked = {"id": demo_copy.paused, "tab": "note"} if page == "run" else {}
    at = open_page(demo_copy.url, page, lang="en", **asked)
    assert not labels(at) & WRITES
    assert not at.text_area
    said = [caption.value for caption in at.caption]
    assert any("hana (viewer)" in each for each in said)
    assert any("You are a viewer here" in each for each in said)


def test_people_launch_under_their_own_names_from_one_process(
    demo_copy: Demo, open_page: OpenPage, sign_in: SignIn
) -> None:
    people = {name: known(demo_copy, name, Role.STUDENT) for name in ("hana", "ken")}
    sessions = {}
    sign_in("hana")
    sessions["hana"] = open_page(demo_copy.url, "launch", lang="en")
    sign_in("ken")
    sessions["ken"] = another("launch")
    for name, at in sessions.items():
        sign_in(name)
        (owner,) = [field for field in at.text_input if field.label == "Owner"]
        assert owner.value == name
        assert owner.disabled
        at.button(key="launch").click().run()
        assert not at.exception
        assert not at.error
    with Store.open(demo_copy.url) as store:
        newest = store.runs.find(limit=2).runs
    made = {(run.owner, run.person_id) for run in newest}
    assert made == {(name, person.id) for name, person in people.items()}


def test_what_is_anothers_is_not_offered_and_one_s_own_is(
    demo_copy: Demo, open_page: OpenPage, sign_in: SignIn
) -> None:
    hana = known(demo_copy, "hana", Role.STUDENT)
    with Store.open(demo_copy.url) as store:
        theirs = store.runs.get(demo_copy.queued)
        assert theirs is not None
        own = store.acting_as(hana).queue.enqueue(theirs.config, owner="")
    sign_in("hana")
    at = open_page(demo_copy.url, "run", id=own.id, lang="en")
    assert {"Pause", "Cancel"} <= labels(at)
    assert not [each for each in at.number_input if each.label == "Priority"]
    at.button(key="run_pause").click().run()
    with Store.open(demo_copy.url) as store:
        change = store.audit.changes(kind="run", key=str(own.id))[0]
    assert (change.name, change.action) == ("hana", "pause")
    at = open_page(demo_copy.url, "run", id=demo_copy.queued, lang="en")
    assert not labels(at) & {"Pause", "Cancel", "Priority"}


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_a_press_that_no_page_offers_is_refused_in_a_sentence(
    lang: str, demo_copy: Demo, open_page: OpenPage, sign_in: SignIn
) -> None:
    def script(run_id: int, lang: str) -> None:
        from dashboard.app_pages.run.wishes import _cancel, wishes
        from dashboard.app_pages.runs.put_away import apply
        from dashboard.reads.store import get_run
        from dashboard.words.reader import settle

        settle(lang)
        _cancel(run_id)
        run = get_run(run_id)
        assert run is not None
        wishes(run)
        apply("delete", [run_id])

    known(demo_copy, "hana", Role.STUDENT)
    sign_in("hana")
    open_page(demo_copy.url, "home")
    at = AppTest.from_function(script, args=(demo_copy.queued, lang)).run()
    assert not at.exception
    said = {"en": "another person", "ja": "ほかの人のもの"}[lang]
    assert [said in error.value for error in at.error] == [True, True]
    with Store.open(demo_copy.url) as store:
        run = store.runs.get(demo_copy.queued)
    assert run is not None
    assert not run.status.ended


def test_who_is_let_in_no_more_sees_one_sentence_and_nothing_else(
    demo_copy: Demo, open_page: OpenPage, sign_in: SignIn
) -> None:
    hana = known(demo_copy, "hana", Role.TEACHER)
    sign_in("hana")
    at = open_page(demo_copy.url, "run", id=demo_copy.running, lang="en")
    assert at.title
    with Store.open(demo_copy.url) as store:
        store.people.sign_out(hana.id, by="root")
    assert_shut(at, "sign in again")
    assert another("home").title, "whom the proxy names after that is let in"
    with Store.open(demo_copy.url) as store:
        store.people.disable(hana.id, by="root")
    assert_shut(at, "disabled")
    sign_in(None)
    assert_shut(at, "who you are")


def assert_shut(at: AppTest, sentence: str) -> None:
    st.cache_resource.clear()  # what was known a second ago
    at.run()
    assert not at.exception
    assert [sentence in error.value for error in at.error] == [True]
    shown = [each for kind in (at.title, at.button, at.caption, at.tabs) for each in kind]
    assert not shown


def test_nobody_who_is_unknown_is_let_in_where_that_was_said(
    demo_copy: Demo, open_page: OpenPage, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAYERLAB_NEW_PEOPLE", "refuse")
    sign_in("mal lory")
    at = open_page(demo_copy.url, "home", lang="en")
    assert_shut(at, "layerlab people add")
    with Store.open(demo_copy.url) as store:
        assert not store.people.list()


def test_a_file_that_is_downloaded_is_made_in_nobodys_session(
    demo_copy: Demo, open_page: OpenPage, sign_in: SignIn
) -> None:
    known(demo_copy, "hana", Role.VIEWER)
    sign_in("hana")
    open_page(demo_copy.url, "home")
    sign_in(None)
    assert b"BN, He, Adam" in as_table([demo_copy.done], "runs.csv")
    assert run_table("metrics", demo_copy.done, ".csv")


def test_a_tab_in_which_another_signs_in_holds_nothing_of_the_first(
    demo_copy: Demo, open_page: OpenPage, sign_in: SignIn
) -> None:
    for name in ("hana", "ken"):
        known(demo_copy, name, Role.STUDENT)
    sign_in("hana")
    at = open_page(demo_copy.url, "home", lang="en")
    at.session_state["typed"] = "by hana"
    at.run()
    assert at.session_state["typed"] == "by hana"
    sign_in("ken")
    at.run()
    assert not at.exception
    assert "typed" not in at.session_state
    assert any("ken (student)" in caption.value for caption in at.caption)
