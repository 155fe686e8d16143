"""The main job: circuit and rivals on the same data, width, k and seed."""
