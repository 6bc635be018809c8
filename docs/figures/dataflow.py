"""How a source, an interaction, a target and a detector become a limit."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

BLUE, GREEN, ORANGE, GREY = "#dbe9f6", "#dff0e0", "#fbe6cf", "#eeeeee"


def box(axes: Axes, x: float, y: float, width: float, height: float, colour: str, lines: tuple[str, ...]) -> None:
    """A box with a package name, its role, and what it gives."""
    shape = "round,pad=0,rounding_size=0.12"
    axes.add_patch(FancyBboxPatch((x, y), width, height, boxstyle=shape, fc=colour, ec="#444444", lw=1.0))
    step = height / (len(lines) + 0.6)
    for number, line in enumerate(lines):
        style = {"family": "monospace", "weight": "bold", "size": 11} if number == 0 else {"size": 10.5}
        axes.text(x + width / 2, y + height - step * (number + 0.8), line, ha="center", va="center", **style)


def arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    """An arrow from one box to the next."""
    axes.add_patch(FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=14, color="#444444", lw=1.3))


def draw() -> Figure:
    """The whole figure."""
    figure = Figure(figsize=(10.6, 6.6))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, 10.6), ylim=(0, 6.6))
    axes.axis("off")
    factors = (
        ("sources", "what shines", r"$\Phi_k(T)=\int_{E_\mathrm{min}} \! \phi(E)\,E^{-k}\,dE$", "arrival times"),
        ("interactions", "how often it scatters", r"charges $Q_\ell(T)$ in channels", r"with coefficients $c_k(T)$"),
        ("nuclear", "on what", r"$Z F_Z(q),\ N F_N(q)$", "masses, number of nuclei"),
        ("detector", "what is seen", r"matrix $R_i(T)$: quenching,", "resolution, efficiency"),
    )
    for number, lines in enumerate(factors):
        left = 0.2 + 2.6 * number
        box(axes, left, 4.75, 2.4, 1.65, BLUE, lines)
        arrow(axes, (left + 1.2, 4.75), (left + 1.2, 4.22))
    rate = r"$dR/dT=N\,\sum_k c_k(T)\,\Phi_k(T)\,Q^2(T)$,  folded with $R_i(T)$ once"
    counts = r"$n_i=\sum_{ab} s_a s_b\,C_{ab,i}$,  a quadratic form in the strengths $s$: exact for every coupling"
    box(axes, 0.2, 3.05, 10.2, 1.15, GREEN, ("predict", rate, counts))
    box(axes, 0.2, 1.35, 3.0, 1.3, GREY, ("experiments", "observed counts, backgrounds,", "pulls and their widths"))
    box(axes, 3.9, 1.35, 3.0, 1.3, ORANGE, ("statistics", r"$\chi^2$ of the parameters,", "pulls profiled"))
    box(axes, 7.6, 1.35, 2.8, 1.3, ORANGE, ("inference", "best fit, crossings of a level,", "upper limits"))
    use = "frozen values with provenance; publications, io, plot and cli use them"
    box(axes, 0.2, 0.15, 10.2, 0.75, GREY, ("results", use))
    arrow(axes, (5.4, 3.05), (5.4, 2.67))
    arrow(axes, (3.2, 2.0), (3.88, 2.0))
    arrow(axes, (6.9, 2.0), (7.58, 2.0))
    arrow(axes, (9.0, 1.35), (9.0, 0.92))
    return figure
