"""What pictures are drawn on: one sheet of pixels for all pictures of a size, and one picture at a time."""

import threading
from functools import lru_cache

from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg

drawing = threading.RLock()  # held from the first stroke until the pixels have been read
_sheet = lru_cache(maxsize=4)(RendererAgg)


class SharedCanvas(FigureCanvasAgg):
    """A matplotlib canvas without pixels of its own, so that a picture costs no more than its artists."""

    def get_renderer(self):
        self.renderer = _sheet(*self.get_width_height(physical=True), self.figure.dpi)
        return self.renderer

    def print_figure(self, *args, **kwargs):
        with drawing:
            return super().print_figure(*args, **kwargs)
