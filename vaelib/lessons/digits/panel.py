"""The panel of lesson 9: a VAE of two networks that learns digits while you look."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from vaelib import directions, network, style
from vaelib.gaussian import kl_normal_to_standard
from vaelib.lessons import images
from vaelib.lessons.digits.pictures import COLUMNS, Codes, DecodedPlane, Rates, Tiles, Traces
from vaelib.lessons.runs import BETAS, kept
from vaelib.live import Menu, Panel, Scale, View, logarithmic
from vaelib.training import History

# Turned so far that the images held out are neither easier nor harder for lesson 7's lines than others would be.
IMAGES, LABELS = (np.roll(each, 300, axis=0) for each in (images.IMAGES, images.LABELS))
COUNTS = (100, 200, 300, 500, 1000, 1500)
HELD_OUT = IMAGES[COUNTS[-1] :]
LATENTS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 24, 32)
HIDDEN, BATCHES, EPOCHS = (0, 8, 16, 32, 64, 128), (50, 100, 200, 500), (10, 20, 40, 80, 120, 200)
LIKELIHOODS = {"normal": "normal", "bernoulli": "Bernoulli"}
CODES = 500  # images whose codes and rates are shown
SHOWN = [np.argmax(LABELS == digit) for digit in range(COLUMNS // 2)]
SHOWN += [COUNTS[-1] + np.argmax(LABELS[COUNTS[-1] :] == digit) for digit in range(10 - COLUMNS // 2, 10)]
RNG = np.random.default_rng(7)
EPS, HEIGHTS = RNG.standard_normal((3, COLUMNS, LATENTS[-1])), RNG.standard_normal(CODES)
IN_USE, BEHIND, LARGE_LR = 0.05, 0.5, 0.03  # nats, nats
START_VALUES = {
    "tab": "training",
    "beta": 1.0,
    "recon_var": 0.05,
    "lr": 0.01,
    "latents": 2,
    "hidden": 64,
    "images": COUNTS[-1],
    "batch": 100,
    "epochs": 80,
    "learn recon_var": "off",
    "likelihood": "normal",
}
SETTINGS = tuple(name for name in START_VALUES if name != "tab")
EIGHT = {"beta": 1.0, "recon_var": 0.03, "latents": 8, "likelihood": "normal"}
SCENARIOS = {
    "eight latents": EIGHT,
    "100 images": EIGHT | {"images": 100, "batch": 50, "epochs": 200, "learn recon_var": "on"},
    "straight lines": {"hidden": 0},
}


def digits_panel(*, hide=(), **knobs):
    """The panel of lesson 9, three tabs: traces and rates of a run, its map of the digits, what it makes of images.

    Knobs: beta, recon_var, lr, latents; hidden (units in each network, 0 for straight lines), images (to learn from),
    batch, epochs, "learn recon_var" ("on": then recon_var is the start), likelihood ("normal" or "bernoulli").
    -> Panel, whose `run` is the `network.Run` shown. ValueError for a knob or a value that does not exist.
    """
    recon_var = Scale("recon_var", logarithmic(0.005, 1))
    row = [Scale("beta", BETAS), recon_var, Scale("lr", logarithmic(0.0005, 0.5)), Scale("latents", LATENTS)]
    more = [Scale("hidden", HIDDEN), Scale("batch", BATCHES), Scale("epochs", EPOCHS), Scale("images", COUNTS)]

    def view(show, kinds, text, ratios):
        def move(*shown):
            *_, values, run, _ = shown
            recon_var.disabled = values["learn recon_var"] == "on" or values["likelihood"] == "bernoulli"
            recon_var.note(f"→ {run.recon_var:.3g}" if _learns_recon_var(values) else "")
            show(*shown)

        picture, axes = style.picture(900, 400, text, "ab"[: len(ratios)], width_ratios=ratios)
        drawings = [kind(of) for kind, of in zip(kinds, axes, strict=True)]
        return View(picture, drawings, [row], _compute, move, _say)

    traces = "objective, recon and KL by epoch, of images learned from and held out; the rate of each latent"
    plane = "codes of images in the plane of two latents, each written as its digit; what every place decodes to"
    tiles = "images, decoded from the mean and from a draw of q; samples; a walk from one digit to another"
    views = {
        "training": view(_show_training, (Traces, Rates), traces, (1.6, 1)),
        "map": view(_show_map, (Codes, DecodedPlane), plane, (1, 1)),
        "pictures": view(_show_pictures, (Tiles,), tiles, (1,)),
    }
    more += [Menu("learn recon_var", {"off": "off", "on": "on"}), Menu("likelihood", LIKELIHOODS)]
    return Panel("digits_panel", views, more=more, start=START_VALUES | knobs, scenarios=SCENARIOS, hide=hide)


class Lines(NamedTuple):
    """What lesson 7's straight lines reach at the same settings, in closed form; NaN for the Bernoulli likelihood."""

    terms: History  # three numbers
    rates: np.ndarray  # (K,)


