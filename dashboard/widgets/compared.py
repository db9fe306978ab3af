"""Which runs are compared, and how they are taken together: all of it stands in the address.

`?ids=3,4` names runs, `?sweep=2` all runs of a sweep; `&group=` how they are grouped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard.reads import store as data
from dashboard.state.address import choose, get, said
from dashboard.state.choices import Numbers, OneOf, Several
from dashboard.views.compare.arms import (
    ALONE,
    MOST,
    MOST_LINES,
    SEED,
    Arm,
    arms_of,
    copies_text,
    ways_to_group,
)
from dashboard.widgets.links import page_link
from dashboard.widgets.picker import RUNS, choose_runs, missing_text
from dashboard.words.i18n import _, integer, ngettext
from dashboard.words.parameters import title
from dashboard.words.text import plain
from db.records import Run, Sweep

SWEEP = Numbers("sweep", (), ("along", "up", "by"))
GROUP = OneOf("group", ALONE, ("base", "hidden"))
BASELINE = OneOf("base", "")
HIDDEN: Several[str] = Several("hidden", ())

FEWEST = 2
MOST_RUNS = 1_000
"""Runs that are read for one comparison."""

LOOKS = "looks"
"""Where the session keeps the look of each run that it has shown."""

NAMED = 40
"""Runs that the box of chosen runs has room for."""


def asked_runs(*, fewest: int = FEWEST, page: str = "compare", **params: object) -> list[Run]:
    """The runs that the address names, with a way to change them and a word on each that is not
    there. Where they are too few, sweeps are offered, each a link to this `page` with `params`."""
    found = _asked_sweep()
    runs = _of_sweep(found) if found else _by_number()
    if len(runs) < fewest:
        if fewest > 1:
            st.caption(
                _("Choose at least two runs: their differences and curves then stand together.")
            )
        _offer_sweeps(page, params or {"tab": "map"})
    return runs


def choose_arms(runs: Sequence[Run]) -> list[Arm]:
    """The runs as arms, grouped as the reader wants; as many as fit."""
    ways = ways_to_group(runs)
    usual = SEED if len(runs) > MOST else ALONE
    by = choose(
        st.selectbox,
        _("Group"),
        GROUP.usually(usual),
        {way: _way_name(way) for way in ways},
        width=340,
        help=_(
            "Runs that are taken together become one line with a band: their mean, and how far they"
            " lie apart. N says how many they are."
        ),
    )
    looks: dict[int, int] = st.session_state.setdefault(LOOKS, {})
    arms = arms_of(runs, by, looks)
    looks |= {arm.key: arm.look for arm in arms if not arm.grouped and arm.look is not None}
    if len(arms) > MOST_LINES:
        text = _("At most {most} lines fit in a chart; the first {most} of {n} are shown.")
        st.warning(
            text.format(most=MOST_LINES, n=integer(len(arms))), icon=":material/filter_list:"
        )
    return arms[:MOST_LINES]


def choose_base(arms: Sequence[Arm]) -> Arm | None:
    """What the others are held against, if anything."""
    by_key = {str(arm.key): arm for arm in arms}
    key = choose(
        st.selectbox,
        _("Baseline"),
        BASELINE,
        {"": _("none"), **{key: arm.label for key, arm in by_key.items()}},
        width=260,
        help=_("The table says how far the others are from it, and so do the paired differences."),
    )
    return by_key.get(key)


def choose_shown(arms: Sequence[Arm]) -> list[Arm]:
    """The arms but for those that a reader hides from the charts; the tables keep them."""
    words = {str(arm.key): arm.label for arm in arms}
    hidden = choose(
        st.multiselect,
        _("Hidden from the charts"),
        HIDDEN,
        words,
        placeholder=_("none"),
        width=300,
    )
    return [arm for arm in arms if str(arm.key) not in hidden]


def tell_copies(runs: Sequence[Run]) -> None:
    """Say how many of the runs are copies, if any."""
    if copies := copies_text(runs):
        st.caption(copies)


def beside_one_another(arms: Sequence[Arm]) -> list[Arm]:
    """As many arms as fit side by side, and a word on the others."""
    if len(arms) > MOST:
        text = _("At most {most} fit side by side; the first {most} of {n} are shown.")
        st.caption(text.format(most=MOST, n=integer(len(arms))))
    return list(arms[:MOST])


def _way_name(way: str) -> str:
    if way == ALONE:
        return _("Each run by itself")
    return _("All but the seed") if way == SEED else _("By {name}").format(name=title(way))


def _by_number() -> list[Run]:
    asked = get(RUNS)
    within = asked[:MOST_RUNS]
    found = data.get_runs(tuple(within))
    runs = [found[run_id] for run_id in within if run_id in found]
    if len(asked) > MOST_RUNS:
        text = _("At most {most} runs are compared; of {n}, the first {most} are.")
        st.warning(
            text.format(most=integer(MOST_RUNS), n=integer(len(asked))),
            icon=":material/filter_list:",
        )
    missing = [run_id for run_id in within if run_id not in found]
    if missing:
        st.warning(missing_text(missing), icon=":material/search_off:")
    elif said().get("ids") and not asked:
        st.warning(
            _("This address names no runs; it should end like `?ids=3,4`."),
            icon=":material/search_off:",
        )
    if len(runs) > NAMED:
        st.caption(ngettext("{n} run", "{n} runs", len(runs)).format(n=integer(len(runs))))
    else:
        choose_runs(runs, limit=NAMED)
    return runs


def _asked_sweep() -> Sweep | None:
    asked = said().get("sweep")
    ids = get(SWEEP)[:1]
    found = data.get_sweep(ids[0]) if ids else None
    if asked and found is None:
        text = _("There is no sweep {id}.").format(id=plain(asked[:NAMED]))
        st.warning(text, icon=":material/search_off:")
    return found


def _of_sweep(found: Sweep) -> list[Run]:
    ids = data.sweep_run_ids(found.id)
    runs = data.get_runs(ids[:MOST_RUNS])
    said = [
        f"**{plain(found.label)}**",
        _("by {owner}").format(owner=plain(found.owner)),
        _("{ended} of {runs} runs ended").format(
            ended=integer(found.ended_runs), runs=integer(found.runs)
        ),
    ]
    st.markdown(" · ".join(said))
    if len(ids) > MOST_RUNS:
        text = _("At most {most} runs are compared; of {n}, the first {most} are.")
        st.caption(text.format(most=integer(MOST_RUNS), n=integer(len(ids))))
    return list(runs.values())


def _offer_sweeps(page: str, params: Mapping[str, object]) -> None:
    """The newest sweeps, each a comparison of its own."""
    sweeps = data.sweeps()
    if sweeps:
        heading = _("Or a sweep")
        st.markdown(f"**{heading}**")
    for found in sweeps:
        runs = ngettext("{n} run", "{n} runs", found.runs).format(n=integer(found.runs))
        label = f"{plain(found.label)} · {runs}"
        page_link(page, label, icon=":material/grid_on:", sweep=found.id, **params)
    if sweeps:
        icon = ":material/format_list_bulleted:"
        page_link("runs", _("All sweeps"), icon=icon, list="sweeps")
