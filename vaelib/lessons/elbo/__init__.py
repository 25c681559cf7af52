"""Lesson 1: its panel, its pictures, its exercises."""

from vaelib.lessons.elbo.panel import autoencoder_panel as autoencoder_panel
from vaelib.lessons.elbo.panel import elbo_panel as elbo_panel
