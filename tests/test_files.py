"""Files are whole or not there: many threads, processes and hosts, links, kills, and a full disk."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from processes import on_a_small_disk

from selective_firing._files import archives as files
from selective_firing._files import whole as one

OLD = 2 * one.LEFT_OVER_S


@pytest.fixture(params=["nameless", "named"])
def way(request, monkeypatch):
    """Both ways to write: to a file without a name, and, as on a disk that has none, to one with a random name."""
    if request.param == "named":
        monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    monkeypatch.setattr(one, "SWEPT", set())
    return request.param


def test_four_threads_write_one_file_800_times(way, tmp_path):
    path = tmp_path / "a.json"
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: files.write_text(path, json.dumps([n] * 500)), range(800)))
    assert len(set(json.loads(path.read_text()))) == 1
    assert os.listdir(tmp_path) == ["a.json"]


def test_a_file_of_the_user_is_never_swept(way, tmp_path):
    names = [
        ".m.npz.20240101", ".m.npz.1", "m.npz.part", f"{one.PART}notes.part", f"{one.PART}{'a' * 32}.part.txt",
        f".selective_firing_other_{'a' * 32}.part",
    ]  # fmt: skip
    for name in names:
        (tmp_path / name).write_text("mine")
        os.utime(tmp_path / name, (time.time() - OLD,) * 2)
    files.write_text(tmp_path / "m.npz", "{}")
    assert sorted(os.listdir(tmp_path)) == sorted([*names, "m.npz"])


def test_what_this_host_left_long_ago_is_swept_and_nothing_young(way, tmp_path):
    for age in (0, OLD):
        left = tmp_path / f"{one.PART}{age:032x}.part"
        left.write_text("half")
        os.utime(left, (time.time() - age,) * 2)
    files.write_text(tmp_path / "a.json", "{}")
    assert sorted(os.listdir(tmp_path)) == sorted([f"{one.PART}{0:032x}.part", "a.json"])


def test_a_link_stays_a_link_and_its_target_is_written(way, tmp_path):
    (tmp_path / "there").mkdir()
    link = tmp_path / "model.json"
    link.symlink_to("there/real.json")
    for text in ("first", "second"):  # the target is absent, then present
        files.write_text(link, text)
        assert link.is_symlink()
        assert (tmp_path / "there/real.json").read_text() == text
    assert os.listdir(tmp_path / "there") == ["real.json"]
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(OSError, match=r"must be a regular file, got .*circular link"):
        files.write_text(tmp_path / "a", "")


def test_a_planted_link_is_not_followed(way, tmp_path, monkeypatch):
    precious = tmp_path / "precious"
    precious.write_text("kept")
    digits = iter("ab")
    monkeypatch.setattr(one.secrets, "token_hex", lambda n: next(digits) * 32)
    (tmp_path / f"{one.PART}{'a' * 32}.part").symlink_to(precious)
    with pytest.raises(FileExistsError, match=r"a\.json"):
        files.write_text(tmp_path / "a.json", "{}")
    assert precious.read_text() == "kept"
    files.write_text(tmp_path / "a.json", "{}")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a link to another user")
def test_a_link_of_another_user_in_a_directory_of_everybodys_is_refused(tmp_path):
    (tmp_path / "precious").write_text("kept")
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared").chmod(0o1777)
    (tmp_path / "shared/a.json").symlink_to(tmp_path / "precious")
    os.chown(tmp_path / "shared/a.json", 12345, 12345, follow_symlinks=False)
    with pytest.raises(PermissionError, match="link of another user"):
        files.write_text(tmp_path / "shared/a.json", "{}")
    assert (tmp_path / "precious").read_text() == "kept"


def test_what_is_no_file_is_refused(way, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="must be a regular file"):
        files.write_text(tmp_path / "pipe", "")
    with pytest.raises(IsADirectoryError, match="got the directory"):
        files.write_text(tmp_path, "")
    with pytest.raises(FileNotFoundError, match=r"make .*absent first"):
        files.write_text(tmp_path / "absent/a.json", "")


def test_permissions_are_those_of_the_file_before_or_of_the_umask(way, tmp_path):
    path, before = tmp_path / "a.json", os.umask(0o027)
    try:
        files.write_text(path, "{}")
        assert path.stat().st_mode & 0o777 == 0o640
        path.chmod(0o600)
        files.write_text(path, "{}")
        assert path.stat().st_mode & 0o777 == 0o600
    finally:
        os.umask(before)


def test_a_long_name_can_be_written(way, tmp_path):
    files.write_text(tmp_path / ("n" * 255), "{}")


WRITE = """
import os, sys
if sys.argv[2] == "named": del os.O_TMPFILE
from selective_firing._files import archives as files
number = os.getpid()
for turn in range(int(sys.argv[3])):
    files.write_text(sys.argv[1], f"{number} {turn}\\n" * 3000)
