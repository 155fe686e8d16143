"""Data sets: what they promise, and what damaged files get."""

from __future__ import annotations

import gzip
import re
from types import SimpleNamespace

import numpy as np
import pytest

from selective_firing import datasets


def test_digits_are_split_once_and_stratified():
    data = datasets.digits()
    assert data.X_train.shape == (1437, 64)
    assert data.X_test.shape == (360, 64)
    assert data.X_train.dtype == np.float64
    assert 0 <= data.X_train.min() < data.X_train.max() <= 1
    share = np.bincount(data.y_test) / 360 - np.bincount(data.y_train) / 1437
    assert np.abs(share).max() < 0.01
    np.testing.assert_array_equal(data.X_test, datasets.digits().X_test)


def test_a_data_set_is_shown_in_a_line_and_equal_to_itself_only():
    data, again = datasets.digits(), datasets.digits()
    assert repr(data) == str(data) == "Dataset(digits: 1,437 train, 360 test, 64 inputs, 10 classes)"
    assert repr(datasets.bars(n_samples=50)) == "Dataset(bars: 40 train, 10 test, 64 inputs, 16 factors)"
    assert repr(data.head(3)) == "Dataset(digits: 1,437 train, 3 test, 64 inputs, 10 classes)"
    assert data == data
    assert data != again
    assert len({data, again}) == 2
    with pytest.raises(ValueError, match="n must be at least 1, got 0"):
        data.head(0)


def test_small_numpy_integers_make_the_same_data():
    one, other = datasets.bars(size=np.int8(8), n_samples=np.uint8(200)), datasets.bars(size=8, n_samples=200)
    np.testing.assert_array_equal(one.X_train, other.X_train)
    assert repr(datasets.patches(n_samples=np.uint8(250), size=np.uint8(12))) == repr(datasets.patches(250, 12))


def test_bars_are_made_by_their_factors():
    data = datasets.bars(size=4, n_samples=500, seed=1)
    expected = data.factors_train[:, :4, None] | data.factors_train[:, None, 4:]
    np.testing.assert_array_equal(data.X_train.reshape(-1, 4, 4) > 0, expected)
    assert data.factors_train.mean() == pytest.approx(1 / 4, abs=0.03)
    assert (datasets.bars(size=4, n_bars=3, n_samples=50).factors_train.sum(axis=1) == 3).all()


@pytest.mark.parametrize(
    "arguments", [{"size": 1}, {"bar_probability": 2.0}, {"n_bars": 99}, {"n_bars": 1, "bar_probability": 0.1}]
)
def test_bars_that_cannot_be_are_refused(arguments):
    with pytest.raises(ValueError, match=next(iter(arguments)) + "|bar_probability"):
        datasets.bars(**arguments)


def test_patches_are_white_centred_and_of_unit_variance():
    data = datasets.patches(n_samples=4000, size=8)
    assert data.X_train.shape == (3200, 64)
    assert data.X_train.std() == pytest.approx(1, abs=0.1)
    assert np.abs(data.X_train.mean(axis=0)).max() < 0.1
    images = data.X_train.reshape(-1, 8, 8)
    apart = np.corrcoef(images[:, :, :-3].ravel(), images[:, :, 3:].ravel())[0, 1]
    assert abs(apart) < 0.2  # pixels of the photographs themselves, three apart, have more than 0.8


def test_a_photograph_can_be_held_out(monkeypatch, rng):
    upright = np.broadcast_to(rng.random((1, 640, 1)), (400, 640, 3))
    flat = np.broadcast_to(rng.random((400, 1, 1)), (400, 640, 3))
    monkeypatch.setattr("sklearn.datasets.load_sample_images", lambda: SimpleNamespace(images=[upright, flat]))
    data = datasets.patches(n_samples=100, size=8, held_out="photographs")
    train, test = (X.reshape(-1, 8, 8) for X in (data.X_train, data.X_test))
    np.testing.assert_allclose(train.std(axis=1), 0, atol=1e-9)
    np.testing.assert_allclose(test.std(axis=2), 0, atol=1e-9)
    with pytest.raises(ValueError, match="held_out must be one of parts, photographs"):
        datasets.patches(held_out="both")


def test_on_and_off_channels_rectify_the_signed_patches():
    signed, split = (datasets.patches(n_samples=50, size=4, channels=channels) for channels in ("signed", "on_off"))
    assert split.X_train.shape[1] == 32
    assert split.X_train.min() >= 0
    np.testing.assert_allclose(split.X_train[:, :16] - split.X_train[:, 16:], signed.X_train)


