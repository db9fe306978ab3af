"""Lessons on how a network starts: its initial weights and what they let through."""

from __future__ import annotations

from engine.analyses.verdicts import Compared
from engine.initializers import Constant, He, Normal, Xavier, Zeros
from engine.layers import ReLU, Sigmoid, Tanh
from engine.lessons.arms import Trained, Untrained
from engine.lessons.builds import deep, few, noise
from engine.lessons.figures import Curves, Outcomes, Panels
from engine.lessons.lesson import Chapter, Lesson
from engine.optimizers import SGD

INIT = Lesson(
    key="init",
    chapters=(
        Chapter(source="from-scratch", chapter="6.2.4"),
        Chapter(source="note", chapter="Initial weights"),
    ),
    name="Which initial weights learn fastest?",
    question="Four hidden layers of ReLU, four ways to draw the first weights, plain gradient"
    " descent. Which loss falls first?",
    text="Weights are drawn from a normal distribution; only its standard deviation differs. With"
    " 0.01 each layer passes on far less than it received. Xavier initialization keeps the variance"
    " of a linear layer, He initialization that of a layer of ReLU, which cuts half of its inputs"
    " away. All arms of a seed scale the same random numbers and see the same batches, so that the"
    " scale is all that differs.",
    equations=(r"\sigma_\text{Xavier} = \sqrt{1/n} \qquad \sigma_\text{He} = \sqrt{2/n}",),
    choices=("0.01", "0.1", "Xavier", "He", "All alike"),
    arms=tuple(
        Trained(name=name, config=deep(4, ReLU(), init))
        for name, init in (
            ("std 0.01", Normal(std=0.01)),
            ("std 0.1", Normal(std=0.1)),
            ("Xavier", Xavier()),
            ("He", He()),
        )
    ),
    figure=Curves(score="loss", split="train"),
    claim="With ReLU, a standard deviation of 0.01 does not learn, Xavier and He do, and He is the"
    " fastest.",
    score="mean_loss",
    comparisons=(
        Compared(arm="Xavier", than="std 0.01"),
        Compared(arm="He", than="std 0.01"),
        Compared(arm="He", than="Xavier"),
    ),
    effect=0.05,
    expected="supported",
    measured=(
        "Five seeds on the digits: mean loss over 20 epochs 2.303 with 0.01 (what guessing"
        " gives), 0.685 with 0.1, 0.565 with Xavier, 0.296 with He. Every difference of the claim"
        " is far beyond chance. Between Xavier and 0.1 the claim says nothing: with 100 units they"
        " are nearly the same. That He oscillates more, as the note says, depends on the rate."
    ),
    further=(
        "Fill the form from the arm with 0.01 and add Batch Normalization: does it learn now?"
    ),
)

EQUAL = Lesson(
    key="equal-weights",
    chapters=(
        Chapter(source="from-scratch", chapter="6.2.1"),
        Chapter(source="note", chapter="Initial weights"),
    ),
    name="What if all weights are equal?",
    question="Weights of zero are the smallest there are. Can a network learn from weights that are"
    " all zero, or all 0.1?",
    text="Where all weights of a layer are equal, each of its units computes the same, receives the"
    " same gradient and takes the same step: the units stay alike for ever, and a layer of a"
    " hundred is worth one. Zeros are worse: behind ReLU nothing but the last layer's bias ever"
    " gets a gradient. Weights drawn at random tell the units apart.",
    equations=(r"\frac{\partial L}{\partial W} = x^\top \frac{\partial L}{\partial z}",),
    choices=("Both learn", "Only 0.1 learns as well as random weights", "Neither does"),
    arms=tuple(
        Trained(name=name, config=deep(2, ReLU(), init))
        for name, init in (("zeros", Zeros()), ("constant 0.1", Constant(value=0.1)), ("He", He()))
    ),
    figure=Curves(score="accuracy"),
    claim="A network whose weights are all equal learns far less than one whose weights are"
    " random.",
    score="val_accuracy",
    comparisons=(Compared(arm="He", than="zeros"), Compared(arm="He", than="constant 0.1")),
    effect=0.2,
    expected="supported",
    measured=(
        "Five seeds on the digits: validation accuracy 95.4 % with random weights, 10.2 % with"
        " zeros, 10.1 % with 0.1 everywhere."
    ),
    further=(
        "Look at the spread of the units under Layers on Run: it is 0 from the first step to the"
        " last."
    ),
)

_TWELVE = tuple(
    Untrained(
        name=f"{line}, {name}",
        line=line,
        config=noise(5, activation(), init),
    )
    for line, activation in (("sigmoid", Sigmoid), ("tanh", Tanh), ("ReLU", ReLU))
    for name, init in (
        ("std 1", Normal(std=1.0)),
        ("std 0.01", Normal(std=0.01)),
        ("Xavier", Xavier()),
        ("He", He()),
    )
)

