"""Lesson 2: its panel, its pictures, its exercises."""

from vaelib.lessons.reparameterization.panel import reparameterization_panel as reparameterization_panel
