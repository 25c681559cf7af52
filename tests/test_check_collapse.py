"""The exercises of lesson 6: what a learner may write, and the verdict made for it."""

import math

import numpy as np
import pytest

from learner import said
from vaelib import check
from vaelib.model import decode


def errors(x, z, order, params):
    """x - x_hat with the z of the point itself, and with the z of another point."""
    x_hat = params.m * z + params.n
    return x - x_hat, x - x_hat[order]


def by_loop(x, z, order, params):
    total = 0.0
    for i in range(len(x)):
        own, other = (params.m * z[j] + params.n for j in (i, order[i]))
        total += (x[i] - other) ** 2 - (x[i] - own) ** 2
    return total / len(x)


def of_errors(formula):
    """The formula of the errors with the own and with the other z."""
    return lambda *args: formula(*errors(*args))


def shuffled_in_place(x, z, order, params):
    before = np.mean((x - decode(z, params)) ** 2)
    z[:] = z[order]
    return np.mean((x - decode(z, params)) ** 2) - before


def both_shuffled(x, z, order, params):
    own, _ = errors(x, z, order, params)
    return np.mean((x[order] - decode(z[order], params)) ** 2) - np.mean(own**2)


def not_decoded(x, z, order, params):
    return ((x - z[order]) ** 2).mean() - ((x - z) ** 2).mean()


RIGHT = {
    check.shuffle: {
        "point by point": by_loop,
        "mean of the differences": of_errors(lambda own, other: np.mean(other**2 - own**2)),
        "in place": shuffled_in_place,
        "with decode": lambda x, z, order, p: (
            np.mean((x - decode(z[order], p)) ** 2) - np.mean((x - decode(z, p)) ** 2)
        ),
        "without squares of x": lambda x, z, order, p: np.mean(2 * x * p.m * (z - z[order])),
    },
    check.threshold: {
        "by hand": lambda x, v: sum((at - sum(x) / len(x)) ** 2 for at in x) / len(x) / v,
        "from the square of the deviation": lambda x, v: np.std(x) ** 2 / v,
        "from the moments": lambda x, v: (np.mean(x**2) - np.mean(x) ** 2) / v,
        "as an array": lambda x, v: np.array(np.var(x) / v),
    },
}

WRONG = {
    check.shuffle: {
        "the error with the shuffled z comes first": of_errors(lambda own, other: np.mean(own**2 - other**2)),
        "take the mean": of_errors(lambda own, other: np.sum(other**2) - np.sum(own**2)),
        "take the squares of the errors": of_errors(lambda own, other: np.mean(abs(other) - abs(own))),
        "only after decoding it": not_decoded,
    },
    check.threshold: {
        "subtract the mean first": lambda x, v: sum(at * at for at in x) / len(x) / v,
        "divide by N, not by N - 1": lambda x, v: sum((x - x.mean()) ** 2) / (len(x) - 1) / v,
    },
}


def test_shuffling_x_along_with_z_is_not_right(capsys):
    assert said(capsys, check.shuffle, both_shuffled).startswith("Not yet: ")


def kl_of_4(v):
    """KL at the optimum of beta 4, for data with variance 1."""
    return max(0.0, -0.5 * math.log(4 * v))


def fall(v):
    """How much lower recon is at the optimum of beta 4 than at that of beta 1: half the distortion's rise over v."""
    return (min(4 * v, 1) - min(v, 1)) / (2 * v)


SILENT, ALARM = 1 / 1.6, math.exp(-0.02) / 4  # the borders: 0.625, and 0.2450 with a KL of 0.01


def test_the_borders_of_the_originals_test_are_where_its_two_thresholds_are_met():
    assert fall(SILENT) == pytest.approx(0.3) and kl_of_4(ALARM) == pytest.approx(0.01)
    assert fall(0.24) == pytest.approx(1.5) == fall(0.2) and fall(1.0) == fall(50.0) == 0


