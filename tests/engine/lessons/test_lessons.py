"""Every lesson can be run, is judged by what it shows, and reads back as the document it is."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import engine
from engine.analyses.verdicts import LEAST_SEEDS, Compared
from engine.architecture import Architecture, describe
from engine.config import RunConfig
from engine.datasets import DatasetInfo
from engine.errors import ConfigError
from engine.layers import BatchNorm, Conv2D, Dense, Flatten, LayerSpec, MaxPool2D, ReLU
from engine.lessons.arms import AnyArm, Trained, Walk, Worked
from engine.lessons.claims import CLAIMS, Treated
from engine.lessons.figures import Figure, Grid, Over
from engine.lessons.instant import instant_scores, start_of, steps_to_goal, walked
from engine.lessons.lesson import LARGEST, MOST_WORDS, Chapter, Lesson, texts_of
from engine.lessons.ours import LESSONS, lesson
from engine.lessons.scores import SCORES, knowing_nothing, score_of
from engine.lessons.sources import SOURCES
from engine.spec import Spec, family

TABLE = Path(engine.__file__).parent.with_name("docs").joinpath("lessons.md").read_text("utf-8")

every = pytest.mark.parametrize("found", LESSONS, ids=lambda found: found.key)
INSTANT = [found for found in LESSONS if found.instant]


@every
def test_a_lesson_can_be_built_and_its_arms_differ(found: Lesson) -> None:
    for config in set(found.configs):
        describe(config, config.dataset.info())
    assert len(found.configs) in (0, len(set(found.configs)))
    if isinstance(found.figure, Over | Grid):
        for arm in found.arms:
            assert isinstance(arm, Trained | Worked)
            assert arm.line
            place = arm.at if isinstance(arm, Worked) else arm.config.flat()[found.figure.field]
            assert float(place) > 0


@every
def test_a_lesson_reads_back_as_it_was_written(found: Lesson) -> None:
    again = Lesson.parse_json(found.to_json())
    assert again == found
    assert again.arm_set() == found.arm_set()


@every
def test_a_lesson_says_what_it_comes_to_and_where_the_claim_is_made(found: Lesson) -> None:
    assert found.expected in ("supported", "contradicted", "depends")
    assert found.measured
    assert found.further
    assert all(chapter.source in SOURCES for chapter in found.chapters)


@pytest.mark.parametrize("treated", CLAIMS, ids=lambda treated: treated.claim)
def test_every_claim_of_the_sources_is_treated(treated: Treated) -> None:
    found = lesson(treated.lesson)
    assert found is not None
    assert treated.said in " ".join(texts_of(found))
    row = f"| {SOURCES[treated.source].title} | {treated.claim} | `{found.key}`: {found.name} |"
    assert row in TABLE


def test_every_lesson_on_a_source_treats_a_claim_of_it() -> None:
    treating = {treated.lesson for treated in CLAIMS}
    on_sources = {f.key for f in LESSONS if any(c.source != "laboratory" for c in f.chapters)}
    assert on_sources <= treating | {"batch-size"}, "which is an experiment of our own"


def test_keys_are_different_and_lead_to_their_lessons() -> None:
    assert len({found.key for found in LESSONS}) == len(LESSONS)
    assert all(lesson(found.key) is found for found in LESSONS)
    assert lesson("nothing") is None


@pytest.mark.parametrize("found", INSTANT, ids=lambda found: found.key)
def test_an_instant_lesson_comes_to_what_it_says(found: Lesson) -> None:
    scores = instant_scores(found)
    assert all(len(own) >= LEAST_SEEDS for own in scores.values())
    assert found.judge(scores).state == found.expected


def test_on_the_saddle_itself_nobody_leaves() -> None:
    saddle = lesson("saddle")
    assert saddle is not None
    for arm in saddle.arms:
        assert isinstance(arm, Walk)
        assert start_of(arm, 0) == arm.start
        assert start_of(arm, 1) != arm.start
        level = arm.model_copy(update={"start": (arm.start[0], 0.0)})
        assert steps_to_goal(walked(level), level) == arm.steps


def test_whoever_subtracts_what_should_be_added_climbs() -> None:
    """w ← w - v behind v ← α v - η g, written out, is the path that the lesson draws."""
    sign = lesson("sign")
    assert sign is not None
    arm = sign.arms[1]
    assert isinstance(arm, Walk)
    assert arm.uphill
    w, v = np.array(arm.start), np.zeros(2)
    for point, value in list(zip(walked(arm).points, walked(arm).values, strict=True))[:10]:
        np.testing.assert_allclose(point, w)
        assert value == pytest.approx(w[0] ** 2 / 20 + w[1] ** 2)
        g = np.array([w[0] / 10, 2 * w[1]])
        v = 0.9 * v - 0.02 * g
        w = w - v


def test_a_run_that_diverged_counts_as_one_that_knows_nothing() -> None:
    assert score_of("val_accuracy", None, diverged=True, classes=10) == 0.1
    assert score_of("mean_loss", None, diverged=True, classes=10) == pytest.approx(2.302585)
    assert score_of("gap", None, diverged=True, classes=10) is None
    assert score_of("val_loss", None, diverged=True, classes=None) is None
    assert score_of("val_accuracy", None, diverged=False, classes=10) is None
    assert knowing_nothing("train_accuracy", 4) == 0.25


OVER = {"kind": "over", "field": "optimizer.lr", "label": "rate"}


def document(**changes: Any) -> str:
    data = json.loads(LESSONS[1].to_json())
    return json.dumps(data | changes)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"text": "word " * (MOST_WORDS + 1)}, "must have at most 120 words; got 121"),
        ({"key": "Not A Key"}, "`key` must have the form"),
        ({"key": "../up"}, "`key` must have the form"),
        ({"score": "saturated"}, "`score` must be one of"),
        ({"figure": {"kind": "panels"}}, "`figure` must be one of"),
        ({"comparisons": [{"arm": "Xavier", "than": "nobody"}]}, "must name arms"),
        ({"effect": 0}, "`effect` must be greater than 0"),
        ({"arms": []}, "`arms`"),
        ({"arms": [{"kind": "worked", "name": "x", "of": "os.system"}] * 2}, "`of` must be one of"),
        ({"figure": {"kind": "functions", "of": "nothing"}}, "`of` must be one of"),
        ({"equations": ["x$$ ![](http://a/b)"]}, r"`equations\[0\]` must have the form"),
        ({"script": "alert(1)"}, "`script` is not a known field"),
        ({"name": " \n "}, "`name` must be at least 1 character"),
        ({"effect": float("inf")}, "`effect` must be a finite number"),
        ({"choices": ["yes", "no", "yes"]}, "`choices` must be different; got 'yes'"),
        (
            {"comparisons": [{"arm": "Xavier", "than": "Xavier"}]},
            "two different arms; got 'Xavier'",
        ),
        ({"figure": OVER | {"field": "nothing"}}, "a number that every arm has; got 'nothing'"),
        ({"figure": OVER | {"field": "loss.kind"}}, "a number that every arm has"),
        ({"figure": OVER | {"field": "seed"}}, "above 0 in every arm; got 'seed'"),
        ({"figure": OVER | {"field": "epochs"}}, "one `line` must differ in `epochs`"),
        ({"figure": {**OVER, "kind": "grid", "field": "x", "score": "loss"}}, "every arm has"),
        ({"text": "x" * LARGEST}, "at most 1,000,000 characters of JSON"),
    ],
)
def test_a_document_that_is_no_lesson_is_refused_in_a_sentence(
    changes: dict[str, Any], rule: str
) -> None:
    with pytest.raises(ConfigError, match=rule):
        Lesson.parse_json(document(**changes))


def test_arms_of_one_name_cannot_be_told_apart() -> None:
    data = json.loads(document())
    data["arms"][1]["name"] = data["arms"][0]["name"]
    with pytest.raises(ConfigError, match="different names"):
        Lesson.parse(data)


@pytest.mark.parametrize("broken", ["[1]", b"\xff\xfe{", "[" * 100_000, "null", "{"])
def test_what_is_no_document_is_refused_in_a_sentence(broken: str | bytes) -> None:
    with pytest.raises(ConfigError, match="`configuration` must be"):
        Lesson.parse_json(broken)


def test_paths_of_a_lesson_are_on_one_surface() -> None:
    data = json.loads(instant("saddle").to_json())
    data["arms"][1]["surface"] = "beale"
    with pytest.raises(ConfigError, match=r"on one surface; got \('beale', 'saddle'\)"):
        Lesson.parse(data)


def test_a_network_that_is_looked_at_has_something_to_look_at() -> None:
    data = json.loads(instant("signals").to_json())
    layers = data["arms"][0]["config"]["layers"]
    data["arms"][0]["config"]["layers"] = layers[-1:]
    with pytest.raises(ConfigError, match="must have a layer with an activation"):
        Lesson.parse(data)


def instant(key: str) -> Lesson:
    found = lesson(key)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "spec",
    [Lesson, Chapter, Compared, *family(AnyArm), *family(Figure)],
    ids=lambda spec: spec.__name__,
)
def test_every_field_of_a_document_is_in_its_table(spec: type[Spec]) -> None:
    fields = TABLE.split("## A lesson as a document")[1].split("\n## ")[0]
    missing = {name for name in spec.model_fields if f"`{name}`" not in fields}
    assert missing == set()
    if "kind" in spec.model_fields:
        assert f"`{spec.kind_name()}`" in fields


def test_every_score_is_in_the_table_of_fields() -> None:
    assert [name for name in SCORES if f"`{name}`" not in TABLE] == []


def test_the_parameters_of_the_article_s_networks_are_those_that_the_lesson_names() -> None:
    """As Keras counts them: Dense has as many weights as the last axis is long."""

    def built(*layers: LayerSpec, shape: tuple[int, ...]) -> Architecture:
        info = DatasetInfo(shape, classes=2, outputs=2, train_samples=80, validation_samples=20)
        return describe(RunConfig(layers=layers, batch_size=20), info)

    dense = [layer for n in (16, 32) for layer in (Dense(units=n), ReLU(), BatchNorm())]
    conv = [layer for _ in range(2) for layer in (Conv2D(filters=32), ReLU(), BatchNorm())]
    vectors = built(*dense, Dense(units=2), shape=(5,))
    images = built(*conv, MaxPool2D(), Flatten(), Dense(units=2), shape=(28, 28, 3))
    height, width, channels = images.layers[-3].output_shape
    on_last_axis = channels * 2 + 2
    without = images.parameters - images.layers[-1].parameters + on_last_axis
    running = {"dense": 2 * (16 + 32), "conv": 2 * (32 + 32)}
    said = instant("last-axis").measured
    for count in (
        vectors.parameters,
        vectors.parameters + running["dense"],
        images.parameters,
        images.layers[-1].parameters,
        without,
        without + running["conv"],
        height * width,
        on_last_axis,
    ):
        assert re.search(rf"\b{count:,}\b", said), count
