"""Lesson 4: its panel, its pictures, its exercises."""

from vaelib.lessons.beta.panel import beta_panel as beta_panel
