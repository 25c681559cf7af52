"""The panel of lesson 3 through its real callbacks."""

import itertools

import numpy as np
import pytest

from learner import assert_alive, numbers_in, pixels, png_of
from vaelib import data, exact
from vaelib.model import START
from vaelib.objective import expected_terms
from vaelib.panels import training_panel
from vaelib.panels.training import DATA, NOISE_LABELS, START_VALUES, STEPS
from vaelib.training import train

X = data.toy()


@pytest.fixture(scope="module")
def shared():
    return training_panel()


@pytest.fixture
def panel(shared):
    """The shared panel, at its start."""
    shared.set(**START_VALUES)
    return shared


def test_the_seed_is_where_a_new_panel_starts():
    panel = training_panel()
    assert panel.values == {
        "beta": 1.0, "recon_var": 0.3, "lr": 0.025, "position": 100, "steps": 140, "data": "toy",
        "noise": "original, beta 1",
    }  # fmt: skip
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
    assert f"KL {expected_terms(X, START, recon_var=0.3).kl:.3f} (" in panel.summary()
    assert "After 0 of 1,000 steps" in panel.summary()


@pytest.mark.full
@pytest.mark.parametrize("beta", [0.1, 30.0])
@pytest.mark.parametrize("recon_var", [0.02, 5.0])
def test_every_corner_of_every_knob_is_alive(panel, beta, recon_var):
    rest = itertools.product([0.001, 0.2], STEPS[:: len(STEPS) - 1], DATA, NOISE_LABELS, [0, 100])
    for lr, steps, name, noise, position in rest:
        panel.set(beta=beta, recon_var=recon_var, lr=lr, steps=steps, data=name, noise=noise, position=position)
        assert_alive(panel)
        assert panel.run.history.kl.shape == (steps,)
    assert pixels(panel).shape == (780, 1800, 3)


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
    assert panel.values == START_VALUES
    panel.buttons["a long run"].click()
    assert panel.values["steps"] == 2000 and panel.run.history.objective[-1] == pytest.approx(-2.1553, abs=1e-4)
    panel.buttons["the KL goes up"].click()
    assert panel.run.history.kl[-1] > 5 * panel.run.history.kl[0] and (np.diff(panel.run.history.objective) > 0).all()
    panel.buttons["lr too large"].click()
    assert "diverged" in panel.summary() and (np.diff(panel.run.history.objective) < 0).sum() > 10
    panel.buttons["reset"].click()
    assert panel.values == START_VALUES


@pytest.mark.parametrize(("beta", "recon_var"), [(1.0, 0.3), (30.0, 0.02), (0.1, 5.0)])
def test_stable_lr_sets_half_the_limit_within_the_range_of_the_knob(panel, beta, recon_var):
    panel.set(beta=beta, recon_var=recon_var)
    panel.buttons["stable lr"].click()
    half = exact.largest_stable_lr(X, beta=beta, recon_var=recon_var) / 2
    assert panel.values["lr"] == pytest.approx(np.clip(half, 0.001, 0.2))


@pytest.mark.parametrize(
    ("name", "values"),
    [("beta", (0.1, 0.3, 1.0, 4.0, 30.0)), ("recon_var", (0.02, 0.25, 0.3, 5.0)), ("lr", (0.001, 0.02, 0.025, 0.2))],
)
def test_the_scales_reach_their_ends_and_the_seeds_values(panel, name, values):
    numbers = panel.knobs[name].numbers
    assert set(values) <= set(numbers) and (numbers[0], numbers[-1]) == (values[0], values[-1])
    ratios = np.divide(numbers[1:], numbers[:-1])
    assert ratios.max() < 1.2