@pytest.mark.parametrize("missed", [SILENT + 1e-6, 0.63, 0.7, 1.0, 1, np.int64(2), np.float64(5), np.float32(0.8), 100])
@pytest.mark.parametrize("false_alarm", [ALARM + 1e-6, 0.2451, 0.247, 0.25 - 1e-6])
def test_the_original_is_fooled_beyond_the_borders(capsys, missed, false_alarm):
    for answer in ((missed, false_alarm), [missed, false_alarm]):
        assert said(capsys, check.fool, answer).startswith("Right: ")


@pytest.mark.parametrize("missed", [0.001, 0.1, 0.2451, 0.25 - 1e-6])
def test_nothing_is_missed_where_nothing_has_collapsed(capsys, missed):
    line = said(capsys, check.fool, (missed, 0.247))
    assert line == f"Not yet: at the first recon_var, {missed:g}, beta 4 has not collapsed."


@pytest.mark.parametrize("missed", [0.25 + 1e-6, 0.3, 0.5, SILENT - 1e-6])
def test_a_collapse_with_a_large_fall_is_not_missed(capsys, missed):
    line = said(capsys, check.fool, (missed, 0.247))
    assert line.startswith(f"Not yet: at the first recon_var, {missed:g}, the test is right: KL 0.000, ")
    assert line.endswith(f"and recon falls by {fall(missed):.2f}.")


@pytest.mark.parametrize("false_alarm", [0.001, 0.1, 0.24, ALARM - 1e-6])
def test_a_code_with_a_larger_kl_gives_no_alarm(capsys, false_alarm):
    line = said(capsys, check.fool, (0.7, false_alarm))
    assert line.startswith(f"Not yet: at the second recon_var, {false_alarm:g}, the test is right: ")
    if false_alarm > 0.002:  # no clamp
        assert line.endswith(f"KL {kl_of_4(false_alarm):.3f}, and recon falls by 1.50.")


@pytest.mark.parametrize("false_alarm", [0.25 + 1e-6, 0.3, 0.7, 100.0])
def test_an_alarm_about_a_collapse_is_not_false(capsys, false_alarm):
    line = said(capsys, check.fool, (0.7, false_alarm))
    assert line.endswith("beta 4 has collapsed, so an alarm would be right.") and "the second recon_var" in line


@pytest.mark.parametrize(
    "wrong",
    [
        "0.7",
        "7" * 1000,
        None,
        True,
        1j,
        [0.7],
        (),
        np.ones(2),
        0,
        0.0009,
        100.1,
        -1.0,
        math.nan,
        math.inf,
        -math.inf,
        lambda: 0.7,
    ],
)
@pytest.mark.parametrize("place", ["first", "second"])
def test_no_number_or_one_out_of_range_is_told_which_of_the_two_it_is(capsys, wrong, place):
    answer = (wrong, 0.247) if place == "first" else (0.7, wrong)
    line = said(capsys, check.fool, answer)
    assert line.startswith(f"Not yet: the {place} recon_var is ") and line.endswith("a number from 0.001 to 100.")


@pytest.mark.parametrize(
    "answer", [0.7, None, "ab", (0.7,), (0.7, 0.247, 1.0), [], {}, {0.7, 0.247}, lambda: (0.7, 0.2)]
)
def test_another_number_of_numbers_is_told_that_two_are_wanted(capsys, answer):
    assert said(capsys, check.fool, answer).startswith("Not yet: two numbers are wanted, ")


@pytest.mark.parametrize("answer", [..., (..., 0.247), (0.7, ...)])
def test_three_dots_are_not_tried_yet(capsys, answer):
    assert said(capsys, check.fool, answer).startswith("Not tried yet")


def test_the_pair_in_the_wrong_order_is_not_right(capsys):
    assert said(capsys, check.fool, (0.247, 0.7)).startswith("Not yet: at the first recon_var, 0.247, ")
