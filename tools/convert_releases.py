"""Remake the shipped tables from the official releases.

    python tools/convert_releases.py RELEASES

RELEASES holds one directory per release, coherent_csi_2017 and so on, see DIRECTORIES. The released
files are checked against their hashes; with ``--accept`` their present hashes are recorded instead, which is how a new
release is taken in.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from cevns.experiments import experiment_directory
from cevns.io.releases import RELEASES, import_release

USED = {
    "coherent-csi-2017": [
        "arrivalTimePDF_delayedNeutrinos.txt", "arrivalTimePDF_promptNeutrinos.txt",
        "arrivalTimePDF_promptNeutrons.txt", "coherent_parameters.yaml", "data_anticoincidence_beamOn.txt",
        "data_coincidence_beamOn.txt", "promptPDF.txt",
    ],
    "coherent-csi-2021": [
        "brnPE.txt", "brnTrec.txt", "dataBeamOnAC.txt", "dataBeamOnC.txt", "flux1d_time_10ns.csv", "ninPE.txt",
        "ninTrec.txt",
    ],
    "coherent-lar-2020": [
        "CENNS10AnlAEfficiency.txt", "bkgpdf.txt", "brnpdf+1sigBRNTimingMean.txt", "brnpdf+1sigEnergy.txt",
        "brnpdf-1sigBRNTimingMean.txt", "brnpdf-1sigEnergy.txt", "brnpdf.txt", "brnpdfBRNTimingWidthSyst.txt",
        "cevnspdf+1sigF90.txt", "cevnspdf-1sigF90.txt", "cevnspdf.txt", "cevnspdfCEvNSTimingMeanSyst.txt",
        "datanobkgsub.txt", "delbrnpdf.txt",
    ],
    "conus-plus": ["conusplus_excess_digitised.csv"],
    "dresden-ii": ["QF_Fef_YBe.txt", "data_release.txt"],
    "lz-er": ["BKG_FIT_WS2022.csv", "WS2022_1DROI_eff_data.txt", "WS2022_data_hist_data.txt"],
    "lz-er-2024": ["BKG_FIT_WS2024.csv", "WS2024_1DROI_eff_data.txt", "WS2024_data_hist_data.txt"],
    "xenonnt-er-2022": ["bkg_model.txt", "data_unbinned_1to30kev.txt", "efficiency.txt"],
}  # fmt: skip

DIRECTORIES = {"conus-plus": "conusplus_2025", "dresden-ii": "dresden2_2022", "lz-er-2024": "lz_er"}
"""Directories of releases that are not named like the experiment."""


def main(releases: Path, *, accept: bool) -> None:
    """Convert every release."""
    for name in RELEASES:
        release, target = releases / DIRECTORIES.get(name, name.replace("-", "_")), experiment_directory(name)
        if accept:
            lines = [f"  {file}: {hashlib.sha256((release / file).read_bytes()).hexdigest()}" for file in USED[name]]
            header = "# SHA-256 of the released files that the tables were made from.\nsha256:\n"
            (target / "release.yaml").write_text(header + "\n".join(lines) + "\n")
        import_release(name, release, target)


if __name__ == "__main__":
    main(Path(sys.argv[1]), accept="--accept" in sys.argv[2:])
