"""Expected counts: source x interaction x target x response.

The energy dependence of the flux enters through its moments only, so that for each channel and nucleus the moments, the
channel coefficients and the response are folded once into one array. A model then contributes its charges. Counts are
an exact quadratic form in the strengths of its terms; `RateForm` holds the coefficients.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from cevns.constants import FAMILIES
from cevns.detector import DetectorResponse
from cevns.interactions import Channel, Model, Recoil, Term
from cevns.nuclear import Nucleus
from cevns.sources import Source
from cevns.typing import FloatArray

_BATCH = 512
"""Shape-parameter points whose charges are held in memory at once."""


@dataclass(frozen=True)
class RateForm:
    """Counts as a quadratic form in the strengths of the terms of a model.

    Attributes
    ----------
    terms : tuple of Term
        The terms of the model.
    coefficients : mapping
        For each pair of terms (a, b), a <= b, that share a channel: counts per unit strength_a strength_b, shape
        (..., nucleus, component, energy bin) with the leading axis of the shape parameters, if the pair depends on any.
    """

    terms: tuple[Term, ...]
    coefficients: Mapping[tuple[int, int], FloatArray]

    def counts(self, couplings: Mapping[str, FloatArray]) -> FloatArray:
        """Counts for couplings that broadcast against the leading axis of the coefficients.

        Returns
        -------
        array, shape (..., nucleus, component, energy bin)
        """
        strengths = [
            np.asarray(term.strength(**{name: couplings[name] for name in term.couplings}), dtype=float)
            for term in self.terms
        ]
        parts = (
            (strengths[a] * strengths[b])[..., None, None, None] * coefficient
            for (a, b), coefficient in self.coefficients.items()
            if strengths[a].any() and strengths[b].any()
        )
        return sum(parts, start=np.zeros(()))

    def at(self, points: NDArray[np.intp]) -> RateForm:
        """The form at some of its shape-parameter points, by index."""
        return RateForm(self.terms, {pair: c if c.ndim == 3 else c[points] for pair, c in self.coefficients.items()})


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
        What is seen.
    """

    source: Source
    targets: Mapping[Nucleus, float]
    response: DetectorResponse
    _recoils: dict[Nucleus, tuple[Recoil, FloatArray]] = field(default_factory=dict, repr=False, compare=False)
    _folded: dict[tuple[Nucleus, Channel, bool], FloatArray] = field(default_factory=dict, repr=False, compare=False)

    def _recoil(self, nucleus: Nucleus) -> tuple[Recoil, FloatArray]:
        """Recoils at the quadrature nodes, and the response there times the weights, shape (recoil, bin)."""
        if nucleus not in self._recoils:
            nodes, weights = self.response.recoil_quadrature(self.source.energy_breakpoints, nucleus.isotope.mass)
            self._recoils[nucleus] = (Recoil(nucleus, nodes), self.response.matrix(nodes) * weights[:, None])
        return self._recoils[nucleus]

    def _spectra(self, recoil: Recoil, channel: Channel, keep_T_over_E: bool) -> FloatArray:
        """Recoils per MeV and per unit charge squared, shape (component, recoil)."""
        moments = self.source.moments(recoil.energy, recoil.mass)
        spectra = np.einsum("kt,kct->ct", channel.coefficients(recoil, keep_T_over_E), moments)
        return spectra * (self.targets[recoil.nucleus] * self.source.fluence[:, None])

    def _fold(self, nucleus: Nucleus, channel: Channel, keep_T_over_E: bool) -> FloatArray:
        """Counts per unit charge squared at each node, shape (component, recoil, bin)."""
        key = (nucleus, channel, keep_T_over_E)
        if key not in self._folded:
            recoil, response = self._recoil(nucleus)
            self._folded[key] = self._spectra(recoil, channel, keep_T_over_E)[:, :, None] * response
        return self._folded[key]

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
        array, shape (..., nucleus, component, recoil)
            Recoils per MeV during the exposure.
        """
        spectra = (self._spectrum_of(Recoil(nucleus, recoil_energy), model, parameters) for nucleus in self.targets)
        return np.stack(np.broadcast_arrays(*spectra), axis=-3)

    def _spectrum_of(self, recoil: Recoil, model: Model, parameters: Mapping[str, FloatArray]) -> FloatArray:
        total: FloatArray = np.zeros(())
        recoil = model.adjust(recoil, parameters)
        for kind in dict.fromkeys((term.channel, term.coherence) for term in model.terms):
            charge: FloatArray = np.zeros(())
            for term in model.terms:
                if (term.channel, term.coherence) == kind:
                    strength = term.strength(**{name: parameters[name] for name in term.couplings})
                    charge = charge + np.asarray(strength)[..., None, None] * term.unit_charge(recoil, parameters)
            charge = np.broadcast_to(charge, (*charge.shape[:-2], len(FAMILIES), charge.shape[-1]))
            total = total + charge[..., self._families, :] ** 2 * self._spectra(recoil, kind[0], model.keep_T_over_E)
        return total

    @property
    def _families(self) -> list[int]:
        """Index of the family of each component."""
        return [FAMILIES.index(flavour.family) for flavour in self.source.flavours]

    def form(self, model: Model, shapes: Mapping[str, FloatArray], *, split_nuclei: bool = False) -> RateForm:
        """Coefficients of the counts of a model.

        Parameters
        ----------
        model : Model
            The interactions.
        shapes : mapping
            Values of the shape parameters, each of shape (point,) or ().
        split_nuclei : bool
            Keep the nuclei apart; otherwise their axis has length one and holds the sum.
        """
        per_nucleus = [self._form_of(nucleus, model, shapes) for nucleus in self.targets]

        def join(pair: tuple[int, int]) -> FloatArray:
            parts = np.stack(np.broadcast_arrays(*(form[pair] for form in per_nucleus)), axis=-3)
            return parts if split_nuclei else parts.sum(axis=-3, keepdims=True)

        return RateForm(model.terms, {pair: join(pair) for pair in per_nucleus[0]})

    def _form_of(
        self, nucleus: Nucleus, model: Model, shapes: Mapping[str, FloatArray]
    ) -> dict[tuple[int, int], FloatArray]:
        """Coefficients for one nucleus, shape (..., component, bin); points in batches that fit the memory."""
        number = max((len(values) for values in shapes.values() if values.ndim), default=0)
        if number <= _BATCH:
            return self._form_of_batch(nucleus, model, shapes)
        batches = [
            self._form_of_batch(
                nucleus,
                model,
                {name: v[first : first + _BATCH] if v.ndim else v for name, v in shapes.items()},
            )
            for first in range(0, number, _BATCH)
        ]
        return {
            pair: coefficient if coefficient.ndim == 2 else np.concatenate([batch[pair] for batch in batches])
            for pair, coefficient in batches[0].items()
        }

    def _form_of_batch(
        self, nucleus: Nucleus, model: Model, shapes: Mapping[str, FloatArray]
    ) -> dict[tuple[int, int], FloatArray]:
        recoil = model.adjust(self._recoil(nucleus)[0], shapes)
        charges = []
        for term in model.terms:
            charge = term.unit_charge(recoil, shapes)
            charges.append(np.broadcast_to(charge, (*charge.shape[:-2], len(FAMILIES), charge.shape[-1])))
        form = {}
        for a, first in enumerate(model.terms):
            folded = self._fold(nucleus, first.channel, model.keep_T_over_E)
            for b in range(a, len(model.terms)):
                if not first.interferes(model.terms[b]):
                    continue
                product = (1.0 if a == b else 2.0) * charges[a] * charges[b]
                per_component = [product[..., family, :] @ folded[c] for c, family in enumerate(self._families)]
                form[a, b] = np.stack(per_component, axis=-2)
        return form


@dataclass(frozen=True)
class Prediction:
    """Expected counts of one experiment.

    Attributes
    ----------
    signal : array, shape (..., nucleus, component, energy bin, time bin)
        Neutrino events.
    backgrounds : mapping of str to array, shape (energy bin, time bin)
        Background events, by name.
    nuclei, flavours : tuple of str
        Names along the first two axes of the signal.
    """

    signal: FloatArray
    backgrounds: Mapping[str, FloatArray]
    nuclei: tuple[str, ...]
    flavours: tuple[str, ...]

    @property
    def cevns(self) -> FloatArray:
        """Neutrino events of all nuclei and flavours, shape (..., energy bin, time bin)."""
        return self.signal.sum(axis=(-4, -3))

    @property
    def total(self) -> FloatArray:
        """Neutrino events and backgrounds, shape (..., energy bin, time bin)."""
        return self.cevns + sum(self.backgrounds.values())

    @property
    def components(self) -> dict[str, FloatArray]:
        """Each part by name, ``"nu_e/133Cs"`` or a background, shape (..., energy bin, time bin)."""
        parts = {
            f"{flavour}/{nucleus}": self.signal[..., i, j, :, :]
            for i, nucleus in enumerate(self.nuclei)
            for j, flavour in enumerate(self.flavours)
        }
        return {**parts, **self.backgrounds}
