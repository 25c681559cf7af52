"""The teacher's guide: every number that it says will appear does appear, and every answer is the lesson's own."""

import functools
import re

import pytest

import anatomy
import teaching
from vaelib import panels

MINUTES = ("45", "90", "what")
MOVES = ("short", "move", "ask before", "what appears")
WRONG_IDEAS = ("they say", "show", "what appears")

pytestmark = [pytest.mark.pinned, pytest.mark.usefixtures("undrawn")]

GUIDES = teaching.guides()
LESSONS = [lesson for lesson in anatomy.lessons() if lesson.path != anatomy.PYTORCH]
each_guide = pytest.mark.parametrize("guide", GUIDES, ids=[f"lesson {guide.lesson}" for guide in GUIDES])


def lesson_of(guide):
    return LESSONS[guide.lesson - 1]


@functools.cache
def made(source):
    return eval(source, vars(panels))


def opened(table):
    """The panel that the guide opens before this table, as it is at first."""
    panel = made(table.panel)
    panel.buttons["reset"].click()
    return panel


def assert_appears(panel, cell, row):
    for quote in teaching.quotes(cell):
        assert teaching.says(panel.summary(), quote), f"{row}: {panel.summary()}"


def test_there_is_a_guide_to_every_lesson():
    assert [guide.lesson for guide in GUIDES] == list(range(1, len(LESSONS) + 1))


@each_guide
def test_the_walkthroughs_take_45_and_90_minutes(guide):
    (table,) = guide.tables(*MINUTES)
    for column, total in enumerate((45, 90)):
        assert sum(int(row[column]) for row in table.rows) == total


@each_guide
@pytest.mark.parametrize(
    "short", [False, pytest.param(True, marks=pytest.mark.full)], ids=["all moves", "the short walkthrough"]
)
def test_every_move_brings_what_the_guide_says(guide, short):
    tables = guide.tables(*MOVES)
    assert tables
    for table in tables:
        panel = opened(table)
        for row in table.rows:
            if row[0] or not short:
                teaching.act(panel, row[1])
                assert teaching.quotes(row[3]), f"{row} quotes nothing"
                assert_appears(panel, row[3], row)


@each_guide
def test_every_wrong_idea_is_refuted_by_what_appears(guide):
    (table, *more) = guide.tables(*WRONG_IDEAS)
    rows = [(table, row) for table in (table, *more) for row in table.rows]
    assert len(rows) >= 3
    for table, row in rows:
        panel = opened(table)
        teaching.act(panel, row[1])
        assert teaching.quotes(row[2]), f"{row} quotes nothing"
        assert_appears(panel, row[2], row)


@each_guide
def test_the_answers_are_the_folded_solutions_of_the_lesson(guide):
    folded = [
        solution.strip()
        for cell in lesson_of(guide).text_cells
        if "<summary>Solution" in cell.source
        for solution in teaching.FENCE.findall(cell.source)
    ]
    assert len(folded) >= 3 and guide.answers == folded


@each_guide
def test_every_cell_it_names_exists(guide):
    ids = {cell.id for cell in lesson_of(guide).cells}
    named = set(re.findall(rf"{lesson_of(guide).word}-\d\d", guide.text))
    assert named and named <= ids


@each_guide
def test_every_number_stands_in_a_row_that_is_checked_or_in_the_lesson(guide):
    """A lesson's numbers are asserted in its cells, and nbval compares what it prints."""
    lesson = lesson_of(guide)
    known = teaching.numbers("\n".join(cell.source for cell in lesson.cells))
    for cell in lesson.code_cells:
        for output in cell.outputs:
            known |= teaching.numbers(output.get("text", "") or output.get("data", {}).get("text/plain", ""))
    for headings in (MOVES, WRONG_IDEAS):
        for row in (row for table in guide.tables(*headings) for row in table.rows):
            for code in teaching.CODE.findall(row[headings.index("what appears")] + row[1]):
                known |= teaching.numbers(code)
    assert teaching.numbers(guide.prose()) <= known


@pytest.mark.full
def test_a_wrong_number_is_noticed():
    guide = teaching.Guide(
        3, "## Lesson 3\n\n`panel = training_panel()`\n\n| they say | show | what appears |\n| --- | --- | --- |\n"
    )
    right = guide._replace(text=guide.text + "| so | `lr=0.04` | `0.041 below the optimum` |\n" * 3)
    test_every_wrong_idea_is_refuted_by_what_appears(right)
    with pytest.raises(AssertionError):
        test_every_wrong_idea_is_refuted_by_what_appears(right._replace(text=right.text.replace("0.041", "0.042")))
    with pytest.raises(AssertionError):
        test_every_number_stands_in_a_row_that_is_checked_or_in_the_lesson(right._replace(text="about 0.7123 nats"))
