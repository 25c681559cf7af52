"""What makes a picture live: knobs -> compute -> picture."""

from vaelib.live.knobs import Menu, Position, Scale
from vaelib.live.panel import Panel
from vaelib.live.picture import LivePicture

__all__ = ["LivePicture", "Menu", "Panel", "Position", "Scale"]
