"""The original notebook's printed numbers come out of vaelib's calls, in its order of random draws.

The original trained by finite differences. Written so, with vaelib's calls, the loop prints the same digits; `train`
uses the exact slope of the same objective and may differ by 2e-4.
"""

import functools

import numpy as np
import pytest

from vaelib.data import seed_draws, toy
from vaelib.diagnostics import latent_statistics
from vaelib.gaussian import gaussian_log_prob, kl_normal_to_standard
from vaelib.gradients import finite_diff_grad
from vaelib.model import START, LinearVAE, generate, interpolate, reparameterize
from vaelib.objective import elbo_terms
from vaelib.training import train

pytestmark = pytest.mark.pinned

X, DRAWS = toy(), seed_draws()
RECON_VAR, STEPS = 0.30, 140
RUNS = {1.0: {"lr": 0.025, "eps": DRAWS.beta1}, 4.0: {"lr": 0.02, "eps": DRAWS.beta4}}
LOGS = {  # step: objective, recon, KL
    1.0: {
        0: (-5.2782, -4.8212, 0.4570),
        20: (-2.7908, -1.4624, 1.3284),
        40: (-2.5747, -1.3099, 1.2649),
        60: (-2.4458, -1.2012, 1.2445),
        80: (-2.3633, -1.1238, 1.2395),
        100: (-2.3081, -1.0666, 1.2415),
        120: (-2.2697, -1.0229, 1.2468),
        139: (-2.2434, -0.9901, 1.2533),
    },
    4.0: {
        0: (-6.7612, -5.6202, 0.2852),
        20: (-5.4960, -3.1942, 0.5755),
        40: (-5.2982, -2.8777, 0.6051),
        60: (-5.2096, -2.6876, 0.6305),
        80: (-5.1662, -2.5681, 0.6495),
        100: (-5.1438, -2.4894, 0.6636),
        120: (-5.1318, -2.4355, 0.6741),
        139: (-5.1255, -2.3993, 0.6816),
    },
}
FINAL_TERMS = {1.0: (-0.990147, 1.253268), 4.0: (-2.39926, 0.681553)}  # recon, KL
LATENT_SUMMARY = {1.0: (0.0168, 1.4177, 0.1429), 4.0: (0.0016, 0.7991, 0.276)}  # E[mu], E[mu^2], E[var]
TRAINED_PARAMS = (0.5559, -0.0256, -0.0138, -1.9448, 1.6735, 0.0941)
GENERATED_Z = (-1.065, -1.071, 2.307, 1.147, 0.129, 1.148, -1.047, 0.609, -0.514, -2.578)
GENERATED_X = (-1.689, -1.698, 3.955, 2.014, 0.31, 2.015, -1.657, 1.113, -0.767, -4.22)
INTERPOLATED_Z = (-1.788, -1.065, -0.342, 0.381, 1.103, 1.826)
INTERPOLATED_X = (-2.898, -1.689, -0.479, 0.731, 1.941, 3.151)


def by_finite_differences(beta):
    """The original's loop, with vaelib's calls."""
    lr, eps = RUNS[beta].values()
    params = START
    for _ in range(STEPS):
        slopes = finite_diff_grad(lambda p: elbo_terms(X, p, eps, recon_var=RECON_VAR).objective(beta), params, h=1e-3)
        params = LinearVAE(*(value + lr * slope for value, slope in zip(params, slopes, strict=True)))
        terms = elbo_terms(X, params, eps, recon_var=RECON_VAR)
        yield params, (terms.objective(beta), *terms)


def by_train(beta):
    run = train(X, beta=beta, recon_var=RECON_VAR, lr=RUNS[beta]["lr"], steps=STEPS, noise=RUNS[beta]["eps"])
    log = zip(run.history.objective, run.history.recon, run.history.kl, strict=True)
    yield from zip(map(LinearVAE._make, zip(*run.path, strict=True)), log, strict=True)


TRAINERS = {by_finite_differences: 0.0, by_train: 2e-4}  # and what each may differ by
trained_once = functools.cache(lambda trainer, beta: list(trainer(beta)))
every_trainer = pytest.mark.parametrize("trainer", TRAINERS, ids=lambda trainer: trainer.__name__)
every_beta = pytest.mark.parametrize("beta", RUNS)


def assert_prints(values, printed, digits, trainer=by_finite_differences):
    assert np.shape(values) == np.shape(printed)
    assert np.abs(np.subtract(values, printed)).max() <= 0.5 * 10.0**-digits + TRAINERS[trainer] + 1e-12


def test_the_elbo_example():
    recon, kl = gaussian_log_prob(1.2, 1.0, 0.3), kl_normal_to_standard(0.4, -0.2)
    assert_prints([recon, kl, recon - kl], [-0.3836, 0.0894, -0.473], 4)


def test_the_reparameterization_demo():
    assert_prints(DRAWS.demo, [-1.279, -0.605, 0.329, -0.736, -1.217], 3)
    assert_prints(reparameterize(0.7, -0.8, DRAWS.demo), [-0.157, 0.295, 0.921, 0.207, -0.116], 3)


def test_the_data():
    assert X.size == 120
    assert_prints([X.mean(), X.min(), X.max()], [0.076, -3.171, 3.448], 3)


def test_the_initial_objective_belongs_to_another_variance_than_the_training():
    recon, kl = elbo_terms(X, START, DRAWS.start, recon_var=0.25)
    assert_prints([recon - kl, recon, kl], [-8.0513, -7.8977, 0.1536], 4)
    assert_prints(elbo_terms(X, START, DRAWS.start, recon_var=0.30).objective(1.0), -6.8638, 4)


@every_beta
@every_trainer
def test_the_log_of_the_training(trainer, beta):
    logged = [log for _, log in trained_once(trainer, beta)]
    assert_prints([logged[step] for step in LOGS[beta]], list(LOGS[beta].values()), 4, trainer)


@every_beta
@every_trainer
def test_the_final_terms(trainer, beta):
    _, (_, *terms) = trained_once(trainer, beta)[-1]
    assert_prints(terms, FINAL_TERMS[beta], 6, trainer)


@every_trainer
def test_the_trained_parameters(trainer):
    params, _ = trained_once(trainer, 1.0)[-1]
    assert_prints(params, TRAINED_PARAMS, 4, trainer)


@every_beta
@every_trainer
def test_the_latent_summary(trainer, beta):
    params, _ = trained_once(trainer, beta)[-1]
    assert_prints(latent_statistics(X, params), LATENT_SUMMARY[beta], 4, trainer)


@every_trainer
def test_the_samples_from_the_prior(trainer):
    params, _ = trained_once(trainer, 1.0)[-1]
    assert_prints(DRAWS.prior, GENERATED_Z, 3)
    assert_prints(generate(DRAWS.prior, params), GENERATED_X, 3, trainer)


@every_trainer
def test_the_interpolation(trainer):
    params, _ = trained_once(trainer, 1.0)[-1]
    x_from, x_to = X[5], X[-5]
    assert_prints([x_from, x_to], [-3.171, 3.332], 3)
    z, x_hat = interpolate(x_from, x_to, np.array([0.0, 0.2, 0.4, 0.6, 0.8, 1.0]), params)
    assert_prints(z, INTERPOLATED_Z, 3, trainer)
    assert_prints(x_hat, INTERPOLATED_X, 3, trainer)
