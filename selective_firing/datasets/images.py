"""Data that need no file of yours: handwritten digits, patches of photographs, bars."""

from __future__ import annotations

import numpy as np

from selective_firing._checks.arguments import check_choice, check_count, check_real
from selective_firing.datasets.dataset import Dataset

__all__ = ["bars", "digits", "patches"]

TEST_SHARE = 0.2
MOST_IMAGES, MOST_PIXELS = 10**8, 1000
"""In a data set; along a side of them: more than memory holds."""
CUTOFF = 0.8
"""Cut-off of the whitening filter, as a share of the Nyquist frequency (200 of 256 cycles in the paper)."""


def digits() -> Dataset:
    """Return scikit-learn's 1,797 handwritten digits of 8 x 8 pixels, in 0..1, with a fixed stratified split.

    Examples
    --------
    >>> digits()
    Dataset(digits: 1,437 train, 360 test, 64 inputs, 10 classes)
    """
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    X, y = load_digits(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X / 16, y, test_size=TEST_SHARE, stratify=y, random_state=0)
    return Dataset(
        X_train=np.ascontiguousarray(X_train), X_test=np.ascontiguousarray(X_test), y_train=y_train, y_test=y_test,
        image_shape=(8, 8), name="digits",
        provenance={"source": "scikit-learn load_digits", "split": "stratified 80/20, random_state 0"},
    )  # fmt: skip


def bars(
    size: int = 8,
    bar_probability: float | None = None,
    n_bars: int | None = None,
    n_samples: int = 5000,
    seed: int = 0,
) -> Dataset:
    """Return images of horizontal and vertical bars, and which bars made each of them.

    Parameters
    ----------
    size : int
        Images of size x size pixels hold 2 * size possible bars; a pixel is 1 where any bar is.
    bar_probability : float, optional
        With which each bar is present, independently; 1 / size if neither this nor `n_bars` is given.
    n_bars : int, optional
        Exact number of bars per image instead.
    n_samples : int
        Images in all; a fifth of them are for testing.
    seed : int
        Of the images.

    References
    ----------
    Foldiak (1990), Biological Cybernetics 64:165.

    Examples
    --------
    >>> data = bars(size=2, n_bars=1, n_samples=5)
    >>> data
    Dataset(bars: 4 train, 1 test, 4 inputs, 4 factors)
    >>> data.X_train[0].reshape(2, 2), data.factors_train[0]  # two rows, two columns: the first column
    (array([[1., 0.],
           [1., 0.]]), array([False, False,  True, False]))
    """
    size = check_count("size", size, at_least=2, at_most=MOST_PIXELS)
    n_samples = check_count("n_samples", n_samples, at_least=2, at_most=MOST_IMAGES)
    seed = check_count("seed", seed, at_least=0)
    rng = np.random.default_rng(seed)
    if n_bars is not None and bar_probability is not None:
        raise ValueError(f"bar_probability must not be given with n_bars, got {bar_probability} and {n_bars}.")
    if n_bars is not None:
        n_bars = check_count("n_bars", n_bars, at_most=2 * size)
        factors = rng.random((n_samples, 2 * size)).argsort(axis=1) < n_bars
    else:
        bar_probability = 1 / size if bar_probability is None else check_real("bar_probability", bar_probability, 0)
        if bar_probability > 1:
            raise ValueError(f"bar_probability must be at most 1, got {bar_probability}.")
        factors = rng.random((n_samples, 2 * size)) < bar_probability
    rows, columns = factors[:, :size, np.newaxis], factors[:, np.newaxis, size:]
    X = (rows | columns).reshape(n_samples, -1).astype(float)
    alone = np.eye(size, dtype=bool)
    features = np.concatenate([np.repeat(alone, size, axis=1), np.tile(alone, size)]).astype(float)
    n_test = max(1, round(TEST_SHARE * n_samples))
    parameters = {"size": size, "bar_probability": bar_probability, "n_bars": n_bars, "seed": seed}
    return Dataset(
        X_train=X[n_test:], X_test=X[:n_test], factors_train=factors[n_test:], factors_test=factors[:n_test],
        features=features, image_shape=(size, size), name="bars",
        provenance={"source": "Foldiak's bars, generated", "n_samples": n_samples} | parameters,
    )  # fmt: skip


