"""Lesson 7: its panel, its pictures, its exercises."""

from vaelib.lessons.directions.panel import directions_panel as directions_panel
