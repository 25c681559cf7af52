"""The objective by sampling, in closed form and by quadrature, and its place below the log evidence."""

import numpy as np
import pytest

from reference import NODES, WEIGHTS
from vaelib.data import toy
from vaelib.exact import log_evidence, true_posterior
from vaelib.gaussian import gaussian_log_prob, kl_normal, kl_normal_to_standard
from vaelib.model import START, LinearVAE, decode, encode, reparameterize
from vaelib.objective import Terms, elbo_terms, expected_terms, terms_given

pytestmark = pytest.mark.pinned

X = toy()
PARAMS = {
    "start": START,
    "trained": LinearVAE(0.56, -0.03, -0.01, -1.94, 1.67, 0.09),
    "clamped": LinearVAE(-1.1, 0.4, 3.0, -1.0, -2.3, -0.7),
}
every_model = pytest.mark.parametrize("params", PARAMS.values(), ids=PARAMS)
every_variance = pytest.mark.parametrize("recon_var", [0.05, 0.3, 4.0])


def by_quadrature(x, params, recon_var):
    """recon and KL from their definitions, E log p(x given z) and E [log q(z given x) - log p(z)], per point."""
    mu, logvar = encode(x, params)
    recon = kl = 0
    for node, weight in zip(NODES, WEIGHTS, strict=True):
        z = reparameterize(mu, logvar, node)
        recon += weight * gaussian_log_prob(x, decode(z, params), recon_var)
        kl += weight * (gaussian_log_prob(z, mu, np.exp(logvar)) - gaussian_log_prob(z, 0.0, 1.0))
    return recon, kl


def test_the_elbo_is_the_objective_at_beta_1():
    terms = Terms(recon=-2.0, kl=0.75)
    assert terms.elbo == terms.objective(1.0) == -2.75
    assert terms.objective(0.0) == -2.0 and terms.objective(4.0) == -5.0
    assert terms.objective(np.array([0.0, 4.0])).tolist() == [-2.0, -5.0]


@every_model
@every_variance
def test_the_closed_form_is_the_quadrature(params, recon_var):
    mu, logvar = encode(X, params)
    by_point = np.array(by_quadrature(X, params, recon_var))
    given = np.array(terms_given(X, mu, logvar, params, recon_var=recon_var))
    assert given == pytest.approx(by_point, rel=1e-12, abs=1e-12)
    assert expected_terms(X, params, recon_var=recon_var) == pytest.approx(by_point.mean(axis=1), rel=1e-12)


@every_model
@every_variance
def test_the_sampled_terms_at_the_quadrature_nodes_average_to_the_expected_terms(params, recon_var):
    sampled = [elbo_terms(X, params, np.full(X.size, node), recon_var=recon_var) for node in NODES]
    mean = np.average(sampled, axis=0, weights=WEIGHTS)
    assert expected_terms(X, params, recon_var=recon_var) == pytest.approx(mean, rel=1e-12)


@every_model
@every_variance
def test_no_q_lifts_the_elbo_above_the_log_evidence(params, recon_var):
    """What is missing is the KL divergence of q from the true posterior."""
    rng = np.random.default_rng(1)
    mu, logvar = rng.normal(0, 2, X.size), rng.uniform(-6, 4, X.size)
    gap = log_evidence(X, params, recon_var=recon_var) - terms_given(X, mu, logvar, params, recon_var=recon_var).elbo
    assert (gap > 0).all()
    posterior = true_posterior(X, params, recon_var=recon_var)
    assert gap == pytest.approx(kl_normal(mu, np.exp(logvar), *posterior), rel=1e-9)


@every_model
@every_variance
def test_the_true_posterior_makes_the_elbo_the_log_evidence(params, recon_var):
    mean, var = true_posterior(X, params, recon_var=recon_var)
    terms = terms_given(X, mean, np.log(var), params, recon_var=recon_var)
    assert terms.elbo == pytest.approx(log_evidence(X, params, recon_var=recon_var), rel=1e-12)


@every_variance
def test_one_q_for_all_points_may_be_given_as_two_numbers(recon_var):
    recon, kl = terms_given(X, 0.4, -0.2, START, recon_var=recon_var)
    full = terms_given(X, np.full(X.size, 0.4), np.full(X.size, -0.2), START, recon_var=recon_var)
    assert np.array_equal((recon, kl), full)
    assert (kl == kl_normal_to_standard(0.4, -0.2)).all()


@pytest.mark.parametrize("shape", [(3,), (2, 3)])
def test_arrays_of_parameters_answer_like_one_model_after_the_other(shape):
    rng = np.random.default_rng(2)
    params, recon_var = LinearVAE(*rng.normal(size=(6, *shape))), rng.uniform(0.1, 2, shape)
    eps = rng.standard_normal(X.size)
    sampled = elbo_terms(X, params, eps, recon_var=recon_var)
    expected = expected_terms(X, params, recon_var=recon_var)
    by_point = terms_given(X, *encode(X, params), params, recon_var=recon_var)
    assert np.shape(sampled) == np.shape(expected) == (2, *shape) and np.shape(by_point) == (2, *shape, X.size)
    for index in np.ndindex(shape):
        single, v = LinearVAE(*(value[index] for value in params)), recon_var[index]
        assert [term[index] for term in sampled] == pytest.approx(elbo_terms(X, single, eps, recon_var=v))
        assert [term[index] for term in expected] == pytest.approx(expected_terms(X, single, recon_var=v))
        alone = terms_given(X, *encode(X, single), single, recon_var=v)
        assert np.array([term[index] for term in by_point]) == pytest.approx(np.array(alone))


def test_arrays_of_recon_var_alone_answer_too():
    recon_var = np.array([[0.1, 0.3], [1.0, 2.0]])
    for v in recon_var.flat:
        at_v = recon_var == v
        assert expected_terms(X, START, recon_var=recon_var).recon[at_v] == expected_terms(X, START, recon_var=v).recon
        assert expected_terms(X, START, recon_var=recon_var).elbo[at_v] == expected_terms(X, START, recon_var=v).elbo
