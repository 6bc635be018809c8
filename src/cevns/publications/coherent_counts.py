"""Events that COHERENT states, beside those of the experiments as shipped."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.optimize import minimize_scalar

from cevns.experiments import Experiment, experiment
from cevns.publications.papers import published
from cevns.publications.values import Progress, ReproducedValue
from cevns.statistics import measurement, profile
from cevns.typing import FloatArray

SET = "comparisons"
ITEM = "table-counts"
_MOST = 3.0
"""Multiple of the Standard Model events up to which the best one is sought."""


def table_counts(progress: Progress) -> Iterator[ReproducedValue]:
    """Events of the Standard Model, events found, and backgrounds, of each data set of COHERENT."""
    for name, columns in published(SET)["items"][ITEM]["rows"].items():
        progress(f"{ITEM}: {name}")
        data = experiment(name)
        predicted = data.predict("sm").cevns.ravel()
        events = {"predicted": predicted, "found": _best_multiple(data, predicted) * predicted, **data.backgrounds}
        for column, (theirs, error) in columns.items():
            counts = float(np.sum(events[column]))
            yield ReproducedValue(
                paper=SET,
                item=ITEM,
                row=name,
                column=column,
                unit="events",
                published=float(theirs),
                ours=counts,
                note=f"{abs(counts - theirs) / error:.1f} of the stated error, {error:g}, apart",
            )


def _best_multiple(data: Experiment, signal: FloatArray) -> float:
    """Multiple of a signal that fits best, pulls profiled; that of the signal itself has nothing to do."""
    measured = measurement(data)

    def chi2(multiple: float) -> float:
        return float(profile(measured, multiple * signal[None]).chi2[0])

    return float(minimize_scalar(chi2, bounds=(0.0, _MOST), method="bounded", options={"xatol": 1e-6}).x)
