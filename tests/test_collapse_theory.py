"""What lesson 6 says of leaving the collapsed point, of warm-up, free bits and the clamp, seen in training."""

import numpy as np
import pytest

from vaelib import data, diagnostics, exact
from vaelib.gradients import expected_grad
from vaelib.model import LinearVAE
from vaelib.training import train

pytestmark = pytest.mark.pinned

X, V, DRAWS = data.toy(), 0.3, data.seed_draws()
S2 = X.var()
COLLAPSED = LinearVAE(a=0.0, b=0.0, c=0.0, d=0.0, m=0.0, n=X.mean())
DEAD = LinearVAE(a=0.2, b=0.0, c=0.0, d=4.1, m=0.7, n=0.0)


def exactly(start, *, beta, steps, lr=0.01, **more):
    return train(X, beta=beta, recon_var=V, lr=lr, steps=steps, noise="exact", start=start, **more)


def rate(beta):
    """KL at the optimum."""
    return max(0.0, -0.5 * np.log(beta * V / S2))


def growth(beta, v=V, s2=S2):
    """The larger eigenvalue of the slopes of a and m near the collapsed point."""
    return -(beta * s2 + 1 / v) / 2 + np.sqrt(((beta * s2 - 1 / v) / 2) ** 2 + (s2 / v) ** 2)


def first_step_at_half(kl, goal):
    return int(np.flatnonzero(kl >= goal / 2)[0]) + 1


@pytest.mark.parametrize("beta", [1.0, 4.0, 10.0, 14.0, 15.2, 15.4, 20.0])
def test_near_the_collapsed_point_m_grows_by_the_same_factor_at_every_step(beta):
    """Exactly so for data with mean 0, to a few thousandths for data with mean 0.076, where a and b pull together."""
    for x, tolerance in ((X - X.mean(), 1e-8), (X, 5e-5)):
        start = COLLAPSED._replace(a=1e-40, m=1e-40, n=x.mean())
        m = train(x, beta=beta, recon_var=V, lr=0.01, steps=300, noise="exact", start=start).path.m
        factors = m[1:] / m[:-1]
        late = factors[m[1:] < 1e-5][-1]
        assert late == pytest.approx(1 + 0.01 * growth(beta), abs=tolerance)
        assert (growth(beta) > 0) == (late > 1) == (beta < exact.collapse_beta(x, recon_var=V))


@pytest.mark.parametrize("beta", [2.0, 10.0, 20.0])
def test_the_factor_is_an_eigenvalue_of_the_slopes_by_finite_differences(beta):
    x, point = X - X.mean(), COLLAPSED._replace(n=0.0)

    def slopes(**moved):
        return np.array(expected_grad(x, point._replace(**moved), beta=beta, recon_var=V))

    columns = [(slopes(**{name: 1e-6}) - slopes(**{name: -1e-6})) / 2e-6 for name in LinearVAE._fields]
    assert np.linalg.eigvals(np.transpose(columns)).real.max() == pytest.approx(growth(beta), abs=1e-6)


@pytest.mark.parametrize("v", [0.1, 0.3, 2.0])
def test_the_growth_changes_its_sign_at_the_collapse(v):
    assert growth(S2 / v, v) == pytest.approx(0, abs=1e-9)
    assert growth(0.99 * S2 / v, v) > 0 > growth(1.01 * S2 / v, v)


@pytest.mark.parametrize(
    ("beta", "warmup", "step"), [(4.0, 0, 151), (10.0, 0, 588), (10.0, 1000, 64), (14.0, 0, 2955), (14.0, 1000, 58)]
)
def test_from_a_ten_thousandth_half_of_the_kl_takes_so_many_steps(beta, warmup, step):
    start = COLLAPSED._replace(a=1e-4, m=1e-4, n=0.0)
    kl = exactly(start, beta=beta, steps=max(step + 10, 100), warmup=warmup).history.kl
    assert first_step_at_half(kl, rate(beta)) == step


