"""Lesson 9: its panel and its pictures."""

from vaelib.lessons.digits.panel import digits_panel as digits_panel