@pytest.mark.parametrize("make", [datasets.bars, datasets.patches])
def test_a_seed_repeats_and_another_does_not(make):
    one, same, other = (make(n_samples=20, seed=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(one.X_train, same.X_train)
    assert not np.array_equal(one.X_train, other.X_train)


def idx(values: np.ndarray, magic: int | None = None) -> bytes:
    header = np.array([magic or 0x0800 + values.ndim, *values.shape], ">u4").tobytes()
    return header + values.astype(np.uint8).tobytes()


@pytest.fixture
def mnist_dir(tmp_path, rng):
    for name, n in (("train", 6), ("t10k", 3)):
        images, labels = rng.integers(256, size=(n, 28, 28)), rng.integers(10, size=n)
        (tmp_path / f"{name}-images-idx3-ubyte").write_bytes(idx(images))
        (tmp_path / f"{name}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(labels)))
    return tmp_path


def test_idx_files_are_read_raw_and_compressed(mnist_dir, monkeypatch):
    data = datasets.mnist(mnist_dir)
    assert data.X_train.shape == (6, 784)
    assert data.X_train.max() <= 1
    assert data.image_shape == (28, 28)
    monkeypatch.setenv("SELECTIVE_FIRING_DATA", str(mnist_dir))
    np.testing.assert_array_equal(datasets.from_name("mnist").X_test, data.X_test)


LABELS = "train-labels-idx1-ubyte.gz"
IMAGES = "train-images-idx3-ubyte"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        (IMAGES, b"", "must start with IDX magic number 2051, got 0"),
        (IMAGES, idx(np.zeros(6)), "magic number 2051, got 2049"),
        (IMAGES, idx(np.zeros((6, 28, 28)))[:-1], "must hold the 4704 values .* got 4703"),
        (IMAGES, idx(np.zeros((6, 28, 28))) + b"x", "got more"),
        (IMAGES, idx(np.zeros((6, 28, 28)))[:10], "header of 16 bytes, got 10"),
        (IMAGES, idx(np.zeros((7, 28, 28))), r"as many labels as there are images \(7\), got 6"),
        (LABELS, b"not compressed", "must be a whole IDX file"),
        (LABELS, gzip.compress(idx(np.zeros(6)), mtime=0)[:-12], "must be a whole IDX file"),
        (LABELS, gzip.compress(idx(np.zeros(6)), mtime=0)[:10] + b"\xff" * 30, "must be a whole IDX file"),
        (LABELS, gzip.compress(idx(np.full(6, 11)), mtime=0), "labels between 0 and 9, got 11"),
    ],
)  # fmt: skip
def test_damaged_idx_files_are_refused(mnist_dir, name, content, words):
    (mnist_dir / name).write_bytes(content)
    with pytest.raises(ValueError, match=words):
        datasets.mnist(mnist_dir)


def test_a_missing_idx_file_is_named(mnist_dir):
    (mnist_dir / LABELS).unlink()
    with pytest.raises(FileNotFoundError, match="data_dir must hold train-labels-idx1-ubyte"):
        datasets.mnist(mnist_dir)


def test_without_a_directory_mnist_is_downloaded_and_checked(mnist_dir, monkeypatch):
    asked = []

    def retrieve(url, known_hash, fname, path, progressbar):
        asked.append((url, known_hash))
        name = fname.removesuffix(".gz")
        return str(next(path for path in (mnist_dir / name, mnist_dir / fname) if path.exists()))

    monkeypatch.delenv("SELECTIVE_FIRING_DATA", raising=False)
    monkeypatch.setattr("pooch.retrieve", retrieve)
    assert datasets.mnist().X_test.shape == (3, 784)
    assert {known_hash for _, known_hash in asked} == {f"md5:{md5}" for md5 in datasets.idx.MD5.values()}


def test_a_failed_download_says_what_to_do(monkeypatch):
    def retrieve(*args, **kwargs):
        raise OSError("no network")

    monkeypatch.delenv("SELECTIVE_FIRING_DATA", raising=False)
    monkeypatch.setattr("pooch.retrieve", retrieve)
    with pytest.raises(FileNotFoundError, match="name the directory of its files by data_dir"):
        datasets.mnist()


@pytest.mark.parametrize("suffix", ["npy", "npz", "csv"])
def test_your_own_file_is_read_and_split(tmp_path, rng, suffix):
    X, y, path = rng.random((20, 9)), rng.integers(3, size=20), tmp_path / f"mine.{suffix}"
    if suffix == "npy":
        np.save(path, X)
    elif suffix == "npz":
        np.savez(path, X=X, y=y)
    else:
        np.savetxt(path, X, delimiter=",")
    data = datasets.from_name(path)
    assert data.X_train.shape == (16, 9)
    assert data.X_test.shape == (4, 9)
    assert data.image_shape == (3, 3)
    np.testing.assert_allclose(np.sort(np.vstack([data.X_train, data.X_test]), axis=0), np.sort(X, axis=0))
    assert (data.y_train is None) == (suffix != "npz")


@pytest.mark.parametrize(
    ("column", "text"),
    [("class", "class,a,b\nx,1,2\ny,3,4\nx,5,6\n"), (0, "x,1,2\ny,3,4\nx,5,6\n"), ("-1", "1,2,x\n3,4,y\n5,6,x\n")],
)
def test_csv_labels_by_name_or_index(tmp_path, column, text):
    (tmp_path / "mine.csv").write_text(text)
    data = datasets.load(tmp_path / "mine.csv", label_column=column)
    assert data.n_inputs == 2
    labels = {tuple(row): label for row, label in zip(data.X_train, data.y_train, strict=True)}
    assert all(label == (row == (3, 4)) for row, label in labels.items())


def test_all_patterns_are_kept_in_their_order_if_nothing_is_to_be_held_out(tmp_path):
    (tmp_path / "mine.csv").write_text("1,2,x\n3,4,y\n5,6,x\n")
    data = datasets.load(tmp_path / "mine.csv", label_column=2, test_fraction=None)
    for X, y in ((data.X_train, data.y_train), (data.X_test, data.y_test)):
        assert X.tolist() == [[1, 2], [3, 4], [5, 6]]
        assert y.tolist() == [0, 1, 0]
    assert data.provenance["split"].startswith("none")
    (tmp_path / "one.csv").write_text("1,2\n")
    assert len(datasets.load(tmp_path / "one.csv", test_fraction=None).X_train) == 1
    for share in (0, 1, 1.5, "all"):
        with pytest.raises((ValueError, TypeError), match="test_fraction must be"):
            datasets.load(tmp_path / "mine.csv", test_fraction=share)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1,2\n3\n", "row 2 of mine.csv must have 2 values, got 1"),
        ("1,2\n3,x\n", "every value of mine.csv must be a number: row 2, column 2, got 'x'"),
        ("1,2\n3,\n", "row 2, column 2, got none; leave out patterns with missing values"),
        ("1,2\n3,nan\n", "NaN"),
        ("", "at least one row"),
        ("1,2\n", "at least 2 rows"),
    ],
)
def test_damaged_csv_files_are_refused(tmp_path, text, words):
    (tmp_path / "mine.csv").write_text(text)
    with pytest.raises(ValueError, match=words):
        datasets.load(tmp_path / "mine.csv")


