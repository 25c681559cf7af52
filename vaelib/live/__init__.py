"""What makes a picture live: knobs -> compute -> picture."""

from vaelib.live.knobs import Menu, Position, Scale, linear, logarithmic
from vaelib.live.panel import Panel, View, view_of
from vaelib.live.picture import LivePicture

__all__ = ["LivePicture", "Menu", "Panel", "Position", "Scale", "View", "linear", "logarithmic", "view_of"]
