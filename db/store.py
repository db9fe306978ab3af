"""The Store: everything that layerlab keeps, behind one interface.

store = Store.open()
run = store.queue.enqueue(config, owner="mika")
store.history.metrics([run.id])
"""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Self

from sqlalchemy import Engine

from db import address, schema
from db.acting import Acting
from db.audit import Audit
from db.branches import Branches
from db.checkpoints import Checkpoints
from db.classes import Classes
from db.connection import PATIENCE, Database
from db.data import Data
from db.history import History
from db.lessons import Lessons
from db.logs import Logs
from db.notes import Notes
from db.people import People
from db.portable.runs import PortableRuns
from db.queue import Queue
from db.records import Person
from db.runs import Runs
from db.sweeps import Sweeps
from db.tags import Tags
from db.views import Views
from engine.datasets.kept import SOURCES

if TYPE_CHECKING:
    from db.frames import Frames


class Store:
    """An open database; safe to share among the threads of a process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.queue = Queue(database)
        self.branches = Branches(database)
        self.history = History(database)
        self.checkpoints = Checkpoints(database)
        self.runs = Runs(database)
        self.logs = Logs(database)
        self.sweeps = Sweeps(database)
        self.tags = Tags(database)
        self.notes = Notes(database)
        self.views = Views(database)
        self.lessons = Lessons(database)
        self.classes = Classes(database)
        self.portable = PortableRuns(database)
        self.data = Data(database)
        self.people = People(database)
        self.audit = Audit(database)

    @classmethod
    def open(cls, url: str | None = None, *, patience: float = PATIENCE) -> Self:
        """Connect to the database that `url` names, by default `db.address.default_url()`.

        A write waits `patience` seconds for others before it fails. Raises SchemaError where the
        tables are older or newer than the program, and DatabaseError where it cannot be reached.
        """
        database = Database(address.parse(url), patience=patience)
        try:
            schema.check(database)
        except BaseException:
            database.close()
            raise
        store = cls(database)
        SOURCES.add(store.data)
        return store

    def acting_as(self, person: Person) -> Self:
        """The same database as that person may use it: what they may not change raises RightsError,
        what they change is theirs and in the audit."""
        return type(self)(Acting(self._database, person))

    @property
    def url(self) -> str:
        """The whole address, with its password: for handing on, not for showing."""
        return str(self._database.address)

    @property
    def location(self) -> str:
        """Where the data is kept, as people may read it: without a password."""
        return self._database.address.shown

    @property
    def writable(self) -> bool:
        """Whether anything can be kept: not where the file, its disk or the role only reads."""
        return self._database.writable

    @property
    def frames(self) -> Frames:
        """What is kept as pandas frames, for notebooks."""
        from db.frames import Frames  # pandas is slow to import, and few need it

        return Frames(self._database)

    @property
    def engine(self) -> Engine:
        return self._database.engine

    def close(self) -> None:
        """Give back every connection."""
        SOURCES.discard(self.data)
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Store({self.location})"
