"""Lessons on how the parameters move: optimizers."""

from __future__ import annotations

from collections.abc import Sequence

from engine.analyses.verdicts import Compared
from engine.initializers import He
from engine.layers import ReLU
from engine.lessons.arms import Trained, Walk
from engine.lessons.builds import deep
from engine.lessons.figures import Curves, Paths
from engine.lessons.lesson import Chapter, Lesson
from engine.optimizers import SGD, AdaGrad, Adam, Momentum, Nesterov, OptimizerSpec, RMSProp

Optimizers = Sequence[tuple[str, OptimizerSpec]]
"""Optimizers by what their arms are called."""


def _walks(
    named: Optimizers, surface: str, *, start: tuple[float, float], spread: float, steps: int
) -> tuple[Walk, ...]:
    """The path of each over one surface, from the same starts."""
    return tuple(
        Walk(
            name=name,
            surface=surface,
            optimizer=optimizer,
            start=start,
            spread=spread,
            steps=steps,
        )
        for name, optimizer in named
    )


def _than_the_first(named: Optimizers) -> tuple[Compared, ...]:
    """Each of the others compared with the first."""
    (first, _), *others = named
    return tuple(Compared(arm=name, than=first) for name, _ in others)


FIVE = (
    ("SGD", SGD(lr=0.01)),
    ("Momentum", Momentum(lr=0.01)),
    ("AdaGrad", AdaGrad(lr=0.01)),
    ("RMSProp", RMSProp(lr=0.001)),
    ("Adam", Adam()),
)

OPTIMIZERS = Lesson(
    key="optimizers",
    chapters=(Chapter(source="note", chapter="Optimizers"),),
    name="Five optimizers, one network",
    question="The same weights and the same batches; only the way the parameters move differs. Who"
    " learns fastest?",
    text="SGD steps down the gradient of its batch. Momentum adds the steps before; AdaGrad divides"
    " by the root of all squared gradients so far, so that its rate falls; RMSProp by that of the"
    " recent ones; Adam does both of the last and corrects for the start. Judged is the mean loss"
    " over all epochs, since the last loss of the adaptive ones jumps. Each has a usual rate, not"
    " its best: that SGD is last is the claim, not who is first. The note's w - v behind"
    " v = alpha v - eta grad climbs: the sign is a slip.",
    equations=(
        r"v \leftarrow \alpha v - \eta \frac{\partial L}{\partial w}, \quad w \leftarrow w + v",
        r"h \leftarrow h + g^2, \quad w \leftarrow w - \eta\, g / \sqrt{h}",
    ),
    choices=("Momentum", "AdaGrad", "RMSProp", "Adam", "SGD"),
    arms=tuple(
        Trained(name=name, config=deep(4, ReLU(), He(), optimizer=optimizer))
        for name, optimizer in FIVE
    ),
    figure=Curves(score="loss", split="train"),
    claim="Plain gradient descent is the slowest of the five.",
    score="mean_loss",
    comparisons=_than_the_first(FIVE),
    effect=0.05,
    expected="supported",
    measured=(
        "Five seeds on the digits: mean loss over 20 epochs 1.16 with SGD, 0.31 with Momentum,"
        " 0.24 with Adam, 0.20 with RMSProp, 0.12 with AdaGrad. That AdaGrad's rate falls until it"
        " stops cannot be seen in so few steps; it is the fastest here."
    ),
    further=("Give SGD ten times its rate. Is it still the last?"),
)

RATE = 0.05
SIX = (
    ("SGD", SGD(lr=RATE)),
    ("Momentum", Momentum(lr=RATE)),
    ("Nesterov", Nesterov(lr=RATE)),
    ("AdaGrad", AdaGrad(lr=RATE)),
    ("RMSProp", RMSProp(lr=RATE)),
    ("Adam", Adam(lr=RATE)),
)

