"""What all exercises have in common: every hint is reached, no two mean the same.

What may be written instead, and typical mistakes written by hand, are in test_<word>.py, one for each lesson;
what a verdict makes of an answer, whatever the exercise, in test_verdict.py.
"""

import copy
import itertools
import re

import numpy as np
import pytest

import anatomy
from learner import said
from vaelib.lessons.verdict import Exercise

from . import (
    test_beta,
    test_collapse,
    test_curve,
    test_digits_exercises,
    test_directions,
    test_elbo,
    test_generation,
    test_pytorch,
    test_reparameterization,
    test_training,
)

pytestmark = pytest.mark.pinned

LESSONS = {lesson.path.stem: lesson for lesson in anatomy.lessons()}
ATTEMPTS = (
    test_elbo,
    test_reparameterization,
    test_training,
    test_beta,
    test_generation,
    test_collapse,
    test_curve,
    test_digits_exercises,
    test_directions,
    test_pytorch,
)
EXERCISES = [of for lesson in ATTEMPTS for of in vars(lesson.check).values() if isinstance(of, Exercise)]
OF_FUNCTIONS = [exercise for exercise in EXERCISES if exercise.cases]  # the others ask for the answer itself
RIGHT = {exercise: ways for lesson in ATTEMPTS for exercise, ways in lesson.RIGHT.items()}
WRONG = {exercise: mistakes for lesson in ATTEMPTS for exercise, mistakes in lesson.WRONG.items()}
each_exercise = pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.__name__)
each_of_functions = pytest.mark.parametrize("exercise", OF_FUNCTIONS, ids=lambda exercise: exercise.__name__)


@pytest.fixture(autouse=True)
def silent_numpy():
    """As a verdict has it: the root of a negative number is NaN, and no warning."""
    with np.errstate(all="ignore"):
        yield


def written_by_hand(attempts):
    """Of each exercise its pairs (verdict, attempt), as arguments and with readable ids."""
    return [
        pytest.param(exercise, verdict, attempt, id=f"{exercise.__name__}-{verdict}")
        for exercise, of_exercise in attempts.items()
        for verdict, attempt in of_exercise.items()
    ]


def numbers(answer):
    return np.atleast_1d(np.array(answer, dtype=float))


def with_mistake(exercise, part, hint):
    """What a learner hands in who is right but for that part, in the cases of which the hint speaks."""

    def attempt(*case):
        right, mistakes = exercise.table(*case)
        if not exercise.parts:
            return mistakes.get(hint, right)
        return [mistakes[part].get(hint, number) if place == part else number for place, number in enumerate(right)]

    return attempt if exercise.cases else attempt()


def wrong_numbers(exercise):
    """Of each part: by its hint the numbers of a mistake in all cases, NaN where the hint says nothing."""
    _, mistakes = exercise.expected()
    for part in range(max(len(exercise.parts), 1)):
        hints = dict.fromkeys(hint for of_case in mistakes for hint in of_case[part])
        yield {hint: np.array([of_case[part].get(hint, np.nan) for of_case in mistakes]) for hint in hints}


def starters(lesson):
    return [cell.source for cell in lesson.cells if "exercise" in anatomy.tags(cell)]


def test_each_exercise_is_in_one_lesson():
    sources = [source for lesson in LESSONS.values() for source in starters(lesson)]
    asked = [name for source in sources for name in re.findall(r"^check\.(\w+)\(", source, re.MULTILINE)]
    assert sorted(asked) == sorted([*(exercise.__name__ for exercise in EXERCISES), "fool"])


@pytest.mark.parametrize(("exercise", "way", "attempt"), written_by_hand(RIGHT))
def test_another_way_to_write_it_is_right(capsys, exercise, way, attempt):
    """To all digits, where the verdict leaves room for float32."""
    assert said(capsys, exercise, attempt).startswith("Right: ")
    for case in exercise.cases or [()]:
        answer = attempt(*map(copy.copy, case)) if case else attempt
        assert numbers(answer) == pytest.approx(numbers(exercise.table(*case)[0]), rel=1e-9, abs=1e-12)


def in_float32(value):
    if isinstance(value, tuple):
        return type(value)(*map(in_float32, value))
    return np.float32(value) if isinstance(value, float) or is_array_of_floats(value) else value


def is_array_of_floats(value):
    return isinstance(value, np.ndarray) and value.dtype.kind == "f"


@pytest.mark.parametrize(
    ("exercise", "way", "attempt"),
    [way for way in written_by_hand(RIGHT) if "by differences" not in way.values],  # over 0.002: float64 needed
)
def test_a_right_way_is_right_in_float32(capsys, exercise, way, attempt):
    def rounded(*case):
        answer = attempt(*map(in_float32, case)) if case else attempt
        return [np.float32(number) for number in answer] if exercise.parts else np.float32(answer)

    assert said(capsys, exercise, rounded if exercise.cases else rounded()).startswith("Right: ")


@pytest.mark.parametrize(("exercise", "verdict", "attempt"), written_by_hand(WRONG))
def test_a_typical_mistake_gets_the_hint_made_for_it(capsys, exercise, verdict, attempt):
    line = said(capsys, exercise, attempt)
    assert line.startswith("Not yet: ") and verdict in line


@each_exercise
def test_a_mistake_of_the_table_gets_its_hint_and_nothing_else(capsys, exercise):
    _, mistakes = exercise.expected()
    for part, hints in enumerate(wrong_numbers(exercise)):
        name = f"the {exercise.parts[part]}: " if exercise.parts else ""
        for hint in hints:
            first = next(place for place, of_case in enumerate(mistakes) if hint in of_case[part])
            where = exercise.where.format(*exercise.cases[first]) if exercise.where else ""
            assert said(capsys, exercise, with_mistake(exercise, part, hint)) == f"Not yet: {where}{name}{hint}"


@each_exercise
def test_no_two_mistakes_and_no_mistake_and_the_right_answer_are_the_same(exercise):
    """Each hint is the nearest to its own mistake only, by far more than a verdict leaves room for."""
    rights, _ = exercise.expected()
    assert np.all(np.isfinite(rights))
    for part, mistakes in enumerate(wrong_numbers(exercise)):
        formulas = {"right": rights[:, part]} | mistakes
        for (hint, one), (other_hint, other) in itertools.combinations(formulas.items(), 2):
            both = np.isfinite(one) & np.isfinite(other)
            same = np.isclose(one[both], other[both], rtol=1e-3, atol=0)
            assert not both.any() or not same.all(), f"{hint} and {other_hint}"


@each_of_functions
def test_the_right_number_of_one_case_is_not_the_right_formula(capsys, exercise):
    for case in exercise.cases:
        right, _ = exercise.table(*case)
        assert said(capsys, exercise, lambda *args, right=right: right).startswith("Not yet: ")


@each_of_functions
def test_a_sign_that_is_lost_is_noticed(capsys, exercise):
    """The right formula of |argument| is wrong for every argument with a sign, but the KL's mu, which is squared."""
    for place, values in enumerate(zip(*exercise.cases, strict=True)):
        signed = all(isinstance(value, float | np.ndarray) for value in values) and min(map(np.min, values)) < 0

        def attempt(*case, place=place):
            return exercise.table(*case[:place], abs(case[place]), *case[place + 1 :])[0]

        if signed and (exercise, place) != (test_elbo.check.kl, 0):
            assert said(capsys, exercise, attempt).startswith("Not yet: ")


@each_exercise
def test_a_verdict_is_a_sentence(exercise):
    assert all(hint.endswith(".") and len(hint) < 120 for hints in wrong_numbers(exercise) for hint in hints)
