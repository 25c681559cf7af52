"""One function per panel."""

from vaelib.panels.beta import beta_panel
from vaelib.panels.collapse import collapse_panel
from vaelib.panels.elbo import autoencoder_panel, elbo_panel
from vaelib.panels.generation import generation_panel
from vaelib.panels.reparameterization import reparameterization_panel
from vaelib.panels.training import training_panel

__all__ = [
    "autoencoder_panel",
    "beta_panel",
    "collapse_panel",
    "elbo_panel",
    "generation_panel",
    "reparameterization_panel",
    "training_panel",
]
