"""A configuration in a link: read back as it was, or refused in a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given

from dashboard.state.config_link import LinkError, decode, encode
from engine.config import RunConfig
from engine.default import default_config
from engine.errors import ConfigError
from tests.dashboard.strategies import configs, relaxed


@relaxed
@given(configs())
def test_a_configuration_survives_a_link(config: RunConfig) -> None:
    assert decode(encode(config)) == config


@pytest.mark.parametrize(
    "word",
    [
        "",
        "x",
        "!!!",
        "あ",
        "eNrtlM",
        encode(default_config())[:-10],
        "A" * 100_000,
    ],
    ids=["empty", "short", "signs", "japanese", "cut", "cut late", "long"],
)
def test_a_broken_link_is_refused_in_one_sentence(word: str) -> None:
    with pytest.raises(LinkError):
        decode(word)


def test_a_link_cannot_unpack_without_end() -> None:
    import base64
    import zlib

    bomb = base64.urlsafe_b64encode(zlib.compress(b" " * 2_000_000, 9)).decode()
    with pytest.raises(LinkError, match="more than a configuration"):
        decode(bomb)


def test_a_link_to_no_configuration_names_the_field() -> None:
    import base64
    import zlib

    word = base64.urlsafe_b64encode(zlib.compress(b'{"layers": []}')).decode()
    with pytest.raises(ConfigError, match="layers"):
        decode(word)
