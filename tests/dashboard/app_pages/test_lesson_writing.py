"""A teacher writes a lesson in the browser from what was compared, and changes it again."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.state.owner import KEY as OWNER
from db.store import Store
from engine.analyses.verdicts import Compared
from engine.initializers import He
from engine.layers import BatchNorm, ReLU
from engine.lessons.arms import Trained
from engine.lessons.figures import Curves, Grid, Outcomes, Over
from engine.lessons.lesson import Lesson
from engine.lessons.normalizing import BATCH_NORM
from engine.lessons.ours import LESSONS
from engine.stack import multilayer
from engine.sweeps.config import SweepConfig
from tests.dashboard.conftest import Demo, OpenPage, followed, small

TEACHER = "mika"
HOSTILE = "<script>alert(1)</script> **x** $x$ [a](http://b)"
TRAINED = [lesson for lesson in LESSONS if not lesson.instant]
TEXTS = {
    "name": "Does it hold here?",
    "question": "Which of the two learns more?",
    "text": "Both are trained for four epochs.",
    "choices": "The first\nThe second\n\n Both alike ",
    "claim": "The first is better.",
}


def field(at: AppTest, name: str) -> object:
    """A field of the form, by the end of its key."""
    kinds = (at.text_input, at.text_area, at.selectbox, at.multiselect, at.number_input)
    (found,) = [each for kind in kinds for each in kind if (each.key or "").endswith(f" {name}")]
    return found


def filled(at: AppTest, **texts: str) -> AppTest:
    for name, text in (TEXTS | texts).items():
        field(at, name).set_value(text)  # type: ignore[attr-defined]
    return at.run()


def kept(at: AppTest) -> AppTest:
    """The page of the lesson after it was kept."""
    at = at.button(key="write_keep").click().run()
    assert not at.exception, at.exception[0].message
    assert not at.error, at.error[0].value
    return followed(at)


def the_lesson(url: str) -> Lesson:
    with Store.open(url) as store:
        (found,) = store.lessons.written()
        assert found.owner == TEACHER
        return found.lesson


@pytest.fixture
def as_teacher(open_page: OpenPage) -> OpenPage:
    def opened(url: str, key: str, **params: object) -> AppTest:
        at = open_page(url, key, **params)
        at.session_state[OWNER] = TEACHER
        return at.run()

    return opened


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_compared_runs_become_a_lesson(demo_copy: Demo, as_teacher: OpenPage, lang: str) -> None:
    ids = f"{demo_copy.done},{demo_copy.plain}"
    at = as_teacher(demo_copy.url, "compare", ids=ids, group="seed", tab="pairs", lang=lang)
    at = followed(at.button(key="to_lesson").click().run())
    assert (at.query_params["ids"], at.query_params["write"]) == (ids, "1")
    assert at.button(key="write_keep").disabled, "nothing is asked yet"
    at = kept(filled(at))
    found = the_lesson(demo_copy.url)
    assert at.title[0].value.replace("\\", "") == TEXTS["name"]
    assert [arm.name for arm in found.arms] == ["BN, He, Adam", "plain sigmoid"]
    with Store.open(demo_copy.url) as store:
        runs = store.runs.get_many([demo_copy.done, demo_copy.plain])
    assert found.configs == (runs[demo_copy.done].config, runs[demo_copy.plain].config)
    assert found.choices == ("The first", "The second", "Both alike")
    assert found.figure == Curves(score="loss")
    assert found.comparisons == (Compared(arm="BN, He, Adam", than="plain sigmoid"),)
    assert (found.score, found.effect) == ("val_accuracy", 0.02)
    at.radio[0].set_value(1).run()
    at.button(key="predict").click().run()
    at.button(key="run_arms").click().run()
    assert not at.exception
    with Store.open(demo_copy.url) as store:
        assert len(store.lessons.runs(found, owner=TEACHER)) == 6, "three seeds of two arms"
        assert [each.choice for each in store.lessons.predictions(found, person=TEACHER)] == [1]


@pytest.fixture
def swept(empty_database: str) -> str:
    """A database with a sweep of three rates, with Batch Normalization and without."""
    axes = [
        {"kind": "choices", "name": "optimizer.lr", "values": [0.01, 0.1, 1.0]},
        {
            "kind": "choices",
            "name": "layers",
            "values": [
                [layer.model_dump() for layer in multilayer([8], 10, init=He(), **kinds)]
                for kinds in (
                    {"activation": ReLU()},
                    {"activation": ReLU(), "batch_norm": BatchNorm()},
                )
            ],
        },
    ]
    with Store.open(empty_database) as store:
        sweep = SweepConfig.parse({"base": small(), "axes": axes, "seeds": 2})
        store.sweeps.enqueue(sweep, owner=TEACHER)
    return empty_database


@pytest.mark.parametrize("kind", ["over", "grid", "outcomes"])
def test_a_sweep_becomes_a_lesson_with_lines(swept: str, as_teacher: OpenPage, kind: str) -> None:
    at = as_teacher(swept, "lessons", sweep=1, write=1)
    field(at, "figure").set_value(kind)  # type: ignore[attr-defined]
    at = filled(at.run())
    if kind != "outcomes":
        field(at, "line optimizer.lr 2").set_value("with BN")  # type: ignore[attr-defined]
        field(at, "label optimizer.lr").set_value("rate η")  # type: ignore[attr-defined]
    field(at, "comparisons").set_value(2)  # type: ignore[attr-defined]
    at = at.run()
    field(at, "than of 1").set_value(3)  # type: ignore[attr-defined]
    field(at, "relation of 1").set_value("alike")  # type: ignore[attr-defined]
    kept(at.run())
    found = the_lesson(swept)
    assert len(found.arms) == 6, "the seeds of the sweep are one arm"
    names = [arm.name for arm in found.arms]
    assert [(each.arm, each.than, each.relation) for each in found.comparisons] == [
        (names[0], names[1], "better"),
        (names[0], names[3], "alike"),
    ]
    if isinstance(found.figure, Outcomes):
        assert found.figure.scores == ("val_accuracy",)
        return
    assert isinstance(found.figure, Over | Grid)
    assert (found.figure.field, found.figure.label) == ("optimizer.lr", "rate η")
    rates = [arm.config.optimizer.lr for arm in found.arms if isinstance(arm, Trained)]
    lines = [(arm.line == "with BN", rate) for arm, rate in zip(found.arms, rates, strict=True)]
    assert sorted(lines) == [(bn, rate) for bn in (False, True) for rate in (0.01, 0.1, 1.0)]


def test_a_lesson_is_changed_under_its_key_and_another_s_becomes_one_s_own(
    empty_database: str, as_teacher: OpenPage
) -> None:
    quick = BATCH_NORM.model_copy(update={"key": "quick"})
    with Store.open(empty_database) as store:
        store.lessons.write(quick, owner=TEACHER)
    at = as_teacher(empty_database, "lessons", lesson="quick", write=1)
    field(at, "name").set_value("Better words")  # type: ignore[attr-defined]
    at = kept(at.run())
    assert the_lesson(empty_database) == quick.model_copy(update={"name": "Better words"})
    at.session_state[OWNER] = "aiko"
    at.query_params["write"] = "1"
    kept(at.run())
    with Store.open(empty_database) as store:
        owners = {each.lesson.key: each.owner for each in store.lessons.written()}
    assert owners.pop("quick") == TEACHER
    assert list(owners.values()) == ["aiko"]


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_every_trained_lesson_can_be_varied(
    empty_database: str, as_teacher: OpenPage, lang: str
) -> None:
    at = as_teacher(empty_database, "lessons", write=1, lang=lang)
    first = {(each.kind, each.figure.kind): each for each in reversed(LESSONS)}
    for lesson in TRAINED if lang == "en" else first.values():
        at.query_params["lesson"] = lesson.key
        at.run()
        assert not at.exception, (lesson.key, at.exception[0].message)
        keeping = [button for button in at.button if button.key == "write_keep"]
        assert len(keeping) == (not lesson.instant), lesson.key
        if keeping and lang == "en":
            at.button(key="write_keep").click().run()
            assert not at.error, (lesson.key, at.error[0].value)
            with Store.open(empty_database) as store:
                own = {each.lesson.name: each.lesson for each in store.lessons.written()}
            assert own[lesson.name].model_copy(update={"key": lesson.key}) == lesson


def test_what_breaks_a_rule_is_a_sentence_and_texts_stay_data(
    demo_copy: Demo, as_teacher: OpenPage
) -> None:
    ids = f"{demo_copy.done},{demo_copy.plain}"
    at = filled(as_teacher(demo_copy.url, "lessons", ids=ids, write=1), text="word " * 121)
    at = at.button(key="write_keep").click().run()
    assert "at most 120 words" in at.error[0].value
    at = filled(at, **dict.fromkeys(("name", "question", "text", "claim"), HOSTILE))
    at = kept(at)
    shown = [str(e.value) for e in (*at.title, *at.markdown, *at.caption, *at.subheader)]
    assert not [text for text in shown if HOSTILE in text]
    assert the_lesson(demo_copy.url).name == HOSTILE


def test_runs_that_make_no_two_arms_are_said(empty_database: str, as_teacher: OpenPage) -> None:
    with Store.open(empty_database) as store:
        for seed in (0, 1):
            store.queue.enqueue(small(seed=seed), owner=TEACHER)
    at = as_teacher(empty_database, "lessons", ids="1,2", write=1)
    assert "seeds alone" in at.info[0].value
    at.query_params["ids"] = "1"
    assert not at.run().exception
    at.query_params["lesson"] = "bell"
    assert "arms are trained" in at.run().info[0].value


def test_numbers_to_predict_are_judged_by_losses(
    regression_database: str, as_teacher: OpenPage
) -> None:
    at = as_teacher(regression_database, "lessons", lesson="regression", write=1)
    assert field(at, "score").options == [  # type: ignore[attr-defined]
        "Mean loss over training",
        "Validation loss",
        "Generalization gap in loss",
    ]
    assert field(at, "drawn").options == ["Loss"]  # type: ignore[attr-defined]