@pytest.mark.filterwarnings("ignore:Reading .*header parsing")
def test_an_array_with_any_bit_of_its_header_changed_is_read_or_refused(tmp_path):
    path = tmp_path / "mine.npy"
    np.save(path, np.ones((3, 2)))
    whole, refused = path.read_bytes(), 0
    for at in range(8 * 80):  # magic number, length, and the literals that say what follows
        path.write_bytes(whole[: at // 8] + bytes([whole[at // 8] ^ (1 << at % 8)]) + whole[at // 8 + 1 :])
        try:
            datasets.load(path)
        except (TypeError, ValueError) as error:
            assert re.search(r"\b(path|X)\b", str(error))  # noqa: PT017
            refused += 1
    assert refused > 400


def test_objects_are_never_unpickled(tmp_path):
    np.save(tmp_path / "mine.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match="without pickled objects"):
        datasets.load(tmp_path / "mine.npy")


@pytest.mark.parametrize(
    ("content", "words"),
    [({"Y": np.ones((3, 2))}, "array X, got Y"),
     ({"X": np.ones((3, 2)), "y": np.ones(2)}, r"y must be of shape \(3,\)"),
     ({"X": np.ones(3)}, "1D array")],
)  # fmt: skip
def test_archives_without_patterns_are_refused(tmp_path, content, words):
    np.savez(tmp_path / "mine.npz", **content)
    with pytest.raises(ValueError, match=words):
        datasets.load(tmp_path / "mine.npz")


@pytest.mark.parametrize(
    ("name", "error", "words"),
    [("digit", ValueError, "dataset must be one of digits, patches, bars, mnist, features, .* or a .npy"),
     ("absent.npy", FileNotFoundError, "path must be an existing file"),
     ("pyproject.toml", ValueError, "path must end in .npy, .npz or .csv")],
)  # fmt: skip
def test_an_unknown_data_set_is_named(name, error, words, monkeypatch, request):
    monkeypatch.chdir(request.config.rootpath)
    with pytest.raises(error, match=words):
        datasets.from_name(name)


def test_a_column_that_sounds_like_labels_is_pointed_out(tmp_path):
    (tmp_path / "mine.csv").write_text("a,label\n1,0\n2,1\n3,1\n")
    with pytest.warns(UserWarning, match="column 'label' is learned as an input; name it as label_column"):
        assert datasets.load(tmp_path / "mine.csv").n_inputs == 2
    assert datasets.load(tmp_path / "mine.csv", "label").n_inputs == 1
