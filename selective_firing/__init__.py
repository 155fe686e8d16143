"""Selective firing: an autoencoder whose hidden layer picks its k winners by inhibition, simulated in Brian2."""

from __future__ import annotations

import importlib
from importlib.metadata import version
from typing import Any

HOMES = {
    "KWTAAutoencoder": "autoencoder",
    "RateParameters": "parameters",
    "Response": "results.response",
    "SpikingParameters": "parameters",
    "Weights": "weights",
    "build": "engine.build",
    "choose_k": "choice_of_k",
    "describe": "engine.describe",
    "read": "engine.simulate",
    "simulate": "engine.simulate",
    "trace": "engine.record_trace",
}
"""Modules of what this package offers, which is loaded when it is asked for."""
FOLDERS = ("datasets", "energy", "figures", "measures", "theory")
"""Folders that it offers."""

__all__ = [
    "KWTAAutoencoder", "RateParameters", "Response", "SpikingParameters", "Weights", "__version__", "build", "choose_k",
    "datasets", "describe", "energy", "figures", "measures", "read", "simulate", "theory", "trace",
]  # fmt: skip

__version__ = version("selective-firing")


def __getattr__(name: str) -> Any:
    """Load what is asked for when it is asked for, so that importing the package stays quick."""
    if name in HOMES:
        return getattr(importlib.import_module(f"selective_firing.{HOMES[name]}"), name)
    if name in FOLDERS:
        return importlib.import_module(f"selective_firing.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
