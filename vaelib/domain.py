"""What each argument may be: the rules once, each refusal one sentence."""

import functools
import inspect
import reprlib

import numpy as np

SMALLEST_VARIANCE = 1e-8
# Formulas answer out of bounds with inf, nan or 0, whatever a learner wants numpy to do there.
without_complaint = np.errstate(all="ignore")


def _numbers(name, value, allowed, holds):
    """`value` as float array or scalar, if it is finite and `holds` everywhere."""
    try:
        numbers = np.asarray(value)
    except ValueError:  # rows of different lengths
        numbers = np.array(None)
    if numbers.dtype.kind not in "biuf":
        raise ValueError(f"{name} is {reprlib.repr(value)}; it must be {allowed}.")
    numbers = numbers.astype(float)
    wrong = numbers[~(np.isfinite(numbers) & holds(numbers))]
    if wrong.size or not numbers.size:
        given = f"{wrong.flat[0]:g}" if wrong.size else "empty"
        raise ValueError(f"{name} is {given}; it must be {allowed}.")
    return numbers[()]


def variance(name, value):
    """`value` as float or array, at least SMALLEST_VARIANCE everywhere."""
    allowed = f"a finite number, {SMALLEST_VARIANCE:g} or above"
    return _numbers(name, value, allowed, lambda numbers: numbers >= SMALLEST_VARIANCE)


def positive(name, value):
    """`value` as float or array, above 0 everywhere."""
    return _numbers(name, value, "a finite number above 0", lambda numbers: numbers > 0)


def non_negative(name, value):
    """`value` as float or array, 0 or above everywhere."""
    return _numbers(name, value, "a finite number, 0 or above", lambda numbers: numbers >= 0)


def one(rule, name, value):
    """A single number that keeps `rule`, where an array is no answer."""
    number = rule(name, value)
    if np.ndim(number):
        raise ValueError(f"{name} has shape {np.shape(number)}; it must be a single number.")
    return number


def whole_number(name, value, lowest):
    """`value` as int, `lowest` or above."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < lowest:
        raise ValueError(f"{name} is {value!r}; it must be a whole number, {lowest} or above.")
    return int(value)


def data(name, value):
    """`value` as the float array (N,) of data points, N at least 1."""
    x = _numbers(name, value, "a one-dimensional array of at least one finite number", np.isfinite)
    if np.ndim(x) != 1:
        raise ValueError(f"{name} has {np.ndim(x)} dimensions; it must be one-dimensional, one number per data point.")
    return x


def draws(name, value, x):
    """`value` as the float array of standard normal draws, one per data point."""
    eps = _numbers(name, value, "an array of finite draws", np.isfinite)
    if np.shape(eps) != x.shape:
        raise ValueError(f"{name} has shape {np.shape(eps)}; it must have the shape of x, {x.shape}.")
    return eps


def order(name, value, x):
    """`value` as the indices of data points, one for each data point."""
    indices = np.asarray(value)
    if indices.dtype.kind not in "iu" or indices.shape != x.shape or not np.all((indices >= 0) & (indices < x.size)):
        raise ValueError(f"{name} is {reprlib.repr(value)}; it must be {x.size} indices from 0 to {x.size - 1}.")
    return indices


def noise(name, value, x):
    """The kind of noise in training: fixed draws, "fresh" or "exact"."""
    if isinstance(value, str) and value in ("fresh", "exact"):
        return value
    if isinstance(value, str) or np.ndim(value) == 0:
        raise ValueError(f'{name} is {value!r}; it must be an array of draws, "fresh" or "exact".')
    return draws(name, value, x)


def parameters(name, value):
    """`value` as six floats or arrays, in the order a, b, c, d, m, n."""
    fields = tuple(value) if isinstance(value, (tuple, list, np.ndarray)) else ()
    if len(fields) != 6:
        raise ValueError(f"{name} is {reprlib.repr(value)}; it must be the six parameters a, b, c, d, m, n.")
    return tuple(
        _numbers(f"{name}.{field}", number, "a finite number", np.isfinite)
        for field, number in zip("abcdmn", fields, strict=True)
    )


RULES = {
    "x": data,
    "z": data,
    "beta": non_negative,
    "recon_var": variance,
    "lr": positive,
    "start": parameters,
    "h": functools.partial(one, positive),
    "free_bits": functools.partial(one, non_negative),
    "threshold": functools.partial(one, non_negative),
    "steps": functools.partial(whole_number, lowest=1),
    "warmup": functools.partial(whole_number, lowest=0),
}
RULES_BESIDE_DATA = {"eps": draws, "noise": noise, "order": order}


def checked(function):
    """Guard a public function: each argument named in the rules above is checked and made an array.

    `function.unchecked` is the bare formula, for loops that have checked their arguments already.
    """
    signature = inspect.signature(function)

    @without_complaint
    @functools.wraps(function)
    def door(*args, **kwargs):
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        arguments = bound.arguments
        for name in filter(RULES.get, signature.parameters):
            arguments[name] = RULES[name](name, arguments[name])
        for name in filter(RULES_BESIDE_DATA.get, signature.parameters):
            arguments[name] = RULES_BESIDE_DATA[name](name, arguments[name], arguments["x"])
        return function(*bound.args, **bound.kwargs)

    door.unchecked = function
    return door
