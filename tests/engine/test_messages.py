"""A message is a template and its values: English as text, any language by a catalogue, JSON."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest

from engine.messages import Message, shown, verbatim

GERMAN = {
    "must be at least {least}": "muss mindestens {least} sein",
    "{rule}; got {value}": "{rule}, nicht {value}",
    "nothing": "nichts",
    "known: {names}": "bekannt: {names}",
}


def german(template: str) -> str:
    return GERMAN.get(template, template)


@pytest.mark.parametrize(
    ("message", "english"),
    [
        (Message("it is full"), "it is full"),
        (Message("at most {most:,} bytes", most=12_000), "at most 12,000 bytes"),
        (Message("a loss of {loss:.4g}", loss=0.123456), "a loss of 0.1235"),
        (Message("{path} is cut off", path=Path("a") / "b{c}"), "a/b{c} is cut off"),
        (Message("known: {names}", names=["a", "b"]), "known: a, b"),
        (Message("needs {n}", n=3).got("x" * 99), f"needs 3; got '{'x' * 56}..."),
        (Message("needs {n}", n=3).got(Message("none")), "needs 3; got none"),
        (Message("one").then(Message("two")), "one; two"),
        (Message("{a} and {b}", a=1).filled(b=True), "1 and True"),
    ],
    ids=range(9),
)
def test_english_is_the_template_with_its_values(message: Message, english: str) -> None:
    assert str(message) == english


def test_another_language_brings_the_template_and_the_messages_in_it() -> None:
    rule = Message("must be at least {least}", least=1)
    assert rule.got(0).worded(german) == "muss mindestens 1 sein, nicht 0"
    assert rule.got(Message("nothing")).worded(german) == "muss mindestens 1 sein, nicht nichts"
    names = Message("known: {names}", names=["x", Message("nothing")])
    assert names.worded(german, comma="、") == "bekannt: x、nichts"


@pytest.mark.parametrize(
    "message",
    [
        Message("must be at least {least}", least=1).got("0"),
        Message("known: {names}", names=["a", Message("none")]),
        Message("a loss of {loss:.4g}", loss=float("nan")),
        Message("a loss of {loss:.4g}", loss=float("-inf")),
        verbatim("whatever {it} says"),
    ],
    ids=range(5),
)
def test_a_message_comes_back_from_json_and_from_another_process(message: Message) -> None:
    text = json.dumps(message.to_json(), allow_nan=False)
    again = Message.from_json(json.loads(text))
    assert str(again) == str(message)
    assert json.dumps(again.to_json()) == text
    assert str(pickle.loads(pickle.dumps(message))) == str(message)


def test_what_an_earlier_version_kept_as_a_text_is_shown_as_it_is() -> None:
    assert str(Message.from_json("its lease {expired}")) == "its lease {expired}"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({"template": "{n.__class__}", "values": {"n": 1}}, "{n.__class__}"),
        ({"template": "{n:>999999999}", "values": {"n": 1}}, "{n:>999999999}"),
        ({"template": "{n:.3f}", "values": {"n": "one"}}, "one"),
        ({"template": "{n} {m}", "values": {"n": 1}}, "1 {m}"),
        ({"template": "{n}{n}{n}", "values": {"n": "long"}}, "{n}{n}{n}"),
        ({"template": "{n}", "values": [1]}, "{n}"),
        ({"template": 3}, "..."),
        (None, "..."),
    ],
    ids=range(8),
)
def test_a_file_of_others_can_make_no_message_that_does_more_than_speak(
    data: object, text: str
) -> None:
    assert str(Message.from_json(data)) == text


def test_what_is_nested_without_end_is_cut() -> None:
    data: object = "x"
    for _ in range(900):
        data = {"template": "{n}", "values": {"n": data}}
    assert len(str(Message.from_json(data))) < 200


def test_a_long_value_is_cut() -> None:
    assert len(shown("x" * 1000)) == 60
