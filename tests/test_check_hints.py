"""Of every exercise: what its own file lists as right is right, and each typical mistake gets the hint made for it."""

import pytest

import test_check_beta
import test_check_collapse
import test_check_elbo
import test_check_generation
import test_check_reparameterization
import test_check_training
from learner import said
from test_check import cases, hints_among, hints_of

LESSONS = (
    test_check_elbo,
    test_check_reparameterization,
    test_check_training,
    test_check_beta,
    test_check_generation,
    test_check_collapse,
)
RIGHT = {exercise: ways for lesson in LESSONS for exercise, ways in lesson.RIGHT.items()}
WRONG = {exercise: mistakes for lesson in LESSONS for exercise, mistakes in lesson.WRONG.items()}


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
