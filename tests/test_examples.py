"""The examples in docstrings run, and every public measure, data set, price and closed form of the race has one."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil

import pytest

from selective_firing import datasets, energy, measures, theory

MODULES = [
    f"{package.__name__}.{module.name}"
    for package in (measures, datasets, energy, theory)
    for module in pkgutil.iter_modules(package.__path__)
]
WITHOUT = ("mnist", "load")
"""Whose example would need a file."""


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_give_what_they_show(name):
    # not by --doctest-modules: Brian2 puts a collector of its own in place of pytest's, which fails on packages
    assert doctest.testmod(importlib.import_module(name)).failed == 0


@pytest.mark.parametrize("package", [measures, datasets], ids=["measures", "datasets"])
def test_every_public_function_has_an_example(package):
    public = [getattr(package, name) for name in package.__all__ if name not in WITHOUT]
    assert [one.__name__ for one in public if callable(one) and ">>>" not in (one.__doc__ or "")] == []


@pytest.mark.parametrize("package", [measures, datasets, energy, theory], ids=lambda package: package.__name__)
def test_every_argument_is_documented(package):
    missing = [
        f"{name}({argument})"
        for name in package.__all__
        if inspect.isfunction(function := getattr(package, name))
        for argument in inspect.signature(function).parameters
        if argument not in function.__doc__.partition("Parameters\n")[2]
    ]
    assert missing == []
