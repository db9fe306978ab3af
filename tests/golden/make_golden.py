"""Make the golden values: what PyTorch, Keras, scikit-learn and statsmodels compute where layerlab
should compute the same.

Nothing here imports layerlab. From the repository's root, in an environment of its own:

    python3.11 -m venv golden-env
    golden-env/bin/pip install torch==2.13.0 keras==3.15.1 statsmodels==0.15.0 numpy==2.4.6 \
        scikit-learn==1.9.1
    golden-env/bin/python -m tests.golden.make_golden            # every family
    golden-env/bin/python -m tests.golden.make_golden layers     # one

Each family is a module beside this one, with a function `cases()`, and writes `FAMILY.npz`, which
is committed. To add a case, add it to its module's `cases()` and run this again: the tests in
`tests/engine/test_golden.py` walk whatever the files hold. What each family's arrays mean is said
at the top of its module. Everything is float64 and seeded, so a second run writes the same bytes.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module

from tests.golden.case import write

FAMILIES = (
    "activations",
    "layers",
    "images",
    "learning_rates",
    "losses",
    "optimizers",
    "trajectories",
    "verdicts",
    "weighted",
)


def main(families: list[str]) -> None:
    os.environ["KERAS_BACKEND"] = "torch"  # read when keras is first imported
    import_module("keras").config.set_floatx("float64")
    torch = import_module("torch")
    torch.set_default_dtype(torch.float64)  # some optimizers keep scalars in the default
    for family in families:
        cases = import_module(f"tests.golden.{family}").cases()
        path = write(family, cases)
        print(f"{path.name}: {len(cases)} cases, {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(sys.argv[1:] or list(FAMILIES))