SIGNALS = Lesson(
    key="signals",
    chapters=(
        Chapter(source="from-scratch", chapter="6.2.2 and 6.2.3"),
        Chapter(source="hands-on", chapter="11.1.3"),
        Chapter(source="note", chapter="Initial weights"),
    ),
    name="What reaches each layer?",
    question="1,000 samples of N(0, 1) pass through five untrained layers of 100. Which weights"
    " keep the activations of ReLU spread out to the last layer?",
    text="Each panel is one network before its first step: a histogram for each hidden layer, from"
    " the inputs on the left. Sigmoid units with weights of standard deviation 1 sit at 0 and 1,"
    " with 0.01 they all say 0.5, and a layer whose units all say the same is worth one unit. Note"
    " that what is pooled hides much: the sigmoid's histogram with Xavier is spread between units,"
    " hardly between samples. Judged are the panels of ReLU: by how many powers of ten the spread"
    " of the activations changes from the first hidden layer to the last.",
    equations=(r"\operatorname{Var}(z) = n \operatorname{Var}(W) \overline{x^2}",),
    choices=("std 1", "std 0.01", "Xavier", "He"),
    arms=_TWELVE,
    figure=Panels(columns=4),
    claim="With ReLU, 0.01 dies out, Xavier shrinks with depth, and He stays.",
    score="strength",
    comparisons=(
        Compared(arm="ReLU, He", than="ReLU, std 0.01"),
        Compared(arm="ReLU, Xavier", than="ReLU, std 0.01"),
        Compared(arm="ReLU, He", than="ReLU, Xavier"),
    ),
    effect=0.2,
    expected="supported",
    measured=(
        "Five seeds: with ReLU the spread of the activations changes by 0.06 powers of ten over"
        " the five layers with He, by 0.60 with Xavier (they shrink), by 4.6 with 0.01 and by 3.4"
        " with 1 (they grow)."
    ),
    further=(
        "Open Activations and make the networks 20 layers deep, or put Batch Normalization between."
    ),
)

HE_XAVIER = Lesson(
    key="he-xavier",
    chapters=(
        Chapter(source="from-scratch", chapter="6.2.3"),
        Chapter(source="hands-on", chapter="11.1.3"),
    ),
    name="He against Xavier, ten layers deep",
    question="Ten layers of ReLU. Each halves what passes through it unless the weights make up for"
    " it. Does the factor of the square root of 2 matter?",
    text="ReLU sets half of its inputs to zero. Xavier initialization does not know that, so the"
    " signal loses half of its mean square in each layer; He initialization doubles the variance of"
    " the weights to make up for it. Over ten layers the difference is a factor of about a"
    " thousand in mean square. Follow the loss over the epochs: who begins to learn, and when?",
    equations=(r"\overline{a^2} = \tfrac{1}{2} \operatorname{Var}(z)",),
    choices=("He learns faster", "Xavier learns faster", "Both alike"),
    arms=tuple(
        Trained(name=name, config=deep(10, ReLU(), init))
        for name, init in (("He", He()), ("Xavier", Xavier()), ("std 0.01", Normal(std=0.01)))
    ),
    figure=Curves(score="loss", split="train"),
    claim="Through ten layers of ReLU, He initialization learns faster than Xavier, and 0.01 not at"
    " all.",
    score="mean_loss",
    comparisons=(Compared(arm="He", than="Xavier"), Compared(arm="Xavier", than="std 0.01")),
    effect=0.05,
    expected="supported",
    measured=(
        "Five seeds on the digits: mean loss over 20 epochs 0.66 with He, 1.56 with Xavier, 2.303"
        " with 0.01. Ten layers are needed to see it: with four, He is ahead of Xavier by about a"
        " third of that."
    ),
    further=("Try LSUV, which measures the scale that each layer needs, or Xavier with tanh."),
)

SATURATION = Lesson(
    key="saturation",
    chapters=(
        Chapter(source="from-scratch", chapter="6.2.2"),
        Chapter(source="note", chapter="Initial weights"),
    ),
    name="Saturated and alike",
    question="Five layers of tanh. Weights of standard deviation 1 saturate them, 0.01 makes the"
    " units all alike. How much does it cost?",
    text="A saturated unit has a slope of almost zero and learns almost nothing; units that all say"
    " the same learn the same. Xavier initialization lies between. The books show this with the"
    " sigmoid. There, with five layers and plain gradient descent, it fails: the sigmoid's slope is"
    " never above 1/4, so Xavier's gradient dies on its way back, while the large weights of"
    " standard deviation 1 carry theirs. So the lesson uses tanh, whose slope reaches 1.",
    equations=(r"\tanh'(z) = 1 - \tanh^2(z) \le 1 \qquad \sigma'(z) = y(1 - y) \le \tfrac{1}{4}",),
    choices=("Xavier is best", "std 1 is best", "std 0.01 is best", "All alike"),
    arms=tuple(
        Trained(name=name, config=deep(5, Tanh(), init))
        for name, init in (
            ("std 1", Normal(std=1.0)),
            ("std 0.01", Normal(std=0.01)),
            ("Xavier", Xavier()),
        )
    ),
    figure=Curves(score="accuracy"),
    claim="Weights that saturate the units, or make them alike, learn worse than Xavier's.",
    score="val_accuracy",
    comparisons=(Compared(arm="Xavier", than="std 1"), Compared(arm="Xavier", than="std 0.01")),
    effect=0.02,
    expected="supported",
    measured=(
        "Five seeds on the digits: validation accuracy 95.9 % with Xavier, 47.4 % with standard"
        " deviation 1, 10.2 % with 0.01. With the sigmoid in place of tanh, Xavier ends at 10.1 %:"
        " its gradient vanishes."
    ),
    further=(
        "Fill the form from the arm with Xavier and choose the sigmoid: see its gradient vanish"
        " on Run. Then choose Adam."
    ),
)

