"""Lesson 7: what its pictures draw, what its panel says, what its exercises tell."""

import re

import numpy as np
import pytest

from learner import assert_alive, drawn, ends, legend, said
from vaelib import directions, style
from vaelib.lessons.directions import check, pictures
from vaelib.lessons.directions.panel import SHOWN
from vaelib.lessons.images import IMAGES, INK_OF_IMAGES, LABELS, sheet
from vaelib.panels import directions_panel
from vaelib.training import History

pytestmark = pytest.mark.pinned

PANEL = directions_panel


def optimum_of(values, **changed):
    values = values | changed
    chosen = {"latents": values["latents"], "beta": values["beta"]}
    x = IMAGES[: values["images"]]
    v = values["recon_var"]
    if values["learn recon_var"] == "on":
        v = directions.best_recon_var(x, **chosen)
    return directions.expected_terms(x, directions.optimum(x, recon_var=v, **chosen), recon_var=v), v


# The pictures.


def test_the_traces_are_the_history_and_their_optimum_is_dashed(axes):
    traces = pictures.Traces(axes)
    history = History(np.array([-9.0, -3.0, -2.0]), np.array([0.1, 2.0, 3.0]), np.array([-9.1, -5.0, -5.0]))
    traces.show(history, History(-1.0, 4.0, -5.0), 2, -6.5)
    for name, best in (("recon", -1.0), ("kl", 4.0), ("objective", -5.0)):
        np.testing.assert_array_equal(traces.trace[name].get_xydata()[:, 1], getattr(history, name))
        assert traces.dot[name].get_xydata().tolist() == [[2, getattr(history, name)[1]]]
        assert set(traces.exact[name].get_ydata()) == {best}
    assert traces.held_out.get_xydata().tolist() == [[2, -6.5]]
    assert legend(axes) == ["objective", "recon", "KL", "ELBO held out", "optimum"]


def test_a_bars_height_above_the_water_is_twice_the_rate(axes):
    spectrum = pictures.Spectrum(axes)
    eigenvalues, level = np.geomspace(1, 0.01, 40), 0.1
    rates = 0.5 * np.log(np.maximum(eigenvalues[:36] / level, 1))
    spectrum.show(eigenvalues, level, level, rates, rates)
    heights, edges, _ = spectrum.bars.get_data()
    np.testing.assert_allclose(heights[::2], eigenvalues[: pictures.SHOWN])
    assert set(heights[1::2]) == {pictures.LOWEST}
    np.testing.assert_allclose(edges[::2], np.arange(1, 33) - 0.4)
    assert spectrum.water.get_y() + spectrum.water.get_height() == pytest.approx(level)
    for line in (spectrum.run, spectrum.exact):
        np.testing.assert_allclose(line.get_ydata(), np.maximum(eigenvalues[:36], level))


def test_what_is_off_the_axis_stays_at_its_edge(axes):
    spectrum = pictures.Spectrum(axes)
    spectrum.show(np.full(64, 1e-9), 32.0, 32.0, np.zeros(3), np.zeros(3))
    assert spectrum.water.get_y() + spectrum.water.get_height() == pictures.HIGHEST
    assert set(spectrum.run.get_ydata()) == {pictures.HIGHEST}
    assert set(spectrum.bars.get_data().values) == {pictures.LOWEST}


def test_each_image_is_a_tile_with_a_line_of_nothing_behind_it():
    tiles = np.arange(1, 3 * 64 + 1).reshape(3, 64)
    page = sheet(tiles, 2, 6)
    assert page.shape == (18, 54)
    for index, tile in enumerate(tiles):
        np.testing.assert_array_equal(page[:8, 9 * index : 9 * index + 8].ravel(), tile)
    assert not page[8].any() and not page[9:].any() and not page[:, 8::9].any()
    assert sheet(np.ones((20, 64)), 1, 6).sum() == 6 * 64


def test_directions_have_the_same_strength_and_dead_ones_are_grey(axes):
    tiles = pictures.Tiles(axes)
    columns = np.array([np.linspace(-4, 2, 64), np.full(64, 1e-9), np.zeros(64)])
    tiles.show(np.full((3, 6, 64), 2.0), columns, np.array([True, True, False]))
    page = tiles.directions.get_array()
    assert (page[:8, :8].min(), page[:8, :8].max()) == (-1.0, 0.5)
    assert page[0, 9] == 1.0
    assert page.mask[:8, 18:26].all() and not page.mask[:8, :17].any()
    assert tiles.images.get_array().max() == 1
    np.testing.assert_allclose(tiles.directions.cmap(page[:1, 18:19]), [[[200 / 255] * 3 + [1]]], atol=0.01)


