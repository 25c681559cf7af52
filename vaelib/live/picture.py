"""A picture with its knobs, redrawn while one of them moves."""

import inspect
import zlib
from functools import lru_cache, partial
from io import BytesIO

import ipywidgets as widgets
from PIL import Image

from vaelib.canvas import pen

BACKGROUNDS_AT_HAND = 4  # some 6 MB each; packed, 0.1 MB
_unpacked = lru_cache(BACKGROUNDS_AT_HAND)(zlib.decompress)


class View:
    """A `style.Picture` with `rows` of knobs above it, and what happens when one of them moves, in three steps.

    compute(values) -> results, a tuple; move(*drawings, values, *results) moves what is drawn; say(values, *results)
    -> the line below the picture. Each of the `drawings` has `artists`; they alone are drawn anew, over a background
    drawn once (blitting). `image` is the widget that shows the picture. Its PNG has the picture's palette: with 256
    colours or fewer, encoding takes a quarter of the time.
    What takes `long` to compute is a generator of (share that is done, *results), at most 10 ms apart: `computation`.
    """

    def __init__(self, picture, drawings, rows, compute, move, say):
        moving = [artist for each in drawings for artist in each.artists]
        for artist in moving:
            artist.set_animated(True)
            artist.set_in_layout(False)
        self.figure, self.canvas = picture, picture.canvas
        self.moving = sorted(moving, key=lambda artist: artist.zorder)
        self.rows, self.compute, self.move, self.say = rows, compute, partial(move, *drawings), say
        self.long = inspect.isgeneratorfunction(compute)
        with pen:
            self.canvas.draw()
            self.background = zlib.compress(self.canvas.buffer_rgba(), 1)
        self.palette = Image.new("P", (1, 1))
        self.palette.putpalette(picture.palette.tobytes())
        size = {"width": f"{picture.width}px", "height": f"{picture.height}px"}
        self.image = widgets.Image(format="png", layout=size | {"max_width": "none", "flex": "0 0 auto"})

    def draw(self):
        """Draw the moving artists as they are now and show the result."""
        with pen:
            pixels = self.canvas.get_renderer().buffer_rgba()
            pixels.cast("B")[:] = _unpacked(self.background)
            self.figure.draw_artists(self.moving)
            size = self.canvas.get_width_height()
            colours = Image.frombuffer("RGBA", size, pixels, "raw", "RGBA", 0, 1).convert("RGB")
        png = BytesIO()
        few = colours.quantize(palette=self.palette, dither=Image.Dither.NONE)
        few.save(png, format="png", compress_level=1, compress_type=zlib.Z_RLE)
        self.image.value = png.getvalue()
