"""Tables as files: Parquet, or CSV that a spreadsheet opens without running anything."""

from __future__ import annotations

from codecs import BOM_UTF8
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv, parquet

from db.errors import EXISTS, UNWRITTEN
from db.portable.errors import PortableError
from db.words import FORMULA
from engine.failures import why
from engine.messages import Message, either

SUFFIXES = (".csv", ".parquet")


def check_file(file: Path) -> None:
    """Raise PortableError for a file that is there, or of another kind."""
    if file.suffix.lower() not in SUFFIXES:
        rule = Message("The file's name must end in {suffixes}; got {file}.")
        raise PortableError(rule.filled(suffixes=either(*SUFFIXES), file=file))
    if file.exists():
        raise PortableError(EXISTS.filled(file=file))


def write_table(table: pa.Table, file: Path) -> None:
    """Write a table into a new file, by its suffix as CSV or Parquet; it appears when it is whole.

    In CSV, what is missing is an empty cell; NaN and infinities are `nan`, `inf` and `-inf`. It
    begins with the mark by which Excel knows UTF-8.
    """
    check_file(file)
    part = file.with_name(f"{file.name}.part")
    try:
        if file.suffix.lower() == ".csv":
            with part.open("wb") as out:
                out.write(BOM_UTF8)
                csv.write_csv(_harmless(table), out)
        else:
            parquet.write_table(table, part, compression="zstd")
        part.rename(file)
    except OSError as error:
        raise PortableError(UNWRITTEN.filled(file=file, why=why(error))) from error
    finally:
        part.unlink(missing_ok=True)


def _harmless(table: pa.Table) -> pa.Table:
    """The table, its texts such that none is a formula."""
    for place, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            texts = pc.replace_substring_regex(table.column(place), FORMULA, r"'\1")
            table = table.set_column(place, field, texts)
    return table
