"""What a unit's weights look like: how local they are, and how much like a Gabor function."""

from __future__ import annotations

import numpy as np

from selective_firing._checks.arguments import check_count, shown
from selective_firing._checks.arrays import check_numbers

__all__ = ["gabor_fit", "participation_ratio", "spatial_spread"]


def participation_ratio(components: np.ndarray) -> np.ndarray:
    """Return the effective share of the inputs that each unit's weights fall on, shape (n_units,).

    (sum_i w_i^2)^2 / (n_inputs sum_i w_i^4), the inverse of the inverse participation ratio, per input.

    Parameters
    ----------
    components : array-like of shape (n_units, n_inputs)

    Returns
    -------
    ndarray of shape (n_units,)
        1 for weights of one size everywhere, 1 / n_inputs for a single input, about 1/3 for Gaussian noise; NaN for a
        unit without weights.

    References
    ----------
    Ingrosso & Goldt (2022), PNAS 119:e2201854119.

    Examples
    --------
    >>> participation_ratio([[1, 1, -1, 1], [0, 2, 0, 0]])
    array([1.  , 0.25])
    """
    weights = np.abs(check_numbers("components", components, ("n_units", "n_inputs")))
    peak = weights.max(axis=1, keepdims=True)
    power = (weights / np.where(peak > 0, peak, np.nan)) ** 2  # the measure ignores scale, squares must not underflow
    return power.sum(axis=1) ** 2 / (power.shape[1] * (power**2).sum(axis=1))


def spatial_spread(components: np.ndarray, image_shape: tuple[int, int]) -> np.ndarray:
    """Return how far each unit's squared weights lie from their centre, relative to weights of one size everywhere.

    Parameters
    ----------
    components : array-like of shape (n_units, height * width)
    image_shape : tuple of int
        (height, width).

    Returns
    -------
    ndarray of shape (n_units,)
        Root mean square distance, 0 for a single pixel, 1 for weights of one size; NaN for a unit without weights.

    Examples
    --------
    >>> spatial_spread([[1, 1, 1, 1], [0, 1, 0, 0]], (2, 2))
    array([1., 0.])
    """
    images = _images(components, image_shape)
    places = np.indices(images.shape[1:]).reshape(2, -1).T.astype(float)
    if len(places) < 2:
        raise ValueError(f"image_shape must hold at least 2 pixels, got {image_shape}.")
    power = images.reshape(len(images), -1) ** 2
    total = power.sum(axis=1, keepdims=True)
    share = power / np.where(total > 0, total, np.nan)
    variance = share @ (places**2).sum(axis=1) - ((share @ places) ** 2).sum(axis=1)
    return np.sqrt(np.maximum(variance, 0) / places.var(axis=0).sum())


def gabor_fit(components: np.ndarray, image_shape: tuple[int, int]) -> dict[str, np.ndarray]:
    """Return how well a Gabor function fits each unit's weights, and which.

    A plane wave under an elliptic Gaussian envelope that shares its axes: six parameters by nonlinear least squares
    (centre, orientation, frequency, two widths), amplitude and phase by linear least squares inside. The fit starts
    from the two strongest frequencies of the weights' spectrum. Blobs, edges and gratings are fitted well, too: look at
    the widths, and at `cycles`, before calling a unit localised, oriented and band-pass.

    Parameters
    ----------
    components : array-like of shape (n_units, height * width)
    image_shape : tuple of int
        (height, width).

    Returns
    -------
    dict of str to ndarray of shape (n_units,)
        ``r2``: 1 for a Gabor function; NaN, as all else, for weights that are all alike. ``row``, ``column``,
        ``along``, ``across``: centre and standard deviations of the envelope, in pixels, along the wave and across it;
        ``angle`` in radians; ``frequency`` in cycles per pixel; ``cycles``: frequency x along, about 0 for a blob
        (Ringach 2002, J Neurophysiol 88:455).

    References
    ----------
    Jones & Palmer (1987), J Neurophysiol 58:1233.

    Examples
    --------
    >>> y, x = np.indices((9, 9))
    >>> grating = np.exp(-((x - 4.0) ** 2 + (y - 4.0) ** 2) / 8) * np.cos(2 * np.pi * (x - 4) / 4)
    >>> found = gabor_fit(grating.reshape(1, -1), (9, 9))
    >>> [round(float(found[name][0]), 2) for name in ("r2", "frequency", "along")]
    [1.0, 0.25, 2.0]
    """
    fits = np.array([_gabor(image) for image in _images(components, image_shape)])
    names = ("r2", "row", "column", "angle", "frequency", "along", "across")
    found = dict(zip(names, fits.reshape(-1, 7).T, strict=True))
    return found | {"cycles": found["frequency"] * found["along"]}


