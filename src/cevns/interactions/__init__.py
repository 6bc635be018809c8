"""Interactions: charges in Lorentz channels. The Standard Model and what may be added to it."""

from cevns.interactions.catalogue import MEDIATOR_NAMES, MODEL_NAMES, as_model, describe_models, model
from cevns.interactions.channels import DIPOLE, SCALAR, TENSOR, VECTOR, Channel, Recoil
from cevns.interactions.dark_vector import DarkVector
from cevns.interactions.electromagnetic import ChargeRadius, MagneticMoment, Millicharge
from cevns.interactions.leptonic_vector import LeptonicVector
from cevns.interactions.light_scalar import LightScalar
from cevns.interactions.light_vector import LightVector
from cevns.interactions.model import Interaction, Model, Parameter, Term, common_shape
from cevns.interactions.neutron_radius import NeutronRadius
from cevns.interactions.nonstandard import NonStandardInteractions, nsi_parameters
from cevns.interactions.standard_model import (
    FreeMixingAngle,
    StandardModel,
    WeakCouplings,
    radiative_couplings,
    tree_couplings,
)
from cevns.interactions.transition_moments import LeptonMixing, TransitionMoments

__all__ = [
    "DIPOLE",
    "MEDIATOR_NAMES",
    "MODEL_NAMES",
    "SCALAR",
    "TENSOR",
    "VECTOR",
    "Channel",
    "ChargeRadius",
    "DarkVector",
    "FreeMixingAngle",
    "Interaction",
    "LeptonMixing",
    "LeptonicVector",
    "LightScalar",
    "LightVector",
    "MagneticMoment",
    "Millicharge",
    "Model",
    "NeutronRadius",
    "NonStandardInteractions",
    "Parameter",
    "Recoil",
    "StandardModel",
    "Term",
    "TransitionMoments",
    "WeakCouplings",
    "as_model",
    "common_shape",
    "describe_models",
    "model",
    "nsi_parameters",
    "radiative_couplings",
    "tree_couplings",
]
