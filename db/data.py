"""Data that people add: kept with the runs, so that every machine that trains sees the same.

A file is named by its SHA-256 and kept once, in portions, however many names and versions it has. A
name has versions: what is added under it later stands beside what was there. Whatever dies, nothing
is half added: portions are written first, each in a transaction of its own, and the version that
names them last, if all are there. Portions that no version came to name are swept after an hour.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial
from hashlib import sha256
from math import ceil
from pathlib import Path, PurePath
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    delete,
    exists,
    func,
    insert,
    select,
    text,
    update,
)

from db.bulk import insert_or_replace
from db.connection import Database, now
from db.models import ContentRow, DataFileRow, DataRow, ParamRow, PortionRow, SweepRow
from db.purge import give_space_back
from db.records import KeptData, SweepState
from db.rights import Action
from db.search import possible
from db.words import clean_name, clean_owner, clean_title
from engine.datasets import AnyDataset
from engine.datasets.base import FromFile
from engine.datasets.directory import reading, unchanged
from engine.datasets.kept import KeptFile, content_of, digest_of
from engine.errors import DataError
from engine.messages import Message

PORTION = 2**20  # bytes
ORPHANED = timedelta(hours=1)
"""How long portions may lie that no version names: an upload takes less."""

_TRIALS = 3
_VERSIONS = select(
    DataRow.id,
    DataRow.name,
    DataRow.version,
    DataRow.owner,
    DataRow.added_at,
    DataRow.spec,
    DataRow.about,
)
_DATASET: TypeAdapter[Any] = TypeAdapter(AnyDataset)
Progress = Callable[[int, int], object]


class Data:
    """Versions of data by their names."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        name: str,
        files: Mapping[str, Path],
        dataset: FromFile,
        *,
        owner: str,
        about: Mapping[str, Any] | None = None,
        most: int | None = None,
        progress: Progress = lambda _done, _whole: None,
        digests: Mapping[str, str] | None = None,
    ) -> KeptData:
        """Keep files as the newest version of a name, with the data set that they are to begin
        with; answers the version that is there where the name has one of the same content. Whoever
        gives the `digests`, the SHA-256 of each, promises that the files change no more.

        Raises DataError where a file is larger than `most` bytes together with the others, cannot
        be read, or changes meanwhile.
        """
        self._database.require(Action.ADD_DATA)
        name, owner = clean_title(name), clean_owner(self._database.signed(owner))
        _check_names(files)
        sizes = {each: _size(path) for each, path in files.items()}
        whole = sum(sizes.values())
        if most is not None and whole > most:
            large = Message(
                "{name} has {size:,} bytes; at most {most:,} can be added (LAYERLAB_UPLOAD_MB)"
            )
            raise DataError(large.filled(name=name, size=whole, most=most))
        self.sweep()
        settled = digests is not None
        digests = digests or {each: _digest(path) for each, path in files.items()}
        dataset = dataset.model_copy(update={"content": content_of(digests)})
        values = {
            "owner": owner,
            "person_id": self._database.person_id,
            "content": dataset.content,
            "spec": dataset.model_dump_json(),
            "about": about or {},
        }
        for _trial in range(_TRIALS):
            done = 0
            for each, path in files.items():
                tell = partial(_told, progress, done, whole)
                self._write(path, digests[each], sizes[each], tell, settled=settled)
                done += sizes[each]
            version = self._put(name, digests, values)
            if version is not None:
                return version
        raise DataError(Message("{name} was removed while it was added: add it again", name=name))

    def get(self, version_id: int) -> KeptData | None:
        """A version by its number, as a link names it."""
        with self._database.read() as connection:
            return _one(connection, DataRow.id.in_(possible([version_id])))

    def find(self, name: str, version: int | None = None) -> KeptData | None:
        """A version of a name, the newest where none is named."""
        of_name = [DataRow.name == name]
        if version is not None:
            of_name.append(DataRow.version == version)
        with self._database.read() as connection:
            return _one(connection, *of_name)

    def of_content(self, content: str) -> KeptData | None:
        """The version that was added last of a content, under whatever name."""
        with self._database.read() as connection:
            return _one(connection, DataRow.content == content)

    def list(self) -> Sequence[KeptData]:
        """Every version, by name, the newest first."""
        with self._database.read() as connection:
            rows = connection.execute(_VERSIONS.order_by(DataRow.name, DataRow.version.desc()))
            return _versions(connection, rows.all())

    def files(self, content: str) -> Sequence[KeptFile]:
        """The files of a content; none where it is not kept here."""
        version = select(DataRow.id).where(DataRow.content == content).limit(1).scalar_subquery()
        files = (
            select(DataFileRow.name, ContentRow.sha256, ContentRow.size)
            .join(ContentRow, ContentRow.sha256 == DataFileRow.sha256)
            .where(DataFileRow.version_id == version)
        )
        with self._database.read() as connection:
            rows = connection.execute(files).all()
        return [KeptFile(*row, partial(self._portions, row.sha256, row.size)) for row in rows]

    def runs(self, contents: Collection[str]) -> Mapping[str, Sequence[int]]:
        """The runs that use each of some contents, those included that are put away."""
        with self._database.read() as connection:
            return _runs_of(connection, contents)

    def remove(self, version_id: int) -> bool:
        """Forget a version, and what it holds where nothing else does; False where there is none.

        Raises DataError where runs or sweeps use what it holds and no other version has it.
        """
        with self._database.change(Action.REMOVE_DATA, "data", [version_id]) as connection:
            _hold_still(connection)
            version = _one(connection, DataRow.id.in_(possible([version_id])))
            if version is None:
                return False
            _refuse_where_used(connection, version)
            connection.execute(delete(DataRow).where(DataRow.id == version.id))
        if self.sweep():
            give_space_back(self._database)
        return True

    def sweep(self) -> int:
        """Remove what no version names and nobody can be writing any more; how many contents."""
        named = select(DataFileRow.sha256).where(DataFileRow.sha256 == ContentRow.sha256).exists()
        with self._database.change(Action.ADD_DATA) as connection:
            old = ContentRow.written_at < now(connection) - ORPHANED
            return connection.execute(delete(ContentRow).where(old, ~named)).rowcount

    def _write(
        self, path: Path, digest: str, size: int, tell: Callable[[int], object], *, settled: bool
    ) -> None:
        """Write what is not there yet of a file; where it may have changed meanwhile, or somebody
        else wrote some of it, see that it can be read as it was."""
        with self._database.change(Action.ADD_DATA) as connection:
            _note(connection, digest, size)
            if connection.execute(select(_is_named(digest))).scalar_one():
                tell(size)
                return
            there = select(PortionRow.number).where(PortionRow.sha256 == digest)
            held = set(connection.execute(there).scalars())
        found, shared = sha256(), bool(held)
        for number, data in enumerate(_pieces(path)):
            if not settled:
                found.update(data)
            if number not in held:
                with self._database.change(Action.ADD_DATA) as connection:
                    _note(connection, digest, size)
                    portion = {"sha256": digest, "number": number, "data": data}
                    new = insert_or_replace(connection, PortionRow.__table__).values(portion)
                    mine = new.on_conflict_do_nothing().returning(PortionRow.number)
                    shared |= connection.execute(mine).first() is None
            tell(min(size, (number + 1) * PORTION))
        changed = not settled and found.hexdigest() != digest
        if (changed or shared) and self._held(digest, size) != digest:
            self._forget(digest)  # of a file that changed: another's, or this one
        if changed:
            message = Message("{path} was changed while it was read: start again")
            raise DataError(message.filled(path=path.name))

    def _held(self, digest: str, size: int) -> str:
        """The SHA-256 of what was written of a content."""
        held = sha256()
        for data in self._portions(digest, size):
            held.update(data)
        return held.hexdigest()

    def _forget(self, digest: str) -> None:
        """Remove what was written of a content that no version names."""
        with self._database.change(Action.ADD_DATA) as connection:
            unnamed = ContentRow.sha256 == digest, ~_is_named(digest)
            connection.execute(delete(ContentRow).where(*unnamed))

    def _put(
        self, name: str, digests: Mapping[str, str], values: Mapping[str, Any]
    ) -> KeptData | None:
        """Name what was written, as the newest version; None where some of it is gone."""
        with self._database.change(Action.ADD_DATA) as connection:
            _hold_still(connection)
            same = _one(connection, DataRow.name == name, DataRow.content == values["content"])
            if same is not None:
                return same
            if not all(_is_whole(connection, digest) for digest in set(digests.values())):
                return None
            of_name = select(func.max(DataRow.version)).where(DataRow.name == name)
            newest = connection.execute(of_name).scalar_one() or 0
            number = {"name": name, "version": newest + 1, "added_at": now(connection)}
            new = insert(DataRow).values(number | dict(values)).returning(DataRow.id)
            version_id = connection.execute(new).scalar_one()
            connection.execute(
                insert(DataFileRow),
                [
                    {"version_id": version_id, "name": each, "sha256": digest}
                    for each, digest in digests.items()
                ],
            )
            self._database.made(connection, Action.ADD_DATA, "data", [version_id])
            return _one(connection, DataRow.id == version_id)

    def _portions(self, digest: str, size: int) -> Iterator[bytes]:
        """The portions of a content, each read in a moment of its own."""
        for number in range(ceil(size / PORTION)):
            one = select(PortionRow.data).where(
                PortionRow.sha256 == digest, PortionRow.number == number
            )
            with self._database.read() as connection:
                yield connection.execute(one).scalar_one_or_none() or b""


