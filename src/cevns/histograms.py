"""Counts as histograms of the package hist, which others read through the protocol UHI."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cevns.errors import InputError
from cevns.typing import FloatArray

if TYPE_CHECKING:
    from hist import Hist


def histogram(
    counts: FloatArray,
    axes: Mapping[str, tuple[FloatArray, str]],
    *,
    variances: FloatArray | float = 0.0,
    components: Sequence[str] = (),
) -> Hist[Any]:
    """A histogram with named axes.

    Parameters
    ----------
    counts : array, shape (component, bin, ...), or (bin, ...) without components
        Counts in each bin.
    axes : mapping of str to (array, str)
        Edges and unit along each axis of bins, by name.
    variances : array or float
        Their variances; zero for a prediction, which has no statistical error.
    components : sequence of str
        Names along the first axis, ``component``.

    Raises
    ------
    InputError
        If the counts have other axes, such as those of several parameter points.
    """
    import hist

    names = [hist.axis.StrCategory(components, name="component", overflow=False)] if components else []
    bins = [
        hist.axis.Variable(edges, name=name, label=f"{name.replace('_', ' ')} [{unit}]", flow=False)
        for name, (edges, unit) in axes.items()
    ]
    made = hist.Hist(*names, *bins, storage=hist.storage.Weight())
    if counts.shape != made.shape:
        raise InputError(
            "counts", f"an array of shape {counts.shape}", f"shape {made.shape}, that of one parameter point"
        )
    made[...] = np.stack([counts, np.broadcast_to(variances, counts.shape)], axis=-1)
    return made
