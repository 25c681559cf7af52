"""Data space and latent space by what is in them: the data of their lines, their labels, their colours."""

import numpy as np
import pytest

from learner import area, dashed_black, legend, limits, moments, painted_before
from vaelib import data, exact
from vaelib.lessons.densities import DataSpace, LatentSpace
from vaelib.model import START, encode
from vaelib.training import train

X = data.toy()
OPTIMUM = exact.optimum(X, recon_var=0.3)
TRAINED = train(X, recon_var=0.3, lr=0.025, noise=data.seed_draws().beta1).params


def test_data_space_shows_the_models_normal_density_and_the_optimums(axes):
    space = DataSpace(axes)
    space.show(X, START, OPTIMUM, 0.3)
    assert moments(space.model) == pytest.approx((0.0, 0.49 + 0.3), abs=1e-3)
    assert moments(space.exact)[0] == pytest.approx(X.mean(), abs=5e-3)
    assert area(space.exact) == pytest.approx(1, abs=6e-3)
    heights, edges, _ = space.data.get_data()
    assert np.sum(heights * np.diff(edges)) == pytest.approx(1)
    assert (axes.get_xlabel(), legend(axes)) == ("x", ["data", "model p(x)", "optimum"])


def test_latent_space_shows_prior_aggregate_posterior_and_single_posteriors(axes):
    space = LatentSpace(axes)
    space.show(X, TRAINED, OPTIMUM)
    mu, logvar = encode(X, TRAINED)
    mean, variance = moments(space.aggregate)
    assert mean == pytest.approx(mu.mean(), abs=1e-3)
    assert variance == pytest.approx(mu.var() + np.exp(logvar).mean(), rel=5e-3)
    assert moments(space.exact)[1] == pytest.approx(1, abs=5e-3)
    z, density = (np.reshape(values, (8, -1))[:, :-1] for values in space.single.get_data())
    assert np.trapezoid(density, z, axis=1) == pytest.approx([1 / 8] * 8, rel=5e-3)
    assert not np.isfinite(space.single.get_ydata()).all()
    assert (axes.get_xlabel(), legend(axes)) == ("z", ["prior", "q(z|x)", "q(z)", "optimum"])


def test_axis_limits_stay_while_knobs_move(axes):
    space = DataSpace(axes)
    space.show(X, START, OPTIMUM, 0.3)
    before = limits(axes)
    space.show(X, TRAINED, OPTIMUM, 5.0)
    assert limits(axes) == before


def test_the_exact_answer_is_dashed_black_and_behind_the_learned_one(axes):
    data_space, latent_space = DataSpace(axes), LatentSpace(axes)
    for space, learned in ((data_space, data_space.model), (latent_space, latent_space.aggregate)):
        assert dashed_black(space.exact) and painted_before(space, space.exact, learned)
