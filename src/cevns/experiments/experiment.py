"""An experiment: its source, target, detector and data, ready to predict."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from cevns.errors import InputError
from cevns.experiments.schema import ExperimentBlock, PoissonOnOffBlock
from cevns.experiments.variations import BeamTime, EnergyVariation
from cevns.histograms import histogram
from cevns.interactions import Interaction, Model, as_model, common_shape
from cevns.predict import EnergyRates, Prediction, component_names
from cevns.typing import JSON, FloatArray

if TYPE_CHECKING:
    from hist import Hist

_NODES_PER_BIN = 16
"""Order of the Gauss-Legendre quadrature over a bin of recoil energies."""


@dataclass(frozen=True)
class Experiment:
    """One experiment, built by `cevns.experiment`.

    Attributes
    ----------
    config : ExperimentBlock
        The validated content of ``experiment.yaml``.
    rates : EnergyRates
        Energy spectra for any model.
    arrival : array, shape (component, time bin)
        Fraction of each neutrino component detected in each time bin.
    energy_edges, time_edges : array
        Bin edges; signal unit and us.
    observed : array, shape (energy bin, time bin)
        Counts; of a forecast, those that are expected.
    backgrounds : mapping of str to array, shape (energy bin, time bin)
        Expected background counts.
    errors : array, shape (energy bin, time bin), or None
        Standard deviations of the data, if they are given with them.
    shapes : mapping of str to array, shape (energy bin, time bin)
        Relative change of a component per unit pull, by column name.
    spectrum_variations : mapping of str to EnergyVariation
        What pulls vary of the energy spectra, by pull.
    time_variations : mapping of str to BeamTime
        What pulls vary of the times, by pull.
    tables : mapping of str to str
        SHA-256 of every table that it was built from, by file name.
    """

    config: ExperimentBlock
    rates: EnergyRates
    arrival: FloatArray
    energy_edges: FloatArray
    time_edges: FloatArray
    observed: FloatArray
    backgrounds: Mapping[str, FloatArray]
    shapes: Mapping[str, FloatArray]
    errors: FloatArray | None = None
    spectrum_variations: Mapping[str, EnergyVariation] = field(default_factory=dict)
    time_variations: Mapping[str, BeamTime] = field(default_factory=dict)
    tables: Mapping[str, str] = field(default_factory=dict)
    _varied: dict[tuple[tuple[str, float], ...], EnergyRates] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __repr__(self) -> str:
        """One line, without the arrays."""
        bins = " x ".join(map(str, self.observed.shape))
        data = f"{'forecast of ' if self.is_forecast else ''}{self.observed.sum():.6g} counts"
        target = f"{self.config.target.mass:g} kg of {self.config.target.material}"
        return f"<Experiment {self.name}: {self.config.source.kind}, {target}, {bins} bins, {data}>"

    @property
    def name(self) -> str:
        """Name of the experiment, with that of the analysis behind a slash unless it is the one of the experiment."""
        return "/".join(filter(None, (self.config.name, self.config.analysis)))

    @property
    def parts(self) -> tuple[str, ...]:
        """Names of the parts of the signal, in the order of the part axis of counts."""
        return (
            *(("cevns",) if self.rates.targets else ()),
            *(("electron_scattering",) if self.rates.electrons else ()),
        )

    @property
    def identity(self) -> JSON:
        """What it is made of, as JSON: the configuration, the hashes of its tables, and that of the counts."""
        counts = hashlib.sha256(self.observed.tobytes())
        for name, background in self.backgrounds.items():
            counts.update(name.encode() + background.tobytes())
        return {
            "config": self.config.model_dump(mode="json"),
            "tables": dict(self.tables),
            "counts": counts.hexdigest(),
        }

    @property
    def citations(self) -> tuple[str, ...]:
        """INSPIRE keys of the measurement."""
        return self.config.citations

    @property
    def flavours(self) -> tuple[str, ...]:
        """Names of the neutrino components."""
        return tuple(flavour.name for flavour in self.rates.source.flavours)

    @property
    def nuclei(self) -> tuple[str, ...]:
        """Names of the target isotopes."""
        return tuple(nucleus.isotope.name for nucleus in self.rates.targets)

    @property
    def axes(self) -> Mapping[str, tuple[FloatArray, str]]:
        """Edges and unit of the bins, of ``energy`` and of ``time``."""
        return {"energy": (self.energy_edges, self.config.detector.signal_unit), "time": (self.time_edges, "us")}

    def observed_hist(self) -> Hist[Any]:
        """The counts as a histogram with the axes ``energy`` and ``time``, with the variances given, or Poisson's."""
        variances = self.observed if self.errors is None else self.errors**2
        return histogram(self.observed, self.axes, variances=variances)

    @property
    def is_forecast(self) -> bool:
        """Whether it has bins and no data of its own."""
        return self.config.bins is not None

    def asimov(self, model: str | Interaction | Model = "sm", **parameters: object) -> Experiment:
        """The experiment with Asimov data: the counts that a model and the backgrounds make expected.

        Parameters
        ----------
        model : str, Interaction or Model
            As for `predict`.
        **parameters
            Values of the model parameters, one each.

        Raises
        ------
        InputError
            If there are several parameter points, or a counted background is marginalised, which takes whole numbers.
        """
        statistic = self.config.statistic
        if isinstance(statistic, PoissonOnOffBlock) and statistic.treatment == "marginalised":
            raise InputError("statistic.treatment", statistic.treatment, "'profiled': Asimov data are no whole numbers")
        expected = self.predict(model, **parameters).total
        if expected.ndim != 2:
            raise InputError("parameters", list(parameters), "one value each")
        return replace(self, observed=expected)

    def without(self, *pulls: str) -> Experiment:
        """The experiment with some of its pulls held at zero.

        Parameters
        ----------
        *pulls : str
            Their names.

        Raises
        ------
        InputError
            If there is no such pull.
        """
        names = [pull.name for pull in self.config.nuisances]
        for name in pulls:
            if name not in names:
                raise InputError("pulls", name, names)
        kept = tuple(pull for pull in self.config.nuisances if pull.name not in pulls)
        return replace(
            self,
            config=self.config.model_copy(update={"nuisances": kept}),
            spectrum_variations={n: one for n, one in self.spectrum_variations.items() if n not in pulls},
            time_variations={n: one for n, one in self.time_variations.items() if n not in pulls},
        )

    def varied_rates(self, pulls: Mapping[str, float]) -> EnergyRates:
        """Energy spectra at values of pulls that vary them; each is kept."""
        key = tuple(pulls.items())
        if key not in self._varied:
            rates = self.rates
            for name, value in key:
                rates = self.spectrum_variations[name].rates(rates, value)
            self._varied[key] = rates
        return self._varied[key]

    def predict(self, model: str | Interaction | Model, **parameters: object) -> Prediction:
        """Expected counts.

        Parameters
        ----------
        model : str, Interaction or Model
            A model name, an interaction (put on top of the Standard Model) or a model.
        **parameters
            Values of the model parameters, numbers or arrays that broadcast.

        Returns
        -------
        Prediction
            Counts whose leading axes are the broadcast shape of the parameters.

        Raises
        ------
        InputError
            If a parameter is unknown, missing or out of range.
        """
        chosen, flat, shape = _points(model, parameters)
        form = self.rates.form(chosen, flat, split=True)
        energy = form.counts(flat)
        signal = energy[..., None] * self.arrival[:, None, :]
        return Prediction(
            signal=signal.reshape(shape + signal.shape[-4:]),
            backgrounds=self.backgrounds,
            nuclei=self.nuclei,
            flavours=self.flavours,
            axes=self.axes,
        )

    def recoil_spectrum(
        self, model: str | Interaction | Model, recoil_energy: FloatArray, **parameters: object
    ) -> FloatArray:
        """Differential rate dR/dT before quenching, resolution and efficiency.

        Parameters
        ----------
        model : str, Interaction or Model
            As for `predict`.
        recoil_energy : array, shape (recoil,)
            Recoil energies [keV], positive.
        **parameters
            Values of the model parameters, numbers or arrays that broadcast.

        Returns
        -------
        array, shape (..., nucleus, component, recoil)
            Recoils per keV during the exposure, at all times.
        """
        energy = np.asarray(recoil_energy, dtype=float)
        if energy.ndim != 1 or not np.all(np.isfinite(energy) & (energy > 0)):
            raise InputError("recoil_energy", recoil_energy, "a list of positive energies [keV]")
        chosen, flat, shape = _points(model, parameters)
        per_mev = self.rates.recoil_spectrum(chosen, 1e-3 * energy, flat)
        return 1e-3 * per_mev.reshape(shape + per_mev.shape[-3:])

    def recoil_hist(self, model: str | Interaction | Model, edges: FloatArray, **parameters: object) -> Hist[Any]:
        """Recoils in bins of energy, before the detector, as a histogram with the axes ``component`` and ``recoil``.

        Parameters
        ----------
        model : str, Interaction or Model
            As for `predict`.
        edges : array, shape (bin + 1,)
            Recoil energies [keV], increasing.
        **parameters
            Values of the model parameters, one each.

        Raises
        ------
        InputError
            If the edges do not increase from zero or above, or there are several parameter points.
        """
        ends = np.asarray(edges, dtype=float)
        if ends.ndim != 1 or len(ends) < 2 or not (ends[0] >= 0 and ends[-1] < np.inf and np.all(np.diff(ends) > 0)):
            raise InputError("edges", edges, "increasing recoil energies [keV], the first not negative")
        nodes, weights = np.polynomial.legendre.leggauss(_NODES_PER_BIN)
        half = np.diff(ends)[:, None] / 2.0
        energy = ends[:-1, None] + half * (1.0 + nodes)
        rate = self.recoil_spectrum(model, energy.ravel(), **parameters)
        counts = rate.reshape(*rate.shape[:-1], *energy.shape) @ weights * half[:, 0]
        names = component_names(self.nuclei, self.flavours, counts.shape[-3])
        flat = counts.reshape(*counts.shape[:-3], len(names), -1)
        return histogram(flat, {"recoil": (ends, "keV")}, components=names)


def _points(
    model: str | Interaction | Model, parameters: Mapping[str, object]
) -> tuple[Model, dict[str, FloatArray], tuple[int, ...]]:
    """The model, its parameters flattened to points, and the shape they broadcast to."""
    chosen = as_model(model)
    values = chosen.complete(parameters)
    shape = common_shape(values)
    return chosen, {name: np.broadcast_to(v, shape).ravel() if shape else v for name, v in values.items()}, shape
