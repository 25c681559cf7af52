"""Each rule of anatomy.py is quiet about a good lesson and names the cell that breaks it."""

from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

import anatomy
from tools.notebooks import WIDGET_VIEW, normalise, serialise

pytestmark = pytest.mark.pinned

PICTURE = new_output("display_data", data={"image/png": "iVBORw0KGgo=", "text/plain": "picture"})
VIEW = new_output("display_data", data={WIDGET_VIEW: {}})
STARTER = "slope = ...\ncheck.slope(slope)"
SOLUTION = "<details><summary>Solution</summary>\n\n```python\nslope = 1\n```\n\n</details>"


def good_notebook():
    cells = [
        text("slot-title", "# A lesson\n\n[Goals](#The-goals) and [the lesson before](02_before.ipynb)"),
        text("slot-goals", "## The goals"),
        code("slot-ready", "from vaelib import ready"),
        code("slot-import", "from vaelib import model"),
        text("slot-question", "What is two?"),
        text("slot-predict", "Write it down."),
        text("slot-idea", "$1 + 1$"),
        code("slot-code", "two = 1 + 1"),
        code("slot-check", "assert two == 2\nprint(two)", new_output("stream", text="2\n")),
        code("slot-see", "two", PICTURE),
        text("slot-read", "Were you right?"),
        code("proof", "# two is even\nassert two % 2 == 0"),
        code("slot-play", "two + two", PICTURE),
        text("slot-mislead", "Not every sum is two."),
        text("slot-exercises", "Three exercises."),
        *[cell for _ in range(3) for cell in (code("exercise", STARTER), text("solution", SOLUTION))],
        text("slot-summary", "Two."),
    ]
    for number, cell in enumerate(cells, start=1):
        cell.id = f"sample-{number:02d}"
        shown = "subslide" if anatomy.slot_names(cell) else "-"
        cell.metadata.slideshow = {"slide_type": "skip" if anatomy.is_proof(cell) else shown}
    return normalise(new_notebook(cells=cells))


def text(tag, source):
    return new_markdown_cell(source, metadata={"tags": [tag]})


def code(tag, source, *outputs):
    return new_code_cell(source, metadata={"tags": [tag]}, outputs=list(outputs))


def stored(notebook, folder):
    (folder / "02_before.ipynb").touch()
    path = folder / "03_sample.ipynb"
    path.write_text(serialise(notebook), encoding="utf-8")
    return anatomy.read(path)


@pytest.mark.parametrize("rule", anatomy.RULES, ids=[rule.__name__ for rule in anatomy.RULES])
def test_a_good_lesson_has_no_complaints(rule, tmp_path):
    assert rule(stored(good_notebook(), tmp_path)) == []


def lesson_of_slots(*slots):
    cells = [text(f"slot-{slot}", "") for slot in slots]
    return anatomy.Lesson(Path("03_sample.ipynb"), new_notebook(cells=cells))


def test_a_lesson_has_up_to_three_rounds_with_or_without_a_question_of_their_own():
    start, end = anatomy.SLOTS[:4], anatomy.SLOTS[-4:]
    question, *rest = anatomy.ROUND
    assert anatomy.slot_order(lesson_of_slots(*start, question, *rest, *rest, question, *rest, *end)) == []
    (complaint,) = anatomy.slot_order(lesson_of_slots(*start, question, *rest * 4, *end))
    assert "more than 3 rounds" in complaint


def cell_of(notebook, tag):
    return next(cell for cell in notebook.cells if tag in cell.metadata.tags)


def source(tag, text):
    """The change that gives the first cell with this tag another source."""
    return lambda notebook: cell_of(notebook, tag).update(source=text)


def output(tag, *outputs):
    return lambda notebook: cell_of(notebook, tag).update(outputs=list(outputs))


def retag(tag, *new):
    return lambda notebook: cell_of(notebook, tag).metadata.update(tags=list(new))


def retype(*tags, kind):
    """The change that gives the first cell with each of these tags another slide type."""

    def change(notebook):
        for tag in tags:
            cell_of(notebook, tag).metadata.slideshow = {"slide_type": kind}

    return change


