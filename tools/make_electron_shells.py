"""Write the shipped table of electron shells from a list of X-ray absorption edges.

    python tools/make_electron_shells.py EDGES.csv src/cevns/nuclear/electron_shells.csv

EDGES.csv has the columns element, Z, edge, energy_eV and max_occupancy (of the full subshell; it may be empty for 4f).
Shells are filled from the most tightly bound one; electrons that no edge is left for are taken as free.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

HEADER = """\
# Electrons of atoms by binding energy. Source: X-ray absorption edges of W. T. Elam, B. D. Ravel and J. R. Sieber,
# Radiat. Phys. Chem. 63 (2002) 121, as in XrayDB; shells filled from the innermost; energy 0: no edge left.
"""
FULL_4F = {"N6": 6, "N7": 8}
"""Electrons in the full 4f subshells."""


def main(source: Path, target: Path) -> None:
    """Convert one table."""
    lines = [line for line in source.read_text().splitlines() if not line.startswith("#")]
    edges: dict[str, list[dict[str, str]]] = {}
    for row in csv.DictReader(lines):
        edges.setdefault(row["element"], []).append(row)
    rows = ["element,shell,binding_energy_eV,electrons"]
    for element, shells in edges.items():
        left = int(shells[0]["Z"])
        for shell in sorted(shells, key=lambda one: -float(one["energy_eV"])):
            number = min(left, int(shell["max_occupancy"] or FULL_4F[shell["edge"]]))
            left -= number
            if number:
                rows.append(f"{element},{shell['edge']},{float(shell['energy_eV']):g},{number}")
        if left:
            rows.append(f"{element},valence,0,{left}")
    target.write_text(HEADER + "\n".join(rows) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
