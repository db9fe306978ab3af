"""Lessons on what Batch Normalization computes: its steps, its averages, its backward pass."""

from __future__ import annotations

from engine.analyses.verdicts import Compared
from engine.config import RunConfig
from engine.initializers import He, Xavier
from engine.layers import BatchNorm, ReLU, Sigmoid
from engine.lessons.arms import Brief, Trained, Worked
from engine.lessons.builds import AFTER, BEFORE, NONE, deep
from engine.lessons.figures import Batch, Curves, Outcomes, Over
from engine.lessons.lesson import Chapter, Lesson

STEPS = Lesson(
    key="four-steps",
    chapters=(
        Chapter(source="hands-on", chapter="11.1.3"),
        Chapter(source="from-scratch", chapter="6.3.1"),
        Chapter(source="article", chapter="The computation"),
    ),
    name="Batch Normalization in four steps",
    question="A batch is normalized to mean 0 and variance “almost 1”. Almost: is it so for every"
    " batch?",
    text="The four steps are the mean of the batch, its variance (divided by m), the normalized"
    " values and, last, gamma and beta. Change the values below and follow them. ε keeps the root"
    " away from 0, so the variance of the result is σ²/(σ² + ε), a little under 1, unless the"
    " batch's own variance is no larger than ε. In inference nothing is computed from the batch:"
    " μ, σ², gamma and beta are four vectors, fixed, one value per unit. So one sample can come"
    " alone; by its own statistics it would be 0, whatever it was.",
    equations=(
        r"\mu = \frac{1}{m} \sum_i x_i \qquad \sigma^2 = \frac{1}{m} \sum_i (x_i - \mu)^2",
        r"\hat{x}_i = \frac{x_i - \mu}{\sqrt{\sigma^2 + \epsilon}} \qquad"
        r" y_i = \gamma \hat{x}_i + \beta",
    ),
    choices=("For every batch", "Not where values are large", "Not where values hardly differ"),
    arms=(
        Worked(name="std 1", of="normalized_variance", at=1.0),
        Worked(name="std 0.1", of="normalized_variance", at=0.1),
        Worked(name="std 0.001", of="normalized_variance", at=0.001),
        Worked(name="exactly 1", of="itself", at=1.0),
    ),
    figure=Batch(x=(0.5, 1.0, 1.5, 3.0)),
    claim="Whatever the batch, the normalized values have a variance of almost 1.",
    score="variance",
    comparisons=tuple(
        Compared(arm=name, than="exactly 1", relation="alike")
        for name in ("std 1", "std 0.1", "std 0.001")
    ),
    effect=0.01,
    expected="depends",
    measured=(
        "Five batches of 100, ε = 0.00001: variance 1.000 for values of standard deviation 1,"
        " 0.999 for 0.1, 0.08 to 0.10 for 0.001."
    ),
    further=("Take Keras's ε of 0.001 below: at which standard deviation does it begin to show?"),
)

