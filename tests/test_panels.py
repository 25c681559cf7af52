"""The panel of lesson 3 through its real callbacks."""

import itertools
import random
import re
import threading

import numpy as np
import pytest

from test_live import pixels, png_of, status
from vaelib import data, exact
from vaelib.objective import expected_terms
from vaelib.panels import training_panel
from vaelib.panels.training import DATA, NOISE_LABELS, ORIGINAL, STEPS
from vaelib.training import train

X = data.toy()


@pytest.fixture(scope="module")
def shared():
    return training_panel()


@pytest.fixture
def panel(shared):
    """The shared panel, at its start."""
    shared.set(**ORIGINAL)
    return shared


def numbers_in(text):
    return [float(number.replace(",", "")) for number in re.findall(r"-?\d[\d,]*\.?\d*(?:e-?\d+)?", text)]


def test_the_seed_is_where_the_panel_starts(panel):
    assert panel.values == ORIGINAL
    assert panel.run.history.objective[-1] == pytest.approx(-2.2434, abs=2e-4)


def test_the_summary_says_step_objective_distance_and_limit(panel):
    best = expected_terms(X, exact.optimum(X, recon_var=0.3), recon_var=0.3).elbo
    now = expected_terms(X, panel.run.params, recon_var=0.3).elbo
    limit = exact.largest_stable_lr(X, beta=1.0, recon_var=0.3)
    kl, best_kl = panel.run.history.kl[-1], exact.rate_distortion(X, beta=1.0, recon_var=0.3)[0]
    reported = panel.run.history.objective[-1]
    wanted = [140, 140, now, best - now, best, reported, kl, best_kl, 0.025, 0.025 / limit, limit]
    np.testing.assert_allclose(numbers_in(panel.summary()), wanted, rtol=6e-3)
    assert "these draws decide" in panel.summary()


def test_the_summary_says_when_training_has_arrived_bounces_or_diverges(panel):
    panel.set(steps=1000, noise="exact")
    assert "at the optimum" in panel.summary() and "it can settle" in panel.summary()
    panel.set(noise="fresh")
    assert "never settles" in panel.summary()
    panel.set(lr=0.05)
    assert "it bounces" in panel.summary()
    panel.set(lr=0.2)
    assert f"diverged at step {panel.run.diverged + 1} of 1,000" in panel.summary()
    assert "stable lr" in panel.summary()
    panel.set(position=0)
    assert "After 0 of 1,000 steps" in panel.summary()


@pytest.mark.parametrize("beta", [0.1, 30.0])
@pytest.mark.parametrize("recon_var", [0.02, 5.0])
def test_every_corner_of_every_knob_is_alive(panel, beta, recon_var):
    rest = itertools.product([0.001, 0.2], STEPS[:: len(STEPS) - 1], DATA, NOISE_LABELS, [0, 100])
    for lr, steps, name, noise, position in rest:
        panel.set(beta=beta, recon_var=recon_var, lr=lr, steps=steps, data=name, noise=noise, position=position)
        assert panel.summary() and panel.summary() in status(panel)
        assert "nan" not in panel.summary()
        assert panel.run.history.kl.shape == (steps,)
    assert pixels(panel).shape == (780, 1800, 3)


@pytest.mark.parametrize(
    "move",
    [
        {"beta": 4.0}, {"recon_var": 1.0}, {"lr": 0.01}, {"position": 50}, {"steps": 1000},
        {"data": "penguins"}, {"noise": "exact"}, {"noise": "fresh"},
    ],
)  # fmt: skip
def test_each_knob_changes_the_picture_and_the_way_back_restores_it(panel, move):
    before, values = png_of(panel), panel.values
    panel.set(**move)
    assert png_of(panel) != before
    panel.set(**values)
    assert png_of(panel) == before


def test_values_set_in_any_order_restore_the_picture(panel):
    panel.set(beta=2.7, recon_var=0.123, lr=0.0137, steps=150, position=33, noise="original, beta 4")
    wanted, values = png_of(panel), panel.values
    for seed in range(4):
        panel.buttons["reset"].click()
        order = random.Random(seed).sample(sorted(values), len(values))
        for name in order:
            panel.set(**{name: values[name]})
        assert png_of(panel) == wanted
    assert png_of(training_panel(**values)) == wanted


