"""A form that is only half filled outlives a reload: what is not yet valid, and a sweep's rows."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from tests.dashboard.conftest import OpenPage


def reloaded(at: AppTest, url: str, open_page: OpenPage) -> AppTest:
    """The page in a new session, opened by the address that it has come to."""
    said = {name: text if isinstance(text, str) else text[0]
            for name, text in at.query_params.items()}  # fmt: skip
    return open_page(url, "launch", **said)


def test_what_is_not_yet_valid_is_there_again(empty_database: str, open_page: OpenPage) -> None:
    at = open_page(empty_database, "launch")
    rate = next(field for field in at.text_input if field.label == "Learning rate η")
    rate.set_value("0.1x").run()
    assert at.button(key="launch").disabled
    again = reloaded(at, empty_database, open_page)
    assert not again.exception
    rate = next(field for field in again.text_input if field.label == "Learning rate η")
    assert rate.value == "0.1x"
    assert again.button(key="launch").disabled
    rate.set_value("0.1").run()
    assert not again.button(key="launch").disabled
    assert "draft" not in again.query_params
    assert "config" in again.query_params


def test_the_rows_of_a_sweep_are_there_again(empty_database: str, open_page: OpenPage) -> None:
    at = open_page(empty_database, "launch", mode="sweep")
    at.text_input(key="launch1.axes.0.optimizer.lr.values").set_value("0.1, 0.01").run()
    at.button(key="launch1.axes.add").click().run()
    at.multiselect(key="launch1.axes.1.stack.init.choices").set_value(["he", "xavier"]).run()
    again = reloaded(at, empty_database, open_page)
    assert not again.exception
    values = [field for field in again.text_input if field.label == "Values"]
    assert [field.value for field in values] == ["0.1, 0.01"]
    kinds = [field for field in again.multiselect if field.label == "Values"]
    assert [field.value for field in kinds] == [["he", "xavier"]]
    assert not again.button(key="launch").disabled


def test_what_is_no_longer_kept_is_said_and_the_valid_part_stays(
    empty_database: str, open_page: OpenPage
) -> None:
    at = open_page(empty_database, "launch", draft="<script>", mode="sweep")
    assert not at.exception
    assert "no longer kept" in at.warning[0].value
    assert "draft" not in at.query_params
    assert at.query_params["mode"] in ("sweep", ["sweep"])
