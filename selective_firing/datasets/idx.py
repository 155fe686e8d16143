"""MNIST from its IDX files: found, or downloaded, and checked before it is believed."""

from __future__ import annotations

import gzip
import math
import os
import struct
import zlib
from pathlib import Path

import numpy as np

from selective_firing.datasets.dataset import Dataset

__all__ = ["mnist", "named_files", "read_idx"]

MD5 = {
    "train-images-idx3-ubyte": "f68b3c2dcbeaaa9fbdd348bbdeb94873",
    "train-labels-idx1-ubyte": "d53e105ee54ea40749a09fcbcd1e9432",
    "t10k-images-idx3-ubyte": "9fb629c4189551a2d022fa330f9573f3",
    "t10k-labels-idx1-ubyte": "ec29112dd5afa0611ce80d1b7f02629c",
}
MIRROR = "https://ossci-datasets.s3.amazonaws.com/mnist/"
MOST_BYTES = 2**30


def mnist(data_dir: str | Path | None = None) -> Dataset:
    """Return MNIST: 60,000 + 10,000 handwritten digits of 28 x 28 pixels, in 0..1.

    Parameters
    ----------
    data_dir : path, optional
        Directory of the four IDX files, raw or .gz. Otherwise $SELECTIVE_FIRING_DATA; otherwise the user's cache, into
        which missing files are downloaded and checked by their MD5 sums.

    Raises
    ------
    FileNotFoundError
        If a file is not in the directory that was named.
    ValueError
        If a file is no whole IDX file of the expected kind, or images and labels do not match.
    """
    paths = named_files(data_dir) or [_cached(name) for name in MD5]
    arrays = [read_idx(path, n_dims=3 if "images" in path.name else 1) for path in paths]
    (X_train, y_train), (X_test, y_test) = (_pair(arrays[i], arrays[i + 1], paths[i + 1]) for i in (0, 2))
    height, width = arrays[0].shape[1:]
    return Dataset(
        X_train=X_train, X_test=X_test, y_train=y_train, y_test=y_test, image_shape=(height, width), name="mnist",
        provenance={"source": "MNIST", "files": [path.name for path in paths], "split": "as published"},
    )  # fmt: skip


def named_files(data_dir: str | Path | None = None) -> list[Path]:
    """Return the four files of MNIST in the directory that is named, in the order of `MD5`; none if none is named.

    Parameters
    ----------
    data_dir : path, optional
        Directory of the four IDX files, raw or .gz; otherwise $SELECTIVE_FIRING_DATA.

    Raises
    ------
    FileNotFoundError
        If a file is not in that directory.
    """
    named = data_dir or os.environ.get("SELECTIVE_FIRING_DATA")
    return [_find(Path(named), name) for name in MD5] if named else []


def _find(folder: Path, name: str) -> Path:
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    raise FileNotFoundError(f"data_dir must hold {name} or {name}.gz, got {folder}.")


def _cached(name: str) -> Path:
    import platformdirs
    import pooch

    folder = Path(platformdirs.user_cache_dir("selective_firing")) / "mnist"
    try:
        file = pooch.retrieve(f"{MIRROR}{name}.gz", f"md5:{MD5[name]}", f"{name}.gz", folder, progressbar=True)
        return Path(file)
    except OSError as error:
        raise FileNotFoundError(
            f"MNIST could not be downloaded ({error}); name the directory of its files by data_dir or by "
            "$SELECTIVE_FIRING_DATA."
        ) from error


def read_idx(path: Path, n_dims: int) -> np.ndarray:
    """Return the array of unsigned bytes in an IDX file, raw or .gz.

    Parameters
    ----------
    path : path
    n_dims : int
        Dimensions that the array must have.

    Raises
    ------
    ValueError
        If magic number, size or compression are not those of a whole file with `n_dims` dimensions.
    """
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            header = file.read(4 + 4 * n_dims)
            magic = int.from_bytes(header[:4], "big")
            if magic != 0x0800 + n_dims:
                raise ValueError(f"{path} must start with IDX magic number {0x0800 + n_dims}, got {magic}.")
            if len(header) < 4 + 4 * n_dims:
                raise ValueError(f"{path} must have a header of {4 + 4 * n_dims} bytes, got {len(header)}.")
            shape = struct.unpack(f">{n_dims}I", header[4:])
            size = math.prod(shape)
            if not 0 < size <= MOST_BYTES:
                raise ValueError(f"{path} must announce between 1 and {MOST_BYTES} values, got {size}.")
            content = file.read(size + 1)  # one more than announced tells whether there is more; a bomb ends here
    except (EOFError, OSError, zlib.error) as error:
        raise ValueError(f"{path} must be a whole IDX file: {error}") from error
    if len(content) != size:
        found = "more" if len(content) > size else len(content)
        raise ValueError(f"{path} must hold the {size} values that its header announces, got {found}.")
    return np.frombuffer(content, np.uint8).reshape(shape)


def _pair(images: np.ndarray, labels: np.ndarray, path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return patterns and labels that belong together."""
    if len(images) != len(labels):
        raise ValueError(f"{path} must hold as many labels as there are images ({len(images)}), got {len(labels)}.")
    if labels.max() > 9:
        raise ValueError(f"{path} must hold labels between 0 and 9, got {labels.max()}.")
    return images.reshape(len(images), -1) / 255.0, labels.astype(int)
