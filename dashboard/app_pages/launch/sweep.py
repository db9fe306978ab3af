"""The sweep on the launch form: many runs of what the form holds, a few fields varied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from dashboard.app_pages.launch.axes import Row, axes_of, choices_of, fields_to_vary
from dashboard.app_pages.launch.choices import MODE, ONE, SWEEP
from dashboard.app_pages.launch.fields import Form, draw, row
from dashboard.reads.caching import cached
from dashboard.reads.draft import Draft
from dashboard.reads.store import get_store
from dashboard.state.address import choose
from dashboard.words.fields import choice
from dashboard.words.i18n import _, duration, integer, ngettext
from dashboard.words.parameters import title, value_text
from dashboard.words.sentences import error_text
from dashboard.words.text import prose
from db.records import SweepPlan
from engine.config import RunConfig
from engine.errors import LayerlabError
from engine.sweeps.axes import Choices
from engine.sweeps.config import SweepConfig

FIRST = ("optimizer.lr", "stack.init", "optimizer.kind", "stack.position", "batch_size", "epochs")
"""What rows begin with."""

OPTIONS = ("seeds", "objective", "sampler", "pruning")


@dataclass(frozen=True)
class SweepDraft:
    """What the form's sweep means and comes to, or why it means nothing yet."""

    config: SweepConfig | None = None
    plan: SweepPlan | None = None
    error: LayerlabError | None = None

    @property
    def ready(self) -> bool:
        return self.config is not None and self.plan is not None


def choose_mode() -> str:
    """One run, or a sweep; the address keeps it."""
    return choose(
        st.segmented_control,
        _("What to launch"),
        MODE,
        {ONE: _("One run"), SWEEP: _("Sweep")},
        required=True,
        label_visibility="collapsed",
        help=_("A sweep launches many runs that differ in the fields you name."),
    )


def sweep_fields(form: Form, draft: Draft, values: Mapping[str, Any], outputs: int) -> SweepDraft:
    """Draw what varies and how; what it means for the configuration that the form holds."""
    st.subheader(_("What varies"))
    if draft.config is None:
        st.caption(_("The sweep can be planned as soon as every field is right."))
        return SweepDraft()
    stack = values.get("stack")
    rows = _rows(form, fields_to_vary(draft.config, described=stack is not None))
    part = form.part("sweep")
    options: dict[str, Any] = {}
    with row():
        for name in OPTIONS:
            info = SweepConfig.model_fields[name]
            options[name] = draw(part, name, info, ("sweep", name), None)
    try:
        axes = axes_of(rows, stack, outputs)
        if not axes and int(options["seeds"] or 1) < 2:
            st.caption(_("Name values for a field above, or more than one seed."))
            return SweepDraft()
        made = SweepConfig.parse(
            {"base": draft.config, "axes": axes or [_one_point(draft.config)]} | options
        )
        plan = _plan(made.to_json())
    except LayerlabError as error:
        st.error(prose(error_text(error)), icon=":material/error:")
        return SweepDraft(error=error)
    return SweepDraft(made, plan)


def _one_point(config: RunConfig) -> Choices:
    """What varies where only the seed does: a field with the one value that it has."""
    return Choices(name="batch_size", values=(config.batch_size,))


@cached(entries=50, seconds=10)
def _plan(definition: str) -> SweepPlan:
    return get_store().sweeps.plan(SweepConfig.parse_json(definition))


def plan_line(plan: SweepPlan, seeds: int) -> str:
    """How many runs, of how many steps, for how long, beside the button."""
    runs = ngettext("{n} run", "{n} runs", plan.runs).format(n=integer(plan.runs))
    text = _("{points} points × {seeds} seeds, {steps} steps")
    size = text.format(points=integer(plan.trials), seeds=integer(seeds), steps=integer(plan.steps))
    if plan.seconds is None:
        time = _("no run has been timed yet")
    else:
        time = _("about {time} on the free workers").format(time=duration(plan.seconds))
    return f"**{runs}** · {time}  \n{size}"


def _rows(form: Form, names: list[str]) -> list[Row]:
    """The rows of fields, with buttons that add and remove them."""
    key = form.name(("axes",))
    places: list[int] = st.session_state.setdefault(key, [0])
    rows = [_row(form, place, names, removable=len(places) > 1) for place in places]
    st.button(
        _("Vary another field"),
        icon=":material/add:",
        key=f"{key}.add",
        on_click=_add,
        args=(key,),
    )
    return rows


def _row(form: Form, place: int, names: list[str], *, removable: bool) -> Row:
    key = form.name(("axes", place))
    if st.session_state.get(f"{key}.name") not in names:
        usual = [name for name in FIRST if name in names]
        st.session_state[f"{key}.name"] = usual[min(place, len(usual) - 1)]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        titles = {name: f"{title(name)} ({name})" for name in names}
        name = st.selectbox(
            _("Field"),
            names,
            format_func=titles.__getitem__,
            key=f"{key}.name",
            width=300,
            persist_state="session",
        )
        choices = choices_of(name)
        values: str | tuple[str, ...]
        if choices:
            chosen = st.multiselect(
                _("Values"),
                list(choices),
                format_func=lambda value: _word(name, value),
                key=f"{key}.{name}.choices",
                placeholder=_("Choose two or more"),
                persist_state="session",
            )
            values = tuple(chosen)
        else:
            values = st.text_input(
                _("Values"),
                key=f"{key}.{name}.values",
                placeholder="[100, 100], [50, 50, 50]"
                if name == "stack.hidden"
                else _("0.001, 0.01, 0.1 or 1e-4..1:log"),
                help=_(
                    "Values with commas between them, or a range: `0.001..1` takes 5 values evenly"
                    " from end to end, `0.001..1:log` by powers, `16..256:int:4` four whole"
                    " numbers."
                ),
                persist_state="session",
            )
        if removable:
            st.button(
                "",
                icon=":material/close:",
                key=f"{key}.remove",
                help=_("Vary this field no more"),
                type="tertiary",
                on_click=_remove,
                args=(form.name(("axes",)), place),
            )
    return Row(name, values)


def _word(name: str, value: str) -> str:
    """One of a field's few values; kinds by their titles."""
    is_kind = name.endswith(".kind") or name in ("stack.init", "stack.activation")
    return value_text("kind.kind", value) if is_kind else choice(value)


def _add(key: str) -> None:
    st.session_state[key] = [*st.session_state[key], max(st.session_state[key]) + 1]


def _remove(key: str, place: int) -> None:
    st.session_state[key] = [other for other in st.session_state[key] if other != place]