BACKWARD = Lesson(
    key="backward",
    chapters=(Chapter(source="questions", chapter="The backward pass"),),
    name="The backward pass as matrices",
    question="μ and σ depend on every sample of the batch. Can the backward pass treat them as"
    " constants, or must it go through them?",
    text="For one unit the derivative of y by x is a matrix of m rows and m columns: each sample"
    " moves the mean and the variance, and through them all others. It is the identity, less a"
    " matrix that takes the mean away, less one that takes the part along x̂ away. Its product with"
    " dy is the gradient. It is held against finite differences, as the layer's own backward pass"
    " is, and the shortcut that takes μ and σ as constants. Counted are the digits that agree.",
    equations=(
        r"\frac{\partial y}{\partial x} = \frac{\gamma}{s} \left( I - \tfrac{1}{m}"
        r" \mathbf{1}\mathbf{1}^\top - \tfrac{1}{m} \hat{x}\hat{x}^\top \right), \quad"
        r" s = \sqrt{\sigma^2 + \epsilon}",
    ),
    choices=("Constants will do", "It must go through them", "It depends on the batch"),
    arms=(
        Worked(name="matrices", of="backward_matrices"),
        Worked(name="the layer", of="backward_layer"),
        Worked(name="μ and σ constant", of="backward_fixed"),
    ),
    figure=Outcomes(scores=("digits",)),
    claim="The product of matrices is the gradient; with μ and σ as constants it is not.",
    score="digits",
    comparisons=(
        Compared(arm="matrices", than="μ and σ constant"),
        Compared(arm="matrices", than="the layer", relation="alike"),
    ),
    effect=3.0,
    expected="supported",
    measured=(
        "Five batches of 8 in double precision: matrices and layer agree with central differences"
        " to 10.1 to 10.9 digits, the shortcut to less than one."
    ),
    further=("What does dy = (1, ..., 1) give? And dy = x̂? Read it from the equation."),
)

SIZES = (2, 4, 8, 16, 32, 100)
WAYS = (
    ("σ² with m/(m - 1)", "variance_corrected"),
    ("σ²", "variance_averaged"),
    ("σ, squared", "deviation_averaged"),
)

AVERAGES = Lesson(
    key="averages",
    chapters=(
        Chapter(source="hands-on", chapter="11.1.3"),
        Chapter(source="questions", chapter="Statistics"),
    ),
    name="Averaging σ or σ²",
    question="The slides keep a moving average of σ, programs one of σ². Does it matter which, and"
    " what does m/(m - 1) mend?",
    text="Batches of m values are drawn from N(0, 1), whose variance is 1. A batch's variance"
    " divided by m falls short by (m - 1)/m on average, because its mean is its own; m/(m - 1)"
    " mends that exactly. The mean of roots is below the root of the mean, so averaging σ and"
    " squaring it falls shorter still, and m/(m - 1) does not mend it. The claim is judged for"
    " batches of 4 and of 100.",
    equations=(
        r"E[\sigma^2_\text{batch}] = \frac{m - 1}{m} \sigma^2 \qquad"
        r" (E[\sigma_\text{batch}])^2 < E[\sigma^2_\text{batch}]",
    ),
    choices=("It makes no difference", "Only for small batches", "For all batches"),
    arms=tuple(
        Worked(name=f"{line}, {m}", line=line, of=of, at=m) for line, of in WAYS for m in SIZES
    ),
    figure=Over(field="at", label="Batch size m"),
    claim="Averaging σ comes to the same as averaging σ².",
    score="variance",
    comparisons=tuple(
        Compared(arm=f"σ, squared, {m}", than=f"σ², {m}", relation="alike") for m in (4, 100)
    ),
    effect=0.02,
    expected="depends",
    measured=(
        "Five draws of 4,000 batches: with m = 4 σ² averages to 0.75, σ squared to 0.64; with"
        " m = 100 to 0.989 and 0.984. With m/(m - 1) it is 1.00 for every m."
    ),
    further=("“Textbook, Keras and PyTorch” shows which way each of them goes."),
)

