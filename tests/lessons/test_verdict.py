"""What a verdict makes of an answer, whatever the exercise: one line, and nothing is raised."""

import decimal
import fractions

import numpy as np
import pytest

from learner import said
from vaelib.lessons.answer import NoAnswer
from vaelib.lessons.collapse.check import fool, shuffle, threshold
from vaelib.lessons.reparameterization.check import score_slope
from vaelib.lessons.training.check import pathwise_slope_in_m
from vaelib.lessons.verdict import exercise


@exercise(cases=[(1.5, 2.0), (-2.5, 0.5), (-0.5, -3.0)], praise="{:.1f} square metres.")
def area(a, b):
    """Say whether attempt(a, b) is the area."""
    return a * b, {"a side is missing.": a, "take no root.": np.sqrt(a * b), "that is half the circumference.": a + b}


@exercise(praise="{:g}, the answer.")
def answer():
    """Say whether `answer` is 42."""
    return 42.0, {"that is the question.": 6.0}


@exercise(cases=[(3.0, 4.0), (5.0, -12.0)], parts=("length", "slope"), praise="length {:g} and slope {:.3f}.")
def vector(x, y):
    """Say whether attempt(x, y) is the length of a vector and its slope."""
    return (np.hypot(x, y), y / x), ({"that is its square.": x * x + y * y}, {"turn the fraction round.": x / y})


@exercise(cases=[(2.0,), (3.0,), (-2.0,)], where="the root of {:g}: ", praise="it is {:.3f}, and 0 below 0.")
def root(x):
    """Say whether attempt(x) is the root of x, or 0."""
    return (np.sqrt(x), {"that is half of it.": x / 2}) if x > 0 else (0.0, {"that is the root of -x.": np.sqrt(-x)})


def always(number):
    return lambda *case: number


def test_an_exercise_is_documented_by_its_table():
    assert area.__doc__ == "Say whether attempt(a, b) is the area." and area.__name__ == "area"


