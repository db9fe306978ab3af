"""Values come back as they went in, and sort alike, on both databases."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sqlalchemy import Column, Connection, Integer, MetaData, Table, create_engine, insert, select

from db import address
from db.types import NAN, Json, Number, Packed, UtcDateTime, Word, seconds_between

SHARED = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
VALUES = Table(
    "value",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("number", Number),
    Column("counts", Packed("<u4")),
    Column("channels", Packed("<f8")),
    Column("word", Word(("first", "second"))),
    Column("data", Json),
    Column("at", UtcDateTime),
    Column("later", UtcDateTime),
)


@pytest.fixture
def connection(empty_url: str) -> Iterator[Connection]:
    place = address.parse(empty_url)
    if place.file:
        place.file.parent.mkdir()
    engine = create_engine(place.url)
    with engine.connect() as connection:
        VALUES.create(connection)
        yield connection
    engine.dispose()


def round_trip(connection: Connection, column: str, value: object) -> object:
    new = insert(VALUES).values({column: value}).returning(VALUES.c.id)
    key = connection.execute(new).scalar_one()
    return connection.execute(select(VALUES.c[column]).where(VALUES.c.id == key)).scalar_one()


@SHARED
@given(value=st.none() | st.floats())
def test_every_number_survives(connection: Connection, value: float | None) -> None:
    back = round_trip(connection, "number", value)
    if value is None or math.isnan(value):
        assert str(back) == str(value)
    else:
        assert back == value


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_numpy_numbers_are_numbers(connection: Connection, kind: type[np.floating]) -> None:
    assert round_trip(connection, "number", kind(0.5)) == 0.5
    assert math.isnan(float(str(round_trip(connection, "number", kind("nan")))))


def test_numbers_sort_and_compare_alike(connection: Connection) -> None:
    values = [NAN, math.inf, 2.0, -math.inf, 10.0]
    connection.execute(insert(VALUES), [{"number": value} for value in values])
    number = VALUES.c.number
    ordered = list(connection.execute(select(number).order_by(number)).scalars())
    assert ordered[:4] == [-math.inf, 2.0, 10.0, math.inf]
    assert math.isnan(ordered[4])
    assert len(connection.execute(select(number).where(number == NAN)).all()) == 1
    assert len(connection.execute(select(number).where(number <= math.inf)).all()) == 4


@SHARED
@given(counts=arrays(np.uint32, st.integers(0, 50)))
def test_counts_survive(connection: Connection, counts: np.ndarray) -> None:
    back = round_trip(connection, "counts", counts)
    assert isinstance(back, np.ndarray)
    assert back.dtype == np.uint32
    np.testing.assert_array_equal(back, counts)


@SHARED
@given(channels=arrays(np.float64, st.integers(0, 50)))
def test_channels_survive_bit_by_bit(connection: Connection, channels: np.ndarray) -> None:
    back = round_trip(connection, "channels", channels)
    assert isinstance(back, np.ndarray)
    assert back.tobytes() == channels.tobytes()


def test_arrays_may_be_strided_or_of_the_other_byte_order(connection: Connection) -> None:
    for array in (np.arange(10.0)[::3], np.arange(4, dtype=">f8"), np.arange(4, dtype=np.float32)):
        back = round_trip(connection, "channels", array)
        assert isinstance(back, np.ndarray)
        np.testing.assert_array_equal(back, array)


def test_types_made_alike_are_not_confused(connection: Connection) -> None:
    """SQLAlchemy caches statements by type: words and dtypes must be part of the key."""
    assert Word(("a", "b"))._static_cache_key != Word(("b", "a"))._static_cache_key
    assert Packed("<u4")._static_cache_key != Packed("<f8")._static_cache_key
    assert round_trip(connection, "word", "second") == "second"


@SHARED
@given(
    data=st.dictionaries(
        st.text(), st.none() | st.booleans() | st.integers() | st.text() | st.floats(), max_size=4
    )
)
def test_event_data_survives(connection: Connection, data: dict[str, object]) -> None:
    assert str(round_trip(connection, "data", data)) == str(data)


@SHARED
@given(at=st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1)), offset=st.integers(-12, 14))
def test_moments_survive_whatever_their_zone(
    connection: Connection, at: datetime, offset: int
) -> None:
    moment = at.replace(tzinfo=timezone(timedelta(hours=offset)))
    back = round_trip(connection, "at", moment)
    assert isinstance(back, datetime)
    assert back == moment
    assert back.tzinfo is UTC


def test_seconds_between_moments(connection: Connection) -> None:
    start = datetime(2026, 3, 1, 23, 59, 59, tzinfo=UTC)
    times = {"at": start, "later": start + timedelta(days=1, milliseconds=250)}
    connection.execute(insert(VALUES), times)
    seconds = connection.execute(select(seconds_between(VALUES.c.at, VALUES.c.later))).scalar_one()
    assert float(seconds) == pytest.approx(86400.25, abs=0.01)
