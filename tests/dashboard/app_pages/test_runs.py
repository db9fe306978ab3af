"""The list of runs: what it shows, how it is filtered, what is done with a selection."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
import streamlit as st
from sqlalchemy import update
from streamlit.testing.v1 import AppTest

from dashboard.app_pages.runs.choices import QUERY
from dashboard.app_pages.runs.export import as_table, whole
from dashboard.app_pages.runs.search import HELP
from dashboard.reads.differences import Difference
from dashboard.views.runs.columns import USUAL
from dashboard.views.runs.table import column_key, runs_columns, sorted_by
from db.models import RunRow
from db.query.conditions import EXAMPLES
from db.records import Shelf, Status
from db.search import order
from db.store import Store
from tests.dashboard.conftest import HOSTILE_NAME, Demo, OpenPage, Rows, followed, small


def listed(at: AppTest) -> list[int]:
    assert not at.exception
    return Rows.of(at).ids


def test_every_run_is_listed_with_its_state(demo_database: Demo, open_page: OpenPage) -> None:
    rows = Rows.of(open_page(demo_database.url, "runs"))
    assert len(rows.ids) == 10
    assert rows.cell(demo_database.diverged, "status") == ["Diverged 12%", "orange"]
    assert rows.cell(demo_database.hostile, "name") == HOSTILE_NAME
    assert len(rows.cell(demo_database.done, "losses")) == 4
    assert float(rows.cell(demo_database.done, "best_val_accuracy").removesuffix("%")) > 50
    assert rows.cell(demo_database.running, "status") == ["Running 12%", "blue"]
    assert rows.cell(demo_database.queued, "name") == f"#{demo_database.queued}"


def test_a_run_that_ended_early_is_listed_as_finished_with_its_loss(
    regression_database: str, open_page: OpenPage
) -> None:
    rows = Rows.of(open_page(regression_database, "runs"))
    for run_id in rows.ids:
        assert rows.cell(run_id, "status") == ["Done", "green"]
        assert float(rows.cell(run_id, "val_loss")) > 0
    assert "val_accuracy" not in rows.columns


def test_only_what_differs_has_a_column(demo_database: Demo, open_page: OpenPage) -> None:
    columns = Rows.of(open_page(demo_database.url, "runs")).columns
    assert {"optimizer.lr", "stack.activation.kind"} <= set(columns)
    assert not {"batch_size", "dataset.kind"} & set(columns)


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("at_q", "sigmoid", lambda demo: {demo.plain}),
        ("at_q", "#3", lambda demo: {demo.diverged}),
        ("at_status", [Status.FAILED], lambda demo: {demo.failed}),
        ("at_owner", "ben", lambda demo: {demo.plain, demo.running}),
        ("at_q", "no such thing", lambda demo: set()),
        ("at_q", 'optimizer.kind = "sgd"', lambda demo: {demo.diverged}),
        ("at_q", "diverged or status = failed", lambda demo: {demo.diverged, demo.failed}),
        ("at_q", "sgd lr>1", lambda demo: {demo.diverged}),
        ("at_q", "ｓｉｇｍｏｉｄ，　ｂｅｎ", lambda demo: {demo.plain}),
    ],
)
def test_filters_narrow_the_list(
    key: str,
    value: str | list[Status],
    expected: Callable[[Demo], set[int]],
    demo_database: Demo,
    open_page: OpenPage,
) -> None:
    at = open_page(demo_database.url, "runs")
    at.query_params[key.removeprefix("at_")] = ",".join(
        [value] if isinstance(value, str) else value
    )
    at.run()
    assert set(listed(at)) == expected(demo_database)


def search(at: AppTest, text: str) -> AppTest:
    return at.text_input(key=QUERY.key).set_value(text).run()


def test_a_wrong_query_says_where_and_keeps_the_list(
    demo_database: Demo, open_page: OpenPage
) -> None:
    at = search(open_page(demo_database.url, "runs"), "diverged")
    search(at, "optimizer.lt > 0.1")
    assert listed(at) == [demo_database.diverged]
    assert not {"Compare", "Clone", "Archive", "Delete"} & {button.label for button in at.button}
    assert "did you mean" in at.error[0].value
    assert at.code[0].value == "optimizer.lt > 0.1\n^^^^^^^^^^^^"
    search(at, "diverged and (")
    assert listed(at) == [demo_database.diverged]
    assert "ends too soon" in at.error[0].value
    assert len(listed(search(at, ""))) == 10
    assert not at.error


@pytest.mark.parametrize(
    "text",
    [
        HOSTILE_NAME,
        "<script>alert(1)</script>",
        "'; drop table run; --",
        '"' + "x" * 1999,
        "a = " + "(" * 1990,
        "語 " * 1000,
        "not " * 500,
    ],
    ids=["name", "tag", "sql", "open", "deep", "words", "not"],
)
def test_hostile_text_in_the_box_is_data(
    text: str, demo_database: Demo, open_page: OpenPage
) -> None:
    at = search(open_page(demo_database.url, "runs"), text)
    assert not at.exception
    assert listed(at) or at.info
    assert all("<script" not in error.value for error in at.error)
    assert all(len(line) <= 90 for code in at.code for line in code.value.splitlines())


def test_a_link_brings_its_query_and_the_box_keeps_the_address(
    demo_database: Demo, open_page: OpenPage
) -> None:
    at = open_page(demo_database.url, "runs", q="not diverged and id <= 3")
    assert at.text_input(key=QUERY.key).value == "not diverged and id <= 3"
    assert set(listed(at)) == {1, 2}
    search(at, "sigmoid")
    assert at.query_params["q"] in ("sigmoid", ["sigmoid"])
    assert listed(at) == [demo_database.plain]
    search(at, "")
    assert "q" not in at.query_params
    too_long = open_page(demo_database.url, "runs", q="x" * 9000)
    assert len(listed(too_long)) == 10
    assert "2,000" in too_long.warning[0].value


def test_dates_are_those_of_the_readers_zone(
    demo_copy: Demo, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The day after which a reader asks is the day that the table shows."""
    with Store.open(demo_copy.url) as store, store.engine.begin() as connection:
        at = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
        change = update(RunRow).where(RunRow.id == demo_copy.plain).values(created_at=at)
        connection.execute(change)
    for module in ("dashboard.app_pages.runs.search", "dashboard.words.i18n"):
        monkeypatch.setattr(f"{module}.time_zone", lambda: ZoneInfo("Asia/Tokyo"))
    at_page = search(open_page(demo_copy.url, "runs"), "created = 2026-11-21")
    assert listed(at_page) == [demo_copy.plain]
    created = Rows.of(at_page).cell(demo_copy.plain, "created")
    assert created.startswith("2026-11-21 08:30")


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_the_help_fills_the_box_with_an_example(
    lang: str, demo_database: Demo, open_page: OpenPage
) -> None:
    at = open_page(demo_database.url, "runs", lang=lang)
    at.session_state[HELP] = True
    at.run()
    assert "optimizer.lr" in set(at.dataframe[0].value.iloc[:, 0])
    at.button(key="runs_example_0").click().run()
    assert at.text_input(key=QUERY.key).value == EXAMPLES[0]
    assert set(listed(at)) >= {demo_database.done}


