"""What people add to runs: tags, notes, and the views in which they looked at them."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest

from db.adding import add_files
from db.rights import Role
from db.store import Store
from engine.errors import ConfigError
from tests.db.build import CONFIG

HOSTILE = "<b>x</b> '; DROP TABLE run; -- **y** 日本"


def add(store: Store) -> int:
    return store.queue.enqueue(CONFIG, owner="mika").id


def tags(store: Store, run_id: int) -> tuple[str, ...]:
    run = store.runs.get(run_id)
    assert run is not None
    return run.tags


def test_tags_are_put_on_and_taken_off(store: Store) -> None:
    one, two = add(store), add(store)
    store.tags.add([one, two, 999], ["week3", " a\n b ", "week3"])
    store.tags.add([one], ["week3", HOSTILE])
    assert tags(store, one) == tuple(sorted(["week3", "a b", HOSTILE]))
    assert store.tags.names() == sorted(["a b", "week3", HOSTILE])
    store.tags.remove([one, 999], ["week3", "unknown"])
    assert tags(store, one) == tuple(sorted(["a b", HOSTILE]))
    assert {run.id: run.tags for run in store.runs.find().runs}[two] == ("a b", "week3")
    assert store.queue.enqueue(CONFIG, owner="mika").tags == ()


@pytest.mark.parametrize("tag", ["", " \n", "x" * 101])
def test_a_tag_that_is_empty_or_too_long_is_refused(store: Store, tag: str) -> None:
    run_id = add(store)
    with pytest.raises(ConfigError, match="`tag` must"):
        store.tags.add([run_id], ["good", tag])
    assert tags(store, run_id) == ()


HIDDEN = ["\x00", "\x1b[2J", "\x7f", "\x9b", "\ud800", "\u061c", "\u200f", "\u202e", "\u2069"]


@pytest.mark.parametrize("hidden", HIDDEN, ids=ascii)
def test_no_name_holds_what_nobody_sees(sqlite_url: str, hidden: str) -> None:
    """A name that turns the text around it could look like another, wherever it is written."""
    name, file = f"a{hidden}b", {"a.csv": BytesIO(b"x,y,label\n" + b"1,2,a\n3,4,b\n" * 20)}
    with Store.open(sqlite_url) as store:
        run_id = add(store)
        view = store.views.save("view", {}, owner="mika")
        writes: list[Callable[[], object]] = [
            lambda: store.queue.enqueue(CONFIG, owner="mika", name=name),
            lambda: store.queue.enqueue(CONFIG, owner=name),
            lambda: store.runs.rename(run_id, name),
            lambda: store.tags.add([run_id], [name]),
            lambda: store.views.save(name, {}, owner="mika"),
            lambda: store.views.rename(view.id, name),
            lambda: store.classes.make(name, ["zeros"], owner="mika"),
            lambda: store.people.add("1", issuer="i", role=Role.ADMIN, name=name, by="root"),
            lambda: add_files(store, file, name=name, owner="mika", most=10_000),
        ]
        for write in writes:
            code = f"U\\+{ord(hidden[0]):04X}"
            with pytest.raises(ConfigError, match=f"must not hold control characters.*{code}"):
                write()
        assert store.people.list() == []
        for kept in ("שלום", "سلام", "👩\u200d🔬", "می\u200cخواهم", "日本語"):
            assert store.runs.rename(run_id, kept)
            run = store.runs.get(run_id)
            assert run is not None
            assert run.name == kept, "letters of every language are a name"


def test_a_note_is_kept_as_it_was_written(store: Store) -> None:
    run_id = add(store)
    text = f"# Week 3\n\n{HOSTILE}\n\n- one"
    assert store.notes.get(run_id) is None
    assert store.notes.set(run_id, "first")
    assert store.notes.set(run_id, f"\n{text}\x00\r\n")
    note = store.notes.get(run_id)
    assert note is not None
    assert note.text == text
    run = store.runs.get(run_id)
    assert run is not None
    assert run.noted
    assert store.notes.get_many([999, run_id]) == {run_id: note}
    assert store.notes.set(run_id, "  \n")
    assert store.notes.get(run_id) is None
    assert not store.notes.set(999, "nobody's")
    with pytest.raises(ConfigError, match="`note` must be at most 100000 characters"):
        store.notes.set(run_id, "x" * 100_001)


def test_a_view_is_saved_replaced_renamed_and_forgotten(store: Store) -> None:
    views = store.views
    state = {"query": HOSTILE, "columns": ["optimizer.lr"], "limit": 50, "nothing": None}
    saved = views.save("week 3", {"old": True}, owner="mika")
    assert views.save(" week\n3 ", state, owner="mika").id == saved.id
    other = views.save("week 3", {}, owner="anna")
    view = views.get(saved.id)
    assert view is not None
    assert view.state == state
    assert [found.id for found in views.list("mika")] == [saved.id]
    assert {found.id for found in views.list()} == {saved.id, other.id}
    assert views.rename(saved.id, "week 4")
    views.save("week 3", {}, owner="mika")
    with pytest.raises(ConfigError, match="no other view has; got 'week 3'"):
        views.rename(saved.id, "week 3")
    assert views.delete(saved.id)
    for missing in (saved.id, 0, 10**30):
        assert views.get(missing) is None
        assert not views.delete(missing)
        assert not views.rename(missing, "x")


def test_a_view_needs_a_name_and_fits_a_row(store: Store) -> None:
    with pytest.raises(ConfigError, match="`name` must hold"):
        store.views.save(" ", {}, owner="mika")
    with pytest.raises(ConfigError, match="`state` must be at most"):
        store.views.save("x", {"query": "x" * 100_000}, owner="mika")