@pytest.mark.parametrize(
    ("judge", "attempt", "line"),
    [
        (area, lambda a, b: a * b, "Right: 3.0 square metres."),
        (area, lambda a, b: a, "Not yet: a side is missing."),
        (area, lambda a, b: a + b, "Not yet: that is half the circumference."),
        (area, lambda a, b: abs(a) * b, "Not yet: 1.25 is too large."),  # right in the first case
        (area, lambda a, b: a if a > 0 else b, "Not yet: 1.5 is too small."),  # a mistake in the first case only
        (area, lambda a, b: (a * b) ** 0.5 if a * b > 0 else np.nan, "Not yet: take no root."),
        (area, lambda a, b: np.nan, "Not yet: nan is not a number."),
        (area, lambda a, b: -np.inf, "Not yet: -inf is too small."),
        (area, lambda a, b: a * b * (1 + 1e-6), "Right: 3.0 square metres."),
        (area, lambda a, b: a * b * (1 + 1e-4), "Not yet: 3.0003 is too large."),
        (area, lambda a, b: [a, b], "Not yet: one number is wanted, and yours has shape (2,): is a mean missing?"),
        (area, lambda a, b: range(2), "Not yet: one number is wanted, and yours is of type range."),
        (area, lambda a, b: np.int64(1_000_000), "Not yet: 1e+06 is too large."),
        (area, lambda a, b: ..., "Not tried yet: put your answer in the place of the three dots."),
        (area, ..., "Not yet: your function stops with TypeError: 'ellipsis' object is not callable"),
        (area, lambda a, b: None, "Not yet: your function returns nothing."),
        (area, lambda a, b: 1 / 0, "Not yet: your function stops with ZeroDivisionError: division by zero"),
        (area, 0.5, "Not yet: your function stops with TypeError: 'float' object is not callable"),
        (answer, 42, "Right: 42, the answer."),
        (answer, np.float32(42), "Right: 42, the answer."),
        (answer, 6, "Not yet: that is the question."),
        (answer, 41.9, "Not yet: 41.9 is too small."),
        (answer, ..., "Not tried yet: put your answer in the place of the three dots."),
        (answer, None, "Not yet: one number is wanted, and yours is of type NoneType."),
        (answer, always(42.0), "Not yet: one number is wanted, and yours is of type function."),
        (vector, lambda x, y: (np.hypot(x, y), y / x), "Right: length 5 and slope 1.333."),
        (vector, lambda x, y: [np.hypot(x, y), y / x], "Right: length 5 and slope 1.333."),
        (vector, lambda x, y: (x * x + y * y, x / y), "Not yet: the length: that is its square."),
        (vector, lambda x, y: (np.hypot(x, y), x / y), "Not yet: the slope: turn the fraction round."),
        (vector, lambda x, y: (5.0, 4 / 3), "Not yet: the length: 5 is too small."),
        (vector, lambda x, y: (np.hypot(x, y), 4 / 3), "Not yet: the slope: 1.33333 is too large."),
        (vector, lambda x, y: ("a", y / x), "Not yet: the length: one number is wanted, and yours is of type str."),
        (vector, lambda x, y: (np.hypot(x, y), ...), "Not tried yet: put your answer in the place of the three dots."),
        (vector, lambda x, y: (1.0,), "Not yet: return 2 numbers: length, slope."),
        (vector, lambda x, y: np.ones(2), "Not yet: return 2 numbers: length, slope."),
        (vector, lambda x, y: 1 / 0, "Not yet: your function stops with ZeroDivisionError: division by zero"),
        (root, lambda x: max(x, 0) ** 0.5, "Right: it is 1.414, and 0 below 0."),
        (root, lambda x: max(x, 0) ** 0.5 + 1e-17, "Right: it is 1.414, and 0 below 0."),
        (root, lambda x: x / 2, "Not yet: the root of 2: that is half of it."),
        (root, lambda x: abs(x) ** 0.5, "Not yet: the root of -2: that is the root of -x."),
        (root, lambda x: 2**0.5 if x > 0 else 0, "Not yet: the root of 3: 1.41421 is too small."),
        (root, lambda x: max(x, 0) ** 0.5 if x != 3 else 1 / 0, "Not yet: the root of 3: your function stops with "
         "ZeroDivisionError: division by zero"),
        (root, lambda x: ... if x < 0 else 7.0, "Not tried yet: put your answer in the place of the three dots."),
    ],
)  # fmt: skip
def test_the_verdict_is_one_sentence(capsys, judge, attempt, line):
    assert said(capsys, judge, attempt) == line


class Tensor:
    """As torch has it: no array can be made of one that asks for gradients, but `item` gives the number of any."""

    def __init__(self, *numbers, requires_grad=False):
        self.numbers, self.requires_grad = numbers, requires_grad

    @property
    def shape(self):
        return (len(self.numbers),) if len(self.numbers) != 1 else ()

    def item(self):
        (number,) = self.numbers or (None,)
        return number

    def __array__(self, dtype=None, copy=None):
        if self.requires_grad:
            raise RuntimeError("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.")
        return np.array(self.numbers, dtype=dtype)

    def __eq__(self, other):
        raise RuntimeError("Boolean value of Tensor with more than one value is ambiguous")

    __hash__ = None


@pytest.mark.parametrize(
    "kind",
    [
        float,
        np.float32,
        np.longdouble,
        np.array,
        lambda number: np.array([number]),
        lambda number: np.array([[number]], dtype=np.float32),
        fractions.Fraction,
        decimal.Decimal,
        Tensor,
        lambda number: Tensor(number, requires_grad=True),
    ],
)
def test_a_right_number_is_right_whatever_holds_it(capsys, kind):
    assert said(capsys, area, lambda a, b: kind(a * b)) == "Right: 3.0 square metres."
    assert said(capsys, answer, kind(42.0)) == "Right: 42, the answer."
    assert said(capsys, vector, lambda x, y: (kind(np.hypot(x, y)), kind(y / x))).startswith("Right: ")
    assert said(capsys, fool, (kind(0.7), kind(0.2475))).startswith("Right: ")


