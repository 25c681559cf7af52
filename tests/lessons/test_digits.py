"""Lesson 9: what its pictures draw, what its panel learns, shows and says."""

import itertools

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from learner import assert_alive, dashed_black, ends, legend, numbers_in, rgb, savefig
from vaelib import directions, network, style
from vaelib.lessons.digits import pictures
from vaelib.lessons.digits.panel import EPS, HELD_OUT, IMAGES, IN_USE, LABELS, SHOWN
from vaelib.lessons.images import INK_OF_IMAGES, Sheet, sheet
from vaelib.panels import digits_panel
from vaelib.training import History

pytestmark = pytest.mark.pinned

PANEL = digits_panel
QUICK = {"images": 100, "epochs": 10}


def lines_of(values, count=1500):
    """Lesson 7's optimum at these values, and its terms for the images learned from and for those held out."""
    chosen, v = {"latents": values["latents"], "beta": values["beta"]}, values["recon_var"]
    if values["learn recon_var"] == "on":
        v = directions.best_recon_var(IMAGES[:count], **chosen)
    optimum = directions.optimum(IMAGES[:count], recon_var=v, **chosen)
    return optimum, [directions.expected_terms(x, optimum, recon_var=v) for x in (IMAGES[:count], HELD_OUT)]


def said_numbers(panel):
    return numbers_in(panel.summary())


def dashed(axes):
    """The heights of the dashed lines, rising."""
    return sorted(line.get_ydata()[0] for line in axes.get_lines() if dashed_black(line) and len(line.get_ydata()))


def page_of(panel):
    """The sheet of images in view."""
    (page,) = [artist.page for artist in panel.view.moving if isinstance(artist, Sheet)]
    return page


# The pictures.


def test_the_traces_are_those_learned_from_and_held_out_and_the_best_lines_are_dashed(axes):
    traces = pictures.Traces(axes)
    history = History(np.array([-500.0, 3.0]), np.array([0.1, 2.0]), np.array([-500.1, 1.0]))
    test = History(np.array([-9.0, 2.0]), np.array([0.2, 500.0]), np.array([-9.2, -498.0]))
    traces.show(np.array([1.3, 2.0]), history, test, History(7.0, 4.0, 3.0))
    for name, best in (("recon", 7.0), ("kl", 4.0), ("objective", 3.0)):
        assert set(traces.exact[name].get_ydata()) == {best} and traces.exact[name].is_dashed()
        for lines, due in ((traces.learned, history), (traces.held_out, test)):
            x, y = lines[name].get_data()
            assert x.tolist() == [1.3, 2.0]
            np.testing.assert_array_equal(y, np.clip(getattr(due, name), -300, 150))
    assert legend(axes) == ["objective", "recon", "KL", "held out", "best lines"]


def test_the_bars_are_the_rates_the_strongest_first(axes):
    rates = pictures.Rates(axes)
    rates.show(np.array([0.5, 9.0, 0.0, 2.0]), np.array([1.5, 1.0, 0.2, 0.0]))
    x, y = np.reshape(rates.bars.get_data(), (2, 4, 3))
    assert x[:, 0].tolist() == x[:, 1].tolist() == [1, 2, 3, 4]
    assert y[:, 0].tolist() == 4 * [0] and y[:, 1].tolist() == [5, 2, 0.5, 0] and np.isnan(y[:, 2]).all()
    assert rates.exact.get_ydata().tolist() == [1.5, 1.0, 0.2, 0.0]


def test_each_code_is_its_digit_in_an_ink_of_its_own_which_the_palette_has(axes):
    codes = pictures.Codes(axes)
    codes.show(np.array([[0.1, 0.2], [9.0, -1.0], [0.3, 0.4]]), np.array([4, 7, 4]))
    assert [artist.get_marker() for artist in codes.artists] == [f"${digit}$" for digit in range(10)]
    assert codes.artists[4].get_xydata().tolist() == [[0.1, 0.2], [0.3, 0.4]]
    assert codes.artists[7].get_xydata().tolist() == [[pictures.REACH, -1.0]]
    assert sum(len(artist.get_xydata()) for artist in codes.artists) == 3
    inks = {tuple(np.rint(255 * np.array(to_rgb(artist.get_color()))).astype(int).tolist()) for artist in codes.artists}
    assert len(inks) == 10
    assert inks <= {tuple(colour) for colour in style.picture(480, 360, "a picture")[0].palette.tolist()}


def test_every_place_of_the_plane_is_decoded_where_it_stands(axes):
    plane = pictures.DecodedPlane(axes)
    places, grid = plane.PLACES, pictures.GRID
    plane.show(np.repeat((places[:, :1] + 10 * places[:, 1:] + 40) / 80, 64, axis=1))
    page, reach = plane.sheet.page, pictures.REACH
    for place in [places[0], places[grid - 1], places[17], places[-1]]:
        column, row = (int((reach + along) / (2 * reach) * len(page)) for along in (place[0], -place[1]))
        assert page[row, column] == pytest.approx((place @ [1, 10] + 40) / 80)


