"""Whether chains have converged: rank-normalised split R-hat and effective sample sizes.

Vehtari, Gelman, Simpson, Carpenter and Buerkner, Bayesian Analysis 16 (2021) 667, arXiv:1903.08008.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft
from scipy.special import ndtri
from scipy.stats import rankdata

from cevns.typing import FloatArray


def r_hat(chains: FloatArray) -> float:
    """Rank-normalised split R-hat, the larger of the one of the values and of their distances from the median.

    Parameters
    ----------
    chains : array, shape (chain, draw)
        At least four draws of each.

    Returns
    -------
    float
        Near 1 if the chains, and their halves, agree in location and in width.
    """
    halves = _halves(chains)
    folded = np.abs(halves - np.median(halves))
    return max(_potential_scale_reduction(_normal_scores(x)) for x in (halves, folded))


def bulk_size(chains: FloatArray) -> float:
    """Number of independent draws that are worth as much in the middle of the distribution."""
    return _effective_size(_normal_scores(_halves(chains)))


def tail_size(chains: FloatArray) -> float:
    """The same for the 5 % and the 95 % quantile, the smaller of the two."""
    halves = _halves(chains)
    return min(_effective_size((halves <= np.quantile(halves, level)).astype(float)) for level in (0.05, 0.95))


def weighted_size(weights: FloatArray) -> float:
    """Number of equally weighted draws that are worth as much as weighted ones (Kish)."""
    return float(weights.sum() ** 2 / np.square(weights).sum())


def _halves(chains: FloatArray) -> FloatArray:
    """First and second half of each chain as chains of their own."""
    half = chains.shape[1] // 2
    return np.concatenate([chains[:, :half], chains[:, -half:]])


def _normal_scores(chains: FloatArray) -> FloatArray:
    """Normal quantiles of the ranks among all draws (eq. 14)."""
    ranks = rankdata(chains, method="average").reshape(chains.shape)
    return np.asarray(ndtri((ranks - 0.375) / (chains.size + 0.25)))


def _variances(chains: FloatArray) -> tuple[float, float]:
    """Mean variance within chains, and the estimate of the total variance (eqs. 1 to 3)."""
    draws = chains.shape[1]
    within = float(chains.var(axis=1, ddof=1).mean())
    between = float(chains.mean(axis=1).var(ddof=1)) if len(chains) > 1 else 0.0
    return within, within * (draws - 1) / draws + between


def _potential_scale_reduction(chains: FloatArray) -> float:
    within, total = _variances(chains)
    if within == 0.0:
        return 1.0 if total == 0.0 else float("inf")
    return float(np.sqrt(total / within))


def _effective_size(chains: FloatArray) -> float:
    """Draws over the autocorrelation time, its sum cut off by Geyer's initial monotone sequence (eqs. 10 to 13)."""
    number, draws = chains.shape
    within, total = _variances(chains)
    if total == 0.0:
        return float(chains.size)
    covariance = _autocovariance(chains).mean(axis=0) * draws / (draws - 1)
    correlation = 1.0 - (within - covariance) / total
    correlation[0] = 1.0
    pairs = correlation[: draws // 2 * 2].reshape(-1, 2).sum(axis=1)
    positive = pairs > 0.0
    last = len(pairs) if positive.all() else int(positive.argmin())
    time = -1.0 + 2.0 * np.minimum.accumulate(pairs[:last]).sum()
    # Antithetic chains may be worth more than their number of draws, but not without limit.
    return float(number * draws / max(time, 1.0 / np.log10(number * draws)))


def _autocovariance(chains: FloatArray) -> FloatArray:
    """Autocovariance of each chain at every lag, with the divisor of lag zero."""
    draws = chains.shape[1]
    length = next_fast_len(2 * draws, real=True)
    transformed: NDArray[np.complex128] = rfft(chains - chains.mean(axis=1, keepdims=True), length)
    return np.asarray(irfft(np.abs(transformed) ** 2, length)[:, :draws] / draws)
