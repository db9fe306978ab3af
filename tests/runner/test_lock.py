"""One dispatcher per database, on both kinds of it."""

from __future__ import annotations

import pytest

from db.schema import upgrade
from runner.lock import AlreadyRunningError, held, is_served


def test_a_second_holder_is_refused_until_the_first_has_gone(database_url: str) -> None:
    assert not is_served(database_url)
    with held(database_url) as first:
        assert first.take(), "the holder itself may ask again"
        assert is_served(database_url)
        with pytest.raises(AlreadyRunningError, match="another dispatcher"), held(database_url):
            pass
        assert is_served(database_url), "looking takes nothing away"
    assert not is_served(database_url)


def test_a_dispatcher_does_not_keep_the_database_from_being_upgraded(database_url: str) -> None:
    with held(database_url):
        upgrade(database_url)