def test_the_greys_of_images_are_in_the_palette_of_every_panel():
    figure, _ = style.picture(480, 360, "a picture")
    palette = {tuple(colour) for colour in figure.palette.tolist()}
    for cmap in (INK_OF_IMAGES, pictures.SIGNED):
        shades = np.rint(255 * cmap(np.linspace(0, 1, 200))[:, :3]).astype(int)
        assert {tuple(shade) for shade in shades.tolist()} <= palette


# The panel.


def test_the_images_shown_are_one_of_each_digit_from_those_that_are_always_in_training():
    assert [int(LABELS[np.argmax((image == IMAGES).all(axis=1))]) for image in SHOWN] == [0, 1, 2, 3, 4, 5]
    assert all((image == IMAGES[:100]).all(axis=1).any() for image in SHOWN)


def test_the_panel_shows_its_run_behind_it_the_closed_form(panel, at_first):
    terms, _ = optimum_of(at_first)
    run = panel.run
    spectrum = directions.spectrum(IMAGES)[0]
    np.testing.assert_allclose(drawn(panel, 1, "run").get_ydata(), 0.1 * np.exp(2 * np.sort(run.rates[-1])[::-1]))
    np.testing.assert_allclose(drawn(panel, 1, "optimum").get_ydata(), np.maximum(spectrum[:16], 0.1))
    assert run.history.objective[-1] == pytest.approx(terms.elbo, abs=0.005)
    assert f"the ELBO is {run.history.objective[-1]:.2f} nats" in panel.summary()
    assert "12 of 16 latents in use (optimum 12)" in panel.summary()
    assert "held out" not in panel.summary() and "Not finished" not in panel.summary()


def test_the_share_left_out_is_the_squared_error_of_images_decoded_from_draws(panel):
    panel.set(recon_var=0.3)
    params = panel.run.params
    mu = (IMAGES - params.mean) @ params.A.T
    z = mu + np.exp(params.logvar / 2) * np.random.default_rng(0).standard_normal(mu.shape)
    error = np.square(IMAGES - params.mean - z @ params.W.T).sum(axis=1).mean()
    share = error / np.square(IMAGES - IMAGES.mean(axis=0)).sum(axis=1).mean()
    said_share = int(re.search(r"(\d+)% of the variance", panel.summary())[1])
    assert said_share == pytest.approx(100 * share, abs=1.5)


def test_the_position_walks_through_one_run(panel):
    run = panel.run
    panel.set(position=25)
    assert panel.run is run
    assert "After 100 of 400 steps" in panel.summary() and "Not finished" not in panel.summary()
    np.testing.assert_allclose(drawn(panel, 1, "run").get_ydata(), 0.1 * np.exp(2 * np.sort(run.rates[99])[::-1]))
    panel.set(position=0)
    assert "After 1 of 400 steps" in panel.summary()


def test_a_learned_recon_var_is_grey_and_its_slider_says_where_it_came_to(panel):
    panel.set(beta=4.0)
    panel.set(**{"learn recon_var": "on"})
    knob = panel.knobs["recon_var"]
    _, best = optimum_of(panel.values)
    assert knob.disabled and knob.value == 0.1
    assert knob.label == f"→ {panel.run.recon_var[-1]:.3g}" == f"→ {best:.3g}"
    panel.set(recon_var=0.25)
    assert knob.value == 0.25 and knob.label == f"→ {best:.3g}" and knob.options[0] == ("0.005", 0.005)
    panel.set(recon_var=0.1)
    for latents in (8, 32):
        panel.set(latents=latents)
        assert f"7 of {latents} latents in use (optimum 7)" in panel.summary()
    panel.set(**{"learn recon_var": "off"})
    assert not knob.disabled and knob.label == "0.1"


