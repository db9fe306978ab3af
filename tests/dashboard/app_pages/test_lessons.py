"""Lessons: one page from the question to the verdict, for one person and for a class."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.reads.lessons import scores_of
from dashboard.state.owner import KEY as OWNER
from dashboard.views.lessons.told import STATES
from dashboard.widgets import drawing
from dashboard.words.text import plain
from db.records import Status
from db.schema import upgrade
from db.store import Store
from engine.analyses.verdicts import Compared
from engine.lessons.arms import Trained
from engine.lessons.lesson import Lesson
from engine.lessons.normalizing import BATCH_NORM, LEARNING_RATE, OVERFITTING
from engine.lessons.ours import LESSONS
from tests.dashboard.conftest import OpenPage, execute, followed, small

PERSON = "aiko"
LANGUAGES = ("en", "ja")
INSTANT = [lesson for lesson in LESSONS if lesson.instant]
BADGES = {
    "en": STATES,
    "ja": {"supported": "支持された", "contradicted": "反する結果", "depends": "場合による"},
}


def quick(lesson: Lesson, **changes: Any) -> Lesson:
    """The same lesson with arms that train in a blink."""
    arms = [
        arm.model_copy(update={"config": small(epochs=2, layers=arm.config.layers, **changes)})
        for arm in lesson.arms
        if isinstance(arm, Trained)
    ]
    return lesson.model_copy(update={"key": f"quick-{lesson.key}", "arms": tuple(arms)})


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database in which a class ran three seeds of quick lessons, one of each figure."""
    url = f"sqlite:///{tmp_path_factory.mktemp('lessons') / 'lessons.db'}"
    upgrade(url)
    with Store.open(url) as store:
        keys = []
        for lesson in (BATCH_NORM, OVERFITTING, LEARNING_RATE):
            own = quick(lesson)
            if lesson is LEARNING_RATE:  # its arms must differ in the rate
                own = own.model_copy(update={"arms": with_rates(own)})
            store.lessons.write(own, owner="teacher")
            keys.append(own.key)
        group = store.classes.make("Kyoto 24", keys, owner="teacher")
        Path(url.removeprefix("sqlite:///")).with_name("class").write_text(group.key)
        for key in keys:
            lesson = store.lessons.get(key)
            assert lesson is not None
            store.lessons.predict(lesson, 0, person=PERSON, class_key=group.key)
            store.lessons.predict(lesson, 1, person="ben", class_key=group.key)
            ids = store.lessons.take(lesson, owner="ben", class_key=group.key, seeds=3)
            for run_id in ids:
                execute(store, run_id)
    return url


def with_rates(lesson: Lesson) -> tuple[Trained, ...]:
    return tuple(
        arm.model_copy(
            update={"config": arm.config.model_copy(update={"optimizer": ours.config.optimizer})}
        )
        for arm, ours in zip(lesson.arms, LEARNING_RATE.arms, strict=True)
        if isinstance(arm, Trained) and isinstance(ours, Trained)
    )


def class_of(url: str) -> str:
    return Path(url.removeprefix("sqlite:///")).with_name("class").read_text()


def class_in(at: AppTest) -> str:
    """The class that the address names."""
    held = at.query_params["class"]
    return held if isinstance(held, str) else held[0]


def headings(at: AppTest) -> list[str]:
    return [heading.value for heading in at.subheader]


def predicted(at: AppTest, choice: int = 0) -> AppTest:
    at.radio[0].set_value(choice).run()
    return at.button(key="predict").click().run()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_lesson_opens_and_asks_before_it_answers(
    empty_database: str, open_page: OpenPage, lang: str
) -> None:
    at = open_page(empty_database, "lessons", lang=lang)
    for lesson in LESSONS:
        at.query_params["lesson"] = lesson.key
        at.run()
        assert not at.exception, at.exception[0].message
        assert len(headings(at)) == (2 if lesson.instant else 3), "predict, run, go on"
        assert at.radio[0].value is None


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_instant_lesson_answers_as_soon_as_one_has_predicted(
    empty_database: str, open_page: OpenPage, lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawing, "CHECKED", lang == "en")  # the same charts, in other words
    with Store.open(empty_database) as store:
        for lesson in INSTANT:
            store.lessons.predict(lesson, 0, person=PERSON)
    at = open_page(empty_database, "lessons", lang=lang)
    at.session_state[OWNER] = PERSON
    for lesson in INSTANT:
        at.query_params["lesson"] = lesson.key
        at.run()
        assert not at.exception, (lesson.key, at.exception[0].message)
        assert at.radio[0].value == 0, "the prediction is kept"
        assert lesson.expected is not None
        shown = " ".join(markdown.value for markdown in at.markdown)
        assert BADGES[lang][lesson.expected] in shown, lesson.key


