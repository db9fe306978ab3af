"""Lessons on activations: where they bend, what their slopes leave, and when their units die."""

from __future__ import annotations

from engine.analyses.verdicts import Compared
from engine.initializers import LSUV, He, Normal, Xavier
from engine.layers import Dense, Gaussian, LayerSpec, LeakyReLU, ReLU, Sigmoid
from engine.lessons.arms import Brief, Trained, Worked
from engine.lessons.builds import BEFORE, NONE, deep
from engine.lessons.figures import Curves, Functions, Outcomes
from engine.lessons.lesson import Chapter, Lesson
from engine.optimizers import SGD, Adam

BELL = Lesson(
    key="bell",
    chapters=(
        Chapter(source="hands-on", chapter="11.1.3"),
        Chapter(source="note", chapter="Initial weights"),
    ),
    name="How much lies within -1 to 1?",
    question="Batch Normalization makes values of mean 0 and variance 1. How much of a normal"
    " distribution lies between -1 and 1, where a sigmoid is nearly linear?",
    text="The slide shows a bell curve over a sigmoid and says that about 8 % lie within -1 to 1."
    " Draw 20,000 values and count. Within one standard deviation lie 68 %, within two 95 %: these"
    " two numbers are worth knowing by heart, for they say where almost all of what a layer"
    " receives is. The slide's 8 % is a slip; its thought is good: most values lie where the"
    " sigmoid is nearly straight, and gamma and beta let the layer move them to where it bends.",
    equations=(r"P(|z| \le 1) = \operatorname{erf}(1 / \sqrt{2}) \approx 0.683",),
    choices=("About 8 %", "About a third", "About two thirds", "About 95 %"),
    arms=(
        Worked(name="within 1", of="within", at=1.0),
        Worked(name="within 2", of="within", at=2.0),
        Worked(name="the slide: 8 %", of="itself", at=0.08),
    ),
    figure=Functions(of="bell"),
    claim="About 8 % of a normal distribution lie within -1 to 1.",
    score="share",
    comparisons=(Compared(arm="within 1", than="the slide: 8 %", relation="alike"),),
    effect=0.02,
    expected="contradicted",
    measured=(
        "Five draws of 20,000: 67.9 to 68.5 % lie within 1, 95.3 to 95.6 % within 2. The exact"
        " shares are 68.27 and 95.45 %."
    ),
    further=("How much lies beyond 3? Open BatchNorm on a run: do its x̂ look like this?"),
)

LINEAR = Lesson(
    key="linear-region",
    chapters=(Chapter(source="hands-on", chapter="11.1.3"),),
    name="Where is a sigmoid nearly linear?",
    question="A layer of nearly linear units adds little. Between -1 and 1, how far do sigmoid and"
    " tanh leave their tangent at 0?",
    text="Near 0 both curves run along a straight line. Measured is the largest distance from the"
    " tangent at 0 within -1 to 1, as a share of what the tangent rises by. Since"
    " tanh(z) = 2 sigmoid(2z) - 1, its linear region is half as wide. Stacked linear layers are one"
    " linear layer, so normalizing everything into this region would cost the network its depth."
    " That is what gamma and beta are for: the layer can choose how much of the bend it uses.",
    equations=(r"\theta(z) \approx \theta(0) + \theta'(0)\, z",),
    choices=("The sigmoid stays nearer", "tanh stays nearer", "Both alike"),
    arms=(
        Worked(name="sigmoid", of="off_tangent_sigmoid", at=1.0),
        Worked(name="tanh", of="off_tangent_tanh", at=1.0),
        Worked(name="tanh up to 0.5", of="off_tangent_tanh", at=0.5),
    ),
    figure=Functions(of="bell"),
    claim="Within -1 to 1 the sigmoid is nearly linear; tanh is so only within half of that.",
    score="off_tangent",
    comparisons=(
        Compared(arm="sigmoid", than="tanh"),
        Compared(arm="sigmoid", than="tanh up to 0.5", relation="alike"),
    ),
    effect=0.05,
    expected="supported",
    measured=("Exact: sigmoid 7.6 %, tanh 23.8 %, tanh within -0.5 to 0.5 again 7.6 %."),
    further=("Open BatchNorm on a run with a sigmoid: its values lie over the slope there."),
)

