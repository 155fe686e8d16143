"""Selective firing: an autoencoder whose hidden layer picks its k winners by inhibition, simulated in Brian2."""

from __future__ import annotations

import importlib
from importlib.metadata import version
from typing import Any

__all__ = [
    "KWTAAutoencoder",
    "RateParameters",
    "Response",
    "SpikingParameters",
    "__version__",
    "datasets",
    "energy",
    "figures",
    "measures",
]

__version__ = version("selective-firing")

HOMES = {
    "KWTAAutoencoder": "autoencoder",
    "RateParameters": "parameters",
    "Response": "response",
    "SpikingParameters": "parameters",
}


def __getattr__(name: str) -> Any:
    """Load what is asked for when it is asked for, so that importing the package stays quick."""
    if name in HOMES:
        return getattr(importlib.import_module(f"selective_firing.{HOMES[name]}"), name)
    if name in __all__:
        return importlib.import_module(f"selective_firing.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
