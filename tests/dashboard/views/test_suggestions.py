"""What the runs that are there suggest."""

from __future__ import annotations

from dashboard.views.home.suggestions import suggestions, untried
from db.records import Status
from db.store import Store
from engine.lessons.normalizing import BATCH_NORM
from tests.dashboard.conftest import Demo


def test_what_to_try_next_follows_from_the_runs(demo_database: Demo) -> None:
    with Store.open(demo_database.url) as store:
        runs = store.runs.find(limit=40).runs
    pages = [found.page for found in suggestions(runs)]
    assert pages == ["run", "batchnorm"], "no two runs that are done differ in one thing only"


def test_two_runs_that_differ_in_one_thing_are_offered_for_comparison(
    empty_database: str,
) -> None:
    with Store.open(empty_database) as store:
        for config in BATCH_NORM.configs:
            run = store.queue.enqueue(config, owner="aiko", name="*x*")
            claim = store.queue.claim(lease=60)
            assert claim
            store.queue.finish(run.id, claim.attempt, Status.DONE)
        runs = store.runs.find().runs
    (first, *_) = suggestions(runs)
    assert first.page == "compare"
    assert first.params["ids"] == "2,1"
    assert untried(runs)[-1] is BATCH_NORM, "what was launched comes last"
