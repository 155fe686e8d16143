"""Relatives of the top-K autoencoder: other selections, other losses, or a decoder that does not learn."""
