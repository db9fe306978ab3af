"""Lessons on Batch Normalization."""

from __future__ import annotations

import numpy as np

from engine.analyses.verdicts import Compared
from engine.conventions import TRADITIONS, config_in_tradition
from engine.default import default_config
from engine.initializers import He, Normal, Xavier
from engine.layers import Dropout, LayerSpec, ReLU, Sigmoid
from engine.lessons.arms import Trained
from engine.lessons.builds import deep, few
from engine.lessons.figures import Curves, Grid, Outcomes, Over
from engine.lessons.lesson import Chapter, Lesson
from engine.optimizers import SGD
from engine.stack import Position

WITH, WITHOUT = "with BN", "without BN"
BOTH: tuple[tuple[str, Position], ...] = ((WITH, "before"), (WITHOUT, "none"))

BATCH_NORM = Lesson(
    key="batch-norm",
    chapters=(
        Chapter(source="from-scratch", chapter="6.3.1 and 6.3.2"),
        Chapter(source="hands-on", chapter="11.1.3"),
        Chapter(source="article", chapter="Effects"),
    ),
    name="With and without Batch Normalization",
    question="Five layers start from weights that are far too small. What does normalizing between"
    " them change?",
    text="Batch Normalization takes each unit's mean and variance over the batch, makes its values"
    " have mean 0 and variance almost 1, and lets two parameters, gamma and beta, move them again."
    " Whatever scale the weights have, it is divided out before the activation. Both networks start"
    " from the same random numbers times 0.01, which leaves nothing of the signal after five layers"
    " without it. Within one standard deviation of 0, where a sigmoid is nearly linear, lie 68 % of"
    " a normal distribution; the slides' 8 % is a slip.",
    equations=(
        r"\hat{x} = \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} \qquad y = \gamma \hat{x} + \beta",
    ),
    choices=("Only the network with BN learns", "Both learn", "Neither learns"),
    arms=(
        Trained(name=WITH, config=deep(5, ReLU(), Normal(std=0.01), position="before")),
        Trained(name=WITHOUT, config=deep(5, ReLU(), Normal(std=0.01))),
    ),
    figure=Curves(score="accuracy"),
    claim="With Batch Normalization a network learns from initial weights from which it otherwise"
    " cannot.",
    score="val_accuracy",
    comparisons=(Compared(arm=WITH, than=WITHOUT),),
    effect=0.2,
    expected="supported",
    measured=(
        "Five seeds on the digits: validation accuracy 96.1 % with Batch Normalization, 10.2 %"
        " without."
    ),
    further=(
        "Open the run with it on BatchNorm: how far are the running statistics from the"
        " population's?"
    ),
)

RATES = (1.5, 0.5, 0.1, 0.01)

LEARNING_RATE = Lesson(
    key="learning-rate",
    chapters=(
        Chapter(source="article", chapter="Effects"),
        Chapter(source="from-scratch", chapter="6.3.1"),
    ),
    name="How large a step can it take?",
    question="The same network with and without Batch Normalization, with learning rates from 0.01"
    " to 1.5. Up to which rate does each of them learn?",
    text="A large rate overshoots: the weights jump, the outputs grow, the next gradient is larger"
    " still, and the loss leaves the finite numbers, or all units die. Batch Normalization divides"
    " the scale of the weights out again: a layer whose weights grow gets smaller gradients, so"
    " that it slows itself down. A run that diverged is counted, with the accuracy of guessing.",
    equations=(
        r"\operatorname{BN}(aWx) = \operatorname{BN}(Wx) \qquad"
        r" \frac{\partial \operatorname{BN}(aWx)}{\partial (aW)} ="
        r" \frac{1}{a} \frac{\partial \operatorname{BN}(Wx)}{\partial W}",
    ),
    choices=("BN stands larger rates", "Without BN larger rates are fine", "No difference"),
    arms=tuple(
        Trained(
            name=f"{name}, {rate:g}",
            line=name,
            config=deep(5, ReLU(), He(), position=position, optimizer=SGD(lr=rate)),
        )
        for rate in RATES
        for name, position in BOTH
    ),
    figure=Over(field="optimizer.lr", label="Learning rate"),
    claim="Batch Normalization allows higher learning rates.",
    score="val_accuracy",
    comparisons=(Compared(arm=f"{WITH}, 1.5", than=f"{WITHOUT}, 1.5"),),
    effect=0.1,
    expected="supported",
    measured=(
        "Five seeds on the digits: at rate 1.5 validation accuracy 96.5 % with Batch"
        " Normalization, 10.1 % without; at 0.5 it is 96.9 % and 42.3 % (without it, it depends on"
        " the seed whether the network learns); at 0.1 and 0.01 they differ by less than a point."
    ),
    further=(
        "Find the rate at which the network with Batch Normalization fails, too: sweep up to 20."
    ),
)

SCALES = tuple(float(f"{scale:.2g}") for scale in np.logspace(0, -4, 16))