@lru_cache(maxsize=1)
def _best_lines(beta, recon_var, latents, count, learn, likelihood):
    if likelihood == "bernoulli":
        return Lines(History(*3 * [np.nan]), np.full(latents, np.nan))
    x, chosen = IMAGES[:count], {"latents": latents, "beta": beta}
    best = directions.best_recon_var(x, **chosen) if learn == "on" else recon_var
    optimum = directions.optimum(x, recon_var=best, **chosen)
    terms = directions.expected_terms(x, optimum, recon_var=best)
    return Lines(History(*terms, terms.objective(beta)), -0.5 * optimum.logvar)


def _compute(values):
    """The run so far, and the best lines."""
    names = ("beta", "recon_var", "latents", "images", "learn recon_var", "likelihood")
    lines = _best_lines(*(values[name] for name in names))
    for run in _learning(*(values[name] for name in SETTINGS)):
        yield run.updates[-1] / (values["epochs"] * _batches(values)), run, lines


@kept
def _learning(*settings):
    values = dict(zip(SETTINGS, settings, strict=True))
    names = ("beta", "recon_var", "lr", "latents", "hidden", "batch", "epochs", "likelihood")
    chosen = {name: values[name] for name in names} | {"learn_recon_var": _learns_recon_var(values)}
    return network.steps(IMAGES[: values["images"]], **chosen, rng=np.random.default_rng(0), test=HELD_OUT)


def _learns_recon_var(values):
    return (values["learn recon_var"], values["likelihood"]) == ("on", "normal")


def _batches(values):
    """How many updates make an epoch."""
    return -(-values["images"] // values["batch"])


def _codes(values, run):
    """mu of the images whose codes are shown, (N, K), and the mean rate of each latent, (K,)."""
    mu, logvar = network.encode(IMAGES[: min(values["images"], CODES)], run.params)
    return mu, kl_normal_to_standard(mu, logvar).mean(axis=0)


def _show_training(traces, rates, values, run, lines):
    traces.show(run.updates / _batches(values), run.history, run.test, lines.terms)
    rates.show(_codes(values, run)[1], lines.rates)


def _show_map(codes, plane, values, run, lines):
    mu, rates = _codes(values, run)
    strongest = np.sort(np.argsort(-rates, kind="stable")[:2])
    codes.show(np.column_stack([mu[:, strongest], HEIGHTS[: len(mu)]])[:, :2], LABELS[: len(mu)])
    z = np.zeros((len(plane.PLACES), rates.size))
    z[:, strongest] = plane.PLACES[:, : strongest.size]
    plane.show(network.decode(z, run.params, likelihood=values["likelihood"]))


def _show_pictures(tiles, values, run, lines):
    mu, logvar = network.encode(IMAGES[SHOWN], run.params)
    eps, way = EPS[..., : values["latents"]], np.linspace(0, 1, COLUMNS)[:, None]
    z = [mu, mu + np.exp(0.5 * logvar) * eps[0], eps[1], eps[2], (1 - way) * mu[0] + way * mu[-1]]
    decoded = network.decode.unchecked(np.concatenate(z), run.params, likelihood=values["likelihood"])
    tiles.show(np.concatenate([IMAGES[SHOWN], decoded]))


def _say(values, run, lines):
    made, total, latents = run.updates[-1], values["epochs"] * _batches(values), values["latents"]
    learned, held_out, rates = run.history.objective[-1], run.test.objective[-1], _codes(values, run)[1]
    after, kind = f"After {made:,} of {total:,} updates", "ELBO" if values["beta"] == 1 else "objective"
    if not np.isfinite([learned, held_out, *rates]).all():
        return f"{after} the numbers are no longer finite: lr is too large; move it to the left."
    words = [
        f"{after} the {kind} is {_nats(learned)} nats an image, {_nats(held_out)} held out; "
        f"KL {_nats(run.history.kl[-1])}, {np.sum(rates > IN_USE)} of {latents} latents in use."
    ]
    if values["likelihood"] == "bernoulli":
        words.append("Cross-entropy: not to be compared with the nats of a normal likelihood.")
    else:
        best, used = lines.terms.objective, np.sum(lines.rates > IN_USE)
        words.append(f"The best straight lines: {_nats(best)}, KL {_nats(lines.rates.sum())}, {used} in use.")
        if made == total and learned < best - BEHIND:
            large = "lr is so large that the weights shake; move it to the left"
            few = "take more epochs or hidden units, or move lr to the right"
            words.append(f"Not finished: {large if values['lr'] > LARGE_LR else few}.")
    if _learns_recon_var(values):
        words.append(f"recon_var is learned: {run.recon_var:.3g}.")
    if values["tab"] == "map" and latents != 2:
        of_many = "The map shows the two strongest latents; where it decodes, the others are 0."
        words.append(of_many if latents > 2 else "One latent: how high a digit stands is chance.")
    return " ".join(words)


def _nats(number):
    return f"{number:,.2f}" if abs(number) < 1e5 else f"{number:.1e}"