BROKEN = [
    (anatomy.cell_ids, lambda notebook: notebook.cells[3].update(id="import"), "import: "),
    (anatomy.cell_ids, lambda notebook: notebook.cells[3].update(id="sample-00"), "sample-00: "),
    (anatomy.slot_order, retag("slot-goals"), "sample-03: opens slot 'ready'"),
    (anatomy.slot_order, retag("slot-read", "slot-reed"), "sample-11: opens slot 'reed'"),
    (anatomy.slot_order, retag("slot-read", "slot-read", "slot-play"), "sample-11: more than one"),
    (anatomy.slot_order, retag("slot-summary"), "sample-22: the lesson ends"),
    (anatomy.plain_python, source("slot-code", "%time two = 2"), "sample-08: not plain Python"),
    (anatomy.plain_python, source("slot-code", "!pip list"), "sample-08: not plain Python"),
    (anatomy.imports, source("slot-code", "import math"), "sample-08: imports outside"),
    (anatomy.imports, source("slot-import", "two = 2"), "sample-04: 0 import cells"),
    (anatomy.imports, source("slot-import", "from math import *"), "sample-04: imports *"),
    (anatomy.forbidden_names, source("slot-import", "import matplotlib.pyplot"), "sample-04: uses pyplot"),
    (anatomy.forbidden_names, source("slot-import", "from time import perf_counter"), "sample-04: uses perf_counter"),
    (anatomy.forbidden_names, source("slot-code", "print(time.monotonic())"), "sample-08: uses time"),
    (anatomy.sizes, source("slot-code", "two = 2\n" * 26), "sample-08: 26 lines"),
    (anatomy.sizes, source("slot-idea", "word " * 201), "sample-07: 201 words"),
    (anatomy.checks_assert, source("slot-check", "print(two)"), "sample-09: slot 'check'"),
    (anatomy.proofs, source("proof", "assert two == 2"), "sample-12: the first line of a proof"),
    (anatomy.proofs, source("proof", "# two"), "sample-12: a proof without an assert"),
    (anatomy.proofs, retype("proof", kind="-"), "sample-12: a proof on a slide"),
    (anatomy.proofs, retag("slot-code", "slot-code", "proof"), "sample-12: a second proof"),
    (anatomy.proofs, source("slot-code", "assert two == 2"), "sample-08: an assert that belongs into a proof"),
    (anatomy.proofs, source("slot-check", "assert two == 2\n" * 9), "sample-09: a visible cell with an assert"),
    (anatomy.pictures, output("slot-see"), "sample-10: slot 'see'"),
    (anatomy.pictures, output("slot-play"), "sample-13: slot 'play'"),
    (anatomy.stored_outputs, lambda notebook: notebook.cells[7].update(execution_count=None), "sample-08: execution"),
    (anatomy.stored_outputs, output("slot-code", new_output("error")), "sample-08: a stored error"),
    (anatomy.stored_outputs, output("slot-code", new_output("stream", name="stderr")), "sample-08: stored output"),
    (anatomy.stored_outputs, output("slot-code", VIEW), "sample-08: a stored widget view"),
    (anatomy.stored_outputs, lambda notebook: notebook.metadata.update(widgets={}), "notebook metadata: "),
    (anatomy.compared_strictly, source("slot-check", "# NBVAL_IGNORE_OUTPUT\ntwo"), "sample-09: "),
    (anatomy.compared_strictly, retag("slot-check", "slot-check", "raises-exception"), "sample-09: "),
    (anatomy.links, source("slot-idea", "[next](04_next.ipynb)"), "sample-07: 04_next.ipynb leads to no file"),
    (anatomy.links, source("slot-idea", "[up](#No-such-heading)"), "sample-07: #No-such-heading leads to no heading"),
    (anatomy.numbers, source("slot-idea", "two is 2.001"), "sample-07: 2.001 stands in no cell and in no output"),
    (anatomy.exercises, retag("exercise"), "sample-15: 2 exercises"),
    (anatomy.exercises, source("exercise", "slope = 1\ncheck.slope(slope)"), "sample-16: the starter has no ..."),
    (anatomy.exercises, source("exercise", "slope = ..."), "sample-16: the starter calls no check"),
    (anatomy.exercises, lambda notebook: notebook.cells[16].update(source="Solution: 1"), "sample-16: no folded"),
    (anatomy.slide_types, retype("slot-idea", kind="page"), "sample-07: slide type 'page' where one of"),
    (anatomy.slide_types, lambda notebook: notebook.cells[6].metadata.pop("slideshow"), "sample-07: slide type None"),
    (anatomy.slide_types, retype("slot-read", kind="-"), "sample-11: slot 'read' begins on the slide of slot 'see'"),
    (anatomy.slide_types, retype("slot-read", kind="fragment"), "sample-11: slot 'read' begins on the slide of slot"),
    (anatomy.slide_types, retype("slot-read", kind="skip"), "sample-11: slot 'read' is on no slide"),
    (anatomy.normal_form, source("slot-idea", "two \n"), "make notebooks"),
]


