"""Lesson 3: its panels, its pictures, its exercises."""

from vaelib.lessons.training.panel import fit_panel as fit_panel
from vaelib.lessons.training.panel import training_panel as training_panel
