"""A new model in about twenty lines: a light vector mediator that couples quarks to neutrinos through neutrons only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import cevns
from cevns.constants import FERMI_CONSTANT
from cevns.interactions import VECTOR, Parameter, Recoil, Term
from cevns.typing import FloatArray


@dataclass(frozen=True)
class NeutronVector:
    """A vector mediator of mass M with coupling g to neutrons and to all neutrinos alike."""

    name: str = "neutron vector"
    citations: tuple[str, ...] = ("AtzoriCorona:2022moj",)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The coupling, on which limits are set, and the mass."""
        return (
            Parameter("g", "coupling of the mediator", low=0.0, is_coupling=True),
            Parameter("mass", "mass of the mediator", "MeV", low=0.0),
        )

    @property
    def terms(self) -> tuple[Term, ...]:
        """One amplitude in the vector channel: g^2 times N F_N(q)/(sqrt2 G_F (q^2 + M^2))."""

        def charge(recoil: Recoil, mass: FloatArray) -> FloatArray:
            propagator = 1.0 / (recoil.momentum_transfer_squared + mass**2)
            return recoil.neutrons * propagator / (np.sqrt(2.0) * FERMI_CONSTANT)

        return (Term(VECTOR, strength=lambda g: g**2, couplings=("g",), charge=charge, shapes=("mass",)),)


def main() -> None:
    """Limits from CsI and argon together, and the same model made of parts of the package."""
    experiments = [cevns.experiment(name) for name in ("coherent-csi-2021", "coherent-lar-2020")]
    for limit in cevns.limits(NeutronVector(), experiments, mass=[1.0, 10.0, 100.0], cl=0.90, dof=1):
        print(f"{limit.mass_MeV:5g} MeV   g < {limit.upper_limit:.3g}")

    # Quark charges that cancel in the proton: 2 Q_u + Q_d = 0, Q_u + 2 Q_d = 1.
    same = cevns.LightVector({"e": -1, "mu": -1, "tau": -1}, quark_charges=(-1 / 3, 2 / 3))
    for experiment in experiments:
        ours, theirs = (experiment.predict(model, g=[0.0, 3e-5], mass=10.0).cevns for model in (NeutronVector(), same))
        assert np.allclose(ours, theirs, rtol=1e-12)
        # It interferes destructively with the Standard Model, of which nothing in the class knows.
        assert ours[1].sum() < ours[0].sum()


if __name__ == "__main__":
    main()
