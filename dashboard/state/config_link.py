"""A configuration in an address: JSON, compressed, in the alphabet of URLs."""

from __future__ import annotations

import base64
import binascii
import zlib

from engine.config import RunConfig
from engine.errors import LayerlabError
from engine.messages import Message

LONGEST = 8_000  # characters: what browsers and proxies carry in an address
LARGEST = 256 * 1024  # bytes of JSON: a link cannot make the server unpack more


class LinkError(LayerlabError):
    """A link to a configuration cannot be read."""


BROKEN = Message("This link holds no readable configuration; copy it again, whole.")
TOO_LONG = Message("This link holds more than a configuration can; copy it again.")


def encode(config: RunConfig) -> str:
    """The configuration as one word of an address."""
    packed = zlib.compress(config.to_json().encode(), 9)
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def decode(word: str) -> RunConfig:
    """The configuration in a link; raises LinkError, or ConfigError where it breaks a rule."""
    if len(word) > LONGEST:
        raise LinkError(TOO_LONG)
    try:
        packed = base64.b64decode(word + "=" * (-len(word) % 4), altchars=b"-_", validate=True)
        unpacker = zlib.decompressobj()
        text = unpacker.decompress(packed, LARGEST)
    except (ValueError, binascii.Error, zlib.error):
        raise LinkError(BROKEN) from None
    if unpacker.unconsumed_tail:
        raise LinkError(TOO_LONG)
    if not unpacker.eof:
        raise LinkError(BROKEN)
    return RunConfig.parse_json(text)
