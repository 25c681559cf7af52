"""Lesson 3: its panel, its pictures, its exercises."""

from vaelib.lessons.training.panel import training_panel as training_panel
