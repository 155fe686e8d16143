"""Turns the C++ that Brian2 has written into a program, in a few seconds instead of twenty.

Brian2 writes some seventy small files, and each takes the compiler longer to read its headers than to do its work. So
all that runs in a time step is compiled as one file, and beside it, as another without optimisation, what only loads
and stores. Flags are those of Brian2's makefile, which is what is made if its files are not laid out as expected.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from pathlib import Path

__all__ = ["UnknownLayoutError", "build_program", "united"]

STEPS = ("steps.cpp", "network.cpp")
"""Source files of what runs in a time step; `united` writes the first."""
OTHERS = ("others.cpp",)
"""Source file that includes all others."""
KNOWN = {"main.cpp", "objects.cpp", "run.cpp", "synapses_classes.cpp", "brianlib/spikequeue.cpp"}
"""These; the last is from Brian2 2.10 on, and nothing is queued here."""
LAYOUT = re.compile(r"(.*?)\n////// SUPPORT CODE ///////\nnamespace \{\n(.*?)\n\}\n(.*)", re.S)
"""Of a file that Brian2 writes for one code object: includes, support code, the code itself."""
IN_BRIAN = "using namespace brian;"


class UnknownLayoutError(Exception):
    """Brian2 has written its files in another way than expected."""


def build_program(folder: Path) -> None:
    """Build ``main`` from the sources in `folder`.

    Parameters
    ----------
    folder : Path
        What Brian2's device has written, makefile and all.

    Raises
    ------
    subprocess.CalledProcessError
        If the sources do not compile, not even by Brian2's own makefile.
    """
    try:
        _compile_at_once(folder)
    except (UnknownLayoutError, subprocess.CalledProcessError) as error:
        print(f"built by make, as {error}", flush=True)
        subprocess.run(["make", f"-j{os.cpu_count()}"], cwd=folder, check=True)


def _compile_at_once(folder: Path) -> None:
    """Compile and link without make."""
    others, flags, link_flags = _from_makefile(folder / "makefile")
    (folder / STEPS[0]).write_text(united(folder))
    (folder / OTHERS[0]).write_text("".join(f'#include "{name}"\n' for name in others))
    compiler = shlex.split(os.environ.get("CXX", "g++"))
    jobs = [
        subprocess.Popen([*compiler, "-c", *flags, *level, *sources], cwd=folder)
        for sources, level in ((STEPS, []), (OTHERS, ["-O0"]))  # no optimisation makes arrays load faster than the disk
    ]
    codes = [job.wait() for job in jobs]
    for job, code in zip(jobs, codes, strict=True):
        if code:
            raise subprocess.CalledProcessError(code, job.args)
    # without the flags of compiling, as make links: -ffast-math would here let tiny numbers be flushed to nought
    objects = [f"{Path(source).stem}.o" for source in (*STEPS, *OTHERS)]
    subprocess.run([*compiler, *objects, "-o", "main", *link_flags], cwd=folder, check=True)


def _from_makefile(makefile: Path) -> tuple[list[str], list[str], list[str]]:
    """Return the sources of what only loads and stores, and the flags that Brian2 compiles and links with."""
    lines = dict(re.findall(r"^(\w+) = (.*)$", makefile.read_text(), re.M))
    if not {"OPTIMISATIONS", "LFLAGS", "CXXFLAGS", "SRCS"} <= lines.keys():
        raise UnknownLayoutError(f"the makefile has other variables than expected: {', '.join(lines)}")
    others = {name for name in lines["SRCS"].split() if not name.startswith("code_objects/")} - {"network.cpp"}
    if not {"main.cpp", "objects.cpp", "run.cpp"} <= others or not others <= KNOWN:
        raise UnknownLayoutError(f"there are other source files than expected: {', '.join(sorted(others))}")
    flags = lines["CXXFLAGS"].replace("$(OPTIMISATIONS)", lines["OPTIMISATIONS"])
    return sorted(others), [flag for flag in shlex.split(flags) if flag != "-c"], shlex.split(lines["LFLAGS"])


def united(folder: Path) -> str:
    """Return all of Brian2's code objects as one file, in which support code that several share occurs once.

    Parameters
    ----------
    folder : path

    Raises
    ------
    UnknownLayoutError
        If a file has other parts than expected.
    """
    names: dict[str, str] = {}
    parts = []
    for path in sorted((folder / "code_objects").glob("*.cpp")):
        found = LAYOUT.fullmatch(path.read_text())
        if found is None or "namespace {" in found[3] or IN_BRIAN not in found[3]:
            raise UnknownLayoutError(f"{path.name} has other parts than expected")
        head, support, body = found.groups()
        new = support not in names
        name = names.setdefault(support, f"support_{len(names)}")
        parts += [head, f"namespace {{ namespace {name} {{\n{support}\n}} }}" if new else ""]
        parts += [body.replace(IN_BRIAN, f"{IN_BRIAN}\n    using namespace {name};")]
    return "\n".join(parts)
