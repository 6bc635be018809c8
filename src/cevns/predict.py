"""Expected counts: source x interaction x target x response.

At each recoil energy the flux enters through its moments only: rates are products of two charges, channel coefficients
and moments, integrated with the response. Counts are an exact polynomial in the strengths of the terms of a model;
`RateForm` holds its coefficients.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from cevns.constants import FAMILIES
from cevns.detector import DetectorResponse, LinearQuenching
from cevns.errors import InputError
from cevns.histograms import histogram
from cevns.interactions import AnyRecoil, Disappearance, ElectronRecoil, Model, Product, Recoil, Term
from cevns.kinematics import maximum_recoil, minimum_energy, recoil_range
from cevns.nuclear import Electrons, Nucleus
from cevns.sources import MixedSource, Source, oscillating_moments
from cevns.typing import FloatArray

if TYPE_CHECKING:
    from hist import Hist

_BATCH = 512
"""Shape-parameter points whose charges are held in memory at once."""

Scatterer: TypeAlias = Nucleus | Electrons
"""What neutrinos scatter off."""
Powers: TypeAlias = tuple[int, ...]
"""Indices of the strengths whose product multiplies a coefficient."""


@dataclass(frozen=True)
class RateForm:
    """Counts as a polynomial in the strengths of the terms of a model, and of what disappears on the way.

    Attributes
    ----------
    strengths : tuple of Term or Disappearance
        What has a strength.
    coefficients : mapping
        Counts per product of the strengths with the given indices: two terms, and a disappearance if there is one.
        Shape (..., part, component, energy bin) with the leading axis of the shape parameters, if they matter.
    unknown : frozenset of int
        Indices of terms whose counts are not known, because flavours interfere that the source has mixed.
    """

    strengths: tuple[Term | Disappearance, ...]
    coefficients: Mapping[Powers, FloatArray]
    unknown: frozenset[int] = frozenset()

    def counts(self, couplings: Mapping[str, FloatArray]) -> FloatArray:
        """Counts for couplings that broadcast against the leading axis of the coefficients.

        Returns
        -------
        array, shape (..., part, component, energy bin)

        Raises
        ------
        InputError
            If a term whose counts are not known has a strength.
        """
        values = [
            np.asarray(one.strength(**{name: couplings[name] for name in one.couplings}), dtype=float)
            for one in self.strengths
        ]
        present = [bool(value.any()) for value in values]
        for index in sorted(self.unknown):
            if present[index]:
                name = self.strengths[index].couplings[0]
                allowed = "0: neutrinos arrive as mixtures of flavours, whose interference is not included"
                raise InputError(name, "another number", allowed)
        points = np.broadcast_shapes(*(value.shape for value in values))
        total: FloatArray = np.zeros((*points, *next(iter(self.coefficients.values())).shape[-3:]))
        for powers, coefficient in self.coefficients.items():
            if all(present[index] for index in powers):
                product = values[powers[0]]
                for index in powers[1:]:
                    product = product * values[index]
                total = total + product[..., None, None, None] * coefficient
        return total

    def at(self, points: NDArray[np.intp]) -> RateForm:
        """The form at some of its shape-parameter points, by index."""
        chosen = {p: c if c.ndim == 3 else c[points] for p, c in self.coefficients.items()}
        return replace(self, coefficients=chosen)

    def and_then(self, other: RateForm) -> RateForm:
        """The form at its shape-parameter points, then at those of another form of the same model and experiment."""
        joined = {
            powers: one if one.ndim == 3 else np.concatenate([one, other.coefficients[powers]])
            for powers, one in self.coefficients.items()
        }
        return replace(self, coefficients=joined)


@dataclass(frozen=True)
class _Grid:
    """Recoils of one kind, and what is seen of them.

    Attributes
    ----------
    recoil : Recoil or ElectronRecoil
        With energies of shape (recoil,) or (..., 1, recoil).
    seen : array, shape (..., recoil, bin), or None
        Response times quadrature weights; None leaves rates as they are, per MeV.
    """

    recoil: AnyRecoil
    seen: FloatArray | None

    def adjusted(self, model: Model, shapes: Mapping[str, FloatArray]) -> _Grid:
        """With the nuclei that the interactions of a model see."""
        return replace(self, recoil=model.adjust(self.recoil, shapes)) if isinstance(self.recoil, Recoil) else self

    def integral(self, rate: FloatArray) -> FloatArray:
        """Counts in the bins, shape (..., component, bin), of a rate (..., component, recoil)."""
        return rate if self.seen is None else rate @ self.seen


@dataclass(frozen=True)
class EnergyRates:
    """Energy spectra of one experiment: everything but the model.

    Attributes
    ----------
    source : Source
        What shines.
    targets : mapping of Nucleus to float
        Number of target nuclei of each kind.
    response : DetectorResponse
        How nuclear recoils are seen.
    electrons : Electrons, optional
        All electrons of the target, if their recoils count; they are not quenched.
    """

    source: Source
    targets: Mapping[Nucleus, float]
    response: DetectorResponse
    electrons: Electrons | None = None
    _grids: dict[Scatterer, _Grid] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def scatterers(self) -> tuple[Scatterer, ...]:
        """Nuclei, then electrons if they count."""
        return (*self.targets, *(() if self.electrons is None else (self.electrons,)))

    @cached_property
    def _electron_response(self) -> DetectorResponse:
        return replace(self.response, quenching=LinearQuenching(1.0))

    def _grid(self, scatterer: Scatterer, lepton_mass: FloatArray | None, energy: FloatArray | None) -> _Grid:
        """Quadrature nodes and the response there; for each mass (point,) of the outgoing lepton, if it has one."""
        if energy is not None:
            return _Grid(_recoil(scatterer, energy), None)
        if lepton_mass is None and scatterer in self._grids:
            return self._grids[scatterer]
        mass, breakpoints = (
            (scatterer.mass, scatterer.breakpoints)
            if isinstance(scatterer, Electrons)
            else (scatterer.isotope.mass, ())
        )
        response = self._electron_response if isinstance(scatterer, Electrons) else self.response
        ends = np.array(self.source.energy_breakpoints)
        if lepton_mass is None:
            kinks = maximum_recoil(ends, mass)
        else:
            kinks = np.concatenate(recoil_range(ends, mass, lepton_mass[..., None]), axis=-1)
        nodes, weights = response.recoil_quadrature(kinks, breakpoints)
        grid = _Grid(_recoil(scatterer, nodes), response.matrix(nodes) * weights[..., None])
        if lepton_mass is None:
            self._grids[scatterer] = grid
        return grid

    @property
    def _families(self) -> list[int]:
        """Index of the family of each component."""
        return [FAMILIES.index(flavour.family) for flavour in self.source.flavours]

    def form(
        self,
        model: Model,
        shapes: Mapping[str, FloatArray],
        *,
        split: bool = False,
        recoil_energy: FloatArray | None = None,
    ) -> RateForm:
        """Coefficients of the counts of a model.

        Parameters
        ----------
        model : Model
            The interactions.
        shapes : mapping
            Values of the shape parameters, each of shape (point,) or ().
        split : bool
            Keep all scatterers apart along the axis of the parts; otherwise it holds the sum of the nuclei, then the
            electrons if they count.
        recoil_energy : array, shape (recoil,), optional
            With it, recoils per MeV at these energies [MeV] take the place of the counts in the energy bins.
        """
        per_scatterer = [self._form_of(one, model, shapes, recoil_energy) for one in self.scatterers]
        nuclei = len(self.targets)
        joined: dict[Powers, FloatArray] = {}
        for powers in dict.fromkeys(powers for form in per_scatterer for powers in form):
            absent = np.zeros(next(form[powers] for form in per_scatterer if powers in form).shape[-2:])
            parts = np.stack(np.broadcast_arrays(*(form.get(powers, absent) for form in per_scatterer)), axis=-3)
            if not split and nuclei:
                together = parts[..., :nuclei, :, :].sum(axis=-3, keepdims=True)
                parts = np.concatenate([together, parts[..., nuclei:, :, :]], axis=-3)
            joined[powers] = parts
        mixed = isinstance(self.source, MixedSource) and self.source.mixed
        acting = {index for powers in joined for index in powers} if mixed else set()
        unknown = frozenset(index for index, term in enumerate(model.terms) if index in acting and term.mixes_flavours)
        return RateForm((*model.terms, *model.disappearances), joined, unknown)

    def recoil_spectrum(
        self, model: Model, recoil_energy: FloatArray, parameters: Mapping[str, FloatArray]
    ) -> FloatArray:
        """Differential rate dR/dT before the detector.

        Parameters
        ----------
        model : Model
            The interactions.
        recoil_energy : array, shape (recoil,)
            T [MeV].
        parameters : mapping
            Values of all parameters, each of shape (point,) or ().

        Returns
        -------
        array, shape (..., scatterer, component, recoil)
            Recoils per MeV during the exposure.
        """
        shapes = {name: parameters[name] for name in model.shapes}
        return self.form(model, shapes, split=True, recoil_energy=recoil_energy).counts(parameters)

    def _form_of(
        self, scatterer: Scatterer, model: Model, shapes: Mapping[str, FloatArray], energy: FloatArray | None
    ) -> dict[Powers, FloatArray]:
        """Coefficients for one scatterer, shape (..., component, bin); points in batches that fit the memory."""
        number = max((len(values) for values in shapes.values() if values.ndim), default=0)
        batches = [
            dict(self._coefficients(scatterer, model, {n: v[one] if v.ndim else v for n, v in shapes.items()}, energy))
            for one in (slice(first, first + _BATCH) for first in range(0, max(number, 1), _BATCH))
        ]
        return {
            powers: coefficient if coefficient.ndim == 2 else np.concatenate([batch[powers] for batch in batches])
            for powers, coefficient in batches[0].items()
        }

    def _coefficients(
        self, scatterer: Scatterer, model: Model, shapes: Mapping[str, FloatArray], energy: FloatArray | None
    ) -> Iterator[tuple[Powers, FloatArray]]:
        """Coefficient of each product of strengths, shape (..., component, bin)."""
        kind = "electron" if isinstance(scatterer, Electrons) else "nucleus"
        terms = {index: term for index, term in enumerate(model.terms) if kind in term.on}
        grids = {
            name: self._grid(scatterer, shapes.get(name), energy).adjusted(model, shapes)
            for name in dict.fromkeys(term.channel.lepton_mass for term in terms.values())
        }
        charges: dict[int, FloatArray] = {}
        for index, term in terms.items():
            charge = term.unit_charge(grids[term.channel.lepton_mass].recoil, shapes)
            spread = np.broadcast_to(charge, (*charge.shape[:-2], len(FAMILIES), charge.shape[-1]))
            charges[index] = spread[..., self._families, :]
        rates: dict[Product, list[tuple[Powers, FloatArray]]] = {}
        for a, b in combinations_with_replacement(terms, 2):
            product = terms[a].product(terms[b])
            if product is None:
                continue
            grid = grids[product.lepton_mass]
            if product not in rates:
                rates[product] = list(self._rates(scatterer, grid.recoil, product, model, shapes))
            both = (1.0 if a == b else 2.0) * charges[a] * charges[b]
            for disappearance, rate in rates[product]:
                yield (a, b, *disappearance), grid.integral(both * rate)

    def _rates(
        self,
        scatterer: Scatterer,
        recoil: AnyRecoil,
        product: Product,
        model: Model,
        shapes: Mapping[str, FloatArray],
    ) -> Iterator[tuple[Powers, FloatArray]]:
        """Recoils per MeV and unit charges, (..., component, recoil): of all neutrinos, and what each loss changes."""
        lepton_mass = shapes[product.lepton_mass][..., None, None] if product.lepton_mass else np.zeros(())
        lowest = minimum_energy(recoil.energy, recoil.mass, lepton_mass)
        coefficients = product.coefficients(recoil, model.keep_T_over_E, lepton_mass)
        number = scatterer.number(recoil.energy) if isinstance(scatterer, Electrons) else self.targets[scatterer]
        flavours = self.source.flavours
        sign = np.array([-1.0 if product.odd and flavour.antineutrino else 1.0 for flavour in flavours])
        scale = number * (sign * self.source.fluence)[:, None]
        yield (), np.einsum("k...,k...->...", coefficients, self.source.moments(lowest)) * scale
        for position, one in enumerate(model.disappearances):
            lost = np.array([-float(flavour.family in one.families) for flavour in flavours])[:, None]
            moments = oscillating_moments(self.source, lowest, shapes[one.splitting][..., None, None])
            yield (len(model.terms) + position,), np.einsum("k...,k...->...", coefficients, moments) * (lost * scale)


def _recoil(scatterer: Scatterer, energy: FloatArray) -> AnyRecoil:
    """Recoils of a scatterer with energies of shape (..., recoil); points get an axis for the families."""
    spread = energy if energy.ndim == 1 else energy[..., None, :]
    return ElectronRecoil(spread) if isinstance(scatterer, Electrons) else Recoil(scatterer, spread)


@dataclass(frozen=True)
class Prediction:
    """Expected counts of one experiment.

    Attributes
    ----------
    signal : array, shape (..., scatterer, component, energy bin, time bin)
        Neutrino events.
    backgrounds : mapping of str to array, shape (energy bin, time bin)
        Background events, by name.
    nuclei, flavours : tuple of str
        Names of the nuclei, the first along the axis of the scatterers, and of the components. Electrons, if they
        count, come after the nuclei.
    axes : mapping of str to (array, str)
        Edges and unit of the bins, of ``energy`` and of ``time``.
    """

    signal: FloatArray
    backgrounds: Mapping[str, FloatArray]
    nuclei: tuple[str, ...]
    flavours: tuple[str, ...]
    axes: Mapping[str, tuple[FloatArray, str]]

    def __repr__(self) -> str:
        """One line, without the arrays: events of each part, at several points the shape."""
        neutrinos = {"cevns": self.cevns, "electron_scattering": self.electron_scattering}
        parts = {name: counts for name, counts in neutrinos.items() if counts.any()} | dict(self.backgrounds)
        if self.cevns.ndim > 2:
            return f"<Prediction of shape {self.cevns.shape}: {', '.join(parts)}>"
        bins = " x ".join(map(str, self.cevns.shape))
        return f"<Prediction in {bins} bins: {', '.join(f'{name} {n.sum():.1f}' for name, n in parts.items())}>"

    @property
    def cevns(self) -> FloatArray:
        """Events of all nuclei and flavours, shape (..., energy bin, time bin)."""
        return self.signal[..., : len(self.nuclei), :, :, :].sum(axis=(-4, -3))

    @property
    def electron_scattering(self) -> FloatArray:
        """Events of the electrons and all flavours, shape (..., energy bin, time bin); zero if they do not count."""
        return self.signal[..., len(self.nuclei) :, :, :, :].sum(axis=(-4, -3))

    @property
    def total(self) -> FloatArray:
        """Neutrino events and backgrounds, shape (..., energy bin, time bin)."""
        return self.signal.sum(axis=(-4, -3)) + sum(self.backgrounds.values())

    @property
    def components(self) -> dict[str, FloatArray]:
        """Each part by name, ``"nu_e/133Cs"`` or a background, shape (..., energy bin, time bin)."""
        names = component_names(self.nuclei, self.flavours, self.signal.shape[-4])
        flat = self.signal.reshape(*self.signal.shape[:-4], len(names), *self.signal.shape[-2:])
        return {**{name: flat[..., k, :, :] for k, name in enumerate(names)}, **self.backgrounds}

    def hist(self) -> Hist[Any]:
        """All components as a histogram with the axes ``component``, ``energy`` and ``time``, at one parameter point.

        Raises
        ------
        InputError
            If the prediction is one of several points.
        """
        parts = self.components
        return histogram(np.stack(np.broadcast_arrays(*parts.values()), axis=-3), self.axes, components=tuple(parts))


def component_names(nuclei: Sequence[str], flavours: Sequence[str], scatterers: int) -> tuple[str, ...]:
    """Names such as ``"nu_e/133Cs"``, the flavours of a scatterer one after another; electrons follow the nuclei."""
    names = (*nuclei, Electrons.name)[:scatterers]
    return tuple(f"{flavour}/{scatterer}" for scatterer in names for flavour in flavours)
