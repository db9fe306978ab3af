"""Whoever runs the server says who may sign in, before anybody can."""

from __future__ import annotations

import json

from db.store import Store
from tests.runner.test_cli import Layerlab, assert_refused, layerlab, store, url

__all__ = ["layerlab", "store", "url"]


def test_people_are_added_listed_given_roles_and_put_out(layerlab: Layerlab, store: Store) -> None:
    added = layerlab("people", "add", "sato@example", "--role", "admin", "--name", "Sato").out
    assert added == "Sato is number 1, and may sign in as admin\n"
    layerlab("people", "add", "7", "--issuer", "https://id.example", "--name", "[red]Mika")
    assert_refused(
        layerlab("people", "add", "7", "--issuer", "https://id.example"), "not known yet"
    )
    assert "[red]Mika" in layerlab("people", "list").out
    assert layerlab("people", "role", "[red]Mika", "teacher").out == "[red]Mika is teacher now\n"
    assert layerlab("people", "disable", "2").out == "[red]Mika is not let in any more\n"
    layerlab("people", "sign-out", "Sato")
    found = json.loads(layerlab("people", "list", "--json").out)
    assert [(each["name"], each["role"], each["disabled"]) for each in found] == [
        ("Sato", "admin", False),
        ("[red]Mika", "teacher", True),
    ]
    layerlab("people", "enable", "2")
    assert_refused(layerlab("people", "role", "nobody", "admin"), "nobody is called nobody")
    mika = store.people.get(2)
    assert mika is not None
    assert not mika.disabled
    assert len(store.audit.changes(kind="person")) == 6