def test_a_sheet_paints_what_imshow_paints():
    tiles = np.linspace(-0.2, 1.2, 6 * 64).reshape(6, 64)
    pages = []
    for draw in (
        lambda axes: Sheet(axes, 2, 3).show(tiles),
        lambda axes: axes.imshow(sheet(np.clip(tiles, 0, 1), 2, 3), cmap=INK_OF_IMAGES, vmin=0, vmax=1, aspect="auto"),
    ):
        picture, (axes,) = style.picture(300, 200, "images")
        axes.axis("off")
        draw(axes)
        pages.append(rgb(savefig(picture)))
    differ = np.any(np.abs(pages[0] - pages[1]) > 30, axis=2)  # more than two shades
    assert pages[0].min() == 0 and differ.mean() < 0.01


# The panel.


def test_the_images_held_out_are_not_learned_from_and_as_hard_for_straight_lines_as_others_would_be(at_first):
    assert len(IMAGES) == 1797 and len(HELD_OUT) == 297 and (HELD_OUT == IMAGES[1500:]).all()
    assert LABELS[SHOWN].tolist() == [0, 1, 2, 3, 4, 5, 6, 3, 4, 5, 6, 7, 8, 9]
    assert max(SHOWN[:7]) < 100 and min(SHOWN[7:]) >= 1500
    _, (learned, held_out) = lines_of(at_first | {"latents": 8, "recon_var": 0.03})
    assert 0.2 < learned.elbo - held_out.elbo < 1.4  # 0.75 ± 0.63 in 200 splits


def test_the_panel_shows_its_run_and_behind_it_the_best_lines(panel, at_first):
    names = ("beta", "recon_var", "lr", "latents", "hidden", "batch", "epochs")
    chosen = {name: at_first[name] for name in names}
    run = network.train(IMAGES[:1500], **chosen, rng=np.random.default_rng(0), test=HELD_OUT)
    np.testing.assert_array_equal(panel.run.history, run.history)
    _, (best, _) = lines_of(at_first)
    training = panel.views["training"].figure.axes[0]
    by_label = {artist.get_label(): artist for artist in training.get_lines()}
    np.testing.assert_allclose(by_label["objective"].get_xdata(), run.updates / 15)
    np.testing.assert_allclose(by_label["KL"].get_ydata(), run.history.kl)
    np.testing.assert_allclose(by_label["held out"].get_ydata(), run.test.kl)
    np.testing.assert_allclose(dashed(training), sorted([*best, best.elbo]))
    assert run.history.objective[-1] > best.elbo + 8
    due = [
        1200,
        1200,
        run.history.objective[-1],
        run.test.objective[-1],
        run.history.kl[-1],
        2,
        2,
        *(best.elbo, best.kl),
        2,
    ]
    assert said_numbers(panel) == pytest.approx(due, abs=0.006)


def test_a_run_grows_to_the_same_run_and_a_knob_that_goes_back_does_not_learn_again(panel, monkeypatch):
    values = panel.values | QUICK | {"lr": 0.02}
    shares, runs, _ = zip(*panel.view.compute(values), strict=True)
    assert shares == (1.0,) and runs[-1].updates.tolist() == [10]
    shares = [share for share, *_ in panel.view.compute(values | {"epochs": 200, "batch": 50})]
    assert len(shares) == 27 and shares == sorted(shares) and shares[-1] == 1
    monkeypatch.setattr(network, "steps", None)
    panel.set(**values | {"tab": "map"})
    assert panel.run is runs[-1]
    with pytest.raises(ValueError, match="read-only"):
        panel.run.history.kl[0] = 0


def test_the_map_is_made_of_the_two_strongest_latents(panel):
    panel.set(tab="map", latents=8, beta=4.0, images=500)
    assert panel.summary().endswith("The map shows the two strongest latents; where it decodes, the others are 0.")
    run, axes = panel.run, panel.view.figure.axes
    mu, logvar = network.encode(IMAGES[:500], run.params)
    rates = np.mean(mu**2 + np.exp(logvar) - 1 - logvar, axis=0) / 2
    assert f"{np.sum(rates > IN_USE)} of 8 latents in use" in panel.summary() and np.sum(rates > IN_USE) < 8
    pair = sorted(np.argsort(rates)[-2:])
    fives = axes[0].get_lines()[5].get_xydata()
    np.testing.assert_allclose(fives, np.clip(mu[LABELS[:500] == 5][:, pair], -pictures.REACH, pictures.REACH))
    z = np.zeros((pictures.GRID**2, 8))
    z[:, pair] = pictures.DecodedPlane.PLACES
    decoded = sheet(np.clip(network.decode(z, run.params), 0, 1), pictures.GRID, pictures.GRID)
    np.testing.assert_array_equal(page_of(panel), decoded)


