"""How a claim is tried: contestants, scenes, tuning, findings."""
