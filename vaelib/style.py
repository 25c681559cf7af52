"""One place for colours, line styles and type. One colour, one meaning, in all lessons (Okabe-Ito palette)."""

import inspect
from base64 import b64encode
from contextlib import contextmanager, nullcontext
from io import BytesIO

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from vaelib.canvas import SharedCanvas, pen

EXACT = {"color": "#000000", "linestyle": (0, (4, 2.5)), "linewidth": 1.2}
OBJECTIVE = {"color": "#009e73", "marker": "o"}
RECON = {"color": "#0072b2", "marker": "s"}
KL = {"color": "#d55e00", "marker": "^"}
TERMS = {"objective": OBJECTIVE, "recon": RECON, "kl": KL}
MODEL = {"color": "#cc79a7"}
PRIOR = {"color": "#e69f00", "linestyle": (0, (1, 1))}
POSTERIOR = {"color": "#56b4e9"}
DATA = {"color": "#c8c8c8"}
INK = "#333333"
PAPER = "#ffffff"
INKS = [INK, *(look["color"] for look in (EXACT, OBJECTIVE, RECON, KL, MODEL, PRIOR, POSTERIOR))]
GROUNDS = [PAPER, DATA["color"]]
SHADES = 14

DEFAULTS = {key: value for key, value in matplotlib.rcParamsDefault.items() if key != "backend"}
TYPE = DEFAULTS | {
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 9,
    "axes.labelcolor": INK,
    "axes.edgecolor": INK,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#ececec",
    "grid.linewidth": 0.6,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "xtick.color": INK,
    "ytick.color": INK,
    "text.color": INK,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "legend.handlelength": 1.25,
    "legend.handletextpad": 0.4,
    "legend.columnspacing": 0.8,
}

CSS_PIXELS_PER_INCH = 100
PIXEL_DENSITY = 2  # device pixels for each CSS pixel: sharp on a screen of double density

_in_use = False


@contextmanager
def look(settings=DEFAULTS):
    """While something is made or drawn: these settings and no complaints of numpy, then the learner's own again.

    matplotlib has one set of settings for all threads, so the others wait. Within a look the outer one holds.
    """
    global _in_use
    with pen:
        if _in_use:
            yield
            return
        others = {key: value for key, value in settings.items() if matplotlib.rcParams[key] != value}
        with matplotlib.rc_context(others) if others else nullcontext(), np.errstate(all="ignore"):
            try:
                _in_use = True
                yield
            finally:
                _in_use = False


class PictureAxes(Axes):
    """Axes that look the same whatever the learner has set, with all that a lesson or a learner draws on them."""


for name, method in inspect.getmembers(Axes, inspect.isfunction):
    if not name.startswith("_"):
        setattr(PictureAxes, name, look()(method))


class Picture(Figure):
    """A figure that belongs to no window and shows itself in a notebook, `width` x `height` CSS pixels large.

    `text` says in words what the picture shows.
    """

    def __init__(self, width, height, text):
        inches = (width / CSS_PIXELS_PER_INCH, height / CSS_PIXELS_PER_INCH)
        super().__init__(figsize=inches, dpi=CSS_PIXELS_PER_INCH * PIXEL_DENSITY, layout="constrained")
        self.width, self.height, self.text = width, height, text
        SharedCanvas(self)

    @property
    def palette(self):
        """The inks in shades towards paper and data, as bytes (K, 3). Near white they are spaced by more than the
        steps of 4 in which Pillow looks colours up, so that white stays white."""
        shade = np.linspace(0, 1, SHADES)[:, None]
        pairs = [(np.array(to_rgb(ink)), np.array(to_rgb(ground))) for ink in INKS for ground in GROUNDS]
        colours = np.concatenate([(1 - shade) * ink + shade * ground for ink, ground in pairs])
        return np.rint(255 * colours).astype(np.uint8)

    @look()
    def draw(self, renderer):
        super().draw(renderer)

    @look()
    def draw_artists(self, artists):
        """Draw these artists over what is there."""
        for artist in artists:
            artist.axes.draw_artist(artist)

    @look()
    def _repr_mimebundle_(self, include=None, exclude=None):
        png = BytesIO()
        self.savefig(png, format="png", metadata={"Software": None})
        return self.mimebundle(png.getvalue(), self.text)

    def mimebundle(self, png, text):
        """What a notebook needs to show `png` at the CSS size of this picture: data and metadata."""
        data = {"image/png": b64encode(png).decode(), "text/plain": text}
        return data, {"image/png": {"width": self.width, "height": self.height, "alt": text}}


@look(TYPE)
def picture(width, height, text, mosaic="a", **ratios):
    """A `Picture` and its axes, one for each letter of `mosaic` in the order in which they first appear.

    "ab" is two side by side; "ab;cb" has two rows, and b as high as both. `ratios` are width_ratios and height_ratios.
    """
    figure = Picture(width, height, text)
    return figure, list(figure.subplot_mosaic(mosaic, subplot_kw={"axes_class": PictureAxes}, **ratios).values())


@look()
def ticks(axis, numbers):
    """Ticks at these numbers alone, labelled as a person would write them."""
    axis.set_ticks(numbers, [f"{number:,g}".replace("-", "\N{MINUS SIGN}") for number in numbers])
    axis.minorticks_off()


@look(TYPE)
def header(axes, title, handles=(), rows=1):
    """The title in bold above the axes, and between them the legend of the `handles` in so many rows."""
    axes.set_title(title, pad=10 + 14 * rows if handles else 6)
    if handles:
        place = {"loc": "lower left", "bbox_to_anchor": (-0.03, 1), "borderpad": 0, "borderaxespad": 0.8}
        columns = -(-len(handles) // rows)
        axes.legend(handles=handles, ncols=columns, labelspacing=0.2, **place).set_in_layout(False)


def curves(axes, title, x, lines, legend=None, **limits):
    """Lines over x without markers: `lines` maps labels to (values, look); a single value is a level.

    `legend` has the labels in their order if that is not the order of drawing; `limits` are for `axes.set`, and x fills
    the width unless `xlim` is one of them.
    """
    drawn = {}
    for label, (values, look) in lines.items():
        look = look | {"marker": "none", "label": label}
        drawn[label] = axes.plot(x, values, **look)[0] if np.ndim(values) else axes.axhline(values, **look)
    axes.set(**{"xlim": (x[0], x[-1])} | limits)
    header(axes, title, [drawn[label] for label in legend or lines])
