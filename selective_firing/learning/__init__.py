"""A fit in steps, and its state as a file."""
