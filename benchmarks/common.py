"""What the benchmarks share: the experiments, the model and the plane, and how results are shown."""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import cevns

CSI, LAR = "coherent-csi-2021", "coherent-lar-2020"
MODEL = "b-l"

Measurements = dict[str, object]


def grid(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Couplings, as a column, and masses [MeV] of the plane on which exclusion curves are drawn."""
    return np.geomspace(1e-6, 1e-2, size)[:, None], np.geomspace(1e-1, 1e4, size)


def machine() -> Measurements:
    """What the numbers were measured on."""
    return {
        "cevns": cevns.__version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "system": platform.system(),
        "processor": platform.machine(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
    }


def aligned(of: Measurements, rows: Sequence[tuple[str, str, str]]) -> str:
    """What was measured, its size and the result in columns, below the machine."""
    widths = [max(len(row[i]) for row in rows) for i in range(2)]
    lines = [f"{what:<{widths[0]}}  {size:<{widths[1]}}  {value}" for what, size, value in rows]
    return "\n".join([", ".join(f"{key} {value}" for key, value in of.items()), *lines])


def command(
    description: str | None,
    measure: Callable[[bool], dict[str, Any]],
    table: Callable[[dict[str, Any]], str],
    arguments: Sequence[str] | None = None,
) -> None:
    """Measure, print the table, and write JSON if asked for."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the results to a file as well")
    parser.add_argument("--quick", action="store_true", help="tiny sizes: whether it works, not how fast it is")
    options = parser.parse_args(arguments)
    results = measure(options.quick)
    print(table(results))
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
