"""The digits in the order in which the panels learn from them, and images side by side."""

import numpy as np
from matplotlib.artist import Artist
from matplotlib.colors import LinearSegmentedColormap

from vaelib import data, style

PIXELS = 8
IMAGES, LABELS = (np.random.default_rng(2).permutation(each) for each in data.digits())
# The very shades of the palette in which a panel is shown.
INK_OF_IMAGES = LinearSegmentedColormap.from_list("ink", [style.PAPER, style.EXACT["color"]], style.SHADES)


def sheet(tiles, rows, columns, gap=1):
    """The first images of (count, D) side by side, so many to a row, with `gap` pixels of nothing after each."""
    page = np.zeros((rows * columns, PIXELS + gap, PIXELS + gap))
    shown = tiles[: len(page)].reshape(-1, PIXELS, PIXELS)
    page[: len(shown), :PIXELS, :PIXELS] = shown
    size = PIXELS + gap
    return page.reshape(rows, columns, size, size).swapaxes(1, 2).reshape(rows * size, -1)


class Sheet(Artist):
    """Axes that are full of images, so many rows and columns of them: five times as fast as `imshow`."""

    INK = INK_OF_IMAGES(np.linspace(0, 1, 256), bytes=True).view(np.uint32)[:, 0]

    def __init__(self, axes, rows, columns):
        super().__init__()
        self.rows, self.columns = rows, columns
        self.show(np.zeros((0, PIXELS**2)))
        axes.add_artist(self)

    def show(self, tiles):
        """Move to images (count, D), row by row; what is darker than ink or lighter than paper is ink or paper."""
        self.page = sheet(np.clip(np.nan_to_num(tiles), 0, 1), self.rows, self.columns)

    def draw(self, renderer):
        left, bottom, width, height = np.rint(self.axes.bbox.bounds).astype(int)
        down, across = (np.arange(size) * of // size for size, of in zip((height, width), self.page.shape, strict=True))
        ink = self.INK[np.rint(255 * self.page).astype(int)][down[::-1, None], across]
        renderer.draw_image(renderer.new_gc(), left, bottom, ink.view(np.uint8).reshape(height, width, 4))