def test_the_press_that_predicts_shows_an_instant_answer(
    empty_database: str, open_page: OpenPage
) -> None:
    at = predicted(open_page(empty_database, "lessons", lesson="bell"))
    assert not at.exception, at.exception[0].message
    assert len(at.table) == 1
    again = open_page(empty_database, "lessons", lesson="bell")
    assert again.radio[0].value == 0, "the prediction is kept"


def test_a_batch_is_normalized_with_the_numbers_that_are_typed(
    empty_database: str, open_page: OpenPage
) -> None:
    at = predicted(open_page(empty_database, "lessons", lesson="four-steps"))
    at.number_input(key="batch_training_0").set_value(2.0).run()
    at.number_input(key="batch_training_1").set_value(3.0).run()
    assert not at.exception, at.exception[0].message
    steps = next(each.value for each in at.dataframe if "x̂" in each.value)
    x, normalized, y = (steps[name].to_numpy() for name in ("x", "x̂", "y"))
    np.testing.assert_allclose(normalized, (x - x.mean()) / x.std(), atol=1e-3)
    np.testing.assert_allclose(y, 2 * normalized + 3, atol=1e-3)
    assert set(steps.iloc[:, 4]) == {3.0}, "alone, each is beta"


def test_alone_one_press_queues_three_seeds_and_the_next_one_more(
    empty_database: str, open_page: OpenPage
) -> None:
    at = open_page(empty_database, "lessons", lesson="batch-norm")
    assert any("6 runs" in caption.value for caption in at.caption), "what it comes to, said first"
    assert "3 seeds" in at.button(key="run_arms").label
    at = at.button(key="run_arms").click().run()
    assert "1 more seed" in at.button(key="run_arms").label
    at.button(key="run_arms").click().run()
    assert not at.exception
    with Store.open(empty_database) as store:
        runs = store.runs.find(limit=100).runs
        assert sorted(run.config.seed for run in runs) == sorted([*range(4), *range(4)])


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("key", ["batch-norm", "overfitting", "learning-rate"])
def test_a_class_sees_the_figure_the_verdict_and_what_others_predicted(
    answered: str, open_page: OpenPage, lang: str, key: str
) -> None:
    address = {"lesson": f"quick-{key}", "class": class_of(answered), "lang": lang}
    at = open_page(answered, "lessons", **address)
    assert not at.exception, at.exception[0].message
    assert not at.error
    assert len(headings(at)) == 6, "predict, run, see, verdict, others, go on"
    (table,) = at.table
    numbers = {"en": "Seeds (N)", "ja": "シード（N）"}[lang]
    assert set(table.value[numbers]) == {"3"}
    links = [link.proto.page for link in at.get("page_link")]
    assert {"compare", "report", "batchnorm"} <= {page.rsplit("/", 1)[-1] for page in links}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("key", ["batch-norm", "overfitting", "learning-rate"])
