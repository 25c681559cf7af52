"""The whole machine as one picture: the way of one data point, and where the two terms of the ELBO arise."""

import numpy as np

from vaelib import style
from vaelib.gaussian import gaussian_density

WIDTH, HEIGHT = 900, 350
TEXT = (
    "The whole machine. The encoder turns x into mu and logvar, the two numbers of q; with noise eps from N(0, 1) they "
    "give a draw z = mu + sigma eps; the decoder turns z into x-hat. The KL arises between q and the prior, recon at "
    "the density of x around x-hat. ELBO = recon - KL."
)
ROAD, AXIS, BELOW = 142, 222, 18  # heights of the way of x, of the axes of z and x, of the way on which x comes back
UNIT, PEAK = 38, 105  # pixels for 1 on these axes, and for a density of 1
Z, X_HAT, X = 478, 715, 748
PRIOR, Q, NOISE = (425, 1.0), (466, 0.16), (X_HAT, 0.5)  # centre in pixels, variance
BLOCKS = {"encoder": (95, 190, 50, 34, style.POSTERIOR), "decoder": (540, 635, 34, 50, style.MODEL)}
STATIONS = {
    "$x$": (42, ROAD, style.DATA),
    r"$\mu$": (250, ROAD + 29, style.POSTERIOR),
    "logvar": (250, ROAD - 29, style.POSTERIOR),
    r"$\mu + \sigma\,\varepsilon$": (362, ROAD, style.POSTERIOR),
    r"$\varepsilon$": (362, 62, {"color": style.INK}),
    "$z$": (Z, ROAD, style.POSTERIOR),
    r"$\hat x$": (X_HAT, ROAD, style.MODEL),
}
STEPS = [
    [(61, ROAD), (93, ROAD)],
    [(192, ROAD + 10), (231, ROAD + 26)],
    [(192, ROAD - 10), (219, ROAD - 21)],
    [(269, ROAD + 25), (316, ROAD + 9)],
    [(281, ROAD - 21), (316, ROAD - 9)],
    [(362, 80), (362, ROAD - 18)],
    [(408, ROAD), (459, ROAD)],
    [(497, ROAD), (538, ROAD)],
    [(637, ROAD), (696, ROAD)],
]


def machine():
    """The picture: from x by encoder, draw and decoder to x_hat, with recon and KL where they arise."""
    picture, (axes,) = style.picture(WIDTH, HEIGHT, TEXT)
    picture.set_layout_engine("none")
    axes.set(position=(0, 0, 1, 1), xlim=(0, WIDTH), ylim=(0, HEIGHT))
    axes.set_axis_off()
    _road(axes)
    _latent_space(axes)
    _data_space(axes)
    _write(axes, 540, 62, "ELBO = recon \N{MINUS SIGN} KL", size=13, weight="bold", color=style.OBJECTIVE["color"])
    return picture


def _write(axes, x, y, text, **look):
    axes.text(x, y, text, **{"va": "center", "size": 9, "color": style.INK} | look)


def _arrow(axes, begin, end, color=style.INK):
    axes.annotate("", end, begin, arrowprops={"arrowstyle": "-|>", "color": color, "shrinkA": 0, "shrinkB": 0})


def _road(axes):
    """x, encoder, mu and logvar, noise, z, decoder, x_hat."""
    for name, (left, right, before, after, look) in BLOCKS.items():
        corners = [ROAD - before, ROAD + before, ROAD + after, ROAD - after]
        axes.fill([left, left, right, right], corners, color=look["color"], alpha=0.35, linewidth=0, label=name)
        _write(axes, (left + right) / 2, ROAD, name, ha="center", size=11, weight="bold")
    for begin, end in STEPS:
        _arrow(axes, begin, end)
    for name, (x, y, look) in STATIONS.items():
        shape = {"boxstyle": "round,pad=0.4,rounding_size=0.6", "linewidth": 1.8}
        box = shape | {"facecolor": style.PAPER, "edgecolor": look["color"]}
        _write(axes, x, y, name, ha="center", size=10 if name.isalpha() else 13, bbox=box)
    _write(axes, 250, 82, "σ = exp(logvar / 2)", ha="center")
    _write(axes, 384, 62, "noise: a new draw\nfrom N(0, 1)")


def _latent_space(axes):
    """Above z: the prior and q, between which the KL arises."""
    _density(axes, PRIOR, "prior p(z)", style.PRIOR)
    _density(axes, Q, "q(z|x)", style.POSTERIOR | {"linewidth": 2.4})
    _axis(axes, "z", PRIOR[0], Z, style.POSTERIOR)
    _write(axes, 375, 258, "prior p(z): draw z\nhere to generate", ha="right")
    _write(axes, 489, 302, "q(z|x)")
    _term(axes, 252, 318, "KL", "how far q is\nfrom the prior", style.KL)
    _arrow(axes, (378, 318), (440, 284), style.KL["color"])


def _data_space(axes):
    """Above x_hat: the decoder's density of x, at whose height over the data point recon arises."""
    _density(axes, NOISE, "p(x|z)", style.MODEL)
    _axis(axes, "x", X_HAT, X_HAT, style.MODEL)
    axes.plot([42, 42, X, X], [ROAD - 18, BELOW, BELOW, AXIS], color=style.DATA["color"], linewidth=1.8, zorder=0)
    top = AXIS + PEAK * gaussian_density((X - X_HAT) / UNIT, 0, NOISE[1])
    axes.plot([X, X], [AXIS, top], markevery=[1], markersize=6, linewidth=2.4, **style.RECON)
    _write(axes, X + 9, 62, "the same x")
    _write(axes, 688, 272, "p(x|z)", ha="right")
    _term(axes, 722, 318, "recon", "log density of x,\nits mean over z", style.RECON)
    _arrow(axes, (774, 304), (X + 6, top + 4), style.RECON["color"])


def _density(axes, normal, label, look):
    centre, var = normal
    x = np.linspace(-3, 3, 241) * np.sqrt(var)
    axes.plot(centre + UNIT * x, AXIS + PEAK * gaussian_density(x, 0, var), label=label, **look)


def _axis(axes, name, middle, x, look):
    """The axis above the road, and where on it z or x_hat stands."""
    ends = [middle - 3 * UNIT, middle + 3 * UNIT]
    axes.plot(ends, [AXIS, AXIS], color=style.INK, linewidth=0.6)
    _write(axes, ends[1], AXIS - 11, name, ha="right")
    axes.plot([x, x], [ROAD + 18, AXIS], markevery=[1], marker="o", linewidth=1, color=look["color"])


def _term(axes, x, y, name, meaning, look):
    _write(axes, x, y, name, size=14, weight="bold", color=look["color"])
    _write(axes, x + 12 * len(name) + 8, y, meaning)
