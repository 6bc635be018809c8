"""Interactions: charges in Lorentz channels. The Standard Model and what may be added to it."""

from cevns.interactions.catalogue import MODEL_NAMES, as_model, describe_models, model
from cevns.interactions.channels import SCALAR, VECTOR, Channel, Recoil
from cevns.interactions.leptonic_vector import LeptonicVector
from cevns.interactions.light_scalar import LightScalar
from cevns.interactions.light_vector import LightVector
from cevns.interactions.model import Interaction, Model, Parameter, Term
from cevns.interactions.standard_model import (
    StandardModel,
    WeakCouplings,
    radiative_couplings,
    tree_couplings,
)

__all__ = [
    "MODEL_NAMES",
    "SCALAR",
    "VECTOR",
    "Channel",
    "Interaction",
    "LeptonicVector",
    "LightScalar",
    "LightVector",
    "Model",
    "Parameter",
    "Recoil",
    "StandardModel",
    "Term",
    "WeakCouplings",
    "as_model",
    "describe_models",
    "model",
    "radiative_couplings",
    "tree_couplings",
]
