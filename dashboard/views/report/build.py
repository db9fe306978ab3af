"""From records to a report on them, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from dashboard.views.lessons.told import chapters_of
from dashboard.views.report.document import Report, Section
from dashboard.views.report.of_lesson import Answered, lesson_sections
from dashboard.views.report.of_many import Compared, Look, comparison_sections
from dashboard.views.report.of_run import RunRecords, run_sections
from dashboard.views.status import status_name
from dashboard.words.i18n import _, integer, moment, ngettext
from dashboard.words.reader import language


def report_of_run(
    found: RunRecords, parts: Sequence[str], *, title: str, remarks: str, dark: bool
) -> Report:
    """A report on one run."""
    run = found.run
    facts = (
        _("Run {id}").format(id=run.id),
        status_name(run.status),
        _("launched by {owner}").format(owner=run.owner),
    )
    return _report(facts, run_sections(found, parts, dark=dark), title=title, remarks=remarks)


def report_of_many(
    found: Compared,
    parts: Sequence[str],
    look: Look,
    *,
    title: str,
    remarks: str,
    dark: bool,
    lesson: Answered | None = None,
) -> Report:
    """A report on a comparison, as it was looked at; on a lesson's runs, with its question and its
    verdict first."""
    n = ngettext("{n} run", "{n} runs", len(found.runs))
    facts = (n.format(n=integer(len(found.runs))),)
    first = lesson_sections(lesson, dark=dark) if lesson else []
    sections = [*first, *comparison_sections(found, parts, look, dark=dark)]
    return _report(facts, sections, title=title, remarks=remarks)


def report_of_lesson(found: Answered, *, title: str, remarks: str, dark: bool) -> Report:
    """A report on a lesson that nothing is trained for."""
    facts = (_("Lesson"), *chapters_of(found.lesson))
    return _report(facts, lesson_sections(found, dark=dark), title=title, remarks=remarks)


def _report(
    facts: Sequence[str], sections: Sequence[Section], *, title: str, remarks: str
) -> Report:
    return Report(
        title=title,
        language=language(),
        facts=(*facts, moment(datetime.now(UTC)), "layerlab"),
        remarks=remarks,
        sections=tuple(sections),
    )
