"""Lesson 5: its panel, its pictures, its exercises."""

from vaelib.lessons.generation.panel import generation_panel as generation_panel