def patches(
    n_samples: int = 20_000, size: int = 12, reduce: int = 2, channels: str = "signed", held_out: str = "parts",
    seed: int = 0,
) -> Dataset:  # fmt: skip
    """Return whitened patches of the two photographs that scikit-learn ships.

    Each photograph is averaged to grey and over reduce x reduce pixels, which also removes its JPEG grid. Its left part
    is for training, its right part for testing; between them a band as wide as a patch is left out, and each part
    is whitened on its own, so that no test pixel has any influence on training.

    Parameters
    ----------
    n_samples : int
        Patches in all; a fifth of them are for testing.
    size : int
        Patches are size x size pixels.
    reduce : int
        Pixels of the photograph that become one, along each side.
    channels : {"signed", "on_off"}
        on_off splits a patch into its positive part and the negative of its negative part: 2 * size**2 inputs >= 0.
    held_out : {"parts", "photographs"}
        Whether the right part of each photograph is for testing, or the whole of the second.
    seed : int
        Of the places of the patches.

    References
    ----------
    Whitening filter f exp(-(f / f0)^4): Olshausen & Field (1997), Vision Research 37:3311.

    Examples
    --------
    >>> patches(n_samples=50, size=4, channels="on_off")
    Dataset(patches: 40 train, 10 test, 32 inputs)
    """
    from sklearn.datasets import load_sample_images

    n_samples, reduce = check_count("n_samples", n_samples, 10, MOST_IMAGES), check_count("reduce", reduce, at_most=8)
    size = check_count("size", size, at_least=2, at_most=320 // reduce // 4)
    check_choice("channels", channels, ("signed", "on_off"))
    check_choice("held_out", held_out, ("parts", "photographs"))
    seed = check_count("seed", seed, at_least=0)
    rng = np.random.default_rng(seed)
    n_test = round(TEST_SHARE * n_samples)
    photographs = [_reduce(photo.mean(axis=2), reduce) for photo in load_sample_images().images]
    sides = [_split(photo, size) for photo in photographs] if held_out == "parts" else [tuple(photographs)]
    train, test = ([_whiten(part) for part in side] for side in zip(*sides, strict=True))
    scale = np.concatenate([part.ravel() for part in train]).std()
    X_train = _cut(train, n_samples - n_test, size, rng) / scale
    X_test = _cut(test, n_test, size, rng) / scale
    if channels == "on_off":
        X_train, X_test = (np.hstack([np.maximum(X, 0), np.maximum(-X, 0)]) for X in (X_train, X_test))
    parameters = {"n_samples": n_samples, "size": size, "reduce": reduce, "channels": channels, "seed": seed}
    split = "left and right part of each, with a guard band" if held_out == "parts" else "one and the other"
    source = {"source": "scikit-learn load_sample_images", "split": split}
    return Dataset(
        X_train=X_train, X_test=X_test, image_shape=(size, size), name="patches", provenance=source | parameters
    )


def _reduce(photo: np.ndarray, factor: int) -> np.ndarray:
    height, width = (n // factor * factor for n in photo.shape)
    return photo[:height, :width].reshape(height // factor, factor, width // factor, factor).mean(axis=(1, 3))


def _split(photo: np.ndarray, guard: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the left and the right part of a photograph, `guard` columns apart."""
    boundary = round((1 - TEST_SHARE) * (photo.shape[1] - guard))
    return photo[:, :boundary], photo[:, boundary + guard :]


def _whiten(image: np.ndarray) -> np.ndarray:
    """Flatten the spectrum of natural images, which falls as 1/f, and cut off its noisy corners."""
    across, down = np.fft.fftfreq(image.shape[1]), np.fft.fftfreq(image.shape[0])
    frequency = np.hypot(down[:, np.newaxis], across)  # cycles per pixel; Nyquist is 1/2
    gain = frequency * np.exp(-((frequency / (CUTOFF / 2)) ** 4))
    return np.fft.ifft2(np.fft.fft2(image) * gain).real


def _cut(images: list[np.ndarray], n: int, size: int, rng: np.random.Generator) -> np.ndarray:
    """Return `n` patches from random places of random images, shape (n, size**2)."""
    views = [np.lib.stride_tricks.sliding_window_view(image, (size, size)) for image in images]
    chosen = rng.integers(len(views), size=n)
    cut = np.empty((n, size, size))
    for index, view in enumerate(views):
        mine = chosen == index
        rows, columns = (rng.integers(extent, size=mine.sum()) for extent in view.shape[:2])
        cut[mine] = view[rows, columns]
    return cut.reshape(n, -1)
