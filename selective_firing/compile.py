"""Compiled simulators: Brian2 writes and builds one in a child process, the cache keeps it, we run the binary.

The user's own Brian2 session is never touched, and a cached simulator starts without Brian2 or make.
"""

from __future__ import annotations

import functools
import hashlib
import json
import logging
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

import numpy as np

from selective_firing import cache
from selective_firing.shapes import Shape, example
from selective_firing.storage import scratch

__all__ = ["SimulationError", "find_compiler", "run", "simulator"]


class SimulationError(RuntimeError):
    """A compiled simulation failed, or what it left behind is not whole."""


@functools.cache
def find_compiler() -> str | None:
    """Return the version line of the C++ compiler, None if it or make is missing."""
    compiler = os.environ.get("CXX", "g++").split()[0]
    if not (shutil.which(compiler) and shutil.which("make")):
        return None
    answer = subprocess.run([compiler, "--version"], capture_output=True, text=True, check=False)
    return answer.stdout.partition("\n")[0] if answer.returncode == 0 else None


@functools.cache
def _processor() -> str:
    """Return the processor's model: code compiled for one may not run on another."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return "".join(sorted({line for line in lines if line.startswith(("model name", "flags"))}))
    except OSError:
        return platform.processor()


SOURCES = (
    "equations", "wiring", "circuit", "cycles", "spiking", "poisson", "settings", "race", "shapes", "compile",
)  # fmt: skip
"""Modules on which a simulator depends."""


def _key(shape: Shape) -> str:
    sources = [p.read_text() for p in sorted(Path(__file__).with_name("templates").iterdir())] + [
        Path(__file__).with_name(f"{name}.py").read_text() for name in SOURCES
    ]
    facts = [asdict(shape), sources, version("brian2"), find_compiler(), _processor(), sys.version_info[:2]]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:20]


def is_cached(shape: Shape) -> bool:
    """Return whether a simulator of this shape is ready."""
    return (cache.cache_dir() / _key(shape) / "manifest.json").exists()


def simulator(shape: Shape) -> Path:
    """Return the directory of the simulator for `shape`, building it first if the cache has none.

    Raises
    ------
    SimulationError
        If it cannot be built.
    """
    home = cache.cache_dir() / _key(shape)
    if (home / "manifest.json").exists():
        cache.mark_used(home)
        return home
    try:
        home.parent.mkdir(parents=True, exist_ok=True)
        with cache.lock(home):
            if not (home / "manifest.json").exists():
                _build(shape, home)
        cache.trim()
    except OSError as error:
        raise SimulationError(
            f"the compile cache {home.parent} must be writable ({error}); set SELECTIVE_FIRING_CACHE."
        ) from error
    return home


def _build(shape: Shape, home: Path) -> None:
    """Build in a directory beside `home` and rename it, so that `home` is whole whenever it exists."""
    logging.getLogger("selective_firing").info(
        "Compiling a circuit of %d inputs and %d hidden units: under a minute, and kept for later runs.",
        shape.n_inputs, shape.n_hidden,
    )  # fmt: skip
    for old in home.parent.glob(f"{home.name}*"):  # left behind by a build that was killed; the lock is no directory
        shutil.rmtree(old, ignore_errors=True)
    workshop = Path(tempfile.mkdtemp(prefix=f"{home.name}.", dir=home.parent))
    try:
        root = str(Path(__file__).resolve().parents[1])
        environment = os.environ | {"PYTHONPATH": os.pathsep.join([root, os.environ.get("PYTHONPATH", "")])}
        child = subprocess.run(
            [sys.executable, "-P", "-m", "selective_firing.compile", str(workshop), json.dumps(asdict(shape))],
            capture_output=True, text=True, env=environment, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        if child.returncode != 0 or not (workshop / "manifest.json").exists():
            raise SimulationError(f"the simulator could not be compiled:\n{(child.stdout + child.stderr)[-2000:]}")
        os.replace(workshop, home)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)


def run(home: Path, values: dict[str, float | np.ndarray], wanted: list[str]) -> dict[str, np.ndarray]:
    """Run the simulator in `home` from `values` and return the `wanted` variables.

    Raises
    ------
    SimulationError
        If a value handed over is not finite or of the wrong size, or if the simulator fails.
    """
    manifest = json.loads((home / "manifest.json").read_text())
    with scratch() as folder:
        arguments = ["./main", "--results_dir", f"{folder}/"]
        for name, value in values.items():
            if not np.isfinite(value).all():
                raise SimulationError(f"{name} must be finite before a simulation starts.")
            if isinstance(value, np.ndarray):
                _hand_over(folder / name, value, manifest["sizes"][name])
                arguments.append(f"{name}={folder}/{name}")
            else:
                arguments.append(f"{name}={value:.17g}")
        _run_to_its_end(arguments, home)
        try:
            return {name: np.fromfile(folder / manifest["files"][name], manifest["types"][name]) for name in wanted}
        except OSError as error:
            raise SimulationError(f"the simulator left no {error.filename}: is the disk full?") from error


def _hand_over(path: Path, value: np.ndarray, size: int) -> None:
    """Write an array for the simulator; only what there is of each stimulus may be less than there is room for."""
    by_stimulus = path.name in ("stimuli.values", "peaks.values")
    if value.size > size or (value.size < size and not by_stimulus):
        raise SimulationError(f"{path.name} must have {size} values, got {value.size}.")
    try:
        with path.open("wb") as file:
            np.ascontiguousarray(value, float).tofile(file)
            file.truncate(8 * size)  # the rest reads as zeros, and takes no room on the disk
    except OSError as error:
        raise SimulationError(
            f"the temporary directory must have room for {8 * size / 1e6:.0f} MB more ({error}); set TMPDIR to another."
        ) from error


def _run_to_its_end(arguments: list[str], home: Path) -> None:
    """Run a simulator; it ends with us, as it watches the pipe that we hold open."""
    process = subprocess.Popen(
        arguments, cwd=home, env=os.environ | HUGE_PAGES, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        words = process.stdout.read()
        if process.wait() != 0 or words.strip():
            raise SimulationError(f"the simulator failed (exit status {process.returncode}): {words.strip()[-2000:]}")
    finally:
        process.kill()
        process.stdin.close()
        process.stdout.close()
        process.wait()


HUGE_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
"""Learning walks through the encoding weights in strides; large pages spare it address look-ups (7 % of the time)."""

WATCH_PARENT = """
std::thread([] { char byte; while (read(0, &byte, 1) > 0) {} _exit(3); }).detach();
"""

HEADERS = (
    "algorithm", "climits", "cmath", "cstdint", "ctime", "fstream", "iostream", "map", "random", "set", "string",
    "thread", "unistd.h", "vector",
)  # fmt: skip

STOP = """
double stop_if(double done) {
    if (done > 0) Network::_globally_stopped = true;
    return done;
}
"""


def _describe_and_build(folder: str, shape: Shape) -> None:
    """Build the simulator of `shape` in `folder`; the child process's whole job."""
    import brian2 as b2
    from brian2.devices.cpp_standalone.codeobject import CPPStandaloneCodeObject

    from selective_firing.settings import settings
    from selective_firing.weights import Weights

    b2.set_device("cpp_standalone", build_on_run=False)
    b2.prefs.codegen.cpp.headers += ["<thread>", "<unistd.h>"]
    b2.prefs.codegen.cpp.extra_link_args += ["-pthread"]
    CPPStandaloneCodeObject.templater = CPPStandaloneCodeObject.templater.derive("selective_firing")
    device = b2.get_device()
    device.insert_code("before_start", WATCH_PARENT)
    w = np.zeros((shape.n_hidden, shape.n_inputs))
    weights = Weights(w, w, w[:, 0], w[0], 1.0)
    values = settings(weights, example(shape), k=1, n_presentations=0, rng=np.random.default_rng(0))
    network = shape.module.describe(np.zeros((shape.n_rows, shape.n_inputs)), values, dt=shape.dt)
    stop_if = b2.implementation("cpp", STOP)(b2.check_units(done=1, result=1)(lambda done: done))
    leader = network[shape.module.LEADER]
    leader.namespace["stop_if"] = stop_if
    stopper = leader.run_regularly(
        "finished = stop_if(int(presentation >= n_presentations or diverged))", when="end", name="stopper"
    )
    network.add(stopper)
    network.run(1e6 * b2.second, namespace={})
    b2.prefs.devices.cpp_standalone.extra_make_args_unix = [f"-j{os.cpu_count()}", *_precompile_headers(Path(folder))]
    device.build(directory=folder, run=False, compile=True, with_output=False)
    pairs = ((name, *name.split(".")) for name in shape.wanted)
    wanted = {name: network[owner].variables[variable] for name, owner, variable in pairs}
    manifest = {
        "shape": asdict(shape),
        "files": {name: Path(device.get_array_filename(v)).name for name, v in wanted.items()},
        "types": {name: np.dtype(v.dtype).name for name, v in wanted.items()},
        "sizes": {name: value.size for name, value in values.items() if isinstance(value, np.ndarray)}
        | {"stimuli.values": shape.n_rows * shape.n_inputs, "peaks.values": shape.n_rows},
    }
    _tidy(Path(folder))
    (Path(folder) / "manifest.json").write_text(json.dumps(manifest))


def _precompile_headers(folder: Path) -> list[str]:
    """Parse once what Brian2 includes in each of its fifty files; return what make must be told of it."""
    from brian2.codegen.cpp_prefs import get_compiler_and_args

    compiler, (_, arguments) = os.environ.get("CXX", "g++"), get_compiler_and_args()
    (folder / "first.h").write_text("".join(f"#include <{name}>\n" for name in HEADERS))
    command = [*compiler.split(), *arguments, "-x", "c++-header", "first.h", "-o", "first.h.gch"]
    subprocess.run(command, cwd=folder, check=False)  # without it the compiler reads first.h itself, which takes longer
    return [f"CXX='{compiler} -include first.h'", "DEPS="]  # nothing is ever made again: dependencies are not needed


def _tidy(folder: Path) -> None:
    """Leave only what the simulator needs; its stimuli of nought take no room on the disk."""
    for path in folder.iterdir():
        if path.name not in ("main", "static_arrays", "results"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    stimuli = folder / "static_arrays" / "stimuli_values"
    size = stimuli.stat().st_size
    os.truncate(stimuli, 0)
    os.truncate(stimuli, size)


if __name__ == "__main__":
    _describe_and_build(sys.argv[1], Shape(**json.loads(sys.argv[2])))
