"""Adam against the published algorithm, number by number, with 0.99 for the squares."""

import numpy as np
import pytest

from vaelib import adam

pytestmark = pytest.mark.pinned


def published(slopes, lr, value):
    """The value after following these slopes uphill, by the loop of Kingma and Ba."""
    m = v = 0.0
    for t, g in enumerate(slopes, start=1):
        m = 0.9 * m + 0.1 * g
        v = 0.99 * v + 0.01 * g * g
        value += lr * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.99**t)) + 1e-8)
    return value


def test_every_number_follows_the_published_loop():
    slopes = np.random.default_rng(3).normal(size=(20, 6)) * np.geomspace(1e-6, 1e3, 6)
    params = (np.arange(4.0), np.full((1, 2), 7.0))
    state = adam.start(params)
    for row in slopes:
        params, state = adam.step(params, (row[:4], row[4:].reshape(1, 2)), state, 0.05)
    got = np.concatenate([np.ravel(value) for value in params])
    due = [published(slopes[:, index], 0.05, start) for index, start in enumerate([0, 1, 2, 3, 7, 7])]
    np.testing.assert_allclose(got, due, rtol=1e-12)


def test_the_first_step_is_lr_in_the_direction_of_the_slope_whatever_its_size():
    start = (np.zeros(3),)
    (moved,), _ = adam.step(start, (np.array([1e-3, -5.0, 1e4]),), adam.start(start), 0.1)
    np.testing.assert_allclose(moved, [0.1, -0.1, 0.1], rtol=1e-4)


def test_a_slope_of_zero_moves_nothing_and_what_was_given_stays_as_it_was():
    start, slopes = (np.array([2.0, 3.0]),), (np.zeros(2),)
    state = adam.start(start)
    (moved,), after = adam.step(start, slopes, state, 0.1)
    np.testing.assert_array_equal(moved, [2.0, 3.0])
    assert (state.steps, after.steps) == (0, 1)
    np.testing.assert_array_equal(state.squares[0], 0)


def test_arrays_come_back_from_their_numbers_as_views_at_any_of_many_steps():
    params = (np.arange(6.0).reshape(2, 3), np.float64(6.0), np.arange(7.0, 9.0), np.zeros((0, 4)))
    places, numbers = adam.places(params), adam.flat(params)
    assert numbers.tolist() == list(range(9))
    path = np.stack([numbers, -numbers])
    for field, one, many in zip(params, adam.fields(numbers, places), adam.fields(path, places), strict=True):
        np.testing.assert_array_equal(one, field)
        np.testing.assert_array_equal(many, [field, -field])
        assert np.shares_memory(one, numbers) == np.shares_memory(many, path) == (field.size > 0)