SLOPES = Lesson(
    key="slopes",
    chapters=(
        Chapter(source="note", chapter="Activations"),
        Chapter(source="hands-on", chapter="11.1.3"),
    ),
    name="Activations and their slopes",
    question="Going back, each layer multiplies the gradient by a slope. What can ten layers leave"
    " at most: of a sigmoid, of tanh, of ReLU?",
    text="θ is what a unit gives, θ' how much it passes back. The sigmoid's slope is y(1 - y), at"
    " most 1/4, and near 0 wherever the unit is saturated. tanh's reaches 1, but only at 0. ReLU's"
    " is 1 on its right and 0 on its left, where a unit learns nothing: one that is off for every"
    " sample is dead. LeakyReLU leaves a small slope there. Judged is what the largest slope takes"
    " away over ten layers, in powers of ten.",
    equations=(
        r"\sigma'(z) = y (1 - y) \le \tfrac{1}{4}, \quad (\tfrac{1}{4})^{10} \approx"
        r" 10^{-6}",
    ),
    choices=("The sigmoid loses most", "tanh loses most", "ReLU loses most", "All alike"),
    arms=(
        Worked(name="sigmoid", of="slopes_sigmoid", at=10),
        Worked(name="tanh", of="slopes_tanh", at=10),
        Worked(name="ReLU", of="slopes_relu", at=10),
    ),
    figure=Functions(of="slopes"),
    claim="Multiplied over layers, the sigmoid's slope vanishes; those of tanh and ReLU need not.",
    score="decades_lost",
    comparisons=(Compared(arm="tanh", than="sigmoid"), Compared(arm="ReLU", than="sigmoid")),
    effect=1.0,
    expected="supported",
    measured=("Exact: ten sigmoids leave at most a millionth (6.0 powers of ten), others all."),
    further=("“The slope, multiplied layer by layer” measures it in networks, with their weights."),
)

DEAD = Lesson(
    key="dead-relu",
    chapters=(
        Chapter(source="hands-on", chapter="11.1.3"),
        Chapter(source="note", chapter="Activations"),
    ),
    name="Trouble can return: dead units",
    question="He initialization starts a network of ReLU well. Does that last when the steps are"
    " large?",
    text="A good start promises nothing for later: one step that is too large moves a unit's sums"
    " below 0 for every sample. Then its slope is 0 for all of them and it never moves again; it is"
    " dead. Five layers of 100 are trained for 60 steps at rate 1, and beside them at 0.1."
    " LeakyReLU has no dead units, for its slope is never 0. Batch Normalization brings the sums"
    " back around 0 in every step. A run that diverged counts as dead altogether.",
    equations=(
        r"z_i \le 0 \;\text{for all}\; i \;\Rightarrow\;"
        r" \frac{\partial L}{\partial w} = 0",
    ),
    choices=("BN rescues it", "LeakyReLU rescues it", "Both do", "Neither rescues it"),
    arms=tuple(
        Brief(
            name=name,
            config=deep(5, activation, He(), position=position, optimizer=SGD(lr=rate)),
            steps=60,
        )
        for name, activation, rate, position in (
            ("ReLU, rate 0.1", ReLU(), 0.1, NONE),
            ("ReLU, rate 1", ReLU(), 1.0, NONE),
            ("LeakyReLU, rate 1", LeakyReLU(), 1.0, NONE),
            ("ReLU with BN, rate 1", ReLU(), 1.0, BEFORE),
        )
    ),
    figure=Outcomes(scores=("accuracy_soon", "dead_share")),
    claim="At a large rate what He initialization gave is lost, and Batch Normalization keeps it.",
    score="accuracy_soon",
    comparisons=(
        Compared(arm="ReLU, rate 0.1", than="ReLU, rate 1"),
        Compared(arm="ReLU with BN, rate 1", than="ReLU, rate 1"),
    ),
    effect=0.2,
    expected="supported",
    measured=(
        "Five seeds on the digits, 60 steps: validation accuracy 84 % at rate 0.1; at rate 1 it is"
        " 10 %, four of five diverged and the fifth has 38 % dead units; LeakyReLU 15 %, three of"
        " five diverged; with Batch Normalization 96 % and no dead unit. LeakyReLU has no dead"
        " units and still does not rescue the training."
    ),
    further=("Fill the form from an arm and watch the dead share by layer and step on Run."),
)

