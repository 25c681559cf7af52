"""Every public door refuses every bad argument in one sentence, and takes lists for arrays."""

import importlib
import re

import numpy as np
import pytest

from vaelib.data import new_toy, standardize, toy
from vaelib.diagnostics import (
    active_units,
    activity,
    aggregate_posterior,
    latent_statistics,
    mutual_information,
    shuffle_increase,
)
from vaelib.exact import (
    collapse_beta,
    largest_stable_lr,
    log_evidence,
    optimum,
    rate_distortion,
    true_posterior,
)
from vaelib.gradients import expected_grad, finite_diff_grad, pathwise_grad
from vaelib.model import START
from vaelib.objective import elbo_terms, expected_terms, terms_given
from vaelib.training import train

pytestmark = pytest.mark.pinned

X = toy()[::10].copy()
EPS = np.linspace(-2, 2, X.size)
QUESTION = {"beta": 2.0, "recon_var": 0.3}


class NoChance:
    """A generator of which every draw is the mean."""

    def normal(self, mean, sd, size):
        return np.full(size, mean)


DOORS = {  # and arguments that each takes
    standardize: {"x": X},
    new_toy: {"rng": NoChance(), "count": 5},
    elbo_terms: {"x": X, "params": START, "eps": EPS, "recon_var": 0.3},
    terms_given: {"x": X, "mu": X, "logvar": X, "params": START, "recon_var": 0.3},
    expected_terms: {"x": X, "params": START, "recon_var": 0.3},
    finite_diff_grad: {"f": lambda params: params.m**2, "params": START, "h": 1e-3},
    pathwise_grad: {"x": X, "params": START, "eps": EPS} | QUESTION,
    expected_grad: {"x": X, "params": START} | QUESTION,
    train: {"x": X, "lr": 0.01, "steps": 3, "noise": EPS, "warmup": 2, "free_bits": 0.1, "start": START} | QUESTION,
    optimum: {"x": X} | QUESTION,
    collapse_beta: {"x": X, "recon_var": 0.3},
    log_evidence: {"x": X, "params": START, "recon_var": 0.3},
    true_posterior: {"x": X, "params": START, "recon_var": 0.3},
    rate_distortion: {"x": X} | QUESTION,
    largest_stable_lr: {"x": X} | QUESTION,
    latent_statistics: {"x": X, "params": START},
    aggregate_posterior: {"z": EPS, "x": X, "params": START},
    mutual_information: {"x": X, "params": START},
    activity: {"x": X, "params": START},
    active_units: {"x": X, "params": START, "threshold": 0.01},
    shuffle_increase: {"x": X, "params": START},
}

# What each argument may not be, and what the refusal has to say of it.
NOT_A_NUMBER = [(np.nan, "nan"), (np.inf, "inf"), ("abc", "abc"), (None, "None"), ([], "empty")]
NOT_POSITIVE = [(0, "0"), (-1, "-1"), ([0.3, -0.5], "-0.5"), *NOT_A_NUMBER]
NEGATIVE = [(-1e-3, "-0.001"), ([1.0, -2.0], "-2"), *NOT_A_NUMBER]
NOT_WHOLE = [(2.5, "2.5"), (True, "True"), ("3", "3"), (None, "None"), (np.array([1, 2]), "1")]
NOT_DRAWS = [(EPS[1:], "(11,)"), (EPS[None], "(1, 12)"), (EPS + np.inf, "inf"), (None, "None")]
NOT_DATA = [
    ([], "empty"),
    (3.0, "0 dimensions"),
    (np.ones((4, 3)), "2 dimensions"),
    (np.append(X, np.nan), "nan"),
    ([1.0, -np.inf], "-inf"),
    ("abc", "abc"),
    (np.array(["one"] * 300), "one"),
    (None, "None"),
]
FORBIDDEN = {
    "x": NOT_DATA,
    "z": NOT_DATA,
    "eps": [*NOT_DRAWS, (0.5, "()")],
    "noise": [*NOT_DRAWS, (0.5, "0.5"), (None, '"fresh"'), ("Fresh", '"fresh"'), ("", '"exact"')],
    "params": [(None, "None"), (START[:5], "six"), ("abcdef", "abcdef"), (START._replace(m="one"), "one")],
    "start": [(None, "None"), (START[:5], "six"), ("abcdef", "abcdef"), (START._replace(m=np.nan), "nan")],
    "beta": NEGATIVE,
    "recon_var": [*NOT_POSITIVE, (1e-9, "1e-08")],
    "lr": NOT_POSITIVE,
    "h": [*NOT_POSITIVE, ([1e-3, 1e-4], "(2,)")],
    "threshold": [*NEGATIVE, ([0.1, 0.2], "(2,)")],
    "free_bits": [*NEGATIVE, ([0.1, 0.2], "(2,)")],
    "steps": [(0, "0"), (-3, "-3"), *NOT_WHOLE],
    "count": [(1, "1"), (-3, "-3"), *NOT_WHOLE],
    "warmup": [(-1, "-1"), *NOT_WHOLE],
}
ONE_SENTENCE = r"{name}(\.[a-n])? (is|has) [^\n]+; it must [^\n]+\."