def test_a_report_of_a_class_has_the_question_the_figure_and_the_verdict(
    answered: str, open_page: OpenPage, lang: str, key: str
) -> None:
    with Store.open(answered) as store:
        lesson = store.lessons.get(f"quick-{key}")
        assert lesson is not None
        runs = store.lessons.runs(lesson, owner="", class_key=class_of(answered))
    address = {"lesson": lesson.key, "class": class_of(answered), "lang": lang}
    ids = ",".join(str(each.run.id) for each in runs)
    at = open_page(answered, "report", ids=ids, group="seed", parts="setup", **address)
    assert not at.exception, at.exception[0].message
    assert headings(at)[:2] == {"en": ["Question", "Verdict"], "ja": ["問い", "判定"]}[lang]
    numbers = {"en": "Seeds (N)", "ja": "シード（N）"}[lang]
    assert set(next(t.value[numbers] for t in at.dataframe if numbers in t.value)) == {"3"}
    if lang == "en":
        captions = " ".join(str(each.value) for each in at.caption)
        assert plain(f"{lesson.choices[0]}: 1, {lesson.choices[1]}: 1") in captions


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_report_of_a_lesson_that_answers_at_once_is_whole(
    empty_database: str, open_page: OpenPage, lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of each figure: its question, what was predicted, the figure and the verdict."""
    monkeypatch.setattr(drawing, "CHECKED", lang == "en")
    shown = {(each.kind, each.figure.kind): each for each in reversed(INSTANT)}.values()
    with Store.open(empty_database) as store:
        for lesson in shown:
            store.lessons.predict(lesson, 0, person=PERSON)
    at = open_page(empty_database, "report", lang=lang)
    at.session_state[OWNER] = PERSON
    for lesson in shown:
        at.query_params["lesson"] = lesson.key
        at.run()
        assert not at.exception, (lesson.key, at.exception[0].message)
        assert headings(at) == {"en": ["Question", "Verdict"], "ja": ["問い", "判定"]}[lang]
        assert len(at.get("vega_lite_chart")) >= 1, lesson.key
        said = " ".join(str(each.value) for each in at.caption)
        assert lesson.expected is not None
        assert plain(BADGES[lang][lesson.expected]) in said, lesson.key
        if lang == "en":
            assert plain(f"{lesson.choices[0]}: 1") in said
            assert plain(lesson.name) in at.header[0].value
    at.session_state[OWNER] = "ben"
    assert not headings(at.run()), "who has not predicted is told to"
    assert at.info


def test_an_instant_lesson_leads_to_its_report_once_it_was_predicted(
    empty_database: str, open_page: OpenPage
) -> None:
    at = open_page(empty_database, "lessons", lesson="bell")

    def links() -> list[str]:
        return [link.proto.page.rsplit("/", 1)[-1] for link in at.get("page_link")]

    assert "report" not in links()
    at = predicted(at)
    assert "report" in links()


def test_a_run_that_diverged_is_counted(answered: str) -> None:
    with Store.open(answered) as store:
        lesson = store.lessons.get("quick-batch-norm")
        assert lesson is not None
        runs = store.lessons.runs(lesson, owner="", class_key=class_of(answered))
        assert all(each.run.status is Status.DONE for each in runs)
        found = scores_of(lesson, runs, "val_accuracy")
        assert {arm: set(own) for arm, own in found.items()} == {
            "with BN": {0, 1, 2},
            "without BN": {0, 1, 2},
        }


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_class_page_says_who_predicted_and_ran(
    answered: str, open_page: OpenPage, lang: str
) -> None:
    at = open_page(answered, "lessons", **{"class": class_of(answered), "lang": lang})
    assert not at.exception, at.exception[0].message
    assert at.title[0].value == "Kyoto 24"
    assert class_of(answered) in at.code[0].value
    (table,) = at.dataframe
    assert list(table.value.iloc[:, 0]) == [PERSON, "ben"]
    assert list(table.value.iloc[:, 1]) == ["💡", "💡🏃"]


def test_a_teacher_makes_a_class_in_the_browser(empty_database: str, open_page: OpenPage) -> None:
    at = open_page(empty_database, "lessons")
    at.text_input(key="class_name").set_value("Kyoto 24")
    at.multiselect(key="class_lessons").set_value(["batch-norm", "init"])
    at = followed(at.run().button(key="make_class").click().run())
    assert not at.exception
    assert at.title[0].value == "Kyoto 24"
    with Store.open(empty_database) as store:
        group = store.classes.get(class_in(at))
        assert group is not None
        assert group.lessons == ("batch-norm", "init")


def test_a_class_that_is_over_shows_what_it_found_and_takes_nothing_more(
    empty_database: str, open_page: OpenPage
) -> None:
    with Store.open(empty_database) as store:
        until = datetime.now(UTC) - timedelta(days=1)
        group = store.classes.make("last year", ["batch-norm"], owner="mika", until=until)
    at = open_page(empty_database, "lessons", lesson="batch-norm", **{"class": group.key})
    assert not at.exception
    assert "was open until" in at.info[0].value
    assert not at.radio
    assert "run_arms" not in {button.key for button in at.button}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_link_to_no_lesson_or_no_class_is_said(
    empty_database: str, open_page: OpenPage, lang: str
) -> None:
    at = open_page(
        empty_database, "lessons", lesson="<b>x</b>", lang=lang, **{"class": "$x$ **y**"}
    )
    assert not at.exception
    assert len(at.warning) == 2
    assert "<b>x</b>" not in at.warning[0].value
    assert "lesson" not in at.query_params


def test_a_hostile_lesson_shows_as_it_is_written(empty_database: str, open_page: OpenPage) -> None:
    mark = "<script>alert(1)</script> **x** $x$ [a](http://b)"
    texts = dict.fromkeys(("name", "question", "text", "claim", "further", "measured"), mark)
    hostile = BATCH_NORM.model_copy(update={"key": "hostile", "choices": (mark, "no"), **texts})
    first, second = BATCH_NORM.arms
    hostile = hostile.model_copy(
        update={
            "arms": (first.model_copy(update={"name": mark}), second),
            "comparisons": (Compared(arm=mark, than=second.name),),
        }
    )
    with Store.open(empty_database) as store:
        store.lessons.write(hostile, owner=mark)
        ids = store.lessons.take(hostile, owner=PERSON)
        store.queue.cancel(ids[0], by=PERSON)
    at = open_page(empty_database, "lessons", lesson="hostile")
    at.session_state[OWNER] = PERSON
    at.run()
    (table,) = at.table
    assert mark.split()[0] in table.value.iloc[0, 0].replace("\\", "")
    assert mark not in str(table.value)
    assert not at.exception
    shown = [str(e.value) for e in (*at.title, *at.markdown, *at.caption, *at.subheader)]
    assert not [text for text in shown if mark in text]
