"""The Activations page: an untrained network by its address, and what is wrong with it in words."""

from __future__ import annotations

import pytest

from dashboard.app_pages.activations.choices import (
    ACTIVATIONS,
    CHOICES,
    DATA,
    INITS,
    MOST,
    SAMPLES,
    SHOWN,
    TEXTBOOK,
    Network,
    amount_name,
    amount_of,
)
from dashboard.state.config_link import decode, encode
from dashboard.views.activations.verdict import verdict
from dashboard.words.text import plain
from engine.analyses.signals import untrained_signals
from engine.architecture import describe
from engine.layers import Tanh
from tests.dashboard.conftest import OpenPage, unreadable


def told(**params: object) -> str:
    number = amount_of(str(params.get("init", "he")))
    network = Network(**{"amount": number and number.usual} | params)  # type: ignore[arg-type]
    signals = untrained_signals(network.config, samples=500)
    return " ".join(verdict(signals, network.config)[1])


def test_the_verdict_names_what_textbooks_name() -> None:
    """Sums are 0.03 √100 = 0.3 times the inputs in the first layer and 0.03 √50 = 0.21 times the
    layer before in the others, and gradients shrink likewise: 0.06 is under a tenth, in layer 2 and
    two layers from the end. A sigmoid's gradients shrink at least fourfold a layer."""
    assert "Healthy" in told(activation="relu", init="he")
    saturated = told(activation="tanh", init="normal", amount=1.0)
    assert "**Saturated** from hidden layer 1 on" in saturated
    vanishing = told(activation="relu", init="normal", amount=0.03)
    assert "**Vanishing** from hidden layer 2 on" in vanishing
    assert "**Vanishing gradient** from hidden layer 3 back" in vanishing
    exploding = told(activation="relu", init="normal", amount=1.0)
    assert "**Exploding** from hidden layer 1 on" in exploding
    assert "**Exploding gradient** from hidden layer 3 back" in exploding
    assert "**Vanishing gradient** from hidden layer 3 back" in told(
        activation="sigmoid", init="xavier"
    )
    assert "All units alike" in told(init="constant")
    assert "All units alike" in told(init="zeros", activation="sigmoid")
    shrinking = told(activation="relu", init="xavier")
    assert "**Shrinking**" in shrinking, "over 5 layers to a quarter"
    assert "What helps: He initialization" in shrinking
    assert "Healthy" in told(activation="tanh", init="xavier")


@pytest.mark.parametrize("value", ["0", "21", "abc", "-1", "1e9", "", "<b>x</b>", "9" * 5000])
@pytest.mark.parametrize("name", ["depth", "data", "show"])
def test_a_bad_value_in_a_link_says_none(name: str, value: str) -> None:
    assert unreadable(CHOICES[name], value)


@pytest.mark.parametrize("value", ["nan", "inf", "0", "-1", "x"])
def test_an_amount_that_is_no_standard_deviation_is_told(value: str) -> None:
    amount = amount_of("normal")
    assert amount is not None
    assert amount.usual == 0.01
    assert "from 0.0001 to 100" in amount.rule()
    assert unreadable(amount, value)


def test_every_kind_can_be_shown_on_the_page(empty_database: str, open_page: OpenPage) -> None:
    at = open_page(empty_database, "activations")
    families = (("activation", ACTIVATIONS), ("init", INITS), ("data", DATA))
    for name, kinds in families:
        for kind in kinds:
            at.query_params[name] = kind
            at.run()
            assert not at.exception, f"{name} {kind}: {at.exception[0].message}"
            assert not at.error
            widget = at.selectbox if name == "data" else at.multiselect
            assert widget(key=f"at_{name}").value == (kind if name == "data" else [kind])
            assert at.success or at.warning, "the page says whether the network is healthy"
    for shown in SHOWN:
        at.query_params["show"] = shown
        assert not at.run().exception


def test_a_link_shows_its_network_again(empty_database: str, open_page: OpenPage) -> None:
    at = open_page(empty_database, "activations", depth=3, init="normal", amount=1.0, width=50)
    assert at.slider(key="at_depth").value == 3
    assert at.number_input(key="at_amount").value == 1.0
    at.slider(key="at_depth").set_value(1).run()
    assert not at.exception
    assert at.query_params["depth"] in ("1", ["1"])
    assert at.query_params["width"] in ("50", ["50"]), "the others stay"


def test_a_broken_link_opens_the_default_with_a_message(
    empty_database: str, open_page: OpenPage
) -> None:
    at = open_page(empty_database, "activations", depth="many", activation="magic")
    assert not at.exception
    assert at.slider(key="at_depth").value == Network().depth
    assert "depth" in at.warning[0].value
    assert at.multiselect(key="at_activation").value == []
    assert "magic" not in str(at.query_params)


def test_an_initialization_without_a_number_asks_for_none() -> None:
    assert amount_name("he") is None
    assert amount_name("normal") == "std"


def test_one_click_shows_the_textbooks_twelve_networks(
    empty_database: str, open_page: OpenPage
) -> None:
    at = open_page(empty_database, "activations")
    at.button(key="textbook").click().run()
    assert not at.exception
    assert len(TEXTBOOK[0]) * len(TEXTBOOK[1]) == MOST
    names = " ".join(m.value for m in at.markdown)
    for activation in TEXTBOOK[0]:
        for init in TEXTBOOK[1]:
            usual = amount_of(init)
            network = Network(activation=activation, init=init, amount=usual and usual.usual)
            assert f"**{plain(network.label)}**" in names
    assert "ReLU · Normal 1**" in names
    at.query_params["init"] = "he,xavier,lecun,uniform,normal"
    at.run()
    assert "Shown are the first 12 of 15 networks." in [c.value for c in at.caption]


@pytest.mark.parametrize("position", ["before", "after"])
def test_batch_normalization_holds_what_would_vanish(position: str) -> None:
    weak = {"activation": "tanh", "init": "normal", "amount": 0.03}
    assert "Vanishing" in told(**weak)
    assert "Vanishing" not in told(**weak, position=position)


def test_a_thousand_samples_are_a_thousand() -> None:
    for data in DATA:
        assert Network(data=data).config.dataset.info().train_samples >= SAMPLES


@pytest.mark.parametrize("data", DATA)
def test_what_is_shown_can_be_trained(data: str) -> None:
    """The link to the launch form holds a whole run of the same network."""
    network = Network(data=data, activation="tanh", scale=1.7, init="xavier", position="after")
    config = decode(encode(network.config))
    assert config == network.config
    assert describe(config).layers[1].spec == Tanh(scale=1.7)
