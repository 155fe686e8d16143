"""What the models of a comparison have beyond an encoder and a decoder: scikit-learn's way to copy them."""

from __future__ import annotations

from typing import Any, Protocol, Self

from selective_firing.protocol import Autoencoder

__all__ = ["Estimator"]


class Estimator(Autoencoder, Protocol):
    """An autoencoder whose constructor's arguments can be read and set."""

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the arguments by name; `deep` is scikit-learn's, and changes nothing here."""

    def set_params(self, **params: Any) -> Self:
        """Set the arguments named in `params`."""
