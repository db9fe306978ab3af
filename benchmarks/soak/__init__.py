"""Hours of a lab's life in minutes: everything at once, and then an account of every run."""
