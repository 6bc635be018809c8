"""What experiments are expected to find."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cevns.results.base import Result, at_level
from cevns.results.levels import LimitResult


@dataclass(frozen=True)
class ForecastResult(LimitResult):
    """An expected limit on one coupling: that from Asimov data.

    Attributes
    ----------
    asimov : tuple of str
        The experiments whose data are what the Standard Model makes expected; the others have their own.
    varied : mapping of str to number, text or list
        Keys of the experiments that were varied, and their values.
    expected : mapping of str to float or list
        ``median`` of the limits from pseudo-data, if there are some, and ``bands``, between which the central 68.3 %
        and 95.4 % of them are.
    """

    asimov: tuple[str, ...] = field(default_factory=tuple)
    varied: Mapping[str, object] = field(default_factory=dict, hash=False)
    expected: Mapping[str, object] = field(default_factory=dict, hash=False)

    def lines(self) -> Sequence[tuple[str, str]]:
        """Name and value of each line of the readable form."""
        model, experiments, *rest = super().lines()
        varied = [(name, str(value)) for name, value in self.varied.items()]
        expected = [(name, _shown(value)) for name, value in self.expected.items()]
        asimov = [("Asimov data", ", ".join(self.asimov))] if self.asimov else []
        return [
            model,
            experiments,
            *asimov,
            *varied,
            *rest,
            *expected,
        ]


@dataclass(frozen=True)
class MuonBandResult(Result):
    """How much of the couplings that the magnetic moment of the muon prefers is excluded; see `Result`.

    Attributes
    ----------
    band, sigmas : str, float
        The measurement of the moment, and the half width of its band in standard deviations.
    fraction : float
        Fraction of the couplings of the band that is excluded, all masses (in equal steps of their logarithm) alike.
    lower_edge : tuple of (float, float)
        Masses [MeV] between which the lower edge of the band is excluded, at every mass looked at.
    whole_band : tuple of (float, float)
        Masses between which all of the band is.
    masses, fractions : tuple of float
        The masses looked at, and the fraction at each.
    varied : mapping of str to number, text or list
        Keys of the experiments that were varied, and their values.
    """

    model: str
    experiments: tuple[str, ...]
    parameter: str
    band: str
    sigmas: float
    cl: float
    dof: int
    fraction: float
    lower_edge: tuple[tuple[float, float], ...]
    whole_band: tuple[tuple[float, float], ...]
    masses: tuple[float, ...]
    fractions: tuple[float, ...]
    version: str
    varied: Mapping[str, object] = field(default_factory=dict, hash=False)

    def own_lines(self) -> Sequence[tuple[str, str]]:
        """Lines after model and experiments."""
        return [
            ("band", f"(g-2)_mu {self.band}, +-{self.sigmas:g} sigma"),
            ("excluded", f"{100 * self.fraction:.3g} %  {at_level(self.cl, self.dof)}"),
            ("masses", f"{self.masses[0]:.4g} to {self.masses[-1]:.4g} MeV"),
            ("lower edge excluded", in_words(self.lower_edge)),
            ("all excluded", in_words(self.whole_band)),
        ]


def _shown(value: object) -> str:
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(_shown, value))}]"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def in_words(ranges: Sequence[tuple[float, float]]) -> str:
    """Ranges of masses."""
    return " and ".join(f"{low:.3g} to {high:.3g} MeV" for low, high in ranges) or "nowhere"
