"""People are rows: known by what their provider calls them, let in or not, each change noted."""

from __future__ import annotations

import csv
import io
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from db.audit import to_csv
from db.records import Person
from db.rights import RightsError, Role
from db.store import Store
from engine.errors import ConfigError, LayerlabError

ISSUER = "https://id.example"


def admitted(store: Store, subject: str, name: str = "", **more: object) -> Person:
    return store.people.admit(ISSUER, subject, name=name, new=Role.STUDENT, **more)  # type: ignore[arg-type]


def test_people_are_told_apart_by_their_provider_and_not_by_their_names(store: Store) -> None:
    """Two with one name, or one address, and one number at two providers, are four people."""
    first, second = admitted(store, "1", "Mika"), admitted(store, "2", "Mika")
    other = store.people.admit("https://other.example", "1", name="Mika", new=Role.VIEWER)
    assert len({first.id, second.id, other.id}) == 3
    assert [first.name, second.name, other.name] == ["Mika", "Mika (2)", "Mika (3)"]
    assert admitted(store, "1", "Somebody else") == first


def test_twenty_people_of_one_name_come_at_once(store: Store) -> None:
    with ThreadPoolExecutor(10) as pool:
        people = list(pool.map(lambda i: admitted(store, str(i // 2), "Mika"), range(20)))
    assert len({each.id for each in people}) == 10
    assert len({each.name for each in people}) == 10


def test_who_is_unknown_is_let_in_only_where_that_was_said(store: Store) -> None:
    with pytest.raises(RightsError, match=r"people add 'x; rm' --issuer") as refused:
        store.people.admit(ISSUER, "x; rm", name="", new=None)
    assert "Nobody knows you" in str(refused.value)
    known = store.people.add("x; rm", issuer=ISSUER, role=Role.ADMIN, by="root", name="mika")
    assert store.people.admit(ISSUER, "x; rm", name="", new=None) == known


def test_a_session_from_before_ends_with_disabling_and_with_signing_out(store: Store) -> None:
    """A cookie that was copied is worth nothing from then on."""
    person = admitted(store, "1", "Mika", at=datetime.now(UTC))
    before, after = datetime.now(UTC) - timedelta(1), datetime.now(UTC) + timedelta(1)
    assert admitted(store, "1", at=before) == person
    store.people.sign_out(person.id, by="root")
    with pytest.raises(RightsError, match="sign in again"):
        admitted(store, "1", at=before)
    assert admitted(store, "1", at=after).id == person.id
    store.people.disable(person.id, by="root")
    with pytest.raises(RightsError, match="Mika has been disabled"):
        admitted(store, "1", at=after)
    store.people.enable(person.id, by="root")
    with pytest.raises(RightsError, match="sign in again"):
        admitted(store, "1", at=before)
    assert admitted(store, "1", at=after).id == person.id


def test_a_name_shows_nothing_that_is_not_in_it(store: Store) -> None:
    """Marks that turn text around, invisible characters and line breaks are left out."""
    assert admitted(store, "1", "te\u202eacher\u200b\n").name == "teacher"
    assert admitted(store, "2", "\u202e").name == "2"
    assert len(admitted(store, "3", "x" * 300).name) == 100


@pytest.mark.parametrize("subject", ["", "a\nb", "x" * 256, "\u0000"], ids=len)
def test_what_no_provider_may_call_anybody_is_refused(store: Store, subject: str) -> None:
    with pytest.raises(ConfigError, match="`subject` must be"):
        admitted(store, subject)


def test_nobody_is_added_twice_and_nobody_is_changed_who_is_not_there(store: Store) -> None:
    store.people.add("1", issuer=ISSUER, role=Role.ADMIN, by="root", name="mika")
    with pytest.raises(ConfigError, match="`subject` must be one that is not known yet"):
        store.people.add("1", issuer=ISSUER, role=Role.ADMIN, by="root")
    with pytest.raises(ConfigError, match="`name` must be one that nobody else has"):
        store.people.add("2", issuer=ISSUER, role=Role.ADMIN, by="root", name="mika")
    with pytest.raises(LayerlabError, match="nobody with the number 7"):
        store.people.set_role(7, Role.ADMIN, by="root")


def test_changes_of_people_are_noted_and_exported(store: Store) -> None:
    person = store.people.add("=1+1", issuer=ISSUER, role=Role.VIEWER, by="root")
    store.people.set_role(person.id, Role.TEACHER, by="root")
    (changed, added) = store.audit.changes(kind="person", key=str(person.id))
    assert (changed.name, changed.before, changed.after) == (
        "root",
        {"role": "viewer"},
        {"role": "teacher"},
    )
    assert added.before is None
    person = admitted(store, "=cmd", "=cmd")
    mine = store.audit.changes(person_id=person.id)
    header, row = csv.reader(io.StringIO(to_csv(mine)))
    assert header[:4] == ["id", "at", "person_id", "name"]
    assert row[3] == "'=cmd", "a spreadsheet would run it"
