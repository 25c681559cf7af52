"""What all exercises have in common: folded solutions are right, no two hints mean the same, and nothing raises.

What may be written instead, and the typical mistakes, are in test_check_<word>.py, one for each lesson.
"""

import itertools
import re
import sys

import numpy as np
import pytest

import anatomy
import test_check_beta
import test_check_collapse
import test_check_elbo
import test_check_generation
import test_check_reparameterization
import test_check_training
from learner import said
from vaelib import check

LESSONS = {lesson.path.stem: lesson for lesson in anatomy.lessons()}
EXERCISES = {name: getattr(check, name) for name in check.__all__ if name != "fool"}  # asks for no known number
PAIRS = ["closing_q", "interpolate", "same_training"]  # their answer is two numbers
OF_NUMBERS = ["product_of_code", "same_training", "steps_to_regret"]  # the answer is no function
OF_FUNCTIONS = [name for name in EXERCISES if name not in OF_NUMBERS]
ATTEMPTS = (
    test_check_elbo,
    test_check_reparameterization,
    test_check_training,
    test_check_beta,
    test_check_generation,
    test_check_collapse,
)
RIGHT = {exercise: ways for lesson in ATTEMPTS for exercise, ways in lesson.RIGHT.items()}
WRONG = {exercise: mistakes for lesson in ATTEMPTS for exercise, mistakes in lesson.WRONG.items()}


def cases(attempts):
    """Of each exercise its pairs (verdict, attempt), as arguments and with readable ids."""
    return [
        pytest.param(exercise, verdict, attempt, id=f"{exercise.__name__}-{verdict}")
        for exercise, of_exercise in attempts.items()
        for verdict, attempt in of_exercise.items()
    ]


def handed_to_the_judge(exercise):
    """Of each number that is asked for, by name: the right one and the mistakes, a number for each hint."""
    handed, module = {}, sys.modules[exercise.__module__]

    def judge(answer, right, praise, mistakes, tolerance=None):
        handed["the number"] = right, mistakes

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "judge", judge)
        patch.setattr(module, "judge_parts", lambda answer, parts, praise: handed.update(parts), raising=False)
        exercise(lambda *args: 0.0)
    return handed


def hints_of(exercise):
    return {hint for _, mistakes in handed_to_the_judge(exercise).values() for hint in mistakes}


def hints_among(exercise, lines):
    """Those of the exercise's hints that end one of the printed lines."""
    return {hint for hint in hints_of(exercise) if any(line.endswith(f": {hint}") for line in lines)}


def answered(name, answer):
    """What a learner hands in whose answer, or whose function's, is this one."""
    return (lambda *args: answer) if name in OF_FUNCTIONS else answer


def starters(lesson):
    return [cell.source for cell in lesson.cells if "exercise" in anatomy.tags(cell)]


def test_each_exercise_is_in_one_lesson():
    sources = [source for lesson in LESSONS.values() for source in starters(lesson)]
    asked = [name for source in sources for name in re.findall(r"^check\.(\w+)\(", source, re.MULTILINE)]
    assert sorted(asked) == sorted(check.__all__)


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_folded_solutions_are_right(capsys, lesson):
    """Every code cell runs in order; after each exercise its starter is run again with the solution in its place."""
    namespace, exercise, verdicts = {}, None, []
    for cell in LESSONS[lesson].cells:
        if cell.cell_type == "code":
            exec(cell.source, namespace)
            exercise = cell if "exercise" in anatomy.tags(cell) else None
        elif exercise is not None and "<details>" in cell.source:
            (solution,) = re.findall(r"```python\n(.*?)```", cell.source, re.DOTALL)
            call = exercise.source.splitlines()[-1]
            capsys.readouterr()
            exec(f"{solution}\n{call}", namespace)
            verdicts.append(capsys.readouterr().out)
    assert len(verdicts) == 3 and all(verdict.startswith("Right: ") for verdict in verdicts)


@pytest.mark.parametrize(("exercise", "way", "attempt"), cases(RIGHT))
def test_another_way_to_write_it_is_right(capsys, exercise, way, attempt):
    assert said(capsys, exercise, attempt).startswith("Right: ")


@pytest.mark.parametrize(("exercise", "verdict", "attempt"), cases(WRONG))
def test_a_typical_mistake_gets_the_hint_made_for_it(capsys, exercise, verdict, attempt):
    line = said(capsys, exercise, attempt)
    assert line.startswith("Not yet: ") and verdict in line