def test_two_learners_with_the_same_knobs_see_the_same_picture(panel):
    panel.set(noise="fresh", beta=4.0)
    assert png_of(panel) == png_of(training_panel(noise="fresh", beta=4.0))


def test_the_noise_menu_names_the_draws_it_says(panel):
    seed = data.seed_draws()
    named = {"original, beta 1": seed.beta1, "original, beta 4": seed.beta4, "exact": "exact"}
    for name, noise in named.items():
        panel.set(noise=name)
        np.testing.assert_array_equal(
            panel.run.history.objective, train(X, recon_var=0.3, lr=0.025, noise=noise).history.objective
        )


def test_the_scenarios_are_what_their_buttons_say(panel):
    panel.buttons["original, beta 4"].click()
    assert panel.run.history.objective[-1] == pytest.approx(-5.1255, abs=2e-4)
    panel.buttons["original, beta 1"].click()
    assert panel.values == ORIGINAL
    panel.buttons["a long run"].click()
    assert panel.values["steps"] == 2000 and panel.run.history.objective[-1] == pytest.approx(-2.1553, abs=1e-4)
    panel.buttons["the KL goes up"].click()
    assert panel.run.history.kl[-1] > 5 * panel.run.history.kl[0] and (np.diff(panel.run.history.objective) > 0).all()
    panel.buttons["lr too large"].click()
    assert "diverged" in panel.summary() and (np.diff(panel.run.history.objective) < 0).sum() > 10
    panel.buttons["reset"].click()
    assert panel.values == ORIGINAL


def test_reset_goes_to_where_this_panel_started():
    panel = training_panel(beta=4.0, lr=0.02)
    panel.set(beta=1.0, position=3)
    panel.buttons["reset"].click()
    assert panel.values == ORIGINAL | {"beta": 4.0, "lr": 0.02}


@pytest.mark.parametrize(("beta", "recon_var"), [(1.0, 0.3), (30.0, 0.02), (0.1, 5.0)])
def test_stable_lr_sets_half_the_limit_within_the_range_of_the_knob(panel, beta, recon_var):
    panel.set(beta=beta, recon_var=recon_var)
    panel.buttons["stable lr"].click()
    half = exact.largest_stable_lr(X, beta=beta, recon_var=recon_var) / 2
    assert panel.values["lr"] == pytest.approx(np.clip(half, 0.001, 0.2))


def test_unknown_knobs_and_values_are_refused():
    with pytest.raises(ValueError, match="'epochs' is no knob of training_panel"):
        training_panel(epochs=3)
    with pytest.raises(ValueError, match=r"beta is 0; it must be a number from 0\.1 to 30\."):
        training_panel(beta=0)
    with pytest.raises(ValueError, match=r"steps is 10\.5; it must be a whole number from 1 to 3,000\."):
        training_panel(steps=10.5)


@pytest.mark.parametrize(
    ("name", "values"),
    [("beta", (0.1, 0.3, 1.0, 4.0, 30.0)), ("recon_var", (0.02, 0.25, 0.3, 5.0)), ("lr", (0.001, 0.02, 0.025, 0.2))],
)
def test_the_scales_reach_their_ends_and_the_seeds_values(panel, name, values):
    numbers = panel.knobs[name].numbers
    assert set(values) <= set(numbers) and (numbers[0], numbers[-1]) == (values[0], values[-1])
    ratios = np.divide(numbers[1:], numbers[:-1])
    assert ratios.max() < 1.2


def test_knobs_moved_from_several_threads_leave_the_picture_of_the_last_values(panel):
    rng, errors = np.random.default_rng(1), []

    def play(name, values):
        try:
            for value in values:
                panel.knobs[name].value = value
        except Exception as error:
            errors.append(error)

    threads = [
        threading.Thread(target=play, args=(name, rng.choice(panel.knobs[name].numbers, 25).tolist()))
        for name in ("beta", "recon_var", "lr")
    ]
    threads.append(threading.Thread(target=play, args=("position", rng.integers(0, 101, 25).tolist())))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not errors and not any(thread.is_alive() for thread in threads)
    fresh = training_panel(**panel.values)
    assert png_of(panel) == png_of(fresh) and panel.summary() == fresh.summary()
