"""What the Optimizers page draws: paths of optimizers on a surface of two parameters."""
