"""The widgets that describe the untrained network; each writes its choice to the address."""

from __future__ import annotations

import streamlit as st

from dashboard.app_pages.activations.choices import (
    ACTIVATIONS,
    AMOUNTS,
    DATA,
    DEPTHS,
    INITS,
    SHOWN,
    WIDTHS,
    Choices,
    amount_name,
    read_choices,
)
from dashboard.words.fields import help_text, label
from dashboard.words.i18n import _
from dashboard.words.text import plain
from engine.spec import Spec


def choose() -> Choices:
    """The network that the address describes, and the widgets that change it."""
    chosen, problems = read_choices(st.query_params.to_dict())
    for problem in problems:
        st.warning(problem, icon=":material/link_off:")
    with st.grid(3, min_column_width=220):
        _slider("depth", _("Depth (hidden layers)"), DEPTHS, chosen.depth)
        _slider("width", _("Width (units of each hidden layer)"), WIDTHS, chosen.width)
        _kinds("activation", _("Activation"), ACTIVATIONS, chosen.activation)
        _kinds("init", _("Initialization"), INITS, chosen.init)
        _amount(chosen)
        _kinds("data", _("Data set"), DATA, chosen.data)
    return chosen


def choose_shown(chosen: Choices) -> None:
    """Which values of each layer the histograms count."""
    names = {
        "activations": _("Activations a"),
        "sums": _("Sums z before the activation"),
        "gradients": _("Gradients dL/da"),
    }
    st.session_state["show"] = chosen.show
    st.segmented_control(
        _("Values shown"),
        SHOWN,
        format_func=names.__getitem__,
        required=True,
        key="show",
        on_change=_to_address,
        args=("show",),
    )


def _slider(name: str, text: str, ends: tuple[int, int], value: int) -> None:
    st.session_state[name] = value
    st.slider(text, *ends, key=name, on_change=_to_address, args=(name,))


def _kinds(name: str, text: str, kinds: dict[str, type[Spec]], value: str) -> None:
    titles = {kind: _(spec.title()) for kind, spec in kinds.items()}
    st.session_state[name] = value
    with st.container(gap="xsmall"):
        st.selectbox(
            text,
            list(kinds),
            format_func=titles.__getitem__,
            key=name,
            on_change=_to_address,
            args=(name,),
        )
        st.caption(plain(_(kinds[value].summary())))


def _amount(chosen: Choices) -> None:
    """The initialization's own number, where it has one."""
    name = amount_name(chosen.init)
    if name is None:
        return
    field = INITS[chosen.init].model_fields[name]
    st.session_state["amount"] = chosen.amount
    st.number_input(
        label(name, field),
        *AMOUNTS,
        step=0.01,
        format="%g",
        key="amount",
        help=help_text(field),
        on_change=_to_address,
        args=("amount",),
    )


def _to_address(name: str) -> None:
    st.query_params[name] = str(st.session_state[name])
    if name == "init":
        st.query_params.pop("amount", None)  # another initialization's number
