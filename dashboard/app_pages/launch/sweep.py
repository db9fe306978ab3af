"""The sweep on the launch form: many runs of what the form holds, a few fields varied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NoReturn

import streamlit as st

from dashboard.app_pages.launch.axes import Row, axes_of, choices_of, fields_to_vary
from dashboard.app_pages.launch.choices import MODE, ONE, SWEEP
from dashboard.app_pages.launch.edits import OUTCOME, VARIED
from dashboard.app_pages.launch.fields import Pen, draw_all, row
from dashboard.app_pages.launch.form import Form, node
from dashboard.app_pages.launch.held import Held, hold
from dashboard.reads.store import sweep_plan
from dashboard.state.address import choose
from dashboard.state.form_start import Start, keep
from dashboard.widgets.shell import guarded, say_error
from dashboard.words.fields import choice
from dashboard.words.i18n import _, duration, integer, ngettext
from dashboard.words.parameters import title, value_text
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


@st.fragment(key=VARIED)
def varied(start: Start) -> None:
    """Draw what varies and how."""
    with guarded():
        st.subheader(_("What varies"))
        held = hold(start)
        key = _draft_key(held.form)
        st.session_state[key] = _sweep_fields(held)
        keep(start, held.draft.config)


def planned(form: Form) -> SweepDraft:
    """What the sweep came to as it was drawn last."""
    found: SweepDraft = st.session_state.get(_draft_key(form), SweepDraft())
    return found


def _draft_key(form: Form) -> str:
    return form.name(("sweep_draft",))


def _redraw() -> NoReturn:
    """What varies has changed: so has what the sweep comes to. For callbacks."""
    st.rerun([VARIED, OUTCOME])


def _sweep_fields(held: Held) -> SweepDraft:
    """Draw what varies; what it means for the configuration that the form holds."""
    config = held.draft.config
    if config is None:
        st.caption(_("The sweep can be planned once every field is valid."))
        return SweepDraft()
    stack = held.values.get("stack")
    rows = _rows(held.form, fields_to_vary(config, described=stack is not None))
    options = _options(held.form)
    try:
        axes = axes_of(rows, stack, held.outputs)
        if not axes and int(options["seeds"] or 1) < 2:
            st.caption(_("Name values for a field above, or more than one seed."))
            return SweepDraft()
        made = SweepConfig.parse({"base": config, "axes": axes or [_one_point(config)]} | options)
        plan = sweep_plan(made.to_json())
    except LayerlabError as error:
        say_error(error)
        return SweepDraft(error=error)
    return SweepDraft(made, plan)


def _options(form: Form) -> dict[str, Any]:
    """How the points are chosen and how often each is run."""
    part, pen = form.part("sweep"), Pen(_redraw)
    fields = [
        node(part, name, SweepConfig.model_fields[name], ("sweep", name), None) for name in OPTIONS
    ]
    with row():
        draw_all(fields, pen)
    return {field.name: field.value for field in fields}


def _one_point(config: RunConfig) -> Choices:
    """What varies where only the seed does: a field with the one value that it has."""
    return Choices(name="batch_size", values=(config.batch_size,))


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
            on_change=_redraw,
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
                on_change=_redraw,
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
                on_change=_redraw,
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


def _add(key: str) -> NoReturn:
    st.session_state[key] = [*st.session_state[key], max(st.session_state[key]) + 1]
    _redraw()


def _remove(key: str, place: int) -> NoReturn:
    st.session_state[key] = [other for other in st.session_state[key] if other != place]
    _redraw()