SIXTEEN = Lesson(
    key="scales",
    chapters=(Chapter(source="from-scratch", chapter="6.3.2"),),
    name="Sixteen scales of initial weights",
    question="Sixteen standard deviations of the initial weights, from 1 to 0.0001, each with and"
    " without Batch Normalization. In how many does it learn faster with it?",
    text="The book trains the same five layers with sixteen scales of initial weights and finds"
    " Batch Normalization faster in almost every panel. So does the figure here: a panel for each"
    " scale, the accuracy over the epochs with and without. Judged is the mean loss over training,"
    " which is low where a network learned early."
    " Without normalization there is a narrow range of scales from which it learns. With it the"
    " range is wide, though not endless.",
    equations=(r"W \sim N(0, s^2), \quad s = 1, \dots, 10^{-4}",),
    choices=("In all", "In most", "In about half", "In few"),
    arms=tuple(
        Trained(
            name=f"{name}, {scale:g}",
            line=name,
            config=deep(5, ReLU(), Normal(std=scale), position=position, epochs=10),
        )
        for scale in SCALES
        for name, position in BOTH
    ),
    figure=Grid(field="layers.0.init.std", label="std", score="accuracy", split="train"),
    claim="With Batch Normalization learning is faster for almost every scale of the initial"
    " weights.",
    score="mean_loss",
    comparisons=tuple(
        Compared(arm=f"{WITH}, {scale:g}", than=f"{WITHOUT}, {scale:g}") for scale in SCALES
    ),
    effect=0.05,
    expected="supported",
    measured=(
        "Five seeds on the digits, ten epochs: with Batch Normalization the mean loss is lower at"
        " all sixteen scales, by 0.2 at 0.16 and by 0.5 to 2.1 at the others. Without it 0.16"
        " learns and 0.086 begins to; all others stay at 2.303, what guessing gives. With it 0.046"
        " is best (0.20), and the ends are slow: 1.14 at 1, 1.74 at 0.0001."
    ),
    further=("Give the layers 20 units instead of 100: is the range as wide?"),
)

POSITIONS: tuple[Position, ...] = ("none", "before", "after")

POSITION = Lesson(
    key="position",
    chapters=(
        Chapter(source="hands-on", chapter="11.1.3"),
        Chapter(source="note", chapter="Batch Normalization"),
    ),
    name="Before the activation, after it, or not at all",
    question="Batch Normalization may stand just before each activation or just after it. Which is"
    " better, and is either better than none?",
    text="The paper normalizes the sums before the activation, so that they lie where it has a"
    " slope; others normalize what comes out of it, so that the next layer receives mean 0 and"
    " variance 1. Before the activation, beta does what the bias would, so the bias is left out:"
    " subtracting the mean removes it exactly. Five layers of sigmoid show what each of them is"
    " worth where gradients vanish.",
    equations=(
        r"\theta(\operatorname{BN}(xW)) \quad \text{or} \quad \operatorname{BN}(\theta(xW + b))",
    ),
    choices=("Before is best", "After is best", "Both alike", "None is best"),
    arms=tuple(
        Trained(name=position, config=deep(5, Sigmoid(), Xavier(), position=position))
        for position in POSITIONS
    ),
    figure=Curves(score="accuracy"),
    claim="Batch Normalization helps before the activation and after it.",
    score="val_accuracy",
    comparisons=(Compared(arm="before", than="none"), Compared(arm="after", than="none")),
    effect=0.05,
    expected="supported",
    measured=(
        "Five seeds on the digits: validation accuracy 10.1 % without, 96.4 % before the"
        " activation, 97.1 % after it."
    ),
    further=("Fill the form from an arm and choose ReLU: what is left of the difference?"),
)


def _dropped(layers: tuple[LayerSpec, ...], rate: float) -> tuple[LayerSpec, ...]:
    """A stack with dropout behind each activation."""
    return tuple(
        each
        for layer in layers
        for each in ((layer, Dropout(rate=rate)) if isinstance(layer, ReLU) else (layer,))
    )


_PLAIN = deep(5, ReLU(), He(), dataset=few(300), epochs=100)
_NORMAL = deep(5, ReLU(), He(), position="before", dataset=few(300), epochs=100)

