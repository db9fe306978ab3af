"""The file itself: a ZIP whose manifest names every member with its size and SHA-256.

Reading trusts nothing. Sizes are checked before anything is unpacked; then the manifest says of
which version the file is, and names and the way of packing are checked by it. No member is unpacked
beyond the size that was checked; nothing is ever written to a path that the file names, and no
pickle is loaded.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from db.checkpoints import LARGEST
from db.portable.errors import PortableError
from engine.errors import ConfigError
from engine.failures import why
from engine.messages import Message, shown

FORMAT = "layerlab-runs"
VERSION = 3
"""The version of the format, which every file names. Files of all versions up to this one are read;
what each brought (docs/portable.md says what raises it):

1   the first
2   checkpoints of format 2 (`engine/checkpoint.py`), which programs of version 1 would not know
3   what a run trained on (`data` of its document)
"""
MANIFEST = "manifest.json"

LARGEST_TEXT = 64 * 2**20  # bytes of one JSON member
SMALL = 64 * 2**20  # bytes that any file may unpack to
MOST_TIMES = 100  # beyond that: how many times its own size

Progress = Callable[[int, int], object]
"""Is told how much is done, and of how much."""

_UID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_NAMES = re.compile(
    rf"sweeps/{_UID}\.json"
    rf"|runs/{_UID}/(?:run\.json|config\.json|checkpoints/\d{{1,10}}\.npz"
    r"|[a-z_]+-\d{1,6}(?:\.[a-z_]+)?\.npy)"
)


class Member(BaseModel):
    """What the manifest says of a member."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    size: int = Field(ge=0)
    sha256: str


