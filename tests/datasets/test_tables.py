"""Text files as spreadsheets, pandas and R write them: read right, or refused with what to do."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest

from selective_firing import datasets


@pytest.fixture
def written(tmp_path):
    def write(text: str | bytes, name: str = "mine.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def rows(data: datasets.Dataset) -> list[list[float]]:
    return sorted(np.vstack([data.X_train, data.X_test]).tolist())


RIGHT = {
    "plain": ("1.5,2\n3,4\n", {}, [[1.5, 2], [3, 4]]),
    "names": ("a,b\n1.5,2\n3,4\n", {}, [[1.5, 2], [3, 4]]),
    "byte order mark": ("\ufeff1.5,2\n3,4\n", {}, [[1.5, 2], [3, 4]]),
    "byte order mark and names": ("\ufefflabel,b\nx,2\ny,4\n", {"label_column": "label"}, [[2], [4]]),
    "Windows": ("a,b\r\n1.5,2\r\n\r\n3,4\r\n", {}, [[1.5, 2], [3, 4]]),
    "quoted": ('"a","b"\n"1.5","2"\n"3","4"\n', {}, [[1.5, 2], [3, 4]]),
    "suffix in capitals": ("1.5,2\n3,4\n", {"name": "MINE.CSV"}, [[1.5, 2], [3, 4]]),
    "position beside a header": ("class,a\nx,2\ny,4\n", {"label_column": 0}, [[2], [4]]),
    "position as text": ("a,class\n2,x\n4,y\n", {"label_column": "-1"}, [[2], [4]]),
    "numeric labels beside a header": ("class,a\n7,2\n8,4\n", {"label_column": 0}, [[2], [4]]),
    "pandas with index": (",a,b\n0,1.5,2\n1,3,4\n", {"index_column": 0}, [[1.5, 2], [3, 4]]),
    "pandas with index, by name": ("i,a,b\n0,1.5,2\n1,3,4\n", {"index_column": "i"}, [[1.5, 2], [3, 4]]),
    "pandas unnamed with index": (",0,1\n0,1.5,2\n1,3,4\n", {"index_column": 0}, [[1.5, 2], [3, 4]]),
    "index of words": (",a,b\nr1,1.5,2\nr2,3,4\n", {"index_column": 0}, [[1.5, 2], [3, 4]]),
    "index and label": (",a,c\n0,1.5,x\n1,3,y\n", {"index_column": 0, "label_column": "c"}, [[1.5], [3]]),
    "numbers as names beside a label": ("0,1,label\n5,6,x\n7,8,y\n", {"label_column": "label"}, [[5, 6], [7, 8]]),
    "two columns that begin with 0, 1": ("0,1\n1,0\n1,1\n", {}, [[0, 1], [1, 0], [1, 1]]),
    "digits of all places": ("0.1234567890123456789,1e-300\n3,4\n", {}, [[0.12345678901234568, 1e-300], [3, 4]]),
}


@pytest.mark.parametrize("kind", RIGHT)
def test_what_is_in_a_table_is_what_is_learned(written, kind):
    text, given, expected = RIGHT[kind]
    given = dict(given)
    assert rows(datasets.load(written(text, given.pop("name", "mine.csv")), **given)) == expected


WRONG = {
    "NA in row 1": ("NA,2\n3,4\n", {}, "number: row 1, column 1, got 'NA'"),
    "nothing but NA in row 1": ("NA,NA\n3,4\n", {}, "row 1, column 1, got 'NA'"),
    "thousands in row 1": ('"1,000",2\n3,4\n', {}, "row 1, column 1, got '1,000'; write numbers with a decimal point"),
    "decimal commas": ('3,4\n"1,5","2,5"\n', {}, "row 2, column 1, got '1,5'; write numbers with a decimal point"),
    "percent": ("5%,4\n1,2\n", {}, "row 1, column 1, got '5%'"),
    "semicolons": ("1;2\n3;4\n", {}, "separated by commas, with decimal points, got mine.csv separated by semicolons"),
    "semicolon in a label": ("a;b,1,2\nc;d,3,4\n", {}, "got 'a;b'; name the column of labels"),
    "semicolons and names": ("a;b\n3;4\n", {}, "separated by semicolons"),
    "semicolons and decimal commas": ("1,5;2\n3,5;4\n", {}, "separated by semicolons and with decimal commas"),
    "semicolons, names, decimal commas": ("a;b\n1,5;2\n", {}, "separated by semicolons"),
    "tabs": ("1\t2\n3\t4\n", {}, "separated by tabs"),
    "UTF-16": ("1,2\n3,4\n".encode("utf-16"), {}, "UTF-8"),
    "zeros": (b"1,2\n\0,4\n", {}, "NUL bytes"),
    "a word among numbers": ("1,cat\n3,dog\n", {}, "got 'cat'; name the column of labels as label_column"),
    "pandas with index": (
        ",a,b\n0,1.5,2\n1,3,4\n",
        {},
        "must be an input, got one that has no name",
    ),
    "pandas unnamed with index": (",0,1\n0,1.5,2\n1,3,4\n", {}, "pass index_column=0, or write the file with to_csv"),
    "pandas unnamed": ("0,1,2\n1,2,3\n4,5,6\n", {}, "which pandas writes for columns without names"),
    "pandas unnamed, two columns": ("0,1\n1.5,2.5\n4.5,5.5\n", {}, "row 1 of mine.csv must be a pattern or names"),
    "pandas unnamed with label": ("0,1,2,label\n1,2,3,x\n4,5,6,y\n", {"label_column": -1}, "row 1 of mine.csv must"),
    "rows counted without names": (
        "0,1.5\n1,7\n2,4\n",
        {},
        "must be an input, got one that counts",
    ),
    "rows counted from 1": ("id,a\n1,1.5\n2,7\n3,4\n", {}, "got one that counts the rows"),
    "no label": (
        "class,a\nx,2\n,4\n",
        {"label_column": "class"},
        "must hold a label in every row, got ''",
    ),
    "label NA": ("NA,2\nx,4\n", {"label_column": 0}, "got 'NA' in row 1"),
    "unknown label": ("a,b\n1,2\n3,4\n", {"label_column": "c"}, "label_column must be one of the columns, got 'c'"),
    "position too large": ("a,b\n1,2\n3,4\n", {"label_column": 2}, "label_column must be below the number of columns"),
    "one column for both": ("a,b\n1,2\n3,4\n", {"label_column": 0, "index_column": "a"}, "another than index_column"),
    "nothing but labels": ("x\ny\n", {"label_column": 0}, "at least one column of inputs"),
    "two columns of a name": ("a,a\n1,2\n3,4\n", {"label_column": "a"}, "the name of one column"),
    "names only": ("a,b\n", {}, "at least one row of numbers"),
    "a row too long": ("1,2\n3,4,5\n", {}, "row 2 of mine.csv must have 2 values, got 3"),
    "all rows too long": ("a,b\n1,2,3\n4,5,6\n", {}, "row 2 of mine.csv must have 2 values, got 3"),
    "one column with decimal commas": ("c0\n0,5\n0,7\n0,9\n", {}, "row 2 of mine.csv must have 1 values, got 2"),
    "underscores": ("1,2\n1_000,4\n", {}, "got '1_000'"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_what_would_be_read_wrong_is_refused_with_what_to_do(written, kind):
    text, given, words = WRONG[kind]
    with pytest.raises(ValueError, match=words):
        datasets.load(written(text), **given)


def test_a_named_column_that_counts_rows_is_pointed_out(written):
    with pytest.warns(UserWarning, match="column 1 of mine.csv counts the rows and is learned as an input"):
        datasets.load(written("step,a\n0,5\n1,7\n2,6\n"))


def test_frames_come_back_as_pandas_wrote_them(tmp_path, rng):
    frame = pd.DataFrame(rng.standard_normal((12, 3)), columns=list("abc")).assign(kind=list("xyz") * 4)
    path = tmp_path / "frame.csv"
    frame.to_csv(path)
    data = datasets.load(path, label_column="kind", index_column=0)
    assert rows(data) == sorted(frame[["a", "b", "c"]].to_numpy().tolist())
    bare = pd.DataFrame(rng.standard_normal((12, 3)))
    for given, words in (({"index": False}, "must be a pattern or names"), ({}, "index_column=0"),
                         ({"header": False}, "index_column=0")):  # fmt: skip
        bare.to_csv(path, **given)
        with pytest.raises(ValueError, match=words):
            datasets.load(path)
    bare.to_csv(path, header=False, index=False)
    assert rows(datasets.load(path)) == sorted(bare.to_numpy().tolist())


def test_a_large_table_is_read_in_a_second(tmp_path, rng):
    path = tmp_path / "large.csv"
    digits = np.array([repr(level / 255) for level in range(256)])
    path.write_text("\n".join(map(",".join, digits[rng.integers(256, size=(2000, 784))])) + "\n")
    start = time.process_time()
    assert datasets.load(path).image_shape == (28, 28)
    assert time.process_time() - start < 2  # 0.6 s on an idle machine


def test_images_keep_their_shape(tmp_path, rng):
    images = rng.random((6, 4, 3))
    np.savez(tmp_path / "a.npz", X=images, y=["a", "b", "a", "b", "a", "c"])
    np.save(tmp_path / "a.npy", images)
    (tmp_path / "a.npy").rename(tmp_path / "a.NPY")
    data = datasets.load(tmp_path / "a.npz")
    assert data.image_shape == (4, 3)
    assert rows(data) == sorted(images.reshape(6, 12).tolist())
    assert datasets.load(tmp_path / "a.NPY").image_shape == (4, 3)
    assert datasets.load(tmp_path / "a.npz", image_shape=(3, 4)).image_shape == (3, 4)
    assert datasets.from_name(tmp_path / "a.npz", image_shape=(2, 3)).image_shape == (2, 3)  # on and off
    with pytest.raises(ValueError, match=r"image_shape must have 12 pixels, or half of them .* got 5 x 2"):
        datasets.load(tmp_path / "a.npz", image_shape=(5, 2))
    for wrong in (12, "4x3", (4, 3, 1)):
        with pytest.raises(ValueError, match=r"image_shape must be .height, width."):
            datasets.load(tmp_path / "a.npz", image_shape=wrong)


@pytest.mark.parametrize("suffix", ["npy", "npz"])
@pytest.mark.parametrize("kind", ["datetime64[D]", "timedelta64[s]", "complex128", "U3", "S3"])
def test_only_real_numbers_are_patterns(tmp_path, suffix, kind):
    X = np.ones((4, 3), int).astype(kind)
    path = tmp_path / f"mine.{suffix}"
    np.save(path, X) if suffix == "npy" else np.savez(path, X=X)
    with pytest.raises(TypeError, match="X must hold real numbers"):
        datasets.load(path)


@pytest.mark.parametrize("kind", ["float32", "int8", "uint64", "bool", ">f8"])
def test_real_numbers_of_any_kind_are_patterns(tmp_path, kind):
    np.save(tmp_path / "mine.npy", (np.arange(12).reshape(4, 3) % 2).astype(kind))
    assert datasets.load(tmp_path / "mine.npy").X_train.dtype == np.float64


@pytest.mark.parametrize("y", [[1.0, np.nan, 2.0, 2.0], [[1], [2], [1], [2]]])
def test_labels_of_an_archive_are_checked(tmp_path, y):
    np.savez(tmp_path / "mine.npz", X=np.eye(4), y=y)
    with pytest.raises(ValueError, match="y must"):
        datasets.load(tmp_path / "mine.npz")


@pytest.mark.parametrize("argument", ["label_column", "index_column"])
def test_a_column_is_a_name_or_an_integer_of_any_type(tmp_path, argument):
    (tmp_path / "a.csv").write_text("a,b,c\n1.5,2,3\n4,5,6\n7,8.5,9\n")
    for column in (1, -2, np.int8(1), np.int64(-2), np.uint8(1), "1", "b", np.str_("b")):
        assert rows(datasets.load(tmp_path / "a.csv", **{argument: column})) == [[1.5, 3], [4, 6], [7, 9]]
    for column in (1.0, b"b", True, np.True_, [1], np.array(1), np.timedelta64(1)):
        with pytest.raises(TypeError, match=f"{argument} must be a name or a position, got"):
            datasets.load(tmp_path / "a.csv", **{argument: column})
    for column in ("²", "--1", "-", "", "9" * 5000, "3", 3, 10**400):
        with pytest.raises(ValueError, match=f"{argument} must be"):
            datasets.load(tmp_path / "a.csv", **{argument: column})


def test_columns_are_of_tables_only(tmp_path):
    np.save(tmp_path / "mine.npy", np.eye(4))
    with pytest.raises(ValueError, match=r"label_column must not be given for \.npy"):
        datasets.load(tmp_path / "mine.npy", label_column=0)


@pytest.mark.parametrize("scale", [1e-200, 1e200])
def test_files_out_of_scale_are_refused(tmp_path, scale):
    np.save(tmp_path / "mine.npy", scale * np.eye(4))
    with pytest.raises(ValueError, match="X must have a largest magnitude between"):
        datasets.load(tmp_path / "mine.npy")
