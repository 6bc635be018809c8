"""Interactions: charges in Lorentz channels. The Standard Model and what may be added to it."""

from cevns.interactions.catalogue import MEDIATOR_NAMES, MODEL_NAMES, as_model, describe_models, model
from cevns.interactions.channels import (
    AXIAL,
    DIPOLE,
    PSEUDOSCALAR,
    SCALAR,
    TENSOR,
    VECTOR,
    Channel,
    Product,
    dipole_portal,
)
from cevns.interactions.dark_vector import DarkVector
from cevns.interactions.electromagnetic import ChargeRadius, MagneticMoment, Millicharge
from cevns.interactions.generalised import GeneralisedInteractions, NuclearAxial
from cevns.interactions.leptonic_vector import LeptonicVector
from cevns.interactions.light_scalar import LightScalar
from cevns.interactions.light_vector import LightVector
from cevns.interactions.model import Disappearance, Interaction, Model, Parameter, Term, common_shape
from cevns.interactions.neutron_radius import NeutronRadius
from cevns.interactions.nonstandard import NonStandardInteractions, nsi_parameters
from cevns.interactions.recoil import AnyRecoil, ElectronRecoil, Recoil
from cevns.interactions.standard_model import (
    FreeMixingAngle,
    StandardModel,
    WeakCouplings,
    radiative_couplings,
    tree_couplings,
)
from cevns.interactions.sterile import DipolePortal, SterileOscillation
from cevns.interactions.transition_moments import LeptonMixing, TransitionMoments

__all__ = [
    "AXIAL",
    "DIPOLE",
    "MEDIATOR_NAMES",
    "MODEL_NAMES",
    "PSEUDOSCALAR",
    "SCALAR",
    "TENSOR",
    "VECTOR",
    "AnyRecoil",
    "Channel",
    "ChargeRadius",
    "DarkVector",
    "DipolePortal",
    "Disappearance",
    "ElectronRecoil",
    "FreeMixingAngle",
    "GeneralisedInteractions",
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
    "NuclearAxial",
    "Parameter",
    "Product",
    "Recoil",
    "StandardModel",
    "SterileOscillation",
    "Term",
    "TransitionMoments",
    "WeakCouplings",
    "as_model",
    "common_shape",
    "describe_models",
    "dipole_portal",
    "model",
    "nsi_parameters",
    "radiative_couplings",
    "tree_couplings",
]
