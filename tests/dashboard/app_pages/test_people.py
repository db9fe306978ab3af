"""The page of people: teachers see who changed what, and nobody else does."""

from __future__ import annotations

import csv
import io

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.app_pages.people.audit import Asked, csv_of
from dashboard.views.people.changes import ACTIONS, FACTS, KINDS, changes_table, whole_change
from db import audit
from db.audit import COMMAND_LINE
from db.rights import Action, RightsError, Role
from db.store import Store
from tests.dashboard.conftest import HOSTILE_NAME, Demo, OpenPage, Rows, SignIn, known, told

EVERYTHING = Asked(person_id=None, action=None, kind=None, key=None)


@pytest.fixture
def changed(demo_copy: Demo) -> Demo:
    """A database in which Hana, a student, has launched, renamed and cancelled a run."""
    hana = known(demo_copy, "hana", Role.STUDENT)
    with Store.open(demo_copy.url) as store:
        run = store.runs.get(demo_copy.queued)
        assert run is not None
        acting = store.acting_as(hana)
        made = acting.queue.enqueue(run.config, owner="", name="first")
        acting.runs.rename(made.id, HOSTILE_NAME)
        acting.queue.cancel(made.id, by="")
    return demo_copy


def in_menu(at: AppTest) -> bool:
    menu = next(data["pages"] for data in told(at) if "pages" in data)
    return "people" in [page["key"] for page in menu]


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("lang", ["en", "ja"])
def test_teachers_and_administrators_see_it_and_nobody_else(
    lang: str, role: Role, changed: Demo, open_page: OpenPage, sign_in: SignIn
) -> None:
    known(changed, "sato", role)
    sign_in("sato")
    at = open_page(changed.url, "people", lang=lang)
    assert not at.exception
    if role in (Role.TEACHER, Role.ADMIN):
        assert in_menu(at)
        assert not at.error
        assert len(Rows.of(at).ids) == 5  # two people made known, three changes
    else:
        assert not in_menu(at)
        assert not Rows.of(at).ids
        assert not at.get("download_button")
        said = {"en": "You may not read who changed what", "ja": "変更したかを見る"}[lang]
        assert said in at.error[0].value


def test_where_nobody_signs_in_no_menu_leads_there(changed: Demo, open_page: OpenPage) -> None:
    at = open_page(changed.url, "people", lang="en")
    assert not at.exception
    assert not in_menu(at)


def test_a_change_says_who_did_what_to_which_run(
    changed: Demo, open_page: OpenPage, sign_in: SignIn
) -> None:
    known(changed, "sato", Role.TEACHER)
    sign_in("sato")
    at = open_page(changed.url, "people", lang="en", who=1)
    rows = Rows.of(at)
    cancelled, renamed, launched = rows.ids
    assert [rows.cell(i, "what") for i in rows.ids] == ["Cancel", "Rename", "Launch"]
    assert rows.cell(renamed, "who") == "hana"
    assert rows.cell(renamed, "change") == f"Name: first → {HOSTILE_NAME}"
    assert rows.cell(cancelled, "change") == "Status: Queued → Cancelled"
    assert rows.cell(launched, "change").startswith("New: Name: first; Owner: hana")
    one = open_page(changed.url, "people", lang="ja", selected=renamed)
    assert not one.exception
    assert one.table[0].value.to_dict("index")["名前"]["変更前"] == "first"
    shown = one.table[0].value.to_dict("index")["名前"]["変更後"]
    assert "\\[a\\]" in shown, "a name is data, never a link"


def test_what_is_chosen_stands_in_the_address_and_narrows_the_list(
    changed: Demo, open_page: OpenPage, sign_in: SignIn
) -> None:
    known(changed, "sato", Role.ADMIN)
    sign_in("sato")
    at = open_page(changed.url, "people", lang="en")
    at.selectbox(key="at_who").select(COMMAND_LINE).run()
    assert {Rows.of(at).cell(i, "what") for i in Rows.of(at).ids} == {"People"}
    at.selectbox(key="at_who").select(1).run()
    assert at.query_params["who"] in ("1", ["1"])
    at.selectbox(key="at_kind").select("run").run()
    at.selectbox(key="at_action").select(Action.RENAME).run()
    (renamed,) = Rows.of(at).ids
    at.text_input(key="at_key").set_value("9999").run()
    assert not Rows.of(at).ids
    assert at.info
    at.text_input(key="at_key").set_value("").run()
    assert Rows.of(at).ids == [renamed]
    wrong = open_page(changed.url, "people", lang="en", who="77", action="nothing", selected=10**12)
    assert not wrong.exception
    assert len(wrong.warning) == 2
    assert len(Rows.of(wrong).ids) == 5


def test_the_file_holds_all_changes_and_no_formula(changed: Demo) -> None:
    with Store.open(changed.url) as store:
        sato = store.people.add("=1+1", issuer="i", role=Role.TEACHER, by="root")
        text = csv_of(store.acting_as(sato).audit, EVERYTHING).decode("utf-8-sig")
        lines = list(csv.DictReader(io.StringIO(text)))
        assert len(lines) == store.audit.count() == 5
        store.acting_as(sato).queue.hold(paused=True)
        text = csv_of(store.acting_as(sato).audit, EVERYTHING).decode("utf-8-sig")
        assert next(csv.DictReader(io.StringIO(text)))["name"] == "'=1+1"
        store.people.set_role(sato.id, Role.STUDENT, by="root")
        with pytest.raises(RightsError):
            csv_of(store.acting_as(sato).audit, EVERYTHING)


def test_every_fact_kind_and_action_of_a_change_has_words() -> None:
    """A list of changes never fails on a kind that was added to the audit."""
    assert set(ACTIONS) == set(Action)
    assert set(KINDS) == set(audit.KINDS)
    labels = {"tags", "note", "choice"}
    columns = {name for kept in audit._KEPT.values() for name in kept.columns}
    assert set(FACTS) == columns | labels


def test_a_change_of_what_is_gone_is_shown(changed: Demo) -> None:
    with Store.open(changed.url) as store:
        admin = store.acting_as(store.people.add("a", issuer="i", role=Role.ADMIN, by="root"))
        admin.runs.delete([changed.cancelled])
        admin.runs.purge([changed.cancelled])
        (purged,) = store.audit.changes(action=Action.PURGE)
    (row,) = changes_table([purged]).rows
    assert str(row.cells["change"]).startswith("Gone: ")
    assert whole_change(purged).shape[1] == 2