@pytest.mark.parametrize("exercise", WRONG)
def test_every_hint_is_reached_by_some_mistake(capsys, exercise):
    lines = [said(capsys, exercise, attempt) for attempt in WRONG[exercise].values()]
    assert hints_among(exercise, lines) == hints_of(exercise)


def all_numbers(name, number):
    """What the learner's function of this exercise returns if `number` stands for every number it is asked for."""
    return (number, number) if name in PAIRS else number


@pytest.mark.parametrize(
    ("number", "verdict"),
    [
        ("five", "one number is wanted, and yours is of type str"),
        (np.ones(3), "one number is wanted, and yours has shape (3,): is a mean missing?"),
        ([1.0], "one number is wanted, and yours has shape (1,)"),
        ({}, "one number is wanted, and yours is of type dict"),
        (True, "one number is wanted, and yours is of type bool"),
        (float("nan"), "nan is not a finite number"),
        (-np.inf, "-inf is not a finite number"),
        (1e6, "1e+06 is too large"),
        (np.int64(-1_000_000), "-1e+06 is too small"),
    ],
)
@pytest.mark.parametrize("name", EXERCISES)
def test_an_answer_that_is_no_number_or_far_off_is_told_so(capsys, name, number, verdict):
    line = said(capsys, EXERCISES[name], answered(name, all_numbers(name, number)))
    assert line.startswith("Not yet: ") and verdict in line


@pytest.mark.parametrize(
    ("attempt", "verdict"),
    [
        (lambda *args: ..., "Not tried yet: put your answer in the place of the three dots."),
        (lambda *args: None, "your function returns nothing."),
        (lambda *args: 1 / 0, "your function stops with ZeroDivisionError: division by zero"),
        (lambda: 0.0, "your function stops with TypeError"),
        (0.5, "your function stops with TypeError"),
    ],
)
@pytest.mark.parametrize("name", OF_FUNCTIONS)
def test_a_function_that_gives_no_answer_is_told_so(capsys, name, attempt, verdict):
    assert verdict in said(capsys, EXERCISES[name], attempt)


@pytest.mark.parametrize("name", OF_NUMBERS)
def test_an_answer_that_is_no_function_may_be_missing_too(capsys, name):
    assert said(capsys, EXERCISES[name], ...).startswith("Not tried yet")
    assert "one number is wanted" in said(capsys, EXERCISES[name], all_numbers(name, None))


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("answer", [1.0, (1.0,), (1.0, 2.0, 3.0), "ab", np.ones(2)])
def test_another_number_of_numbers_is_told_which_are_wanted(capsys, name, answer):
    wanted = ", ".join(handed_to_the_judge(EXERCISES[name]))
    line = said(capsys, EXERCISES[name], answered(name, answer))
    assert line == f"Not yet: return 2 numbers: {wanted}."


@pytest.mark.parametrize("name", PAIRS)
def test_the_part_that_is_wrong_is_named(capsys, name):
    (first, (right, _)), (second, (also_right, _)) = handed_to_the_judge(EXERCISES[name]).items()
    assert f"the {first}: " in said(capsys, EXERCISES[name], answered(name, [99.0, 99.0]))
    assert f"the {second}: " in said(capsys, EXERCISES[name], answered(name, [right, 99.0]))
    assert said(capsys, EXERCISES[name], answered(name, [right, also_right])).startswith("Right: ")


@pytest.mark.parametrize("name", EXERCISES)
def test_no_two_mistakes_and_no_mistake_and_the_right_answer_are_the_same_number(name):
    """Where several numbers are asked for, two functions may agree in one of them, but not in all."""
    answers = {}
    for part, (right, mistakes) in handed_to_the_judge(EXERCISES[name]).items():
        for hint, number in ({"right": right} | mistakes).items():
            assert np.isfinite(number) and np.ndim(number) == 0
            answers.setdefault(hint, {})[part] = number
    for (hint, one), (other_hint, other) in itertools.combinations(answers.items(), 2):
        both = [(one[part], other[part]) for part in one.keys() & other.keys()]
        assert not both or not np.allclose(*np.transpose(both), rtol=1e-3, atol=0), f"{hint} and {other_hint}"


@pytest.mark.parametrize("name", EXERCISES)
def test_a_verdict_is_a_sentence(name):
    assert all(hint.endswith(".") and len(hint) < 120 for hint in hints_of(EXERCISES[name]))