"""


def writer(folder: Path, way: str, turns: int, *before: str) -> subprocess.Popen:
    return subprocess.Popen([*before, sys.executable, "-c", WRITE, str(folder / "a.txt"), way, str(turns)])


def can_unshare() -> bool:
    words = ["unshare", "--pid", "--fork", "true"]
    return bool(shutil.which("unshare")) and subprocess.run(words, capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not can_unshare(), reason="no second pid namespace can be made here: unshare --pid is not allowed")
def test_two_containers_whose_processes_have_one_number_do_not_mix_their_bytes(way, tmp_path):
    both = [writer(tmp_path, way, 150, "unshare", "--pid", "--fork") for _ in range(2)]  # each is number 1 of its own
    seen = set()
    while any(process.poll() is None for process in both):
        if (tmp_path / "a.txt").exists():
            lines = (tmp_path / "a.txt").read_text().splitlines()
            assert (len(lines), len(set(lines))) == (3000, 1)
            seen.add(lines[0])
    assert [process.returncode for process in both] == [0, 0]
    assert len(seen) > 5
    assert os.listdir(tmp_path) == ["a.txt"]


def test_a_writer_killed_at_any_moment_leaves_what_was_there(way, tmp_path):
    rng = np.random.default_rng(0)
    for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP):
        (tmp_path / "a.txt").unlink(missing_ok=True)
        process = writer(tmp_path, way, 10**6)
        while not (tmp_path / "a.txt").exists():
            time.sleep(0.01)
        time.sleep(rng.uniform(0.01, 0.1))
        process.send_signal(number)
        assert process.wait() == -number
        lines = (tmp_path / "a.txt").read_text().splitlines()
        assert (len(lines), len(set(lines))) == (3000, 1)
    left = [path for path in tmp_path.iterdir() if path.name != "a.txt"]
    for path in left:  # of the named ones; of the others only in the moment between two calls of the system
        os.utime(path, (time.time() - OLD,) * 2)
    files.write_text(tmp_path / "a.txt", "{}")
    assert os.listdir(tmp_path) == ["a.txt"]


FILL = """
import os, sys
import numpy as np
if sys.argv[1] == "named": del os.O_TMPFILE
from selective_firing._files import archives as files
os.chdir(sys.argv[2])
files.write_archive("a.npz", {"x": np.ones(3)}, {"kind": "A"})
try:
    files.write_archive("a.npz", {"x": np.ones(10**6)}, {"kind": "A"})
except OSError as error:
    assert "disk is full" in str(error), error
    assert error.errno == 28
assert files.read_archive("a.npz", "A")[0]["x"].size == 3
assert os.listdir() == ["a.npz"]
print("well")
"""


def test_a_full_disk_is_called_one(way, tmp_path):
    done = on_a_small_disk(tmp_path, "256k", FILL, way, tmp_path)
    assert (done.stdout, done.stderr) == ("well\n", "")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_an_error_of_a_full_disk_is_told_whatever_raised_it(way, tmp_path, number):
    files.write_text(tmp_path / "a.json", "before")
    words = r"the disk is full, and .*a\.json is as it was before; make room"
    with pytest.raises(OSError, match=words), files.whole(tmp_path / "a.json"):
        raise OSError(number, os.strerror(number))
    assert (tmp_path / "a.json").read_text() == "before"


HOLD = """
import time
from selective_firing._files.archives import scratch
with scratch() as folder:
    print(folder, flush=True)
    time.sleep(60)
"""


def test_scratch_directories_of_killed_processes_are_swept_and_those_in_use_are_not(tmp_path, monkeypatch):
    monkeypatch.setattr(files.tempfile, "gettempdir", lambda: str(tmp_path))
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    both = [
        subprocess.Popen([sys.executable, "-c", HOLD], stdout=subprocess.PIPE, text=True, env=environment)
        for _ in range(2)
    ]
    killed, alive = (Path(process.stdout.readline().strip()) for process in both)
    (tmp_path / "selective_firing_other-host_1").mkdir()
    (tmp_path / "selective_firing_results").mkdir()
    both[0].kill()
    both[0].communicate()
    try:
        os.utime(alive, (time.time() - OLD,) * 2)  # however long a simulation takes
        with files.scratch() as folder:
            assert folder.is_dir()
            left = {path.name for path in tmp_path.iterdir()}
        assert left == {alive.name, folder.name, "selective_firing_other-host_1", "selective_firing_results"}
        assert not killed.exists()
    finally:
        both[1].kill()
        both[1].communicate()


WAIT = """
import sys, time
from selective_firing.cli.command import command

def simulate() -> None:
    import brian2
    print("here", flush=True)
    time.sleep(float(sys.argv[1]))

sys.exit(command({"simulate": simulate}, "prog", "", ["simulate"]))
"""


def test_what_a_killed_command_leaves_of_brian2_is_swept_by_the_next(tmp_path):
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    (tmp_path / "job.py").write_text(WAIT)  # a file: Brian2 copies it
    job = [sys.executable, str(tmp_path / "job.py")]
    with subprocess.Popen([*job, "60"], stdout=subprocess.PIPE, text=True, env=environment) as killed:
        assert killed.stdout.readline() == "here\n"
        killed.kill()
    assert len(list(tmp_path.rglob("brian_*"))) == 2
    done = subprocess.run([*job, "0"], env=environment, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("here\n", "")
    assert os.listdir(tmp_path) == ["job.py"]


def test_many_threads_make_scratch_directories_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr(files.tempfile, "gettempdir", lambda: str(tmp_path))

    def use(number: int) -> None:
        with files.scratch() as folder:
            (folder / "x").write_text(str(number))
            time.sleep(0.001)
            assert (folder / "x").read_text() == str(number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(use, range(400)))
    assert os.listdir(tmp_path) == []


def test_numbers_of_numpys_are_written_as_plain_ones(tmp_path):
    header = {"kind": "A", "k": np.int64(5), "tau": np.float32(8), "on": np.bool_(True), "list": np.arange(2)}
    files.write_archive(tmp_path / "a.npz", {}, header)
    found = files.read_archive(tmp_path / "a.npz", "A")[1]
    assert {name: found[name] for name in header} == header | {"list": [0, 1]}
    assert found["format"] == files.FORMAT


def test_a_newer_format_says_what_to_do(tmp_path):
    files.write_archive(tmp_path / "a.npz", {}, {"kind": "A", "format": 99, "version": "9.1"})
    with pytest.raises(ValueError, match=r"written by version 9.1, format 99; version .* reads up to 1: upgrade"):
        files.read_archive(tmp_path / "a.npz", "A")