every_door = pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)


def refusals():
    """Every bad value once, at the first door that asks for the argument; at the others the first of them."""
    asked = set()
    for door, arguments in DOORS.items():
        for name in filter(FORBIDDEN.get, arguments):
            for value, given in FORBIDDEN[name][: 1 if name in asked else None]:
                yield pytest.param(door, name, value, given, id=f"{door.__name__}, {name} {given}")
            asked.add(name)


every_refusal = pytest.mark.parametrize(("door", "name", "value", "given"), [*refusals()])


@every_refusal
def test_a_bad_argument_is_refused_in_one_sentence(door, name, value, given):
    """It names the argument and says what was given and what is allowed."""
    with pytest.raises(ValueError) as refusal:
        door(**DOORS[door] | {name: value})
    message = str(refusal.value)
    assert re.fullmatch(ONE_SENTENCE.format(name=name), message), message
    assert given in message and ". " not in message and len(message) < 200


def test_the_parameters_of_a_diverged_run_are_no_bad_ones():
    assert np.isnan(expected_terms(X, [np.nan] * 6, recon_var=0.3)).all()


@every_door
def test_a_good_argument_is_not_refused(door):
    door(**DOORS[door])


@every_door
def test_lists_do_for_arrays(door):
    lists = {
        name: value.tolist() if isinstance(value, np.ndarray) and name in FORBIDDEN else value
        for name, value in DOORS[door].items()
    }
    np.testing.assert_equal(door(**lists), door(**DOORS[door]))


@every_door
def test_whole_numbers_do_for_numbers(door):
    numbers = DOORS[door].keys() & {"beta", "recon_var", "lr", "h"}
    whole, as_float = (DOORS[door] | dict.fromkeys(numbers, one) for one in (1, 1.0))
    np.testing.assert_equal(door(**whole), door(**as_float))


def test_no_door_is_missing_here():
    modules = ["data", "gaussian", "model", "objective", "gradients", "training", "exact", "diagnostics"]
    guarded = {
        function
        for module in modules
        for function in vars(importlib.import_module(f"vaelib.{module}")).values()
        if hasattr(function, "unchecked")
    }
    assert guarded == set(DOORS)


def test_no_kl_term_is_a_good_question_for_training():
    train(**DOORS[train] | {"beta": 0})


def test_of_two_bad_arguments_the_first_of_the_signature_is_named():
    with pytest.raises(ValueError, match=r"^beta is -1"):
        train(X, lr=-1, recon_var=-1, beta=-1, noise=EPS)


def test_shapes_that_do_not_go_together_are_refused():
    with pytest.raises(ValueError, match="beta, recon_var, lr and the six of start have shapes"):
        train(X, beta=[1.0, 2.0], recon_var=0.3, lr=[0.01, 0.02, 0.03], noise=EPS)