SIGMOID_START = Lesson(
    key="sigmoid-start",
    chapters=(
        Chapter(source="from-scratch", chapter="6.2.2 and 6.2.3"),
        Chapter(source="note", chapter="Initial weights"),
    ),
    name="Xavier for the sigmoid?",
    question="The rule says: Xavier for sigmoid and tanh, He for ReLU. Is Xavier better than He for"
    " a network of sigmoids?",
    text="Xavier initialization was derived for units that are linear around 0 with slope 1. The"
    " sigmoid's slope there is 1/4, so its signal shrinks with either; He's weights are larger by"
    " the square root of 2 and lose a little less. With five layers and plain gradient descent no"
    " start learns: the gradient is gone. Adam divides by the gradient's size, so with it both"
    " learn, and the rule can be judged.",
    equations=(r"\sigma_\text{Xavier} = \sqrt{1/n} \qquad \sigma_\text{He} = \sqrt{2/n}",),
    choices=("Xavier is better", "He is better", "No difference that matters"),
    arms=tuple(
        Trained(name=name, config=deep(5, Sigmoid(), init, optimizer=Adam()))
        for name, init in (("Xavier", Xavier()), ("He", He()), ("std 0.01", Normal(std=0.01)))
    ),
    figure=Curves(score="loss", split="train"),
    claim="For sigmoids, Xavier initialization learns faster than He initialization.",
    score="mean_loss",
    comparisons=(Compared(arm="Xavier", than="He"),),
    effect=0.05,
    expected="contradicted",
    measured=(
        "Five seeds on the digits, Adam: mean loss over 20 epochs 1.93 with Xavier, 1.74 with He,"
        " 2.30 with 0.01, which is guessing."
    ),
    further="Put LSUV in place of Xavier: it measures the scale that each layer needs.",
)


def _rates_by_layer(layers: tuple[LayerSpec, ...]) -> tuple[LayerSpec, ...]:
    """Each Dense layer four times as fast as the one behind it, which makes up for the slope."""
    dense = [i for i, layer in enumerate(layers) if isinstance(layer, Dense)]
    factors = {i: 4.0 ** max(0, len(dense) - 2 - n) for n, i in enumerate(dense)}
    return tuple(
        layer.model_copy(update={"lr_factor": factors[i]}) if i in factors else layer
        for i, layer in enumerate(layers)
    )


_XAVIER = deep(5, Sigmoid(), Xavier())

WITHOUT_BN = Lesson(
    key="without-bn",
    chapters=(Chapter(source="questions", chapter="Saturating units"),),
    name="Deep sigmoids without Batch Normalization",
    question="Five layers of sigmoid do not learn by plain gradient descent. Without Batch"
    " Normalization or ReLU: which of five remedies helps?",
    text="People ask whether saturating units can be trained without normalizing between them."
    " Proposed are: weights scaled until each layer's variance is 1 (LSUV), a stretched sigmoid"
    " a θ(z) with a = 4, whose slope reaches 1, a learning rate for each layer that makes up for"
    " the slope lost behind it, an optimizer that divides by the gradient's size (Adam), and"
    " Gaussian units, which are active around 0 only. Each is compared with Xavier initialization"
    " alone, all at rate 0.1, Adam at its usual 0.001.",
    equations=(
        r"\frac{\partial L}{\partial a_l} \approx \tfrac{1}{4}"
        r" \frac{\partial L}{\partial a_{l+1}}",
    ),
    choices=("All help", "Some help", "Only Adam helps", "None helps"),
    arms=(
        Trained(name="Xavier", config=_XAVIER),
        Trained(name="LSUV", config=deep(5, Sigmoid(), LSUV())),
        Trained(name="a = 4", config=deep(5, Sigmoid(scale=4.0), Xavier())),
        Trained(
            name="rates by layer",
            config=_XAVIER.model_copy(update={"layers": _rates_by_layer(_XAVIER.layers)}),
        ),
        Trained(name="Adam", config=_XAVIER.model_copy(update={"optimizer": Adam()})),
        Trained(name="Gaussian, LSUV", config=deep(5, Gaussian(), LSUV())),
    ),
    figure=Curves(score="accuracy"),
    claim="Each of the five remedies makes the deep network learn.",
    score="val_accuracy",
    comparisons=tuple(
        Compared(arm=name, than="Xavier")
        for name in ("LSUV", "a = 4", "rates by layer", "Adam", "Gaussian, LSUV")
    ),
    effect=0.1,
    expected="depends",
    measured=(
        "Five seeds on the digits: validation accuracy 10 % with Xavier, LSUV and a = 4, 12 % with"
        " rates by layer, 57 % with Adam, 96.5 % with Gaussian units and LSUV. On 9,000 samples of"
        " MNIST, rates by layer came to 37 %, Adam to 53 %, Gaussian units to 85 %"
        " (one seed)."
    ),
    further=("Put Batch Normalization before the activations: is it worth all of them together?"),
)

LESSONS = (BELL, LINEAR, SLOPES, DEAD, SIGMOID_START, WITHOUT_BN)
