"""What pictures are drawn on: one sheet of pixels for all pictures of a size, and one picture at a time."""

import threading
from weakref import WeakValueDictionary

from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg

pen = threading.RLock()  # held from the first stroke until the pixels have been read
_sheets = WeakValueDictionary()  # by size; each is there as long as a picture was drawn on it


class SharedCanvas(FigureCanvasAgg):
    """A matplotlib canvas without pixels of its own, so that a picture costs no more than its artists."""

    def get_renderer(self):
        size = *self.get_width_height(physical=True), self.figure.dpi
        self.renderer = _sheets.get(size) or _sheets.setdefault(size, RendererAgg(*size))
        return self.renderer

    def print_figure(self, *args, **kwargs):
        with pen:
            return super().print_figure(*args, **kwargs)
