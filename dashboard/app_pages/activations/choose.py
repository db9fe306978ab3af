"""The widgets that describe the untrained network."""

from __future__ import annotations

import streamlit as st

from dashboard.app_pages.activations.choices import (
    ACTIVATIONS,
    CHOICES,
    DATA,
    INITS,
    SHOWN,
    Choices,
    amount_name,
    amount_of,
    chosen,
)
from dashboard.state.address import bound
from dashboard.state.address import choose as choose_one
from dashboard.words.fields import help_text, label
from dashboard.words.i18n import _
from dashboard.words.text import plain
from engine.spec import Spec


def choose() -> Choices:
    """The network that the address describes, and the widgets that change it."""
    found = chosen()
    with st.grid(3, min_column_width=220):
        _slider("depth", _("Depth (hidden layers)"))
        _slider("width", _("Width (units of each hidden layer)"))
        _kinds("activation", _("Activation"), ACTIVATIONS)
        _kinds("init", _("Initialization"), INITS)
        _amount(found.init)
        _kinds("data", _("Data set"), DATA)
    return found


def choose_shown() -> None:
    """Which values of each layer the histograms count."""
    names = {
        "activations": _("Activations a"),
        "sums": _("Sums z before the activation"),
        "gradients": _("Gradients dL/da"),
    }
    words = {name: names[name] for name in SHOWN}
    choose_one(st.segmented_control, _("Values shown"), CHOICES["show"], words, required=True)


def _slider(name: str, text: str) -> None:
    choice = CHOICES[name]
    st.slider(text, choice.low, choice.high, **bound(choice))  # type: ignore[attr-defined]


def _kinds(name: str, text: str, kinds: dict[str, type[Spec]]) -> None:
    titles = {kind: _(spec.title()) for kind, spec in kinds.items()}
    with st.container(gap="xsmall"):
        kind = choose_one(st.selectbox, text, CHOICES[name], titles)
        st.caption(plain(_(kinds[kind].summary())))


def _amount(init: str) -> None:
    """The initialization's own number, where it has one."""
    name, choice = amount_name(init), amount_of(init)
    if name is None or choice is None:
        return
    field = INITS[init].model_fields[name]
    st.number_input(
        label(name, field),
        choice.low,
        choice.high,
        step=0.01,
        format="%g",
        help=help_text(field),
        **bound(choice),
    )
