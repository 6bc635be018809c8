"""The posterior of a B-L mediator from CsI 2021."""

from __future__ import annotations

from matplotlib.figure import Figure

import cevns
from cevns.plot import corner


def draw() -> Figure:
    """Sample and draw."""
    result = cevns.posterior(
        "b-l",
        cevns.experiment("coherent-csi-2021"),
        priors={"g": "log:1e-6:1e-2", "mass": "log:1:1000"},
        walkers=128,
        evaluations=2_000_000,
        seed=1,
    )
    return corner(result)
