"""Classes read out of frozen codes."""
