"""Lesson 6: its panel, its pictures, its exercises."""

from vaelib.lessons.collapse.panel import collapse_panel as collapse_panel
