"""Runs out of a database into a file, and from a file into a database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from db.connection import Database
from db.errors import EXISTS, UNWRITTEN
from db.portable.container import Progress, Reader, Writer
from db.portable.errors import PortableError
from db.portable.incoming import Incoming
from db.portable.outgoing import missing, write
from db.rights import Action
from engine.failures import why
from engine.messages import Message


@dataclass(frozen=True, slots=True)
class Exported:
    """What became of an export."""

    runs: int
    size: int  # bytes of the file
    left_out: tuple[Message, ...]  # checkpoints that cannot be read any more


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of an import: the numbers that the runs have here."""

    added: tuple[int, ...]
    known: tuple[int, ...]  # those that were there before, and were not changed


def _silently(_done: int, _total: int) -> None:
    pass


class PortableRuns:
    """Runs as a file: `docs/portable.md`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def export(
        self, run_ids: Iterable[int], file: Path, *, progress: Progress = _silently
    ) -> Exported:
        """Write runs into a new file, which appears when it is whole.

        `progress` is told how much is done, and of how much. Raises PortableError where the file
        is there already or cannot be written, or a run is not there.
        """
        wanted = list(dict.fromkeys(run_ids))
        if absent := missing(self._database, wanted):
            raise PortableError(Message("There is no run {ids} to export.", ids=absent))
        if file.exists():
            raise PortableError(EXISTS.filled(file=file))
        part = file.with_name(f"{file.name}.part")
        try:
            writer = Writer(part, program=version("layerlab"))
            damaged = write(self._database, writer, wanted, progress)
            part.rename(file)
        except OSError as error:
            raise PortableError(UNWRITTEN.filled(file=file, why=why(error))) from error
        finally:
            part.unlink(missing_ok=True)
        return Exported(len(wanted), file.stat().st_size, tuple(damaged))

    def import_(self, file: Path, *, called: str = "", progress: Progress = _silently) -> Imported:
        """Add the runs of a file that are not there yet: all of them, or none where it is damaged.
        Errors name the file as it is `called` where that is not its path.

        Runs are known by their uid: a second import changes nothing. One that had not ended arrives
        paused. Raises PortableError.
        """
        self._database.require(Action.IMPORT)
        with Reader(file, progress, called=called) as reader:
            incoming = Incoming(reader, self._database)
            with self._database.change(Action.IMPORT) as connection:
                added, known = incoming.add(connection)
                self._database.made(connection, Action.IMPORT, "run", added)
        return Imported(tuple(added), tuple(known))