def _images(components: object, image_shape: tuple[int, int]) -> np.ndarray:
    """Return weights as images, each with a largest weight of 1 so that squares stay in range; or raise."""
    if np.ndim(image_shape) != 1 or len(image_shape) != 2:
        raise ValueError(f"image_shape must be (height, width), got {shown(image_shape)}.")
    height, width = (check_count("image_shape", side) for side in image_shape)
    weights = check_numbers("components", components, ("n_units", "n_inputs"))
    if weights.shape[1] != height * width:
        raise ValueError(f"components must have {height * width} columns {(height, width)}, got {weights.shape}.")
    peak = np.abs(weights).max(axis=1, keepdims=True)
    return (weights / np.where(peak > 0, peak, 1.0)).reshape(-1, height, width)


def _gabor(image: np.ndarray) -> np.ndarray:
    """Return R^2 and the six parameters of the best fit."""
    from scipy.optimize import least_squares

    total = float(((image - image.mean()) ** 2).sum())
    if total <= 1e-24 * max(float((image**2).sum()), 1e-300):
        return np.full(7, np.nan)
    size, best = float(max(image.shape)), (-np.inf, np.zeros(6))
    lower = [-1.0, -1.0, -np.inf, 0.0, 0.5, 0.5]
    upper = [image.shape[0], image.shape[1], np.inf, 0.5, size, size]
    for start in _starts(image):
        fit = least_squares(_residual, start, bounds=(lower, upper), args=(image,), max_nfev=60, x_scale=_SCALE)
        best = max(best, (1.0 - 2 * fit.cost / total, fit.x), key=lambda pair: pair[0])
    return np.array([best[0], *best[1]])


_SCALE = (1.0, 1.0, 0.3, 0.03, 1.0, 1.0)


def _starts(image: np.ndarray) -> list[list[float]]:
    """Return a first guess for each of the two strongest waves: row, column, orientation, frequency, widths."""
    spectrum = np.abs(np.fft.rfft2(image - image.mean()))
    spectrum[0, 0] = 0.0
    down, across = np.fft.fftfreq(image.shape[0]), np.fft.rfftfreq(image.shape[1])
    share = image**2 / (image**2).sum()
    row, column = (float((share * place).sum()) for place in np.indices(image.shape))
    starts = []
    for index in np.argsort(spectrum, axis=None)[::-1][:2]:
        fy, fx = down[index // across.size], across[index % across.size]
        frequency = float(np.clip(np.hypot(fy, fx), 0.01, 0.49))
        starts.append([row, column, float(np.arctan2(fy, fx)), frequency, 1.5, 2.0])
    return starts


def _residual(guess: np.ndarray, image: np.ndarray) -> np.ndarray:
    """Return what the best amplitude and phase leave of the image, for a guess of the other six parameters."""
    row, column, angle, frequency, along, across = guess
    y, x = np.indices(image.shape)
    u = (x - column) * np.cos(angle) + (y - row) * np.sin(angle)
    v = (y - row) * np.cos(angle) - (x - column) * np.sin(angle)
    envelope = np.exp(-((u / along) ** 2 + (v / across) ** 2) / 2).ravel()
    phase = 2 * np.pi * frequency * u.ravel()
    waves = np.stack([envelope * np.cos(phase), envelope * np.sin(phase)], axis=1)
    weights = np.linalg.lstsq(waves, image.ravel(), rcond=None)[0]
    return image.ravel() - waves @ weights
