"""The toy data and its draws against an independent re-draw, the penguins against their published summary."""

import random

import numpy as np
import pytest

from vaelib.data import HEAPS, digits, new_toy, penguins, seed_draws, standardize, toy


@pytest.fixture(scope="module")
def redrawn():
    """All that the original drew, in its order, one number at a time."""
    generator = random.Random(33)
    order = [("demo", 5, 0.0, 1.0), ("left", 60, -2.0, 0.45), ("right", 60, 2.2, 0.55)]
    order += [("start", 120, 0.0, 1.0), ("beta1", 120, 0.0, 1.0), ("beta4", 120, 0.0, 1.0), ("prior", 10, 0.0, 1.0)]
    return {name: [generator.gauss(mean, sd) for _ in range(count)] for name, count, mean, sd in order}


def test_the_toy_data_are_60_points_left_then_60_points_right(redrawn):
    assert toy().tolist() == redrawn["left"] + redrawn["right"]


@pytest.mark.parametrize("name", ["demo", "start", "beta1", "beta4", "prior"])
def test_the_draws_come_in_the_order_of_the_original(redrawn, name):
    assert getattr(seed_draws(), name).tolist() == redrawn[name]


def test_the_toy_data_leave_the_global_generator_alone():
    random.seed(1)
    before = random.getstate()
    toy(), seed_draws()
    assert random.getstate() == before


@pytest.mark.parametrize("source", [toy, penguins, lambda: seed_draws().beta1])
def test_changing_what_was_returned_does_not_change_the_next_call(source):
    first = source()
    original = first.copy()
    first += 1.0
    assert (source() == original).all()


@pytest.mark.parametrize("count", [2, 7, 20_000])
def test_new_points_of_the_toy_come_from_both_heaps_of_its_recipe(count):
    x = new_toy(np.random.default_rng(0), count)
    halves = x[: count // 2], x[count // 2 :]
    assert x.shape == (count,) and len(halves[1]) - len(halves[0]) == count % 2
    for half, (mean, sd) in zip(halves, HEAPS, strict=True):
        assert half.mean() == pytest.approx(mean, abs=4 * sd / np.sqrt(len(half)))
        assert count < 100 or half.std() == pytest.approx(sd, rel=0.03)
    assert HEAPS == ((-2.0, 0.45), (2.2, 0.55))


def test_new_points_are_drawn_by_the_generator_that_is_given():
    rng = np.random.default_rng(4)
    first, second = new_toy(rng, 120), new_toy(rng, 120)
    np.testing.assert_array_equal(first, new_toy(np.random.default_rng(4), 120))
    assert not np.isin(second, first).any() and not np.isin(toy(), first).any()
    with pytest.raises(ValueError, match=r"^count is 1; it must be a whole number, 2 or above\.$"):
        new_toy(rng, 1)


def test_the_penguins_are_the_published_342_flipper_lengths_in_mm():
    x = penguins()
    assert x.shape == (342,) and (x == x.round()).all()
    assert np.quantile(x, [0, 0.25, 0.5, 0.75, 1]).tolist() == [172, 190, 197, 213, 231]
    assert x.mean().round(2) == 200.92 and x.std(ddof=1).round(2) == 14.06


@pytest.mark.parametrize("x", [toy(), penguins(), [3, 5], [1e-7, 2e-7, 4e-7], [1e6, 1e6 + 1, 1e6 + 3]])
def test_standardized_data_have_mean_0_and_variance_1(x):
    z = standardize(x)
    assert z.mean() == pytest.approx(0, abs=1e-9)
    assert np.mean(z**2) == pytest.approx(1, rel=1e-9)


def test_standardizing_is_a_change_of_unit_only():
    x = toy()
    assert standardize(-3 * x + 50) == pytest.approx(-standardize(x))


@pytest.mark.parametrize("constant", [[5.0], [2, 2, 2], [0.1] * 3, [1e9 / 3] * 7])
def test_data_without_spread_cannot_be_standardized(constant):
    with pytest.raises(ValueError, match=r"^x is .+ everywhere; it must hold at least two different numbers\.$"):
        standardize(constant)


def test_the_digits_are_the_published_ones():
    images, labels = digits()
    assert images.shape == (1797, 64) and labels.shape == (1797,)
    assert set(np.unique(images * 16)) == set(range(17))
    assert np.bincount(labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert labels[:10].tolist() == list(range(10))
    assert (images.std(axis=0) == 0).sum() == 3


def test_the_digits_are_new_on_every_call():
    digits()[0][:] = 0
    assert digits()[0].max() == 1
