"""Whether better codes find the features that the patterns are made of, or only reconstruct."""
