"""One function per lesson's panel."""

from vaelib.panels.training import training_panel

__all__ = ["training_panel"]
