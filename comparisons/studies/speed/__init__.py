"""How fast it is, and how its cost grows."""
