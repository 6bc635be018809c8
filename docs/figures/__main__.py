"""Draw the pictures of the documentation again: all of them, or those that are named.

Usage: python docs/figures [NAME ...]
"""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import partial
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import dataflow
import dresden
import explorer
import global_fits
import interactions
import posterior
import reactor
import sun
import toys
from matplotlib.figure import Figure
from PIL import Image
from tqdm import tqdm

from cevns.plot.style import rendered

ROOT = Path(__file__).resolve().parents[2]
COLOURS = 64
"""Colours of a picture, few to keep the files small."""

Picture = Figure | bytes
"""A figure, or a PNG file."""


COMMANDS: Mapping[str, tuple[str, str]] = {
    "1711.09773-figure-6": ("reproduce 1711.09773 figure-6", "1711.09773-figure-6.png"),
    "2202.11002-figure-csi-2017-2021": (
        "reproduce 2202.11002 figure-csi-2017-2021",
        "2202.11002-figure-csi-2017-2021.png",
    ),
    "2211.11905-figure-nsi": ("reproduce 2211.11905 figure-nsi", "2211.11905-figure-nsi.png"),
    "comparisons-figure-direct-detection": (
        "reproduce comparisons figure-direct-detection",
        "comparisons-figure-direct-detection.png",
    ),
    "exclusion-b-l": ("limits -m b-l --each", "exclusion-b-l.png"),
    "forecast-lmu-ltau": (
        "forecast -e coh-cryo-csi-1 -e coh-cryo-csi-2 --each -m lmu-ltau --muon-band 2021",
        "forecast.png",
    ),
    "overlay-b-l": (
        "limits -e coherent-csi-2021 -m b-l --overlay examples/overlay-b-l.txt --muon-band 2021",
        "exclusion-b-l.png",
    ),
    "projections-coherent-csi-2021": (
        "predict -m b-l -p g=8e-5 --mass 30",
        "projections-coherent-csi-2021.png",
    ),
    "projections-lz-er": ("predict -e lz-er -m magnetic-moment -p mu_nue=1e-11", "projections-lz-er.png"),
    "projections-xenonnt-er-2022": (
        "predict -e xenonnt-er-2022 -m magnetic-moment -p mu_nue=1e-11",
        "projections-xenonnt-er-2022.png",
    ),
    "region-nsi": ("contour eps_ee_uV eps_mumu_uV -m nsi --each", "contour.png"),
}
"""Pictures that commands write: the command, and the file in its directory."""


def by_command(command: str, file: str) -> bytes:
    """What a command writes."""
    with TemporaryDirectory() as directory:
        words = [sys.executable, "-m", "cevns.cli.main", *shlex.split(command), "-o", directory]
        subprocess.run(words, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
        return (Path(directory) / file).read_bytes()


RECIPES: Mapping[str, Callable[[], Picture]] = {
    **{name: partial(by_command, *how) for name, how in COMMANDS.items()},
    "dataflow": dataflow.draw,
    "dresden-ii": dresden.draw,
    "explorer": explorer.screenshot,
    "nsi-global": global_fits.couplings,
    "posterior-b-l": posterior.draw,
    "rn-nsi": global_fits.radius,
    "sources-reactor": reactor.draw,
    "sun": sun.draw,
    "toys": toys.draw,
    **{f"interactions/{name}": function for name, function in interactions.FIGURES.items()},
}
"""What draws each picture, by its name beside this file."""


def draw(name: str) -> None:
    """Write a picture."""
    made = RECIPES[name]()
    png = rendered(made, "png", dpi=200.0) if isinstance(made, Figure) else made
    path = Path(__file__).parent / f"{name}.png"
    Image.open(BytesIO(png)).convert("RGB").quantize(COLOURS).save(path, optimize=True)


def main(names: list[str]) -> None:
    """Draw in one process per core."""
    if unknown := set(names) - set(RECIPES):
        sys.exit(f"error: no picture {', '.join(sorted(unknown))}; there are {', '.join(RECIPES)}")
    with ProcessPoolExecutor() as pool:
        drawn = [pool.submit(draw, name) for name in names or RECIPES]
        for one in tqdm(as_completed(drawn), desc="pictures", total=len(drawn)):
            one.result()


if __name__ == "__main__":
    main(sys.argv[1:])