def _hold_still(connection: Connection) -> None:
    """Keep others from adding or removing versions; a SQLite transaction that writes does so."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE data_version IN SHARE ROW EXCLUSIVE MODE"))


def _is_named(digest: str) -> ColumnElement[bool]:
    """Whether a version names a content, which is then whole."""
    return exists().where(DataFileRow.sha256 == digest)


def _note(connection: Connection, digest: str, size: int) -> None:
    """Say that a content is being written: nobody sweeps it."""
    values = {"sha256": digest, "size": size, "written_at": now(connection)}
    new = insert_or_replace(connection, ContentRow.__table__).values(values)
    again = {"written_at": values["written_at"]}
    connection.execute(new.on_conflict_do_update(index_elements=["sha256"], set_=again))


def _is_whole(connection: Connection, digest: str) -> bool:
    """Whether all portions of a content are there, which from now on nobody sweeps."""
    mine = update(ContentRow).where(ContentRow.sha256 == digest)
    touched = mine.values(written_at=now(connection)).returning(ContentRow.size)
    size = connection.execute(touched).scalar_one_or_none()
    if size is None:
        return False
    there = select(func.count()).where(PortionRow.sha256 == digest)
    return bool(connection.execute(there).scalar_one() == ceil(size / PORTION))


def _runs_of(connection: Connection, contents: Collection[str]) -> Mapping[str, Sequence[int]]:
    used = select(ParamRow.text, ParamRow.run_id).where(
        ParamRow.name == "dataset.content", ParamRow.text.in_(contents)
    )
    found: dict[str, list[int]] = {content: [] for content in contents}
    for content, run_id in connection.execute(used.order_by(ParamRow.run_id)):
        found[str(content)].append(run_id)
    return found


def _refuse_where_used(connection: Connection, version: KeptData) -> None:
    content = version.content
    others = select(func.count()).where(DataRow.content == content, DataRow.id != version.id)
    if connection.execute(others).scalar_one():
        return
    runs = _runs_of(connection, [content])[content]
    sweeps = select(SweepRow.id).where(
        SweepRow.state != SweepState.CANCELLED, SweepRow.definition.contains(content)
    )
    in_sweeps = connection.execute(sweeps).scalars().all()
    if not runs and not in_sweeps:
        return
    what = (
        Message("{n} run(s), the newest is run {id}", n=len(runs), id=runs[-1])
        if runs
        else Message("sweep {id}", id=in_sweeps[-1])
    )
    rule = Message(
        "{name} (version {version}) is used by {what}: purge these first, for without their data"
        " they cannot be continued, and their predictions cannot be made"
    )
    raise DataError(rule.filled(name=version.name, version=version.version, what=what))


def _one(connection: Connection, *conditions: Any) -> KeptData | None:
    newest = DataRow.version.desc(), DataRow.id.desc()
    rows = connection.execute(_VERSIONS.where(*conditions).order_by(*newest).limit(1)).all()
    return next(iter(_versions(connection, rows)), None)


def _versions(connection: Connection, rows: Sequence[Row[Any]]) -> list[KeptData]:
    """Records of rows, with their files."""
    files: dict[int, dict[str, int]] = {row.id: {} for row in rows}
    of_them = (
        select(DataFileRow.version_id, DataFileRow.name, ContentRow.size)
        .join(ContentRow, ContentRow.sha256 == DataFileRow.sha256)
        .order_by(DataFileRow.name)
    )
    if len(rows) == 1:
        of_them = of_them.where(DataFileRow.version_id == rows[0].id)
    if rows:
        for version_id, name, size in connection.execute(of_them):
            if version_id in files:
                files[version_id][name] = size
    return [
        KeptData(
            *(row.id, row.name, row.version, row.owner, row.added_at),
            dataset=_DATASET.validate_json(row.spec),
            about=row.about,
            files=files[row.id],
        )
        for row in rows
    ]


def _check_names(files: Mapping[str, Path]) -> None:
    """Raises DataError where a name could lead out of a folder, or no file is there."""
    if not files:
        raise DataError(Message("there must be a file to add"))
    for name in files:
        if PurePath(name).name != name or name in ("", ".", "..") or clean_name(name) != name:
            raise DataError(Message("a file's name must be plain, without a folder").got(name))


def _size(path: Path) -> int:
    with reading(path), unchanged(path):
        return path.stat().st_size


def _digest(path: Path) -> str:
    with reading(path):
        return digest_of(path)


def _pieces(path: Path) -> Iterator[bytes]:
    with reading(path), path.open("rb") as file:
        while data := file.read(PORTION):
            yield data


def _told(progress: Progress, before: int, whole: int, done: int) -> None:
    """Tell how far all files are, where one of them is."""
    progress(before + done, whole)
