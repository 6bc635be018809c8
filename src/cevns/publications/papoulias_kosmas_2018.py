"""Papoulias and Kosmas, PRD 97 (2018) 033003 (arXiv:1711.09773): the CsI counts of 2017 and one parameter at a time.

The recipe is that of the paper: one bin with two pulls (`coherent-csi-2017-counting`), tree couplings with
sin^2 theta_W = 0.2312, Engel's form factor, and a rise of chi^2 by 2.71. Edges are compared one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from cevns.experiments import Experiment, experiment
from cevns.inference import intervals
from cevns.interactions import (
    ChargeRadius,
    FreeMixingAngle,
    Interaction,
    MagneticMoment,
    Model,
    NonStandardInteractions,
    StandardModel,
    tree_couplings,
)
from cevns.publications.base import Intervals, Progress, ReproducedValue, published
from cevns.statistics import measurement

PAPER: Final = "1711.09773"
CL: Final = 0.90
STANDARD_MODEL: Final = StandardModel(tree_couplings(0.2312))


@dataclass(frozen=True)
class _Row:
    """What a row of the table is about.

    Attributes
    ----------
    interaction : Interaction
        The new physics.
    parameter : str
        The parameter that is bounded.
    scale : float
        From its unit to that of the table.
    tolerance : float
        Difference of an edge, in the unit of the table, above which the note has to say why.
    reason : str
        What is known about larger differences.
    """

    interaction: Interaction
    parameter: str
    scale: float = 1.0
    tolerance: float = 0.08
    reason: str = ""


_TENSOR: Final = (
    "the printed formula gives {events:.1f} events at the published edge, on {sm:.0f} +- {error:.0f}: no bound there"
)
_MOMENT: Final = (
    "the formula gives {events:.2f} events at the published edge, on {sm:.0f} +- {error:.0f}; read in 1e-9 mu_B "
    "the ratio would be {tenth:.2f}, but nu_e, with half the flux of nu_mu, cannot have a bound within 13 % of its own"
)


def _rows() -> Mapping[str, _Row]:
    vector, tensor = NonStandardInteractions(), NonStandardInteractions("tensor")
    radius = ChargeRadius("papoulias-kosmas")
    rows = {"sin2_theta_w": _Row(FreeMixingAngle("tree"), "sin2_theta_w", tolerance=0.02)}
    for name in ("eps_ee_uV", "eps_ee_dV", "eps_mumu_uV", "eps_mumu_dV"):
        rows[name] = _Row(vector, name)
    for name in ("eps_ee_uT", "eps_ee_dT", "eps_mumu_uT", "eps_mumu_dT"):
        rows[name] = _Row(tensor, name, tolerance=0.02, reason=_TENSOR)
    for name, moment in (("mu_nu", MagneticMoment(True)), ("mu_nue", MagneticMoment()), ("mu_numu", MagneticMoment())):
        rows[f"{name}_1e-10_muB"] = _Row(moment, name, 1e10, 0.5, _MOMENT)
    rows["r2_nu_1e-32cm2"] = _Row(ChargeRadius("papoulias-kosmas", universal=True), "r2_nu", 1e32, 1.5)
    rows["r2_nue_1e-32cm2"] = _Row(radius, "r2_nue", 1e32, 1.5)
    rows["r2_numu_1e-32cm2"] = _Row(radius, "r2_numu", 1e32, 1.5)
    return rows


def table_1(progress: Progress) -> Iterator[ReproducedValue]:
    """Table I: 90 % bounds on one parameter at a time."""
    data = experiment("coherent-csi-2017-counting")
    theirs = published(PAPER)["items"]["table-1"]["rows"]
    for name, row in _rows().items():
        progress(f"table-1: {name}")
        yield _value(name, row, data, theirs[name])


def _value(name: str, row: _Row, data: Experiment, theirs: list[list[float]] | None) -> ReproducedValue:
    standard = () if isinstance(row.interaction, FreeMixingAngle) else (STANDARD_MODEL,)
    model = Model(row.interaction.name, (*standard, row.interaction))
    (at_90,) = intervals(model, data, row.parameter, cl=CL)
    ours = _scaled(at_90.intervals, row.scale)
    return ReproducedValue(
        paper=PAPER,
        item="table-1",
        row=name,
        column="90 % CL",
        unit=name.partition("_1e")[2]
        and "1e" + name.partition("_1e")[2].replace("cm2", " cm^2").replace("_muB", " mu_B"),
        published=None if theirs is None else tuple((float(low), float(high)) for low, high in theirs),
        ours=ours,
        ratio=None,
        ours_delta_chi2_4=None,
        note="" if theirs is None else _note(row, model, data, ours, np.array(theirs, dtype=float)),
    )


def _scaled(pieces: Intervals, scale: float) -> Intervals:
    return tuple((low * scale, high * scale) for low, high in pieces)


def _note(row: _Row, model: Model, data: Experiment, ours: Intervals, theirs: np.ndarray) -> str:
    """Largest difference between their edges and the nearest of ours, and the reason if it is large."""
    edges = np.array(ours).ravel()
    notes = []
    outer = np.abs(theirs.ravel()[[0, -1]] - edges[[0, -1]]).max()
    if len(theirs) > len(ours):
        notes.append(
            f"chi2 rises by less than 2.71 between the two published intervals, which are one; its outer edges differ "
            f"by at most {outer:.2g}"
        )
    elif np.abs(theirs.ravel() - edges).max() <= row.tolerance:
        notes.append(f"edges differ by at most {np.abs(theirs.ravel() - edges).max():.2g}")
    else:
        at_edge = theirs.ravel()[-1] / row.scale
        counts = data.predict(model, **{row.parameter: [0.0, at_edge]}).cevns.sum(axis=(-2, -1))
        values = {
            "events": counts[1] - counts[0],
            "sm": counts[0],
            "error": _error(data, counts[0]),
            "tenth": edges[-1] / theirs.ravel()[-1] / 10.0,
        }
        notes.append(
            row.reason.format(**values) or f"edges differ by at most {np.abs(theirs.ravel() - edges).max():.2g}"
        )
    return "; ".join(notes)


def _error(data: Experiment, signal: float) -> float:
    """Error of the number of neutrino events: counting, and the pulls."""
    one_bin = measurement(data)
    pulls = (signal * one_bin.signal_change + one_bin.background_change)[:, 0] * one_bin.sigmas
    _, curvature = one_bin.statistic.derivatives(np.array([[signal]]))
    return float(np.sqrt(2.0 / curvature[0, 0] + np.square(pulls).sum()))


ITEMS: Final = MappingProxyType({"table-1": table_1})
"""Function of each item."""
