"""Which characters the bytes of a text stand for: by its byte order mark, else by what they can be.

UTF-8 has rules that other texts break, so bytes that keep them are UTF-8. What is left is one of
Japan's two: a text in EUC-JP is seldom one in CP932, and almost never the other way round; where
bytes are both, kana decide, which no Japanese text of some length lacks.
"""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from engine.datasets.tables.choices import Encoding
from engine.errors import DataError
from engine.messages import Message

_MARKS: tuple[tuple[bytes, Encoding], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_KANA = re.compile("[\u3041-\u30fe]")
_SAMPLE = 4096
"""Bytes in which a text of two bytes per character shows itself, where no mark says so."""


def decoded(path: Path, data: bytes, encoding: Encoding | None) -> tuple[bytes, Encoding]:
    """The text in UTF-8, without a byte order mark, and the encoding that it had.

    `encoding`, where given, is taken for granted. Raises DataError where the bytes are no text.
    """
    encoding = encoding or found(data)
    if encoding is None:
        none = Message(
            "{path} is no text in UTF-8, UTF-16, CP932 or EUC-JP: line {line} is not; save it as"
            " UTF-8, or name its encoding in `dataset.encoding`"
        )
        raise DataError(none.filled(path=path, line=_broken_line(data, "utf-8")))
    text = _in_utf_8(path, data, encoding)
    if b"\0" in text:
        raise DataError(Message("{path} is no text: it holds zero bytes", path=path))
    return text, encoding


def found(data: bytes) -> Encoding | None:
    """The encoding of a text, or None where it has none of those known here."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    if _has_wide_characters(data):
        return "utf-16"
    if data.isascii() or _text(data, "utf-8") is not None:
        return "utf-8"
    euc_jp = _text(data, "euc_jp")
    if _text(data, "cp932") is None:
        return None if euc_jp is None else "euc_jp"
    return "euc_jp" if euc_jp is not None and _KANA.search(euc_jp) else "cp932"


def _has_wide_characters(data: bytes) -> bool:
    """Whether every second byte is mostly zero, as where ASCII is written in UTF-16."""
    sample = data[:_SAMPLE]
    return any(sample[start::2].count(0) > 0.3 * len(sample) for start in (0, 1))


def _codec(data: bytes, encoding: Encoding) -> str:
    """Python's name of the encoding, with the order of bytes where no mark tells it."""
    if encoding != "utf-16" or data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-8-sig" if encoding == "utf-8" else encoding
    sample = data[:_SAMPLE]
    return "utf-16-be" if sample[::2].count(0) > sample[1::2].count(0) else "utf-16-le"


def _text(data: bytes, encoding: Encoding) -> str | None:
    try:
        return data.decode(_codec(data, encoding))
    except UnicodeDecodeError:
        return None


def _in_utf_8(path: Path, data: bytes, encoding: Encoding) -> bytes:
    if encoding == "utf-8" and data.isascii():
        return data  # the plain case, and the large one: no copy
    text = _text(data, encoding)
    if text is None:
        rule = Message("{path} is no text in {encoding}: line {line} is not")
        line = _broken_line(data, encoding)
        raise DataError(rule.filled(path=path, encoding=encoding, line=line))
    return text.encode()


def _broken_line(data: bytes, encoding: Encoding) -> int:
    """The number of the first line that is no text."""
    codec = _codec(data, encoding)
    try:
        data.decode(codec)
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(codec, "replace")
        return 1 + len(re.findall("\r\n|\r|\n", before))
    return 1
