"""A program out of what Brian2 has written: without make, and with it where Brian2 writes in another way."""

from __future__ import annotations

import pytest

from selective_firing.engine import build_program as builder

MAKEFILE = """
SRCS = code_objects/one.cpp main.cpp network.cpp objects.cpp run.cpp synapses_classes.cpp
OPTIMISATIONS = -O3 -I"a folder"
CXXFLAGS = -c -w $(OPTIMISATIONS) -I.
LFLAGS = -pthread
all:
\techo made > main
"""
CODE_OBJECT = """
#include "objects.h"

////// SUPPORT CODE ///////
namespace {
    int twice(int x) { return 2 * x; }
}

////// HASH DEFINES ///////
void _run_%s()
{
    using namespace brian;
    x = twice(x);
}
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "code_objects").mkdir()
    for name in ("one", "two"):
        (tmp_path / "code_objects" / f"{name}.cpp").write_text(CODE_OBJECT % name)
    (tmp_path / "makefile").write_text(MAKEFILE)
    return tmp_path


def test_support_code_that_files_share_occurs_once(folder):
    text = builder.united(folder)
    assert text.count("int twice") == 1
    assert text.count("using namespace support_0;") == 2
    assert "void _run_one()" in text
    assert "void _run_two()" in text


def test_flags_are_those_of_brian2(folder):
    _, flags, link_flags = builder._from_makefile(folder / "makefile")
    assert flags == ["-w", "-O3", "-Ia folder", "-I."]
    assert link_flags == ["-pthread"]


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("code_objects/two.cpp", "SUPPORT CODE", "HELPERS"),
        ("code_objects/two.cpp", "using namespace brian;", ""),
        ("makefile", "OPTIMISATIONS =", "FLAGS ="),
        ("makefile", "run.cpp", "run.cpp another.cpp"),
    ],
)
def test_files_of_another_layout_are_left_to_make(folder, capfd, path, old, new):
    (folder / path).write_text((folder / path).read_text().replace(old, new))
    builder.build_program(folder)
    assert (folder / "main").read_text() == "made\n"
    assert "built by make" in capfd.readouterr().out


@pytest.mark.compiled
def test_a_file_that_does_not_compile_alone_is_left_to_make(folder, monkeypatch):
    monkeypatch.setenv("CXX", "false")
    builder.build_program(folder)
    assert (folder / "main").read_text() == "made\n"
