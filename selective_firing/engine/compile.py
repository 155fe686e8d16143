"""Compiles a simulator: a child process's whole job, in which Brian2 may do as it likes.

Brian2 describes the circuit and writes it as C++, `build_program` compiles that; what is left is a program and a
manifest of what it takes and leaves.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from selective_firing.circuits.initial_values import initial_values
from selective_firing.engine.build_key import RESULTS, BuildKey, example
from selective_firing.engine.build_program import build_program
from selective_firing.engine.loops import loops_of
from selective_firing.engine.session import LONG_ENOUGH_S, translated_anew
from selective_firing.weights import Weights

__all__: list[str] = []

WATCH_PARENT = """
std::thread([] { char byte; while (read(0, &byte, 1) > 0) {} _exit(3); }).detach();
"""

MAP_ROWS = """
for (auto arg = args.begin(); arg != args.end(); ++arg) {
    const std::string name = "%(name)s=";
    if (arg->compare(0, name.size(), name) != 0) continue;
    const int file = open(arg->substr(name.size()).c_str(), O_RDONLY);
    struct stat found;
    const size_t size = fstat(file, &found) == 0 ? found.st_size : 0;
    void* const rows = mmap(nullptr, size + %(width)d * sizeof(double), PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (rows == MAP_FAILED || mmap(rows, size, PROT_READ, MAP_PRIVATE | MAP_FIXED, file, 0) == MAP_FAILED) {
        std::cerr << "Could not read '" << *arg << "'" << std::endl;
        return 1;
    }
    close(file);
    brian::%(table)s = static_cast<double*>(rows);
    args.erase(arg);
    break;
}
"""
"""Takes a table's rows from their file, and a row of nought after them, looked up when the last has been decided.

Brian2 would read as many rows as there is room for, twice: two thirds of what a short run took. Mapped rows are not
copied; LEAVE_RESULTS ends the program before Brian2 would delete them.
"""

LEAVE_RESULTS = """
{
    std::ofstream file(brian::results_dir + "%(file)s", std::ios::binary);
    const auto count = [&file](uint64_t n) { file.write(reinterpret_cast<const char*>(&n), sizeof n); };
    const auto leave = [&file](const void* values, size_t n_bytes) {
        if (n_bytes > 0) file.write(static_cast<const char*>(values), n_bytes);
    };
    using namespace brian;
%(lines)s
    file.close();
    if (!file) {
        std::cerr << "Could not write the results." << std::endl;
        return 1;
    }
    return 0;
}
"""
"""Leaves what is wanted in one file, each variable after the number of its values, and ends the program.

Brian2 would leave all variables, each in a file of its own: 150, which took longer than a pass over 100 stimuli.
"""
LEAVE = {
    "fixed": "count(%(size)d); leave(%(name)s, %(size)d * sizeof %(name)s[0]);",
    "grows": "count(%(name)s.size());\n"
    "    leave(%(name)s.empty() ? nullptr : &%(name)s[0], %(name)s.size() * sizeof %(name)s[0]);",
}
"""For an array of a size that never changes, and for one that grows."""

STOP = """
double stop_if(double done) {
    if (done > 0) Network::_globally_stopped = true;
    return done;
}
"""


def _describe_and_build(folder: Path, shape: BuildKey) -> None:
    """Build the simulator of `shape` in `folder`."""
    import brian2 as b2
    from brian2.devices.cpp_standalone.codeobject import CPPStandaloneCodeObject

    b2.prefs.reset_to_defaults()  # those of the user's preference files must not change a simulator
    b2.set_device("cpp_standalone", build_on_run=False)
    b2.prefs.codegen.cpp.headers += ["<fcntl.h>", "<sys/mman.h>", "<sys/stat.h>", "<thread>", "<unistd.h>"]
    b2.prefs.codegen.cpp.extra_link_args += ["-pthread"]
    CPPStandaloneCodeObject.templater = CPPStandaloneCodeObject.templater.derive(
        "selective_firing.engine", env_globals={"loops_of": loops_of}
    )
    device = b2.get_device()
    device.insert_code("before_start", WATCH_PARENT)
    widths = {"stimuli": shape.n_inputs} | ({"peaks": 1} if shape.trains else {})
    sizes = {table: shape.n_rows * width for table, width in widths.items()}
    for table, width in widths.items():
        given = {"name": f"{table}.values", "table": f"{table}_values", "width": width}
        device.insert_code("after_start", MAP_ROWS % given)
    w = np.zeros((shape.n_hidden, shape.n_inputs))
    weights = Weights(w, w, w[:, 0], w[0], 1.0)
    values = initial_values(weights, example(shape), k=1, n_presentations=0)
    network = shape.circuit_module.make(np.zeros((shape.n_rows, shape.n_inputs)), values, dt=shape.dt)
    stop_if = b2.implementation("cpp", STOP)(b2.check_units(done=1, result=1)(lambda done: done))
    conductor = network[shape.circuit_module.CONDUCTOR_NAME]
    conductor.namespace["stop_if"] = stop_if
    stopper = conductor.run_regularly(
        "finished = stop_if(int(presentation >= n_presentations or diverged))", when="end", name="stopper"
    )
    network.add(stopper)
    network.run(LONG_ENOUGH_S * b2.second, namespace={})
    pairs = ((name, *name.split(".")) for name in shape.wanted)
    wanted = {name: network[owner].variables[variable] for name, owner, variable in pairs}
    lines = "\n".join("    " + _leave(device, variable) for variable in wanted.values())
    device.insert_code("before_end", LEAVE_RESULTS % {"file": RESULTS, "lines": lines})
    device.build(directory=str(folder), run=False, compile=False, with_output=False)
    build_program(folder)
    manifest = {
        "shape": asdict(shape),
        "types": {name: np.dtype(v.dtype).name for name, v in wanted.items()},
        "sizes": {name: value.size for name, value in values.items() if isinstance(value, np.ndarray)}
        | {f"{table}.values": size for table, size in sizes.items()},
    }
    _tidy(folder)
    (folder / "manifest.json").write_text(json.dumps(manifest))


def _leave(device: Any, variable: Any) -> str:
    """Return the C++ that writes a variable to the file of results."""
    kind = "grows" if hasattr(variable, "resize") else "fixed"
    return LEAVE[kind] % {"name": device.get_array_name(variable, access_data=False), "size": variable.size}


def _tidy(folder: Path) -> None:
    """Leave only what the simulator needs; its tables of nought are never read."""
    for path in folder.iterdir():
        if path.name not in ("main", "static_arrays"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for table in (folder / "static_arrays").glob("*_values"):
        os.truncate(table, 0)


def _end_with_parent() -> None:
    """End this process, and all that it has started, when the parent does: then the pipe that it holds is closed."""
    pipe, nothing = os.dup(0), os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)

    def watch() -> None:
        while os.read(pipe, 1):
            pass
        if os.getpgrp() == os.getpid():
            os.killpg(0, signal.SIGKILL)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    _end_with_parent()
    with translated_anew():
        _describe_and_build(Path(sys.argv[1]), BuildKey(**json.loads(sys.argv[2])))