def raising(error):
    """A class all of whose objects raise that, whatever is asked of them."""

    def fail(self, *args, **kwargs):
        raise error

    doubtful = "repr str eq ne lt bool float int index len iter getitem array getattr hash format".split()
    return type("Odd", (), {f"__{name}__": fail for name in doubtful})


class OddTuple(tuple):
    def __len__(self):
        raise SystemExit("a tuple without a length")


ODD_NUMBERS = [
    "0.5", b"0.5", "five", {}, {0.5}, True, np.True_, 1j, np.complex128(3), [1.0], [1.0, [2.0, 3.0]], np.ones(3),
    np.ones((0,)), np.array("3"), np.array(None), (number for number in [3.0]), range(10**12), object, object(), float,
    np.broadcast_to(3.0, (10**5, 10**5)), 10**400, "x" * 10**6, np.datetime64("2020-01-01"), Tensor(1.0, 2.0),
    Tensor(1.0, 2.0, requires_grad=True), [Tensor(1.0, requires_grad=True)], type("two\nlines" * 999, (), {})(),
    raising(RuntimeError("no"))(), raising(SystemExit(3))(), raising(GeneratorExit())(), OddTuple((1.0, 2.0)),
]  # fmt: skip


@pytest.mark.parametrize("place", range(len(ODD_NUMBERS)))
def test_an_odd_answer_gets_one_line_and_raises_nothing(capsys, place):
    odd = ODD_NUMBERS[place]
    attempts = [(area, always(odd)), (answer, odd), (vector, always((odd, odd))), (vector, always(odd))]
    for judge, attempt in [*attempts, (fool, odd), (fool, (0.7, odd))]:
        line = said(capsys, judge, attempt)
        assert line.startswith("Not yet: ") and len(line) <= 240


class Unspeakable(Exception):
    def __str__(self):
        raise RuntimeError("not even this")


@pytest.mark.parametrize(
    "error", [SystemExit(), SystemExit(3), GeneratorExit(), RecursionError("deep"), BaseException("odd"), Unspeakable(),
              ValueError("two\nlines"), ValueError("x y " * 10**6), ValueError("x" * 10**6), ValueError("caf\udce9")]
)  # fmt: skip
def test_a_function_that_stops_gets_one_line_and_stops_nothing_else(capsys, error):
    def attempt(*case):
        raise error

    for judge in (area, vector, root):
        line = said(capsys, judge, attempt)
        assert line.startswith("Not yet: ") and len(line) <= 240
        assert isinstance(error, Unspeakable) or f"your function stops with {type(error).__name__}: " in f"{line} "


def test_an_interrupt_goes_through():
    def attempt(a, b):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        area(attempt)


def test_a_case_may_say_itself_why_there_is_no_answer(capsys):
    def attempt(a, b):
        raise NoAnswer("the sides are not yours to change.")

    assert said(capsys, area, attempt) == "Not yet: the sides are not yours to change."


def test_noise_of_its_own_is_noticed(capsys):
    rng = np.random.default_rng(0)
    line = said(capsys, area, lambda a, b: a * b + rng.normal())
    assert line == "Not yet: two calls give two answers: use what you are given, no random numbers of your own."


@pytest.mark.parametrize("judge", [shuffle, threshold, score_slope, pathwise_slope_in_m])
def test_arguments_that_are_spoilt_are_copies(capsys, judge):
    def attempt(*case):
        right, _ = judge.table(*case)
        for argument in case:
            if isinstance(argument, np.ndarray):
                argument[:] = 0
        return right

    assert said(capsys, judge, attempt).startswith("Right: ")


def test_the_verdict_does_not_depend_on_numpys_error_state_and_leaves_it(capsys):
    def attempt(a, b):
        np.seterr(all="raise")
        return a * b

    with np.errstate(all="raise"):
        before = np.geterr()
        assert said(capsys, area, attempt).startswith("Right: ")
        assert said(capsys, area, lambda a, b: a * b + np.exp(-1e4)).startswith("Right: ")
        assert said(capsys, area, lambda a, b: np.sqrt(a * b)) == "Not yet: take no root."
        assert said(capsys, fool, (0.7, 0.2475)).startswith("Right: ")
        assert np.geterr() == before
