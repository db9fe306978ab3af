"""The house style of the Japanese catalogue, as far as a machine can hold it (CONTRIBUTING.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from babel.messages.pofile import read_po

from dashboard.messages import catalogue
from dashboard.words.i18n import CATALOGUES

KANA = "ぁ-んァ-ヶ一-龠ー々"
APART = re.compile(rf"[0-9A-Za-z%][{KANA}]|[{KANA}][0-9A-Za-z]")
PERCENT = re.compile(r"[0-9}] %|％")
HALF_WIDTH = re.compile(rf"[{KANA}](?:[:;!?]|,(?![{KANA}]+ または)|\((?!N,|\{{shape))")
PLACES = re.compile(r"`[^`]*`|\{[^}]*\}|https?://\S+")
"""What is quoted as it is."""

FORBIDDEN = {
    "待ち行列": "キュー",
    "パラメータ(?!ー)": "パラメーター",
    "フォルダ(?!ー)": "フォルダー",
    "学習時(?!間)": "訓練モード",
    "チャンネル": "チャネル",
    "ジョブ": "実行",
}
"""Words for which there is another one, everywhere."""

ENGLISH = (
    *("a layer", "a point", "a channel", "a step", "a run"),  # "per layer"
)
UNITS = re.compile(rf"\b(?:units|seeds|dots?|rows?|lines?|steps) (?:{'|'.join(ENGLISH)})\b", re.I)
OTHERWISE = ("Ended lately", "Hold against others", "In use", "No run passes", "Horizontal axis")


def japanese() -> Iterator[tuple[str, str]]:
    """Each English text with its Japanese."""
    with (CATALOGUES / "ja" / "layerlab.po").open("rb") as file:
        for message in read_po(file, locale="ja"):
            ids = [message.id] if isinstance(message.id, str) else message.id
            texts = [message.string] if isinstance(message.string, str) else message.string
            if ids[0]:
                yield from ((ids[0], text) for text in texts)


@pytest.mark.parametrize("pattern", FORBIDDEN)
def test_one_word_for_each_thing(pattern: str) -> None:
    wrong = [text for _english, text in japanese() if re.search(pattern, text)]
    assert wrong == [], f"it is {FORBIDDEN[pattern]} here"


def test_running_statistics_are_no_moving_averages() -> None:
    """A moving average is what an optimizer keeps, or the running mean."""
    wrong = [
        text
        for english, text in japanese()
        if "移動平均" in text and not re.search("moving|mean", english, re.I)
    ]
    assert wrong == [], "running statistics are 移動統計量"


def test_punctuation_after_japanese_is_full_width() -> None:
    wrong = [text for _english, text in japanese() if HALF_WIDTH.search(PLACES.sub("", text))]
    assert wrong == []


def test_numbers_and_latin_words_stand_apart_from_japanese_and_percent_signs_do_not() -> None:
    told = [(text, PLACES.sub("\x00", text)) for _english, text in japanese()]
    assert [text for text, bare in told if APART.search(bare)] == []
    assert [text for text, _bare in told if PERCENT.search(text)] == []


def test_english_counts_per_thing_and_says_things_one_way() -> None:
    ids = [m.id if isinstance(m.id, str) else m.id[0] for m in catalogue() if m.id]
    assert [text for text in ids if UNITS.search(text)] == [], "units per layer, not units a layer"
    assert [text for text in ids if text.startswith(OTHERWISE)] == []