def test_ten_times_as_near_takes_as_many_steps_more_as_the_factor_needs_for_ten():
    starts = COLLAPSED._replace(a=np.array([1e-4, 1e-5, 1e-6]), m=np.array([1e-4, 1e-5, 1e-6]), n=0.0)
    kl = exactly(starts, beta=10.0, steps=1000).history.kl.T
    steps = [first_step_at_half(each, rate(10)) for each in kl]
    assert np.diff(steps) == pytest.approx([np.log(10) / np.log(1 + 0.01 * growth(10))] * 2, abs=1.5)


@pytest.mark.parametrize("beta", [0.5, 4.0, 20.0])
@pytest.mark.parametrize("n", [0.0, X.mean(), -2.0])
def test_exactly_at_the_collapsed_point_the_exact_slope_never_leaves(beta, n):
    run = exactly(COLLAPSED._replace(n=n), beta=beta, steps=1500)
    assert not run.history.kl.any()
    assert not np.any(run.path[:5])
    assert run.params.n == pytest.approx(X.mean())


@pytest.mark.parametrize("eps", [DRAWS.beta1, DRAWS.beta4], ids=["one set of draws", "another"])
def test_fixed_draws_kick_it_out(eps):
    run = train(X, beta=4.0, recon_var=V, lr=0.01, steps=300, noise=eps, start=COLLAPSED)
    assert run.path.m[0] != 0
    assert run.history.kl[-1] > rate(4) / 2
    assert diagnostics.active_units(X, run.params) == 1


def test_left_to_either_side_the_two_codes_are_mirror_images():
    both = COLLAPSED._replace(a=np.array([1e-4, -1e-4]), m=np.array([1e-4, -1e-4]))
    params = exactly(both, beta=4.0, steps=2000).params
    np.testing.assert_allclose(params.m, np.array([1, -1]) * np.sqrt(S2 - 4 * V), rtol=1e-5)
    np.testing.assert_allclose(params.a[1], -params.a[0])


@pytest.mark.parametrize("beta", [2.0, 10.0, 20.0])
def test_warm_up_comes_to_rest_at_the_same_kl(beta):
    ends = [exactly(DEAD._replace(d=-0.5), beta=beta, steps=3000, warmup=each).history.kl[-1] for each in (0, 500)]
    assert ends == pytest.approx([rate(beta)] * 2, abs=1e-5)


def test_free_bits_hold_the_kl_near_their_floor_where_the_optimum_alone_is_0():
    run = train(X, beta=30.0, recon_var=V, lr=0.001, steps=12_000, noise="exact", free_bits=0.5)
    assert rate(30) == 0
    assert (0.40 < run.history.kl[-500:]).all() and (run.history.kl[-500:] < 0.55).all()
    without = train(X, beta=30.0, recon_var=V, lr=0.001, steps=12_000, noise="exact")
    assert without.history.kl[-1] < 1e-6


def test_a_start_beyond_the_clamp_keeps_its_kl_and_loses_all_information():
    run = exactly(DEAD, beta=4.0, lr=0.005, steps=3000)
    assert run.history.kl[-1] == pytest.approx((np.exp(4) - 1 - 4) / 2, abs=1e-6) == pytest.approx(24.799, abs=1e-3)
    assert diagnostics.mutual_information(X, run.params) < 1e-6
    assert abs(diagnostics.shuffle_increase(X, run.params)) < 1e-6
    assert (run.params.c, run.params.d) == (DEAD.c, DEAD.d)


def test_a_start_just_within_the_clamp_recovers():
    run = exactly(DEAD._replace(d=3.9), beta=4.0, lr=0.005, steps=6000)
    assert run.history.kl[-1] == pytest.approx(rate(4), abs=1e-5)
    assert diagnostics.shuffle_increase(X, run.params) == pytest.approx(2 * (S2 - 4 * V), abs=1e-3)
