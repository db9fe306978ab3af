"""A list of runs, sweeps or groups as a table that a keyboard and a reader of the screen can use: a
name is a link, a header a link to the list sorted by it, and a box selects its row.

Streamlit's own table is a picture: no name in it is a link, and its menu sorts the page in sight.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from dashboard.state.address import get, put
from dashboard.state.choices import Numbers
from dashboard.views.rows import Row, Table
from dashboard.widgets.browser import component
from dashboard.words.i18n import _

_HTML = '<div class="rows"><table><thead><tr></tr></thead><tbody></tbody></table></div>'
_mounted = component("rows", html=_HTML)

Sorting = Callable[[str], dict[str, str]]


def rows(
    table: Table,
    *,
    key: str,
    alt: str,
    opens: Callable[[Row], str | None],
    selection: Numbers | None,
    single: bool = False,
    sorting: Sorting = lambda _name: {},
) -> None:
    """Draw the table. `opens` is the address to which a name leads, `selection` the choice that
    keeps the rows selected. `sorting` says where the header leads by which a list can be sorted so,
    and whether it is."""
    boxed = selection is not None
    _mounted(
        key=key,
        data={
            "label": alt,
            "all": _("Select all on this page"),
            "single": single,
            "columns": _headers(table, sorting, boxed=boxed),
            "rows": [_row(row, table, opens(row), boxed=boxed) for row in table.rows],
            "selected": get(selection) if selection else None,
        },
        on_selected_change=lambda: _select(key, selection),
    )


def _headers(table: Table, sorting: Sorting, *, boxed: bool) -> list[dict[str, Any]]:
    def sorted_by(name: str | None) -> dict[str, str]:
        return sorting(name) if name else {}

    box = {"key": "box", "kind": "box"}
    return [
        *([box] if boxed else []),
        {"key": "id", "kind": "id", "title": "#", **sorted_by("id")},
        {"key": "name", "kind": "name", "title": table.heading, **sorted_by(table.sorts)},
        *(
            {"key": name, "kind": c.kind, "title": c.title, "help": c.help, **sorted_by(c.sorts)}
            for name, c in table.columns.items()
        ),
    ]


def _row(row: Row, table: Table, address: str | None, *, boxed: bool) -> dict[str, Any]:
    cells: list[dict[str, Any]] = [
        *([{}] if boxed else []),
        {"value": str(row.id)},
        {"value": row.name, "href": address},
        *({"value": row.cells.get(name)} for name in table.columns),
    ]
    label = _("Select {name}").format(name=f"#{row.id} {row.name}")
    return {"key": row.id, "label": label, "cells": cells}


def _select(key: str, selection: Numbers | None) -> None:
    chosen = st.session_state[key].selected
    if selection and isinstance(chosen, list):
        put({selection: tuple(number for number in chosen if isinstance(number, int))})
