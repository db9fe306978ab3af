"""What tests of every room share."""

import os

# Several processes test at once. BLAS reads this when a plugin first imports NumPy.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

pytest_plugins = ["tests.databases"]