def test_images_that_are_not_in_training_are_held_out(panel):
    panel.buttons["100 images"].click()
    run = panel.run
    held_out = directions.expected_terms(IMAGES[100:], run.params, recon_var=run.recon_var[-1]).elbo
    assert f"The ELBO of the 1,697 images held out is {held_out:.2f}, in training " in panel.summary()
    assert drawn(panel, 0, "ELBO held out").get_ydata()[0] == pytest.approx(held_out)
    assert held_out < run.history.objective[-1] - 20
    by_latents = {}
    for latents in panel.knobs["latents"].numbers[4:]:
        panel.set(latents=latents)
        by_latents[latents] = drawn(panel, 0, "ELBO held out").get_ydata()[0]
    assert max(by_latents, key=by_latents.get) == 20
    panel.set(latents=32, beta=1.6)
    held_out_now, in_training = re.search(r"held out is ([\d.]+\d), in training ([\d.]+\d)", panel.summary()).groups()
    v, params = panel.run.recon_var[-1], panel.run.params
    assert by_latents[20] + 5 < float(held_out_now) < float(in_training)
    for x, said_elbo in ((IMAGES[100:], held_out_now), (IMAGES[:100], in_training)):
        assert float(said_elbo) == pytest.approx(directions.expected_terms(x, params, recon_var=v).elbo, abs=0.006)


def test_what_the_panel_calls_the_objective_is_an_elbo_at_beta_1_alone(panel):
    assert "the ELBO is" in panel.summary()
    panel.set(beta=1.1)
    assert "the objective is" in panel.summary() and "ELBO" not in panel.summary()


@pytest.mark.full
def test_every_position_of_every_slider_ends_at_the_optimum_or_says_why_not(panel, at_first):
    for name in ("beta", "recon_var", "lr", "latents"):
        *numbers, last = panel.knobs[name].numbers
        for number in (*numbers[::3], last):
            panel.set(**at_first | {name: number})
            terms, _ = optimum_of(panel.values)
            behind = terms.objective(panel.values["beta"]) - panel.run.history.objective[-1]
            assert behind > -1e-9
            assert ("Not finished" in panel.summary()) == (behind > 0.05)
            assert_alive(panel)


@pytest.mark.parametrize("learn", ["off", "on"])
def test_every_corner_gives_a_finite_picture(panel, learn):
    for beta in ends(panel, "beta"):
        for recon_var in ends(panel, "recon_var"):
            for lr in ends(panel, "lr"):
                for images in (100, 1797):
                    corner = {"beta": beta, "recon_var": recon_var, "lr": lr, "images": images, "latents": 32}
                    panel.set(**corner, steps=100, **{"learn recon_var": learn})
                    assert_alive(panel)
                    assert np.isfinite(drawn(panel, 1, "run").get_ydata()).all()


# The exercises.

RIGHT = {
    check.directions_kept: {
        "a loop": lambda e, k, beta, v: sum(1 for value in e[:k] if value > beta * v),
        "smaller of two counts": lambda e, k, beta, v: min(k, int(np.sum(e / v > beta))),
        "an array of one": lambda e, k, beta, v: np.array([np.count_nonzero(e[:k] > beta * v)]),
    },
    check.distortion: {
        "a loop": lambda e, level: sum(min(value, level) for value in e),
        "two parts": lambda e, level: e[e < level].sum() + level * np.sum(e >= level),
    },
    check.level_of_code: {
        "from the formula": (0.005 * 64 / 2, 8),
        "numbers of NumPy": [np.float64(0.16), np.int64(8)],
    },
}
WRONG = {
    check.directions_kept: {
        "more than there are latents": lambda e, k, beta, v: np.sum(e > beta * v),
        "beta is missing": lambda e, k, beta, v: np.sum(e[:k] > v),
        "recon_var is missing": lambda e, k, beta, v: np.sum(e[:k] > beta),
    },
    check.distortion: {
        "lose something as well": lambda e, level: e[e <= level].sum(),
        "cannot lose more than it has": lambda e, level: level * len(e),
        "a mean is one part of it": lambda e, level: np.mean(np.minimum(e, level)),
    },
    check.level_of_code: {
        "a half is missing": (0.32, 4),
        "recon is a sum over them": (0.0025, 49),
        "below the level": (0.16, 56),
        "the weight in the code": (0.005, 46),
    },
}


def test_the_counts_of_exercise_3_are_those_of_the_digits():
    eigenvalues = directions.spectrum(IMAGES)[0]
    counts = {level: int(np.sum(eigenvalues > level)) for level in (0.16, 0.32, 0.005, 0.0025)}
    (right,), (mistakes,) = check.level_of_code.expected()
    assert right.tolist() == [0.16, counts[0.16]]
    assert sorted(mistakes[1].values()) == sorted([counts[0.32], 64 - counts[0.16], counts[0.005], counts[0.0025]])


def test_the_praise_has_the_numbers(capsys):
    assert said(capsys, check.level_of_code, (0.16, 8)) == "Right: level 0.16: 8 of 64 directions are kept."
