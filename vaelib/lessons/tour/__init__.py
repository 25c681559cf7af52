"""The tour: its panel."""

from vaelib.lessons.tour.panel import tour_panel as tour_panel
