"""Links between pages: stable numbers in the address, never translated words."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.words.i18n import _
from dashboard.words.text import plain
from db.records import Run


def asked_ids(name: str) -> list[int]:
    """The run numbers that the address names (`?id=3`, `?ids=3,4`), in order and without repeats.

    What is not a number is passed over: a link may have been cut or mistyped.
    """
    words = st.query_params.get(name, "").split(",")
    return list(dict.fromkeys(int(w) for w in words if w.strip().isdecimal() and len(w) < 19))


def page_address(**params: object) -> dict[str, str]:
    """Query parameters of a link to another page; the language goes along."""
    language = {"lang": st.query_params["lang"]} if "lang" in st.query_params else {}
    return {name: str(value) for name, value in params.items()} | language


def open_run(run_id: int) -> None:
    """Go to a run's page."""
    st.switch_page("app_pages/run/run.py", query_params=page_address(id=run_id))


def open_compare(run_ids: Sequence[int], **params: object) -> None:
    """Go to the comparison of these runs."""
    ids = ",".join(map(str, run_ids))
    st.switch_page("app_pages/compare/compare.py", query_params=page_address(ids=ids, **params))


def report_button(**params: object) -> None:
    """A button that opens a report on what the address names, or on `params` instead."""
    if st.button(
        _("Report"),
        icon=":material/summarize:",
        help=_("One file to hand in, and charts for slides."),
        key="to_report",
    ):
        address = page_address(**params) if params else st.query_params.to_dict()
        st.switch_page("app_pages/report/report.py", query_params=address)


def open_clone(run_id: int) -> None:
    """Go to the launch form, filled from a run."""
    st.session_state.pop("launch_wanted", None)  # fill it again, whatever was changed since
    st.switch_page("app_pages/launch/launch.py", query_params=page_address(**{"from": run_id}))


def run_link(
    run: Run, *, page: str = "run", icon: str = ":material/arrow_forward:", label: str = ""
) -> None:
    """A link that opens a run, called by `label` or invited to by its name."""
    st.page_link(
        f"app_pages/{page}/{page}.py",
        label=plain(label) if label else _("Open {run}").format(run=plain(run.label)),
        icon=icon,
        query_params=page_address(id=run.id),
    )
