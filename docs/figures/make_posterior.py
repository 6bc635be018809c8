"""Draw docs/figures/posterior-b-l.png: the posterior of a B-L mediator from CsI 2021.

Usage: python docs/figures/make_posterior.py [OUTPUT]
"""

from __future__ import annotations

import sys
from pathlib import Path

import cevns
from cevns.plot import corner
from cevns.plot.style import rendered


def main(output: Path) -> None:
    """Sample and draw."""
    result = cevns.posterior(
        "b-l",
        cevns.experiment("coherent-csi-2021"),
        priors={"g": "log:1e-6:1e-2", "mass": "log:1:1000"},
        walkers=128,
        evaluations=2_000_000,
        seed=1,
    )
    print(result)
    output.write_bytes(rendered(corner(result), "png", dpi=200.0))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("posterior-b-l.png"))