INFERENCE = Lesson(
    key="inference",
    chapters=(
        Chapter(source="hands-on", chapter="11.1.3"),
        Chapter(source="questions", chapter="Statistics"),
    ),
    name="What inference normalizes with",
    question="A trained network is asked about one sample. Which mean and variance should it use?",
    text="A sample alone has no variance: by its own statistics every unit is 0, and the answer is"
    " always the same. Best would be the statistics of all training samples with the weights as"
    " they are now, but they take a pass over all of them. Moving averages, kept while training,"
    " are ready at every step: that is why accuracy can be followed during training with them."
    " A momentum of 0.9 remembers ten steps, 0.99 a hundred, 0.999 a thousand: more nines for more"
    " steps, as more data give; smaller batches alone do not ask for them.",
    equations=(r"\mu_\text{run} \leftarrow \alpha \mu_\text{run} + (1 - \alpha) \mu_\text{batch}",),
    choices=("Its own", "Moving averages", "Those of all samples", "All the same"),
    arms=(
        Worked(name="alone", of="accuracy_of_batches", at=1),
        Worked(name="batches of 32", of="accuracy_of_batches", at=32),
        Worked(name="moving averages", of="accuracy_moving"),
        Worked(name="all training samples", of="accuracy_population"),
    ),
    figure=Outcomes(scores=("accuracy",)),
    claim="A sample alone needs fixed statistics, and moving averages are as good as those of all"
    " training samples.",
    score="accuracy",
    comparisons=(
        Compared(arm="moving averages", than="alone"),
        Compared(arm="moving averages", than="all training samples", relation="alike"),
    ),
    effect=0.02,
    expected="supported",
    measured=(
        "Five seeds on the digits, two layers of 50 after 75 steps: alone 9.9 %, in batches of 32"
        " 91.3 %, with moving averages 92.7 %, with all training samples 92.9 %."
    ),
    further=("BatchNorm on a run replays its training with any other momentum."),
)

SHIFTED = Lesson(
    key="shifted",
    chapters=(
        Chapter(source="hands-on", chapter="11.1.3"),
        Chapter(source="article", chapter="Internal covariate shift"),
    ),
    name="A few samples from elsewhere",
    question="The samples asked about lie elsewhere than the training's: all inputs are 1 higher."
    " Are fixed statistics more reliable than the batch's own?",
    text="The slide warns: at inference there may be few samples, from another distribution, so"
    " their statistics are unreliable. The article's picture is a classifier of cars that meets"
    " motorbikes. Here every scaled input is moved by 1. A batch's own mean takes such a move away;"
    " the moving averages cannot know of it. What a batch has against it is its size alone. So both"
    " warnings are judged: batches of 2, and of 32.",
    choices=("Fixed are better", "The batch's own are better", "It depends on the batch"),
    arms=(
        Worked(name="moving averages", of="shifted_moving"),
        Worked(name="batches of 2", of="shifted_of_batches", at=2),
        Worked(name="batches of 32", of="shifted_of_batches", at=32),
        Worked(name="batches of 2, not shifted", of="accuracy_of_batches", at=2),
        Worked(name="moving averages, not shifted", of="accuracy_moving"),
    ),
    figure=Outcomes(scores=("accuracy",)),
    claim="Where samples are shifted, moving averages are more reliable than batch statistics.",
    score="accuracy",
    comparisons=tuple(Compared(arm="moving averages", than=f"batches of {m}") for m in (2, 32)),
    effect=0.05,
    expected="contradicted",
    measured=(
        "Five seeds on the digits: shifted, moving averages 26 %, batches of 2 46 %, of 32 91 %;"
        " not shifted, moving averages 93 %, batches of 2 46 %. Few samples do hurt, a shift hurts"
        " fixed statistics more. A shift of one part of the pixels would not be taken away."
    ),
    further=("BatchNorm on a run moves its inputs by any amount and compares the modes."),
)

_FREE, _FROZEN = BatchNorm(), BatchNorm(lr_factor=0.0)


def _with(batch_norm: BatchNorm, sigmoid: bool) -> RunConfig:
    """A network of five layers with this Batch Normalization before its activations."""
    activation, init = (Sigmoid(), Xavier()) if sigmoid else (ReLU(), He())
    config = deep(5, activation, init, position="before")
    layers = tuple(batch_norm if isinstance(each, BatchNorm) else each for each in config.layers)
    return config.model_copy(update={"layers": layers})