OVERFITTING = Lesson(
    key="overfitting",
    chapters=(
        Chapter(source="from-scratch", chapter="6.3.1"),
        Chapter(source="article", chapter="Effects"),
    ),
    name="Does Batch Normalization stop overfitting?",
    question="300 samples are soon known by heart. Does Batch Normalization narrow the gap between"
    " training and validation, as it is said to?",
    text="Each batch has another mean and variance, so a sample is shifted a little differently"
    " every time: noise that may keep a network from learning samples by heart. Both accuracies are"
    " taken in inference mode, where nothing is drawn or dropped, so that they can be compared."
    " What comes out depends on the learning rate, on the depth and on the amount of data: with a"
    " rate of 0.01 the networks here have not all learned yet, and their gaps say little.",
    choices=("BN narrows the gap", "BN widens the gap", "No difference that matters"),
    arms=(
        Trained(name="plain", config=_PLAIN),
        Trained(name="BN", config=_NORMAL),
        Trained(
            name="dropout 0.2",
            config=_PLAIN.model_copy(update={"layers": _dropped(_PLAIN.layers, 0.2)}),
        ),
        Trained(
            name="BN, dropout 0.2",
            config=_NORMAL.model_copy(update={"layers": _dropped(_NORMAL.layers, 0.2)}),
        ),
    ),
    figure=Outcomes(scores=("gap", "val_accuracy", "train_accuracy")),
    claim="Batch Normalization narrows the gap.",
    score="gap",
    comparisons=(Compared(arm="BN", than="plain"),),
    effect=0.01,
    expected="contradicted",
    measured=(
        "Five seeds, 300 digits, rate 0.1: gap 7.4 points without, 11.2 with Batch Normalization;"
        " with dropout 0.2 it is 6.9, with both 6.2. It depends on the setting: at a rate of 0.01,"
        " with six layers on 300 samples of MNIST, validation was 56 % with and 79 % without"
        " (three seeds), and from weights of 0.01 only the network with it learns at all."
    ),
    further=(
        "Give each network the rate that is best for it: does the gap of the two still differ?"
    ),
)

_BATCHED = default_config().model_copy(update={"epochs": 5})

BATCH_SIZE = Lesson(
    key="batch-size",
    chapters=(
        Chapter(source="hands-on", chapter="11.1.3"),
        Chapter(source="questions", chapter="Statistics"),
    ),
    name="Batch Normalization and small batches",
    question="The fewer samples a batch has, the noisier the mean and the variance that it is"
    " normalized with. Does a network with batches of 4 end worse than one with batches of 16?",
    text="In training every batch is normalized by its own mean and variance; inference uses moving"
    " averages of them, collected during training: for each channel gamma, beta, mu and sigma"
    " squared, four vectors that are fixed then. (The slides average sigma, implementations sigma"
    " squared.) A batch of one has no variance at all. Small batches make more steps in an epoch,"
    " so that they see more updates, each of them noisier.",
    equations=(
        r"\sigma^2_\text{run} \leftarrow 0.9\, \sigma^2_\text{run} + 0.1\, \sigma^2_\text{batch}",
    ),
    choices=("4 is worse", "4 is better", "No difference that matters"),
    arms=tuple(
        Trained(name=f"m = {m}", config=_BATCHED.model_copy(update={"batch_size": m}))
        for m in (4, 16, 100)
    ),
    figure=Curves(score="accuracy"),
    claim="With batches of 4 the statistics are so noisy that the network ends worse than with 16.",
    score="val_accuracy",
    comparisons=(Compared(arm="m = 16", than="m = 4"),),
    effect=0.01,
    expected="supported",
    measured=(
        "Five seeds on the digits, five epochs: validation accuracy 92.7 % with batches of 4,"
        " 97.1 % with 16, 95.2 % with 100. With 100 there are few steps in five epochs: the middle"
        " wins."
    ),
    further=(
        "Open the run with batches of 4 on BatchNorm: its page says why inference and population"
        " part."
    ),
)

NAMES = {"textbook": "Textbook", "keras": "Keras", "pytorch": "PyTorch"}

CONVENTIONS = Lesson(
    key="conventions",
    chapters=(Chapter(source="questions", chapter="Statistics"),),
    name="Textbook, Keras and PyTorch",
    question="One network by the defaults of three traditions, whose momentum, variance and epsilon"
    " of Batch Normalization differ. Does it show in inference?",
    text="Keras keeps 0.99 of its running statistics at each step, the textbook and PyTorch 0.9;"
    " PyTorch's running variance is divided by m - 1 and not by m, which makes a hundredth with"
    " batches of 100; Keras adds 0.001 to the variance and not 0.00001. In training all normalize"
    " alike. In inference they differ by what was collected, the more the fewer steps there were:"
    " after t steps, 0.99 to the power of t of the start is left.",
    equations=(r"\frac{m}{m - 1} \quad \text{at } m = 100: \; 1.01",),
    choices=("Keras ends worse", "PyTorch ends worse", "No difference that matters"),
    arms=tuple(
        Trained(name=NAMES[tradition], config=config_in_tradition(default_config(), tradition))
        for tradition in TRADITIONS
    ),
    figure=Curves(score="loss"),
    claim="In the end it does not matter whose defaults a network has.",
    score="val_accuracy",
    comparisons=(
        Compared(arm="Textbook", than="Keras", relation="alike"),
        Compared(arm="Textbook", than="PyTorch", relation="alike"),
    ),
    effect=0.02,
    expected="supported",
    measured=(
        "Five seeds on the digits, 300 steps: validation accuracy 97.3 % by the textbook, 97.0 %"
        " by Keras, 97.3 % by PyTorch. After five epochs, 75 steps, almost half of the start (0.99"
        " to the power of 75) would still be in Keras's statistics."
    ),
    further=("Train for two epochs only: which of them is not ready yet?"),
)

LESSONS = (
    BATCH_NORM,
    LEARNING_RATE,
    SIXTEEN,
    POSITION,
    OVERFITTING,
    BATCH_SIZE,
    CONVENTIONS,
)
