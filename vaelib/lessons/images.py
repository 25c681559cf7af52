"""The digits in the order in which the panels learn from them, and images side by side."""

import numpy as np
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
