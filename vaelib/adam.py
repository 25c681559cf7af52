"""Adam: steps of a size of their own for each number, by the recent slopes of that number (Kingma and Ba 2014)."""

from typing import NamedTuple

import numpy as np

SLOPES_KEPT, SQUARES_KEPT = 0.9, 0.99  # the paper and PyTorch keep 0.999 of the squares; the runs here are short
SMALLEST = 1e-8


class State(NamedTuple):
    """What Adam remembers between two steps: how many it has made, the averages of slopes and of squared slopes."""

    places: list  # of the arrays among all numbers
    steps: int
    slopes: np.ndarray  # of all numbers, one after the other, (P,)
    squares: np.ndarray  # (P,)


def start(params):
    """The state before the first step: nothing has been averaged yet. params is a tuple of arrays."""
    nothing = np.zeros_like(flat(params))
    return State(places(params), 0, nothing, nothing)


def step(params, slopes, state, lr):
    """One step uphill: params + lr * slope / sqrt(square), both averaged over the last steps.

    The averages start at 0; dividing by the share 1 - kept^steps that they have seen takes that out again. params and
    slopes are tuples of arrays of the same shapes. -> params, state.
    """
    steps, uphill = state.steps + 1, flat(slopes)
    seen_slopes, seen_squares = 1 - SLOPES_KEPT**steps, 1 - SQUARES_KEPT**steps
    averages = SLOPES_KEPT * state.slopes + (1 - SLOPES_KEPT) * uphill
    squares = SQUARES_KEPT * state.squares + (1 - SQUARES_KEPT) * uphill**2
    moved = flat(params) + lr / seen_slopes * averages / (np.sqrt(squares / seen_squares) + SMALLEST)
    return tuple(fields(moved, state.places)), State(state.places, steps, averages, squares)


def flat(params):
    """All numbers of a tuple of arrays, one after the other: (P,)."""
    return np.concatenate([np.ravel(field) for field in params], dtype=float)


def places(params):
    """Where each of the arrays stands among all numbers, and its shape."""
    ends = np.cumsum([np.size(field) for field in params])
    return [(slice(end - np.size(field), end), np.shape(field)) for field, end in zip(params, ends, strict=True)]


def fields(numbers, places):
    """The arrays again, as views of the numbers (..., P); their first axes are `...`."""
    more = numbers.shape[:-1]
    return [numbers[..., place].reshape(more + shape) for place, shape in places]