@pytest.mark.parametrize("rule, change, complaint", BROKEN, ids=[f"{rule.__name__}-{text}" for rule, _, text in BROKEN])
def test_a_broken_lesson_is_named(rule, change, complaint, tmp_path):
    notebook = good_notebook()
    change(notebook)
    complaints = rule(stored(notebook, tmp_path))
    assert complaint in complaints[0]


def test_every_rule_is_seen_to_fail():
    assert {rule for rule, _, _ in BROKEN} == set(anatomy.RULES)


def test_a_prediction_and_its_answer_on_one_slide_are_named(tmp_path):
    notebook = good_notebook()
    retype(*(f"slot-{slot}" for slot in anatomy.ROUND[2:]), kind="-")(notebook)
    complaints = anatomy.slide_types(stored(notebook, tmp_path))
    assert complaints[-1] == "sample-11: slot 'read' begins on the slide of slot 'predict'"


def test_what_opens_a_slot_may_be_off_the_slides(tmp_path):
    notebook = good_notebook()
    retype("slot-ready", kind="skip")(notebook)
    retype("slot-exercises", kind="notes")(notebook)
    retype("exercise", kind="slide")(notebook)
    assert anatomy.slide_types(stored(notebook, tmp_path)) == []


@pytest.mark.parametrize(
    "kind, added, complaint",
    [("code", "\ntwo" * 9, "median"), ("markdown", " word" * 190, "the lesson has")],
    ids=["long code by its median", "too many words"],
)
def test_what_all_cells_have_too_much_of_is_named(kind, added, complaint, tmp_path):
    notebook = good_notebook()
    for cell in notebook.cells:
        cell.source += added if cell.cell_type == kind else ""
    (said,) = anatomy.sizes(stored(notebook, tmp_path))
    assert complaint in said


def test_a_proof_is_stored_collapsed_and_nothing_else_is(tmp_path):
    notebook = good_notebook()
    cell_of(notebook, "slot-code").metadata.jupyter = {"source_hidden": True}
    cells = normalise(notebook).cells
    assert [cell.id for cell in cells if cell.metadata.get("jupyter")] == ["sample-12"]


def test_a_function_of_two_lessons_is_named(tmp_path):
    notebook = good_notebook()
    source("slot-code", "def twice(x):\n    return x + x")(notebook)
    lesson = stored(notebook, tmp_path)
    assert anatomy.repeated_functions([lesson]) == []
    assert anatomy.repeated_functions([lesson, lesson]) == ["twice: defined in 2 lessons"]


def test_links_into_other_files(tmp_path):
    (tmp_path / "guide.md").write_text("# The `lr`, and its limit!\n")
    notebook = good_notebook()
    source("slot-idea", "[here](guide.md#the-lr-and-its-limit) [away](https://example.org/x)")(notebook)
    assert anatomy.links(stored(notebook, tmp_path)) == []
