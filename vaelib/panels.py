"""All panels, a line for each lesson."""

from vaelib.lessons.beta import beta_panel as beta_panel
from vaelib.lessons.collapse import collapse_panel as collapse_panel
from vaelib.lessons.curve import curve_panel as curve_panel
from vaelib.lessons.digits import digits_panel as digits_panel
from vaelib.lessons.directions import directions_panel as directions_panel
from vaelib.lessons.directions import spectrum_panel as spectrum_panel
from vaelib.lessons.elbo import autoencoder_panel as autoencoder_panel
from vaelib.lessons.elbo import elbo_panel as elbo_panel
from vaelib.lessons.generation import generation_panel as generation_panel
from vaelib.lessons.reparameterization import reparameterization_panel as reparameterization_panel
from vaelib.lessons.tour import tour_panel as tour_panel
from vaelib.lessons.training import fit_panel as fit_panel
from vaelib.lessons.training import training_panel as training_panel
