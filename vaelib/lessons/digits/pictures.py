"""The pictures of lesson 9: a network's traces and rates, its map of the digits, what it makes of images and of z."""

import numpy as np
from matplotlib.colors import to_rgb

from vaelib import style
from vaelib.lessons.images import Sheet

MOST_EPOCHS, LOWEST, HIGHEST = 200, -300, 150  # nats
MOST_LATENTS, HIGHEST_RATE = 32, 5
REACH, GRID = 3.3, 11  # of the map, and tiles along each side of it
COLUMNS, ROWS = 14, ("data", "z = mu", "z from q", "z from prior", "", "z between")


def pale(look, share):
    """The colour of a look, on its way to paper: one of the palette in which a panel is shown."""
    shade = round(share * (style.SHADES - 1)) / (style.SHADES - 1)
    return tuple((1 - shade) * np.array(to_rgb(look["color"])) + shade)


INKS_OF_DIGITS = [
    *(look["color"] for look in (style.EXACT, style.RECON, style.KL, style.OBJECTIVE, style.PRIOR, style.MODEL)),
    *(style.POSTERIOR["color"], pale(style.EXACT, 0.5), pale(style.OBJECTIVE, 0.5), pale(style.KL, 0.5)),
]


class Traces:
    """Objective, recon and KL of the images learned from, dotted those held out, dashed those of the best lines.

    Both axes are stretched near 0 (asinh); what is off them stays at their edge.
    """

    def __init__(self, axes):
        axes.set_xscale("asinh", linear_width=5)
        axes.set_yscale("asinh", linear_width=10)
        axes.set(xlim=(0, 1.06 * MOST_EPOCHS), ylim=(LOWEST, HIGHEST), xlabel="epoch")
        style.ticks(axes.xaxis, [0, 5, 10, 20, 40, 80, 120, 200])
        style.ticks(axes.yaxis, [-300, -100, -30, -10, 0, 10, 30, 100])
        best = style.EXACT | {"markevery": [1], "markersize": 4}
        self.exact = {
            name: axes.plot([0, MOST_EPOCHS], 2 * [np.nan], marker=look["marker"], **best)[0]
            for name, look in style.TERMS.items()
        }
        self.learned = {
            name: axes.plot([], [], label=name.replace("kl", "KL"), **look)[0] for name, look in style.TERMS.items()
        }
        hollow = {"markerfacecolor": style.PAPER, "linestyle": (0, (1, 1)), "label": "held out"}
        self.held_out = {name: axes.plot([], [], **look | hollow)[0] for name, look in style.TERMS.items()}
        groups = self.exact, self.learned, self.held_out
        self.artists = [artist for group in groups for artist in group.values()]
        (lines,) = axes.plot([], [], label="best lines", **style.EXACT)
        style.header(axes, "Nats per image", [*self.learned.values(), self.held_out["objective"], lines], rows=2)

    def show(self, epochs, history, test, best):
        """Move to the traces over the epochs (R,) so far, `training.History` each, and the terms of the best lines."""
        for name in style.TERMS:
            self.exact[name].set_ydata(2 * [getattr(best, name)])
            for line, traces in ((self.learned[name], history), (self.held_out[name], test)):
                line.set_data(epochs, np.clip(getattr(traces, name), LOWEST, HIGHEST))
                line.set_markevery([len(epochs) - 1])


class Rates:
    """The rate of each latent of a run, the strongest first, as bars; as dashes those of the best lines."""

    def __init__(self, axes):
        axes.set_xscale("log")
        axes.set(xlim=(0.75, 1.2 * MOST_LATENTS), ylim=(0, HIGHEST_RATE), xlabel="latent, the strongest first")
        style.ticks(axes.xaxis, [1, 2, 4, 8, 16, 32])
        (self.bars,) = axes.plot([], [], color=style.KL["color"], linewidth=4, solid_capstyle="butt", label="network")
        look = style.EXACT | {"linestyle": "none", "marker": "_", "markersize": 9, "markeredgewidth": 1.6}
        (self.exact,) = axes.plot([], [], label="best lines", **look)
        self.artists = [self.bars, self.exact]
        style.header(axes, "Rate of each latent, nats", [self.bars, self.exact], rows=2)

    def show(self, rates, exact_rates):
        """Move to the rates of a run and of the best lines, (K,) each."""
        falling, latents = -np.sort(-rates), np.arange(1, rates.size + 1)
        bars = np.stack([np.zeros(rates.size), np.minimum(falling, HIGHEST_RATE), np.full(rates.size, np.nan)])
        self.bars.set_data(np.repeat(latents, 3), bars.T.ravel())
        self.exact.set_data(latents, exact_rates)


class Codes:
    """Where the encoder puts each image in the plane of two latents: the mean of q, written as the digit it is.

    What is off the plane stands at its edge.
    """

    def __init__(self, axes):
        axes.set(xlim=(-REACH, REACH), ylim=(-REACH, REACH), aspect="equal")
        looks = [{"marker": f"${digit}$", "color": ink} for digit, ink in enumerate(INKS_OF_DIGITS)]
        self.artists = [axes.plot([], [], linestyle="none", markersize=5.5, **look)[0] for look in looks]
        style.header(axes, "Codes: the mean of q for each image")

    def show(self, codes, labels):
        """Move to codes (N, 2) of images of these digits (N,)."""
        codes = np.clip(codes, -REACH, REACH)
        for digit, artist in enumerate(self.artists):
            artist.set_data(*codes[labels == digit].T)


class DecodedPlane:
    """What the decoder makes of every place of the same plane."""

    MIDDLES = np.linspace(-REACH, REACH, 2 * GRID + 1)[1::2]
    PLACES = np.stack(np.meshgrid(MIDDLES, MIDDLES[::-1]), axis=-1).reshape(-1, 2)  # row by row from the top left

    def __init__(self, axes):
        axes.set(xlim=(-REACH, REACH), ylim=(-REACH, REACH), aspect="equal")
        axes.grid(False)
        self.sheet = Sheet(axes, GRID, GRID)
        self.artists = [self.sheet]
        style.header(axes, "Decoded: the mean of p(x|z) at each z")

    def show(self, images):
        """Move to images (GRID * GRID, D), one for each of PLACES."""
        self.sheet.show(images)


class Tiles:
    """Rows of images: data; decoded from the mean and a draw of q, twice from the prior, from the first to the last."""

    def __init__(self, axes):
        axes.set(xlim=(0, COLUMNS), ylim=(len(ROWS), 0), aspect="equal")
        axes.axis("off")
        self.sheet = Sheet(axes, len(ROWS), COLUMNS)
        self.artists = [self.sheet]
        for row, name in enumerate(ROWS):
            axes.text(-0.15, row + 0.45, name, ha="right", va="center", fontsize=8.5)
        for half, name in enumerate(("learned from", "held out")):
            axes.text((half + 0.5) * COLUMNS / 2, -0.1, name, ha="center", va="bottom", fontsize=8.5)
        style.header(axes, "Decoded")

    def show(self, images):
        """Move to images (ROWS * COLUMNS, D), row by row."""
        self.sheet.show(images)
