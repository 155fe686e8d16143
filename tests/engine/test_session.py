"""Brian2's session is given back as it was, and with it what the collector of garbage had set apart."""

from __future__ import annotations

import gc

import pytest

from selective_firing.engine.session import borrowed_session


@pytest.fixture
def thawed():
    before = gc.get_freeze_count()
    gc.unfreeze()
    yield
    if before:
        gc.freeze()


def test_what_lives_is_set_apart_while_the_session_is_borrowed(thawed):
    with borrowed_session("numpy"):
        assert gc.get_freeze_count() > 0
        with borrowed_session("numpy"):
            pass
        assert gc.get_freeze_count() > 0
    assert gc.get_freeze_count() == 0
    with pytest.raises(ZeroDivisionError), borrowed_session("numpy"):
        raise ZeroDivisionError
    assert gc.get_freeze_count() == 0


def test_what_somebody_else_has_set_apart_stays_there(thawed):
    gc.freeze()
    with borrowed_session("numpy"):
        pass
    assert gc.get_freeze_count() > 0
