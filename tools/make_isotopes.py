"""Write the shipped isotope table from a nuclide list.

    python tools/make_isotopes.py NUCLIDES.csv src/cevns/nuclear/isotopes.csv

NUCLIDES.csv has the columns z, n, element, radius, abundance, atomic_mass (in micro-u), as exported from the IAEA
LiveChart of Nuclides.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

HEADER = """\
# Nuclides used as CEvNS targets. Source: IAEA LiveChart of Nuclides (AME2020 atomic masses; Angeli and Marinova,
# At. Data Nucl. Data Tables 99 (2013) 69 and updates, rms charge radii; IUPAC abundances), table of 2026-11.
# atomic_mass_u: mass of the neutral atom; the nuclear mass is this less Z electron masses.
"""


def main(source: Path, target: Path) -> None:
    """Convert one table."""
    lines = [line for line in source.read_text().splitlines() if not line.startswith("#")]
    rows = ["isotope,element,protons,neutrons,atomic_mass_u,abundance,charge_radius_fm"]
    for row in csv.DictReader(lines):
        z, n = int(row["z"]), int(row["n"])
        mass, abundance = 1e-6 * float(row["atomic_mass"]), float(row["abundance"])
        rows.append(f"{z + n}{row['element']},{row['element']},{z},{n},{mass:.11f},{abundance:g},{row['radius']}")
    target.write_text(HEADER + "\n".join(rows) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
