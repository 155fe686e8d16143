"""Compiled simulators: Brian2 writes and builds one in a child process, the cache keeps it, we run the binary.

The user's own Brian2 session is never touched, and a cached simulator starts without Brian2 or make.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import logging
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import numpy as np

from selective_firing._code import code_key
from selective_firing._elapsed import elapsed
from selective_firing._files.archives import is_full, scratch
from selective_firing._files.side_by_side import Together
from selective_firing.engine import cache
from selective_firing.engine.build_key import RESULTS, BuildKey
from selective_firing.errors import SimulationError

__all__ = ["find_compiler", "is_cached", "run", "simulator"]

CHILD = "selective_firing.engine.compile"
"""The module that a child process runs to build a simulator."""
HUGE_PAGES = "glibc.malloc.hugetlb"
"""Learning walks through the encoding weights in strides; large pages spare it address look-ups (7 % of the time)."""


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


def _key(shape: BuildKey) -> str:
    """Return the name of a simulator in the cache, a hash of all that it depends on."""
    compiler = [find_compiler(), os.environ.get("CXX")]
    facts = [asdict(shape), code_key(CHILD), compiler, _processor(), sys.version_info[:2]]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:20]


def is_cached(shape: BuildKey) -> bool:
    """Return whether a simulator of this shape is ready."""
    return cache.damage(cache.cache_dir() / _key(shape)) is None


def simulator(shape: BuildKey) -> Path:
    """Return the directory of the simulator for `shape`, building it first if the cache has none that is whole.

    Raises
    ------
    SimulationError
        If it cannot be built, is damaged even when it has just been built, or others than the user could write to it.
    """
    home = cache.cache_dir() / _key(shape)
    cache.check_owner(home)
    if cache.damage(home) is None:
        cache.mark_used(home)
        return home
    try:
        home.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with cache.lock(home):
            if cache.damage(home) is not None:
                _build(shape, home)
            wrong = cache.damage(home)
        cache.trim()
    except OSError as error:
        raise SimulationError(
            f"the compile cache {home.parent} must be writable ({error}); set SELECTIVE_FIRING_CACHE."
        ) from error
    if wrong is not None:
        raise SimulationError(
            f"the simulator {home} must be whole, but {wrong}, though it has just been built: check that disk, or set "
            "SELECTIVE_FIRING_CACHE to a directory on another."
        )
    return home


def _build(shape: BuildKey, home: Path) -> None:
    """Build in a directory beside `home` and rename it, so that `home` is whole whenever it exists."""
    news = logging.getLogger("selective_firing")
    if home.exists():
        news.warning("The simulator %s is damaged: %s. It is built anew.", home, cache.damage(home))
    workshop = Path(tempfile.mkdtemp(prefix=f"{home.name}.", dir=home.parent))
    try:
        size = f"{shape.n_inputs} inputs and {shape.n_hidden} hidden units"
        with elapsed(f"Compiling a circuit of {size} (under a minute, and kept for later runs)"):
            _compile(shape, workshop)
        cache.seal(workshop)
        cache.remove(home)
        os.replace(workshop, home)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)


def _compile(shape: BuildKey, workshop: Path) -> None:
    """Let a child process compile; it and all that it starts end when we do, or when it fails."""
    paths = [str(Path(__file__).resolve().parents[2]), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    environment = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS")}
    environment |= {"PYTHONPATH": os.pathsep.join(map(os.path.abspath, filter(None, paths))), "TMPDIR": str(workshop)}
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", CHILD, str(workshop), json.dumps(asdict(shape))],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
        env=environment, cwd=workshop, start_new_session=True, umask=0o077,
    )  # fmt: skip
    with child:
        try:
            words = child.stdout.read() if child.stdout else ""
            child.wait()
        finally:
            if child.poll() != 0:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(child.pid, signal.SIGKILL)
    if child.returncode != 0 or not (workshop / cache.MANIFEST).exists():
        full = " The disk is full: make room." if is_full(workshop) else ""
        raise SimulationError(f"the simulator could not be compiled:{full}\n{words[-2000:]}")


def run(home: Path, values: dict[str, float | np.ndarray], together: Together | None = None) -> dict[str, np.ndarray]:
    """Run the simulator in `home` from `values` and return the variables that it leaves: those of `BuildKey.wanted`.

    Parameters
    ----------
    home : path
    values : dict of str to float or ndarray
    together : Together, optional
        The runs that this one ends with.

    Raises
    ------
    SimulationError
        If a value handed over is not finite or of the wrong size, or if the simulator fails.
    """
    cache.check_owner(home)
    try:
        manifest = json.loads((home / cache.MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SimulationError(f"the simulator {home} has gone or is damaged ({error}): run this again.") from error
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
        try:
            _run_to_its_end(arguments, home, together or Together())
            return _read(folder / RESULTS, manifest["types"])
        except SimulationError as error:
            if not is_full(folder):
                raise
            words = f"the disk is full: {folder} must hold results; make room, or set TMPDIR to another."
            raise SimulationError(words) from error


def _read(path: Path, types: dict[str, str]) -> dict[str, np.ndarray]:
    """Return all variables that a simulator has left, in the order of their types, each after its number of values."""
    found = {}
    try:
        with path.open("rb") as file:
            for name, kind in types.items():
                sizes = np.fromfile(file, np.uint64, 1)
                n_values = int(sizes[0]) if len(sizes) else 0
                found[name] = np.fromfile(file, kind, n_values)
                if len(sizes) == 0 or len(found[name]) < n_values:
                    raise SimulationError(f"the simulator left less of {name} than it must; run this again.")
    except OSError as error:
        raise SimulationError(f"the simulator left no {path}; run this again.") from error
    return found


def _tunables() -> dict[str, str]:
    """Return how the simulator's memory is to be had, beside what the user asks of the C library."""
    given = os.environ.get("GLIBC_TUNABLES", "")
    if HUGE_PAGES in given:
        return {}
    return {"GLIBC_TUNABLES": ":".join(filter(None, (given, f"{HUGE_PAGES}=1")))}


def _hand_over(path: Path, value: np.ndarray, size: int) -> None:
    """Write an array for the simulator; of stimuli there may be fewer than there is room for, which it knows."""
    by_stimulus = path.name in ("stimuli.values", "peaks.values")
    if value.size > size or (value.size < size and not by_stimulus):
        raise SimulationError(f"{path.name} must have {size} values, got {value.size}.")
    try:
        with path.open("wb") as file:
            np.ascontiguousarray(value, float).tofile(file)
    except OSError as error:
        full = "the disk is full: " if is_full(path.parent) else ""
        raise SimulationError(
            f"{full}the temporary directory must have room for {8 * value.size / 1e6:.1f} MB more ({error}); "
            "set TMPDIR to another."
        ) from error


def _run_to_its_end(arguments: list[str], home: Path, together: Together) -> None:
    """Run a simulator; it ends with us, as it watches the pipe that we hold open."""
    try:
        process = together.start(
            arguments, cwd=home, env=os.environ | _tunables(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace",
        )  # fmt: skip
    except OSError as error:
        raise SimulationError(
            f"the simulator {home}/main must be there and run ({error.strerror}): run this again, or, if programs may "
            "not run from that disk, set SELECTIVE_FIRING_CACHE to a directory on another."
        ) from error
    with process:
        try:
            words = process.stdout.read() if process.stdout else ""
            if process.wait() != 0 or words.strip():
                status = process.returncode
                raise SimulationError(f"the simulator failed (exit status {status}): {words.strip()[-2000:]}")
        finally:
            process.kill()
