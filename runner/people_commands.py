"""The commands for people: who may sign in to a dashboard, and what they may do there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from engine.errors import LayerlabError
from engine.messages import Message
from runner.surroundings import AsJson, open_store, print_table, read_settings, user

if TYPE_CHECKING:
    from db.people import People
    from db.records import Person
    from db.store import Store

app = typer.Typer(help="Say who may sign in to a dashboard, and what they may do there.")

Roles = Literal["viewer", "student", "teacher", "admin"]
Who = Annotated[str, typer.Argument(metavar="WHO", help="Their number or their name here.")]


@app.command()
def add(
    subject: Annotated[
        str,
        typer.Argument(
            metavar="SUBJECT", help="What the provider calls them (`sub`), or the proxy's user."
        ),
    ],
    role: Annotated[Roles, typer.Option(help="What they may do.")] = "student",
    issuer: Annotated[
        str,
        typer.Option(
            metavar="ISSUER",
            help="The provider's address (`iss`); without one, those whom a proxy names.",
        ),
    ] = "",
    name: Annotated[
        str, typer.Option(help="Under which they are shown; by default the subject.")
    ] = "",
) -> None:
    """Make somebody known before they sign in: the first administrator with --role admin."""
    from db.people import PROXY
    from db.rights import Role

    with open_store(read_settings()) as store:
        person = store.people.add(
            subject, issuer=issuer or PROXY, role=Role(role), name=name, by=user()
        )
    print(f"{person.name} is number {person.id}, and may sign in as {person.role}")


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """Print everybody who is known."""
    with open_store(read_settings()) as store:
        people = store.people.list()
    if as_json:
        print(json.dumps([_as_json(person) for person in people]))
    else:
        print_table(_table(people))


@app.command()
def role(who: Who, role: Annotated[Roles, typer.Argument(metavar="ROLE")]) -> None:
    """Say what somebody may do from now on: viewer, student, teacher or admin."""
    from db.rights import Role

    with _somebody(who) as (people, person):
        people.set_role(person.id, Role(role), by=user())
    print(f"{person.name} is {role} now")


@app.command()
def disable(who: Who) -> None:
    """Let somebody in no more, with whatever cookies they have."""
    with _somebody(who) as (people, person):
        people.disable(person.id, by=user())
    print(f"{person.name} is not let in any more")


@app.command()
def enable(who: Who) -> None:
    """Let somebody in again, once they sign in anew."""
    with _somebody(who) as (people, person):
        people.enable(person.id, by=user())
    print(f"{person.name} may sign in again")


@app.command("sign-out")
def sign_out(who: Who) -> None:
    """End every session of somebody: a cookie that was copied is worth nothing from then on."""
    with _somebody(who) as (people, person):
        people.sign_out(person.id, by=user())
    print(f"{person.name} has to sign in again")


@contextmanager
def _somebody(who: str) -> Iterator[tuple[People, Person]]:
    """Everybody, and the one who is meant; raises LayerlabError where there is nobody."""
    with open_store(read_settings()) as store:
        yield store.people, _find(store, who)


def _find(store: Store, who: str) -> Person:
    """Somebody by their number or name; raises LayerlabError where there is nobody."""
    number = int(who) if who.isascii() and who.isdigit() and len(who) < 10 else None
    found = store.people.named(who) or (store.people.get(number) if number else None)
    if found is None:
        nobody = Message("nobody is called {who}, nor has that number: see layerlab people list")
        raise LayerlabError(nobody.filled(who=who))
    return found


def _as_json(person: Person) -> dict[str, object]:
    return {
        "id": person.id,
        "name": person.name,
        "role": person.role.value,
        "disabled": person.disabled,
        "issuer": person.issuer,
        "subject": person.subject,
        "sessions_valid_after": person.sessions_valid_after.isoformat(),
        "created_at": person.created_at.isoformat(),
    }


def _table(people: list[Person]) -> object:
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for heading in ("number", "name", "role", "", "subject", "issuer"):
        table.add_column(heading)
    for person in people:
        told = (person.name, person.role.value, "disabled" if person.disabled else "")
        cells = (*told, person.subject, person.issuer)
        table.add_row(str(person.id), *(escape(cell) for cell in cells))
    return table
