"""Home: what a visitor finds on the first day, and on every other."""

from __future__ import annotations

from dashboard.state.pages import PAGES
from db.store import Store
from engine.lessons.normalizing import BATCH_NORM
from tests.dashboard.conftest import HOSTILE_NAME, Demo, OpenPage, followed


def test_the_first_visit_leads_to_a_lesson_in_one_click(
    empty_database: str, open_page: OpenPage
) -> None:
    at = open_page(empty_database, "home")
    at = followed(at.button(key="first_lesson").click().run())
    assert not at.exception
    assert at.title[0].value == BATCH_NORM.name


def test_the_bare_address_is_home(demo_database: Demo, open_page: OpenPage) -> None:
    at = open_page(demo_database.url, PAGES[0].key)
    assert at.title[0].value == "layerlab"


def test_what_runs_is_shown_with_its_owner_and_how_far_it_is(
    demo_database: Demo, open_page: OpenPage
) -> None:
    at = open_page(demo_database.url, "home")
    assert not at.exception
    assert any("for ben" in c.value and "accuracy" in c.value for c in at.caption)
    assert any("Step 20 of 160" in progress.proto.text for progress in at.get("progress"))
    assert any("2 runs wait" in m.value for m in at.markdown)


def test_a_queue_that_nobody_serves_is_said(empty_database: str, open_page: OpenPage) -> None:
    with Store.open(empty_database) as store:
        for config in BATCH_NORM.configs:
            store.queue.enqueue(config, owner="mika")
        pages: list[tuple[str, dict[str, object]]] = [
            ("home", {}),
            ("run", {"id": 1}),
            ("runs", {}),
            ("compare", {"ids": "1,2"}),
        ]
        for page, address in pages:
            at = open_page(empty_database, page, **address)
            assert ["layerlab dispatch" in warning.value for warning in at.warning] == [True], page
        store.queue.serve(1)
        store.queue.hold(paused=True)
        for page, address in pages:
            at = open_page(empty_database, page, **address)
            assert not at.warning
            assert any("layerlab queue release" in info.value for info in at.info), page


def test_nothing_running_is_said(regression_database: str, open_page: OpenPage) -> None:
    at = open_page(regression_database, "home", lang="ja")
    assert any("学習中の実行はありません" in c.value for c in at.caption)


def test_what_ended_is_shown_with_its_score(demo_database: Demo, open_page: OpenPage) -> None:
    at = open_page(demo_database.url, "home")
    shown = " ".join(m.value for m in at.markdown)
    assert all(word in shown for word in ("Done", "Diverged", "Failed", "Cancelled", "%"))
    assert not [m for m in at.markdown if HOSTILE_NAME in m.value]