class Heading(BaseModel):
    """What the manifest of every version, later ones included, says first."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)

    format: str
    version: int = Field(ge=1, le=999_999)
    program: str = Field(pattern=r"^[\w.+!-]{1,40}$")  # a version of layerlab


class Manifest(Heading):
    """What is in the file, and which program wrote it."""

    model_config = ConfigDict(extra="forbid")

    created_at: datetime
    runs: tuple[str, ...] = Field(strict=False)
    sweeps: tuple[str, ...] = Field(strict=False)
    members: dict[str, Member]


class Writer:
    """Adds members, and at the end the manifest of all of them."""

    def __init__(self, file: Path, *, program: str) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED)
        self._program = program
        self._members: dict[str, Member] = {}

    def add(self, name: str, data: bytes, *, packed: bool = True) -> None:
        """Add a member; what would not become smaller is better not packed."""
        self._members[name] = Member(size=len(data), sha256=sha256(data).hexdigest())
        self._write(name, data, zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED)

    def close(self, *, runs: list[str], sweeps: list[str]) -> None:
        manifest = Manifest(
            format=FORMAT,
            version=VERSION,
            program=self._program,
            created_at=datetime.now(UTC),
            runs=tuple(runs),
            sweeps=tuple(sweeps),
            members=self._members,
        )
        self._write(MANIFEST, manifest.model_dump_json(indent=1).encode(), zipfile.ZIP_DEFLATED)
        self._zip.close()

    def _write(self, name: str, data: bytes, method: int) -> None:
        self._zip.writestr(zipfile.ZipInfo(name), data, method)


class Reader:
    """A file of runs that was opened and found to be one. Raises PortableError otherwise."""

    def __init__(self, file: Path, progress: Progress, *, called: str = "") -> None:
        self.file, self.name = file, called or file
        self._progress, self._done = progress, 0
        with self._trouble():
            self._zip = zipfile.ZipFile(file)
        try:
            infos = self._infos()
            self.manifest = self._read_manifest(infos)
            self._check_members(infos)
        except BaseException:
            self._zip.close()
            raise
        self._infos_by_name = {info.filename: info for info in infos}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._zip.close()

    def __contains__(self, name: str) -> bool:
        return name in self.manifest.members

    def read(self, name: str) -> bytes:
        """A member's content, which is what its writer hashed."""
        if name not in self:
            raise self.broken(Message("{member} is missing", member=name))
        data = self._unpacked(self._infos_by_name[name])
        if sha256(data).hexdigest() != self.manifest.members[name].sha256:
            raise self.broken(Message("{member} is damaged", member=name))
        self._done += len(data)
        self._progress(self._done, 2 * self._size)  # all is read twice: for its hash, and to add it
        return data

    def verify(self, expected: Iterable[str]) -> None:
        """Read all there is for its hash; raises where the file holds what nothing speaks of."""
        strange = sorted(set(self.manifest.members) - set(expected))
        if strange:
            raise self.broken(Message("nothing says what {member} is", member=strange[0]))
        for name in self.manifest.members:
            self.read(name)

    def broken(self, problem: Message) -> PortableError:
        return PortableError(
            Message(
                "The file {file} is damaged or was not written by layerlab ({problem}), so nothing"
                " was imported; export the runs again.",
                file=self.name,
                problem=problem,
            )
        )

    @cached_property
    def _size(self) -> int:
        return sum(member.size for member in self.manifest.members.values())

    def _infos(self) -> list[zipfile.ZipInfo]:
        """The members as the ZIP lists them, of sizes that may be unpacked, in any version."""
        infos = self._zip.infolist()
        if len({info.filename for info in infos}) < len(infos):
            raise self.broken(Message("a member is there twice"))
        for info in infos:
            text = info.filename.endswith(".json")
            if info.file_size > (LARGEST_TEXT if text else LARGEST):
                large = Message("{member} would have {size:,} bytes", size=info.file_size)
                raise self.broken(large.filled(member=shown(info.filename)))
        whole = sum(info.file_size for info in infos)
        if whole > max(SMALL, MOST_TIMES * self.file.stat().st_size):
            raise self.broken(Message("it would unpack to {size:,} bytes", size=whole))
        return infos

    def _read_manifest(self, infos: list[zipfile.ZipInfo]) -> Manifest:
        """The manifest, of which a later version is refused before anything else is asked of it."""
        info = next((info for info in infos if info.filename == MANIFEST), None)
        if info is None:
            raise self.broken(Message("it has no {member}", member=MANIFEST))
        self._check_packing(info)
        data = self._unpacked(info)
        try:
            self._check_version(Heading.model_validate_json(data))
            return Manifest.model_validate_json(data)
        except ValidationError as error:
            raise self.broken(first_problem(MANIFEST, error, Manifest)) from None

    def _check_version(self, heading: Heading) -> None:
        if heading.format != FORMAT:
            other = Message("its format is {found}, not {known}", known=shown(FORMAT))
            raise self.broken(other.filled(found=shown(heading.format)))
        if heading.version > VERSION:
            raise PortableError(
                Message(
                    "The file {file} is of version {found} of the format, which layerlab {program}"
                    " wrote; this one reads versions up to {known}, so nothing was imported: update"
                    " layerlab.",
                    file=self.name,
                    found=heading.version,
                    program=heading.program,
                    known=VERSION,
                )
            )

    def _check_packing(self, info: zipfile.ZipInfo) -> None:
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            strange = Message("{member} is packed in an unknown way", member=info.filename)
            raise self.broken(strange)

    def _check_members(self, infos: list[zipfile.ZipInfo]) -> None:
        """Raise unless the members are of this version's kinds, and those of the manifest."""
        for info in infos:
            if info.filename != MANIFEST and not _NAMES.fullmatch(info.filename):
                named = Message("no member may be named {member}", member=shown(info.filename))
                raise self.broken(named)
            self._check_packing(info)
        sizes = {info.filename: info.file_size for info in infos if info.filename != MANIFEST}
        if sizes != {name: member.size for name, member in self.manifest.members.items()}:
            raise self.broken(Message("its members are not those of its {list}", list=MANIFEST))

    def _unpacked(self, info: zipfile.ZipInfo) -> bytes:
        with self._trouble(), self._zip.open(info) as member:
            return member.read(info.file_size)

    @contextmanager
    def _trouble(self) -> Iterator[None]:
        """Say in one sentence what opening and unpacking may raise."""
        try:
            yield
        except FileNotFoundError:
            none = Message("There is no file {file}; name one that exists.", file=self.name)
            raise PortableError(none) from None
        except Exception as error:  # a broken archive makes zipfile raise a dozen kinds
            raise self.broken(why(error)) from error


def in_member(name: str, problem: Message) -> Message:
    """What is wrong with a member, which is named."""
    return Message("{member}: {problem}", member=name, problem=problem)


def first_problem(name: str, error: ValidationError, kind: type[BaseModel]) -> Message:
    """What a document of a kind breaks first, and where."""
    return in_member(name, ConfigError.from_validation(error, kind).problems[0].message)
