"""Many experiments: a grid of jobs, and what runs them."""
