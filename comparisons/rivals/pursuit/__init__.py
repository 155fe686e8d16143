"""Pursuits: units are chosen one after another, each for what those before it have left unexplained."""
