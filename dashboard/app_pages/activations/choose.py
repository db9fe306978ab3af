"""The widgets that describe the untrained networks."""

from __future__ import annotations

import streamlit as st

from dashboard.app_pages.activations.choices import (
    ACTIVATION,
    ACTIVATIONS,
    CHOICES,
    DATA,
    INIT,
    INITS,
    MOST,
    SCALE,
    SHOWN,
    TEXTBOOK,
    Choices,
    amount_name,
    chosen,
    init_title,
    single_amount,
)
from dashboard.state.address import bound, get, put
from dashboard.state.address import choose as choose_one
from dashboard.state.choices import Real
from dashboard.words.fields import help_text, label
from dashboard.words.i18n import _
from dashboard.words.text import plain
from engine.layers.activation import Saturating


def choose() -> Choices:
    """The networks that the address describes, and the widgets that change them."""
    st.button(
        _("3 activations × 4 initializations"),
        icon=":material/grid_view:",
        key="textbook",
        help=_(
            "The textbook's histograms: sigmoid, tanh and ReLU, each with standard deviation 1"
            " and 0.01, Xavier and He."
        ),
        on_click=put,
        args=({ACTIVATION: TEXTBOOK[0], INIT: TEXTBOOK[1]},),
    )
    with st.grid(3, min_column_width=220):
        _slider("depth", _("Depth (hidden layers)"))
        _slider("width", _("Width (units of each hidden layer)"))
        _batch_norm()
        _activations()
        _inits()
        _data()
    found = chosen()
    if found.more:
        text = _("Shown are the first {n} of {all} networks.")
        st.caption(text.format(n=MOST, all=MOST + found.more))
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


def _activations() -> None:
    titles = {kind: _(spec.title()) for kind, spec in ACTIVATIONS.items()}
    with st.container(gap="xsmall"):
        choose_one(st.multiselect, _("Activation"), ACTIVATION, titles)
        kinds = [ACTIVATIONS[kind] for kind in get(ACTIVATION) or ACTIVATION.usual]
        if len(kinds) == 1:
            st.caption(plain(_(kinds[0].summary())))
        scaled = next((kind for kind in kinds if issubclass(kind, Saturating)), None)
        if scaled is not None:
            field = scaled.model_fields["scale"]
            _number(label("scale", field), SCALE, help_text(field))


def _inits() -> None:
    titles = {kind: init_title(kind) for kind in INITS}
    with st.container(gap="xsmall"):
        choose_one(st.multiselect, _("Initialization"), INIT, titles)
        inits = get(INIT) or INIT.usual
        if len(inits) == 1:
            st.caption(plain(_(INITS[inits[0]].summary())))
        amount = single_amount(inits)
        numbered = next((init for init in inits if amount_name(init)), None)
        if amount is not None and numbered is not None:
            name = str(amount_name(numbered))
            field = INITS[numbered].model_fields[name]
            _number(label(name, field), amount, help_text(field))


def _number(text: str, choice: Real, explained: str) -> None:
    st.number_input(
        text,
        choice.low,
        choice.high,
        step=0.01,
        format="%g",
        help=explained,
        **bound(choice),
    )


def _batch_norm() -> None:
    words = {
        "none": _("none"),
        "before": _("before the activation"),
        "after": _("after the activation"),
    }
    choose_one(st.selectbox, _("Batch Normalization"), CHOICES["position"], words)


def _data() -> None:
    titles = {kind: _(spec.title()) for kind, spec in DATA.items()}
    with st.container(gap="xsmall"):
        kind = choose_one(st.selectbox, _("Data set"), CHOICES["data"], titles)
        st.caption(plain(_(DATA[kind].summary())))
