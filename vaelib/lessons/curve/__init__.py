"""Lesson 8: its panel, its pictures, its exercises."""

from vaelib.lessons.curve.panel import curve_panel as curve_panel