def test_the_order_is_the_readers(demo_database: Demo, open_page: OpenPage) -> None:
    at = open_page(demo_database.url, "runs")
    assert listed(at)[0] == demo_database.hostile
    at.selectbox(key="at_order").select("created asc").run()
    assert listed(at)[0] == demo_database.done
    at.selectbox(key="at_order").select("best_val_accuracy desc").run()
    assert listed(at)[0] == demo_database.done


@pytest.fixture
def three_per_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists whose pages are short."""
    for place in ("dashboard.app_pages.runs.listing", "dashboard.widgets.pagination"):
        monkeypatch.setattr(f"{place}.SIZE", 3)


def test_long_lists_come_in_pages(
    demo_copy: Demo, open_page: OpenPage, three_per_page: None
) -> None:
    at = open_page(demo_copy.url, "runs")
    first = listed(at)
    assert len(first) == 3
    at.query_params["page"] = "4"
    at.run()
    assert listed(at) == [1]


def test_an_empty_list_teaches_and_launches_the_first_run(
    empty_database: str, open_page: OpenPage
) -> None:
    at = open_page(empty_database, "runs")
    at = followed(at.button(key="first_run").click().run())
    assert not at.exception
    with Store.open(empty_database) as store:
        assert store.runs.find().total == 1
    assert at.query_params["id"] in ("1", ["1"]), "the run is open"


def test_a_selection_stands_in_the_address_until_another_search(
    demo_database: Demo, open_page: OpenPage
) -> None:
    at = open_page(demo_database.url, "runs", selected="1,10,999", order="id asc")
    assert Rows.of(at).selected == [1, 10, 999]
    assert any("2 runs selected" in caption.value for caption in at.caption)
    at.selectbox(key="at_order").select("created desc").run()
    assert Rows.of(at).selected == [1, 10, 999], "in another order the same runs are selected"
    search(at, "sigmoid")
    assert Rows.of(at).selected == [], "nothing happens to what nobody sees"


def test_what_was_put_away_is_no_longer_selected(demo_copy: Demo, open_page: OpenPage) -> None:
    at = open_page(demo_copy.url, "runs", selected=f"{demo_copy.done},{demo_copy.plain}")
    at.button(key="runs_archive").click().run()
    assert not at.exception
    assert Rows.of(at).selected == []
    assert "selected" not in at.query_params
    other = open_page(demo_copy.url, "runs", selected=str(demo_copy.done))
    assert "Archive" not in {button.label for button in other.button}, "it is on another shelf"


def test_a_header_sorts_the_whole_list_on_the_server(
    demo_database: Demo, open_page: OpenPage
) -> None:
    """Sorting the 25 rows in sight would show the best of them as the best of all."""
    shown = runs_columns([], [], [*USUAL, "tags", "optimizer.lr", "parameters", "step"])
    sorts = {name: column.sorts for name, column in shown.items()}
    assert (sorts["val_accuracy"], sorts["losses"]) == ("val_accuracy", "loss")
    assert sorts[column_key("optimizer.lr")] == sorted_by("optimizer.lr") == "optimizer.lr"
    assert sorts["tags"] is None
    for name in filter(None, sorts.values()):
        order(name, descending=True)
    at = open_page(demo_database.url, "runs", q="lr > 0", page=1, order="id asc")
    headers = Rows.of(at).headers
    assert headers["id"]["sorted"] == "ascending"
    assert headers["id"]["href"] == "/runs?q=lr+%3E+0&order=id+desc"
    assert headers["val_accuracy"]["href"].endswith("order=val_accuracy+desc")
    assert "sorted" not in headers["val_accuracy"]


def test_what_tells_runs_apart_stands_right_after_the_name(
    demo_database: Demo, open_page: OpenPage
) -> None:
    at = open_page(demo_database.url, "runs")
    columns = Rows.of(at).columns
    assert columns[:3] == ["box", "id", "name"]
    assert columns.index("optimizer.lr") < columns.index("status")
    assert not {"Compare", "Archive"} & {button.label for button in at.button}, "nothing selected"


def test_what_only_some_runs_have_stands_behind_the_scores() -> None:
    found = [Difference("optimizer.lr", (0.1, 0.01)), Difference("stack.init.std", (None, 1.0))]
    columns = list(runs_columns([], found))
    assert columns[0] == "optimizer.lr"
    assert columns[-1] == "stack.init.std"


def buttons(demo: Demo, *run_ids: int) -> AppTest:
    """The action bar alone, with these runs selected: a test cannot click rows of a table."""

    def script(url: str, run_ids: tuple[int, ...]) -> None:
        from dashboard.app_pages.runs.actions import action_bar
        from db.store import Store

        with Store.open(url) as store:
            action_bar(list(store.runs.get_many(run_ids).values()))

    at = AppTest.from_function(script, args=(demo.url, run_ids), default_timeout=30)
    return at.run()


def enabled(at: AppTest) -> set[str]:
    return {button.label for button in at.button if not button.disabled}


def test_only_what_fits_the_selection_can_be_pressed(
    demo_database: Demo, monkeypatch: pytest.MonkeyPatch, open_page: OpenPage
) -> None:
    monkeypatch.setenv("LAYERLAB_DATABASE_URL", demo_database.url)
    st.cache_resource.clear()
    assert enabled(buttons(demo_database)) == set()
    assert {"Open", "Clone"} <= enabled(buttons(demo_database, 1))
    assert "Compare" not in enabled(buttons(demo_database, 1))
    assert "Open" not in enabled(buttons(demo_database, 1, 2))
    assert "Compare" in enabled(buttons(demo_database, 1, 2))


def test_cancel_asks_first_and_spares_what_has_ended(
    demo_copy: Demo, monkeypatch: pytest.MonkeyPatch, open_page: OpenPage
) -> None:
    monkeypatch.setenv("LAYERLAB_DATABASE_URL", demo_copy.url)
    st.cache_resource.clear()
    at = buttons(demo_copy, demo_copy.queued, demo_copy.done)
    assert "Cancel 1 run" in enabled(at)
    with Store.open(demo_copy.url) as store:
        assert store.runs.get(demo_copy.queued).status is Status.QUEUED  # type: ignore[union-attr]
        at.button(key="runs_cancel_yes").click().run()
        assert store.runs.get(demo_copy.queued).status is Status.CANCELLED  # type: ignore[union-attr]
        assert store.runs.get(demo_copy.done).status is Status.DONE  # type: ignore[union-attr]


def test_a_run_can_be_given_a_name(
    demo_copy: Demo, monkeypatch: pytest.MonkeyPatch, open_page: OpenPage
) -> None:
    monkeypatch.setenv("LAYERLAB_DATABASE_URL", demo_copy.url)
    st.cache_resource.clear()
    at = buttons(demo_copy, demo_copy.queued)
    at.text_input(key=f"rename {demo_copy.queued}").set_value("初期値の実験")
    next(button for button in at.button if button.label == "Save").click().run()
    with Store.open(demo_copy.url) as store:
        assert store.runs.get(demo_copy.queued).name == "初期値の実験"  # type: ignore[union-attr]


def test_columns_are_the_readers_choice_and_stand_in_the_address(
    demo_database: Demo, open_page: OpenPage
) -> None:
    cols = "status,optimizer.lr,tags,nonsense"
    at = open_page(demo_database.url, "runs", cols=cols, order="optimizer.lr desc")
    assert listed(at)[0] == demo_database.diverged, "sorted by what a column shows"
    rows = Rows.of(at)
    assert rows.columns[1:] == ["id", "name", "status", "asked optimizer.lr", "tags"]
    assert rows.cell(demo_database.diverged, "asked optimizer.lr") == "1e+18"
    assert list(at.query_params["cols"]) in ([cols.removesuffix(",nonsense")], list(cols[:-9]))


@pytest.mark.parametrize("by", ["seed", "optimizer.kind", "layers.0.init.kind", "owner"])
@pytest.mark.parametrize("lang", ["en", "ja"])
def test_runs_are_taken_together_with_their_number(
    by: str, lang: str, demo_database: Demo, open_page: OpenPage
) -> None:
    at = open_page(demo_database.url, "runs", group=by, lang=lang)
    assert not at.exception
    rows = Rows.of(at)
    assert sum(int(rows.cell(group, "n")) for group in rows.ids) == 10
    assert any("%" in rows.cell(group, "best_val_accuracy") for group in rows.ids)
    if by == "optimizer.kind":
        assert sorted(rows.cell(group, "name") for group in rows.ids) == ["Adam", "SGD"]


def test_what_is_put_away_comes_back_by_one_click(
    demo_copy: Demo, monkeypatch: pytest.MonkeyPatch, open_page: OpenPage
) -> None:
    monkeypatch.setenv("LAYERLAB_DATABASE_URL", demo_copy.url)
    st.cache_resource.clear()
    at = buttons(demo_copy, demo_copy.done, demo_copy.queued)
    at.button(key="runs_archive").click().run()
    with Store.open(demo_copy.url) as store:
        archived = store.runs.find(shelf=Shelf.ARCHIVED).runs
        assert [run.id for run in archived] == [demo_copy.done], "what waits stays where it is"
    page = open_page(demo_copy.url, "runs", shelf="archived")
    assert listed(page) == [demo_copy.done]
    page.session_state["runs_put_away"] = ("archive", [demo_copy.done])
    page.run()
    page.button(key="runs_undo").click().run()
    with Store.open(demo_copy.url) as store:
        assert store.runs.find(shelf=Shelf.ARCHIVED).total == 0


def test_all_runs_found_are_changed_as_one_and_brought_back(
    demo_copy: Demo, open_page: OpenPage, three_per_page: None
) -> None:
    at = open_page(demo_copy.url, "runs", q="owner = aiko")
    at.button(key="runs_select_all").click().run()
    assert not at.exception
    assert any("All 7 runs found are selected" in m.value for m in at.markdown)
    assert at.button(key="whole_delete_yes").label == "Delete 7 runs"
    at.button(key="whole_delete_yes").click().run()
    with Store.open(demo_copy.url) as store:
        deleted = store.runs.find(shelf=Shelf.DELETED).runs
        assert len(deleted) == 5, "what waits stays where it is"
        assert {run.owner for run in deleted} == {"aiko"}
        at.button(key="runs_undo").click().run()
        assert store.runs.find(shelf=Shelf.DELETED).total == 0


def test_all_runs_found_are_tagged_and_cancelled_whatever_came_in_meanwhile(
    demo_copy: Demo, open_page: OpenPage, three_per_page: None
) -> None:
    at = open_page(demo_copy.url, "runs", q="owner = aiko")
    at.button(key="runs_select_all").click().run()
    with Store.open(demo_copy.url) as store:
        late = store.queue.enqueue(small(seed=9), owner="aiko").id
        at.session_state["tags_added"] = ["all"]
        at.run()
        at.button(key="tags_apply").click().run()
        assert store.runs.find(query="tag = all").total == 7
        assert "Cancel 2 runs" in enabled(at)
        at.button(key="whole_cancel_yes").click().run()
        assert store.runs.get(demo_copy.queued).status is Status.CANCELLED  # type: ignore[union-attr]
        assert store.runs.get(late).status is Status.QUEUED  # type: ignore[union-attr]


def test_with_other_filters_nothing_is_selected(
    demo_database: Demo, open_page: OpenPage, three_per_page: None
) -> None:
    at = open_page(demo_database.url, "runs")
    at.button(key="runs_select_all").click().run()
    assert any("All 10 runs found" in m.value for m in at.markdown)
    at.text_input(key=QUERY.key).set_value("owner = aiko").run()
    assert not any("runs found are selected" in m.value for m in at.markdown)


def test_tags_are_put_on_all_runs_selected(
    demo_copy: Demo, monkeypatch: pytest.MonkeyPatch, open_page: OpenPage
) -> None:
    monkeypatch.setenv("LAYERLAB_DATABASE_URL", demo_copy.url)
    st.cache_resource.clear()
    at = buttons(demo_copy, demo_copy.done, demo_copy.plain)
    at.session_state["tags_added"] = ["第3週"]
    at.run()
    at.button(key="tags_apply").click().run()
    with Store.open(demo_copy.url) as store:
        assert store.runs.find(query='tag = "第3週"').total == 2


def test_a_view_is_found_by_its_link_and_brings_all_it_held(
    demo_copy: Demo, open_page: OpenPage
) -> None:
    address = {"q": "not diverged", "order": "loss asc", "cols": "status"}
    with Store.open(demo_copy.url) as store:
        view = store.views.save("week 3", {"page": "runs", "address": address}, owner="aiko")
    at = open_page(demo_copy.url, "runs", view=view.id)
    assert not at.exception
    assert at.text_input(key=QUERY.key).value == "not diverged"
    assert demo_copy.diverged not in listed(at)
    assert Rows.of(at).columns[1:] == ["id", "name", "status"]
    nowhere = open_page(demo_copy.url, "runs", view="<script>")
    assert not nowhere.exception
    assert "no such view" in nowhere.warning[0].value


def test_a_file_of_runs_holds_their_settings_and_runs_no_formula(
    demo_copy: Demo, monkeypatch: pytest.MonkeyPatch, open_page: OpenPage
) -> None:
    monkeypatch.setenv("LAYERLAB_DATABASE_URL", demo_copy.url)
    st.cache_resource.clear()
    with Store.open(demo_copy.url) as store:
        store.runs.rename(demo_copy.hostile, "=1+1")
    table = as_table([demo_copy.done, demo_copy.hostile], "runs.csv").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(table)))
    assert rows[0]["optimizer.lr"] == "0.01"
    assert float(rows[0]["best.val_accuracy"]) > 0.5
    assert rows[1]["name"] == "'=1+1"
    assert zipfile.is_zipfile(io.BytesIO(whole([demo_copy.done])))
