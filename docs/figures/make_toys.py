"""Draw docs/figures/toys.png: critical values from pseudo-data, and that of Wilks' theorem.

Usage: python docs/figures/make_toys.py [OUTPUT]
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

import cevns
from cevns import plot
from cevns.plot.style import rendered

GRID = np.linspace(0.0, 9e-5, 31)


def main(output: Path) -> None:
    """Intervals of a B-L coupling from either COHERENT experiment."""
    found = [
        cevns.feldman_cousins("b-l", cevns.experiment(name), "g", cl=0.90, grid=GRID, mass=10.0)[0]
        for name in ("coherent-csi-2021", "coherent-lar-2020")
    ]
    output.write_bytes(rendered(plot.critical_values(found), "png", dpi=150.0))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("toys.png"))
