"""What makes a picture live: knobs -> compute -> picture."""

from vaelib.live.knobs import Menu, Position, Scale, linear, logarithmic
from vaelib.live.panel import Panel
from vaelib.live.picture import View

__all__ = ["Menu", "Panel", "Position", "Scale", "View", "linear", "logarithmic"]
