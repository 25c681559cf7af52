"""What each argument may be: the rules once, each refusal one sentence."""

import functools
import inspect
import reprlib

import numpy as np

SMALLEST_VARIANCE = 1e-8
# Formulas answer out of bounds with inf, nan or 0, whatever a learner wants numpy to do there.
without_complaint = np.errstate(all="ignore")


def _numbers(name, value, allowed, holds=np.isfinite):
    """`value` as float array or scalar, if it `holds` everywhere."""
    try:
        numbers = np.asarray(value)
    except ValueError:  # rows of different lengths
        numbers = np.array(None)
    if numbers.dtype.kind not in "biuf":
        raise ValueError(f"{name} is {reprlib.repr(value)}; it must be {allowed}.")
    numbers = numbers.astype(float)
    wrong = numbers[~holds(numbers)]
    if wrong.size or not numbers.size:
        given = f"{wrong.flat[0]:g}" if wrong.size else "empty"
        raise ValueError(f"{name} is {given}; it must be {allowed}.")
    return numbers[()]


def variance(name, value):
    """`value` as float or array, at least SMALLEST_VARIANCE everywhere."""
    allowed = f"a finite number, {SMALLEST_VARIANCE:g} or above"
    return _numbers(name, value, allowed, lambda numbers: (numbers >= SMALLEST_VARIANCE) & (numbers < np.inf))


def positive(name, value):
    """`value` as float or array, above 0 everywhere."""
    return _numbers(name, value, "a finite number above 0", lambda numbers: (numbers > 0) & (numbers < np.inf))


def non_negative(name, value):
    """`value` as float or array, 0 or above everywhere."""
    return _numbers(name, value, "a finite number, 0 or above", lambda numbers: (numbers >= 0) & (numbers < np.inf))


def one(rule):
    """The same rule for a single number, where an array is no answer."""

    def rule_of_one(name, value):
        number = rule(name, value)
        if np.ndim(number):
            raise ValueError(f"{name} has shape {np.shape(number)}; it must be a single number.")
        return number

    return rule_of_one


def whole_number(lowest):
    """The rule of a whole number, `lowest` or above."""

    def rule(name, value):
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < lowest:
            raise ValueError(f"{name} is {value!r}; it must be a whole number, {lowest} or above.")
        return int(value)

    return rule


def one_of(*words):
    """The rule of a word out of a list."""

    def rule(name, value):
        if not isinstance(value, str) or value not in words:
            raise ValueError(f"{name} is {reprlib.repr(value)}; it must be one of {', '.join(words)}.")
        return value

    return rule


def data(name, value):
    """`value` as the float array (N,) of data points, N at least 1."""
    x = _numbers(name, value, "a one-dimensional array of at least one finite number")
    if np.ndim(x) != 1:
        raise ValueError(f"{name} has {np.ndim(x)} dimensions; it must be one-dimensional, one number per data point.")
    return x


def rows(name, value):
    """`value` as the float array (N, D) of data points with D numbers each, N and D at least 1."""
    x = _numbers(name, value, "a two-dimensional array of finite numbers, one row per data point")
    if np.ndim(x) != 2:
        raise ValueError(f"{name} has {np.ndim(x)} dimensions; it must be two-dimensional, one row per data point.")
    return x


def draws(name, value, x):
    """`value` as the float array of standard normal draws, one per data point."""
    eps = _numbers(name, value, "an array of finite draws")
    if np.shape(eps) != x.shape:
        raise ValueError(f"{name} has shape {np.shape(eps)}; it must have the shape of x, {x.shape}.")
    return eps


def parameters(name, value, allowed="a number", holds=np.isreal):
    """`value` as six numbers or arrays, in the order a, b, c, d, m, n; those of a run that has diverged are NaN."""
    fields = tuple(value) if isinstance(value, (tuple, list, np.ndarray)) else ()
    if len(fields) != 6:
        raise ValueError(f"{name} is {reprlib.repr(value)}; it must be the six parameters a, b, c, d, m, n.")
    numbers = zip("abcdmn", fields, strict=True)
    return tuple(_numbers(f"{name}.{field}", number, allowed, holds) for field, number in numbers)


def finite_parameters(name, value):
    """The same, where a run starts: finite."""
    return parameters(name, value, "a finite number", np.isfinite)


def checked(**rules):
    """Guard a public function: each argument named here is checked by its rule and becomes what the rule returns.

    A rule is a function of name and value; that of `draws` asks for the data x too, which then come first.
    `function.unchecked` is the bare formula, for loops that have checked their arguments already.
    """

    def guard(function):
        signature = inspect.signature(function)
        beside_data = {name for name, rule in rules.items() if "x" in inspect.signature(rule).parameters}

        @without_complaint
        @functools.wraps(function)
        def guarded(*args, **kwargs):
            bound = signature.bind(*args, **kwargs)
            bound.apply_defaults()
            for name, rule in rules.items():
                data = [bound.arguments["x"]] if name in beside_data else []
                bound.arguments[name] = rule(name, bound.arguments[name], *data)
            return function(*bound.args, **bound.kwargs)

        guarded.unchecked = function
        return guarded

    return guard