def test_with_one_latent_every_height_of_the_map_decodes_to_the_same(panel):
    panel.set(tab="map", latents=1, **QUICK)
    assert panel.summary().endswith("One latent: how high a digit stands is chance.")
    page = page_of(panel)
    np.testing.assert_array_equal(page[:9], page[-9:])
    mu = network.encode(IMAGES[:100], panel.run.params)[0][LABELS[:100] == 0, 0]
    np.testing.assert_allclose(panel.view.figure.axes[0].get_lines()[0].get_xdata(), mu)


def test_the_pictures_are_decoded_from_where_their_row_says(panel):
    panel.set(tab="pictures", latents=3, **QUICK)
    rows = page_of(panel).reshape(6, 9, 14, 9)[:, :8, :, :8].swapaxes(1, 2)
    rows = rows.reshape(6, 14, 64)
    params = panel.run.params
    mu, logvar = network.encode(IMAGES[SHOWN], params)

    def decoded(z):
        return np.clip(network.decode(z, params), 0, 1)

    np.testing.assert_array_equal(rows[0], IMAGES[SHOWN])
    np.testing.assert_allclose(rows[1], decoded(mu))
    np.testing.assert_allclose(rows[2], decoded(mu + np.exp(logvar / 2) * EPS[0, :, :3]))
    np.testing.assert_allclose(rows[3:5], [decoded(eps) for eps in EPS[1:, :, :3]])
    np.testing.assert_allclose(rows[5, [0, -1]], rows[1, [0, -1]])
    np.testing.assert_allclose(rows[5, 4], decoded((9 * mu[:1] + 4 * mu[-1:]) / 13)[0])


def test_a_learned_recon_var_is_grey_and_its_slider_says_where_it_came_to(panel):
    panel.set(**{"learn recon_var": "on"}, **QUICK)
    knob, v = panel.knobs["recon_var"], panel.run.recon_var
    assert knob.disabled and knob.label == f"→ {v:.3g}" and f"recon_var is learned: {v:.3g}." in panel.summary()
    assert v != knob.value == 0.05
    _, (best, _) = lines_of(panel.values, 100)
    assert f"The best straight lines: {best.elbo:.2f}, KL {best.kl:.2f}, 2 in use." in panel.summary()
    panel.set(likelihood="bernoulli")
    assert knob.disabled and knob.label == "0.05" and "learned" not in panel.summary()
    panel.set(**{"learn recon_var": "off"})
    assert knob.disabled
    panel.set(likelihood="normal")
    assert not knob.disabled


def test_cross_entropy_is_not_compared(panel):
    panel.set(likelihood="bernoulli", **QUICK)
    assert panel.summary().endswith("Cross-entropy: not to be compared with the nats of a normal likelihood.")
    assert np.isnan(dashed(panel.view.figure.axes[0])).all()
    panel.set(tab="pictures")
    assert 0 < page_of(panel)[9:17, :8].min()


def test_without_hidden_units_it_arrives_at_the_best_lines(panel):
    panel.buttons["straight lines"].click()
    _, (best, held_out) = lines_of(panel.values)
    assert panel.run.history.objective[-1] == pytest.approx(best.elbo, abs=0.2)
    assert panel.run.test.objective[-1] == pytest.approx(held_out.elbo, abs=0.4)
    assert panel.values["hidden"] == 0


def test_with_100_images_and_a_learned_recon_var_what_is_held_out_gets_worse(panel):
    panel.buttons["100 images"].click()
    run = panel.run
    assert run.history.objective[-1] > 30 > 0 > run.test.objective[-1] and run.test.objective.max() > 5


@pytest.mark.parametrize("lr, reason", [(0.5, "lr is so large"), (0.0005, "take more epochs")])
def test_a_run_behind_the_best_lines_says_what_to_do(panel, lr, reason):
    panel.set(lr=lr, **QUICK)
    assert f"Not finished: {reason}" in panel.summary()


def test_numbers_that_are_not_finite_are_said_to_come_from_lr(panel, monkeypatch):
    broken = panel.run._replace(
        params=network.Network(*(np.full(field.shape, np.nan) for field in panel.run.params)),
        history=History(*np.full((3, 1), np.nan)), test=History(*np.full((3, 1), -np.inf)), updates=np.array([20]),
    )  # fmt: skip
    monkeypatch.setattr(network, "steps", lambda *_, **__: iter([broken]))
    for lr, tab in zip((0.3, 0.4, 0.5), panel.views, strict=True):
        panel.set(lr=lr, tab=tab, epochs=120)
        assert panel.summary() == (
            "After 20 of 1,800 updates the numbers are no longer finite: lr is too large; move it to the left."
        )


@pytest.mark.parametrize("likelihood, learn", [("normal", "off"), ("normal", "on"), ("bernoulli", "off")])
def test_every_corner_is_alive(panel, likelihood, learn):
    names = ("beta", "recon_var", "lr", "latents", "hidden")
    for corner in itertools.product(*(ends(panel, name) for name in names)):
        settings = dict(zip(names, corner, strict=True)) | QUICK | {"likelihood": likelihood, "learn recon_var": learn}
        for tab in panel.views:
            panel.set(tab=tab, **settings)
            assert_alive(panel)
