"""The tables: made by Alembic alone, the same as the models, never those of another program."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, text

from db import address, schema
from db.connection import Database
from db.errors import DatabaseError, SchemaError
from db.models import (
    QUANTITIES,
    SPLITS,
    Base,
    BatchNormRow,
    HistogramRow,
    LayerStatRow,
    MetricRow,
)
from db.store import Store
from engine import records


def test_the_migrations_make_what_the_models_say(store: Store) -> None:
    with store.engine.connect() as connection:
        options = {"version_table": schema.VERSION_TABLE, "compare_type": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []


def test_sqlite_tables_are_the_models_to_the_letter(sqlite_url: str) -> None:
    """What Alembic does not compare: WITHOUT ROWID, AUTOINCREMENT, the conditions of indexes."""
    plain = create_engine("sqlite://")
    Base.metadata.create_all(plain)
    query = text("SELECT name, sql FROM sqlite_master WHERE name NOT LIKE :version")
    made = []
    for engine in (create_engine(sqlite_url), plain):
        with engine.connect() as connection:
            rows = connection.execute(query, {"version": f"%{schema.VERSION_TABLE}%"})
            made.append({name: " ".join((sql or "").split()) for name, sql in rows})
        engine.dispose()
    assert made[0] == made[1]


@pytest.mark.parametrize(
    ("record", "table"),
    [
        (records.Metric, MetricRow),
        (records.LayerStatistics, LayerStatRow),
        (records.Histogram, HistogramRow),
        (records.BatchNormState, BatchNormRow),
    ],
)
def test_a_table_has_a_column_for_every_field(record: type, table: type[Base]) -> None:
    columns = {column.name: column.nullable for column in table.__table__.columns}
    assert next(iter(columns)) == "run_id", "rows are made in the order of the columns"
    del columns["run_id"]
    assert columns == {field.name: "None" in str(field.type) for field in fields(record)}


def test_words_are_the_engines() -> None:
    assert get_args(records.Split) == SPLITS
    assert get_args(records.Quantity) == QUANTITIES


def test_upgrading_makes_everything_once(empty_url: str) -> None:
    with pytest.raises(SchemaError, match="run `layerlab db upgrade`"):
        Store.open(empty_url)
    assert schema.upgrade(empty_url) == schema.upgrade(empty_url) == schema.head()
    with Store.open(empty_url) as store:
        assert store.runs.find().total == 0


def test_opening_makes_no_file(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match=r"There is no database .*nothing\.db yet"):
        Store.open(f"sqlite:///{tmp_path / 'nothing.db'}")
    assert list(tmp_path.iterdir()) == []


def test_starters_never_race(empty_url: str) -> None:
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(3, mp_context=spawn) as executor:
        assert list(executor.map(schema.upgrade, [empty_url] * 3)) == [schema.head()] * 3
    Store.open(empty_url).close()


def test_a_newer_database_is_refused_and_left_alone(database_url: str) -> None:
    with Store.open(database_url) as store, store.engine.begin() as connection:
        connection.execute(text(f"UPDATE {schema.VERSION_TABLE} SET version_num = '9999'"))
    for action in (Store.open, schema.upgrade):
        with pytest.raises(SchemaError, match=r"made by a newer layerlab \(revision 9999.*update"):
            action(database_url)


def test_an_older_database_names_the_remedy(database_url: str) -> None:
    with Store.open(database_url) as store, store.engine.begin() as connection:
        connection.execute(text(f"DELETE FROM {schema.VERSION_TABLE}"))
        connection.execute(text("ALTER TABLE run RENAME TO run_of_old"))
    with pytest.raises(SchemaError, match=r"older than this program.*run `layerlab db upgrade`"):
        Store.open(database_url)


def test_another_programs_tables_are_left_alone(empty_url: str) -> None:
    place = address.parse(empty_url)
    if place.file:
        place.file.parent.mkdir()
    engine = create_engine(place.url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE run (theirs INTEGER)"))
    engine.dispose()
    for action in (Store.open, schema.upgrade):
        with pytest.raises(SchemaError, match="a table `run` that layerlab did not make"):
            action(empty_url)


def test_a_migration_that_fails_leaves_nothing_behind(empty_url: str) -> None:
    place = address.parse(empty_url)
    if place.file:
        place.file.parent.mkdir()
    engine = create_engine(place.url)
    with engine.begin() as connection:  # the last table to be made is in the way
        connection.execute(text("CREATE TABLE checkpoint (theirs INTEGER)"))
    with pytest.raises(DatabaseError, match="checkpoint"):
        schema.upgrade(empty_url)
    with engine.connect() as connection:
        assert not engine.dialect.has_table(connection, "run")
    engine.dispose()


def test_sqlite_lets_readers_and_a_writer_work_side_by_side(sqlite_url: str) -> None:
    database = Database(address.parse(sqlite_url))
    with database.write() as writer, database.read() as reader:
        assert reader.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
        assert reader.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
        writer.exec_driver_sql("DELETE FROM run")
        assert reader.exec_driver_sql("SELECT count(*) FROM run").scalar_one() == 0
    database.close()
