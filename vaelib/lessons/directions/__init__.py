"""Lesson 7: its panels, its pictures, its exercises."""

from vaelib.lessons.directions.panel import directions_panel as directions_panel
from vaelib.lessons.directions.panel import spectrum_panel as spectrum_panel