VANISHING = Lesson(
    key="vanishing",
    chapters=(
        Chapter(source="note", chapter="Activations"),
        Chapter(source="hands-on", chapter="11.1.3"),
    ),
    name="The slope, multiplied layer by layer",
    question="Six hidden layers, untrained. How much of the gradient that reaches the last one is"
    " left at the first: with sigmoid, tanh, ReLU?",
    text="Going back through a layer multiplies the gradient by the weights and by the slope of the"
    " activation. The sigmoid's slope is y(1 - y), at most 1/4; tanh's reaches 1; ReLU's is 0 or 1."
    " With weights that keep the activations' size, what is lost on the way back is the slope's"
    " doing: for the sigmoid with Xavier a factor of about 1/4 per layer, so that five layers leave"
    " a thousandth. Judged is by how many powers of ten the gradient changes between the first and"
    " the last hidden layer.",
    equations=(
        r"\frac{\partial L}{\partial a_{l}} = W_{l+1} \left( \theta'(z_{l+1}) \odot"
        r" \frac{\partial L}{\partial a_{l+1}} \right)",
    ),
    choices=("The sigmoid loses most", "tanh loses most", "ReLU loses most", "All alike"),
    arms=tuple(
        Untrained(name=name, config=deep(6, activation, init))
        for name, activation, init in (
            ("sigmoid", Sigmoid(), Xavier()),
            ("tanh", Tanh(), Xavier()),
            ("ReLU", ReLU(), He()),
        )
    ),
    figure=Outcomes(scores=("gradient", "strength")),
    claim="Slopes below 1, multiplied, make the sigmoid's gradient vanish; tanh and ReLU keep it.",
    score="gradient",
    comparisons=(Compared(arm="tanh", than="sigmoid"), Compared(arm="ReLU", than="sigmoid")),
    effect=1.0,
    expected="supported",
    measured=(
        "Five seeds on the digits: between the last and the first of six hidden layers the"
        " gradient changes by 3.1 powers of ten with the sigmoid (Xavier), by 0.18 with tanh"
        " (Xavier) and by 0.06 with ReLU (He)."
    ),
    further=(
        "A sigmoid can be made steeper: Activations has a scale for it. Which scale keeps the"
        " gradient?"
    ),
)

SMALL = Lesson(
    key="small-weights",
    chapters=(
        Chapter(source="from-scratch", chapter="6.2.1"),
        Chapter(source="note", chapter="Initial weights"),
    ),
    name="Small initial weights, small gap?",
    question="Weight decay wants small weights, so why not start with them: do small initial"
    " weights lessen overfitting?",
    text="300 samples are so few that a network learns them by heart: its accuracy on them and on"
    " samples that it never saw part. The gap between the two is what overfitting costs. The book"
    " starts from the wish for small weights. Compare the gap of four scales, but look at the"
    " accuracies as well: a network that has not learned anything has no gap either.",
    equations=(
        r"\text{gap} = \text{accuracy}_\text{training} - \text{accuracy}_\text{validation}",
    ),
    choices=("Smaller weights, smaller gap", "Larger weights, smaller gap", "No difference"),
    arms=tuple(
        Trained(
            name=f"std {std:g}",
            config=deep(
                2, ReLU(), Normal(std=std), dataset=few(300), epochs=100, optimizer=SGD(lr=0.1)
            ),
        )
        for std in (0.05, 0.1, 0.2, 0.5)
    ),
    figure=Outcomes(scores=("gap", "train_accuracy", "val_accuracy")),
    claim="The smaller the initial weights, the smaller the gap, among those that learn.",
    score="gap",
    comparisons=(
        Compared(arm="std 0.05", than="std 0.5"),
        Compared(arm="std 0.1", than="std 0.5"),
        Compared(arm="std 0.2", than="std 0.5"),
    ),
    effect=0.02,
    expected="supported",
    measured=(
        "Five seeds, 300 digits, two hidden layers, 100 epochs at rate 0.1: gap 6.0 points with"
        " 0.05, 7.1 with 0.1, 7.6 with 0.2, 15.7 with 0.5. All of them learn their samples. With"
        " more layers or other rates the smallest scales do not learn at all, and then there is no"
        " gap to compare."
    ),
    further=(
        "Give the large weights weight decay, which is the books' other way to small weights."
    ),
)

LESSONS = (SIGNALS, INIT, HE_XAVIER, SATURATION, EQUAL, VANISHING, SMALL)