SADDLE = Lesson(
    key="saddle",
    chapters=(Chapter(source="note", chapter="Optimizers"),),
    name="Leaving a saddle",
    question="A saddle falls to both sides but is level where one stands. Six optimizers with one"
    " learning rate: who gets away soonest?",
    text="On x² - y² the gradient along y is -2y, almost nothing near the ridge. SGD multiplies y"
    " by the same factor in each step; momentum adds its steps up; the adaptive ones divide by the"
    " size of the gradients seen, and so take whole steps along y however small its gradient is."
    " Counted are the steps until |y| > 1, from starts a little apart. With y exactly 0 nobody ever"
    " leaves.",
    equations=(r"f(x, y) = x^2 - y^2, \quad \nabla f = (2x, -2y)",),
    choices=("SGD", "Momentum or Nesterov", "AdaGrad", "RMSProp or Adam"),
    arms=_walks(SIX, "saddle", start=(-1.5, 0.001), spread=0.0003, steps=200),
    figure=Paths(),
    claim="Plain gradient descent is the last to leave a saddle.",
    score="steps_to_goal",
    comparisons=_than_the_first(SIX),
    effect=5.0,
    expected="supported",
    measured=(
        "Five starts: SGD needs 73 steps until |y| > 1, AdaGrad 57, Momentum 27, Nesterov 24,"
        " Adam 20, RMSProp 8."
    ),
    further=("Open Optimizers and start exactly on the ridge, at y = 0; then in the long valley."),
)

BOOK = (
    ("SGD", SGD(lr=0.95)),
    ("Momentum", Momentum(lr=0.1)),
    ("AdaGrad", AdaGrad(lr=1.5)),
    ("Adam", Adam(lr=0.3)),
)

VALLEY = Lesson(
    key="valley",
    chapters=(Chapter(source="note", chapter="Optimizers"),),
    name="Down a long valley",
    question="x²/20 + y² bends twenty times as much across as along. With the book's rates, who"
    " reaches the lowest point first?",
    text="Across the valley SGD hunts from side to side; along it the gradient is small and so are"
    " its steps. Momentum remembers the direction that its steps have in common and passes dents on"
    " its way, but overshoots. AdaGrad divides each direction by the gradients seen there, so that"
    " it goes almost straight; its rate falls with every step. Adam does both, with a memory that"
    " fades. Counted are the steps until a path is within 0.1 of the lowest point, from starts a"
    " little apart. The rates are the book's own, one for each.",
    equations=(r"f(x, y) = \tfrac{1}{20} x^2 + y^2",),
    choices=("SGD", "Momentum", "AdaGrad", "Adam"),
    arms=_walks(BOOK, "valley", start=(-7.0, 2.0), spread=0.3, steps=100),
    figure=Paths(),
    claim="Plain gradient descent is the slowest of the four.",
    score="steps_to_goal",
    comparisons=_than_the_first(BOOK),
    effect=3.0,
    expected="depends",
    measured=(
        "Five starts: AdaGrad needs 33 steps, SGD 43, Momentum 57, Adam 61. With the book's rates"
        " SGD is not the last: Momentum and Adam run past the lowest point and come back."
    ),
    further=("Open Optimizers and choose Beale: there Momentum and Nesterov overshoot, too."),
)

SIGN = Lesson(
    key="sign",
    chapters=(Chapter(source="note", chapter="Optimizers"),),
    name="One sign: w + v or w - v",
    question="The note computes v = αv - η grad and then w = w - v. Does that go down?",
    text="v already carries the minus of going downhill. Adding it goes down; subtracting it takes"
    " the minus away again, and the path climbs. The book adds: w = w + v. Others keep v = αv +"
    " η grad and subtract it; both are the same, mixing them is not. Both are walked from the same"
    " starts in the long valley. A loss that grows from the first step on is how such a slip"
    " shows.",
    equations=(
        r"v \leftarrow \alpha v - \eta \frac{\partial L}{\partial w}, \quad"
        r" w \leftarrow w \pm v",
    ),
    choices=("Both go down", "Only w + v", "Only w - v"),
    arms=tuple(
        Walk(
            name=name,
            surface="valley",
            optimizer=Momentum(lr=0.02),
            start=(-7.0, 2.0),
            spread=0.3,
            steps=200,
            uphill=uphill,
        )
        for name, uphill in (("w + v", False), ("w - v", True))
    ),
    figure=Paths(),
    claim="The note's w - v reaches the lowest point as w + v does.",
    score="steps_to_goal",
    comparisons=(Compared(arm="w - v", than="w + v", relation="alike"),),
    effect=5.0,
    expected="contradicted",
    measured=("Five starts: w + v is there after 174 steps; w - v leaves uphill and never comes."),
    further=("Which sign does Momentum's equation on Optimizers have?"),
)

LESSONS = (OPTIMIZERS, VALLEY, SADDLE, SIGN)