GAMMA_BETA = Lesson(
    key="gamma-beta",
    chapters=(Chapter(source="questions", chapter="gamma and beta"),),
    name="Are gamma and beta redundant?",
    question="The next layer has weights of its own, which can scale and shift. Is anything lost"
    " where gamma stays 1 and beta 0?",
    text="Without an activation between, gamma and beta would be redundant: the next weights can"
    " take them in, γ into W and β into the bias. So can gamma behind ReLU, since"
    " max(0, γ x) = γ max(0, x) for positive γ; beta cannot, for it decides which samples switch a"
    " unit on. Behind a sigmoid neither can: they decide how much of its bend is used. Frozen means"
    " a learning-rate factor of 0: gamma stays 1, beta 0. Compared is the mean loss over training.",
    equations=(
        r"(\gamma \hat{x} + \beta) W + b = \hat{x} (\operatorname{diag}(\gamma) W)"
        r" + (\beta W + b)",
    ),
    choices=("Redundant for both", "Only with ReLU", "Only with the sigmoid", "For neither"),
    arms=tuple(
        Trained(name=f"{name}, {kind}", line=name, config=_with(batch_norm, name == "sigmoid"))
        for name in ("sigmoid", "ReLU")
        for kind, batch_norm in (("free", _FREE), ("frozen", _FROZEN))
    ),
    figure=Curves(score="loss", split="train"),
    claim="Gamma and beta are redundant: a network learns as fast without them.",
    score="mean_loss",
    comparisons=tuple(
        Compared(arm=f"{name}, free", than=f"{name}, frozen", relation="alike")
        for name in ("sigmoid", "ReLU")
    ),
    effect=0.02,
    expected="depends",
    measured=(
        "Five seeds on the digits: mean loss 0.460 free and 0.487 frozen with the sigmoid, 0.164"
        " and 0.174 with ReLU. Both gain a little; the sigmoid more than 0.02, ReLU less."
    ),
    further=("BatchNorm on a run folds its layers into the weights and compares the outputs."),
)

DRIFT = Lesson(
    key="drift",
    chapters=(
        Chapter(source="article", chapter="Internal covariate shift"),
        Chapter(source="hands-on", chapter="11.1.3"),
    ),
    name="Does it hold the inputs still?",
    question="While a network learns, what each layer receives changes under it: internal covariate"
    " shift. How much of that does Batch Normalization take away?",
    text="A classifier trained on cars meets motorbikes: its inputs have shifted. Inside a network"
    " every layer is in that position, since the layers before it learn, too. Forty steps are"
    " trained; after every ten the mean and the deviation of each unit's inputs are taken, and how"
    " far they moved, in deviations. What comes out of Batch Normalization is held still by"
    " construction, so the sums that go into it are shown, too. That less drift is why it helps is"
    " disputed (Santurkar et al. 2018); this measures the drift alone.",
    equations=(r"\text{drift} = \sqrt{(\Delta \mu)^2 + (\Delta \sigma)^2}\, / \sigma",),
    choices=("Almost all of it", "About half", "Nothing"),
    arms=tuple(
        Brief(name=name, config=deep(5, ReLU(), He(), position=position), steps=40)
        for name, position in (
            ("without BN", NONE),
            ("BN before", BEFORE),
            ("BN after", AFTER),
        )
    ),
    figure=Outcomes(scores=("drift", "drift_before")),
    claim="With Batch Normalization the inputs of the activations drift less.",
    score="drift",
    comparisons=(
        Compared(arm="BN before", than="without BN"),
        Compared(arm="BN after", than="without BN"),
    ),
    effect=0.1,
    expected="supported",
    measured=(
        "Five seeds on the digits: in ten steps the inputs of the activations drift by 0.47"
        " deviations without, by 0.004 with BN before the activation and 0.043 with BN after it."
        " The sums before normalization drift by 0.47, 0.035 and 0.043: less, too."
    ),
    further=("Watch mean and deviation of the activations by layer and step on Run."),
)

LESSONS = (STEPS, BACKWARD, AVERAGES, INFERENCE, SHIFTED, GAMMA_BETA, DRIFT)
